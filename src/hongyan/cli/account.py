"""hongyan account: who may send, with which secret, what it costs, where reports go."""

import re
import secrets
from enum import StrEnum
from typing import Annotated, Any

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, Json, Jsonl, ProductName, SecretFile, argument, given, noun, option, verb
from hongyan.cli.out import form, give_one, give_rows, say
from hongyan.cli.route import ANY, destination
from hongyan.cli.secrets import read_secret
from hongyan.cli.store import opened
from hongyan.model.account import ChargeRule, CharsetRule, DialectName, PayMode, PushFormat, SignatureRule, WordCheck
from hongyan.model.act import Act
from hongyan.ports.admin import Sealing
from hongyan.ports.tx import Tx
from hongyan.services.admin import accounts, billing
from hongyan.services.queries import reading

app = noun("account", "Accounts: who may send, what it costs, where reports go.")


class Charged(StrEnum):
    """When points stay charged, as it is written on the command line."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"


Name = Annotated[str, argument("Name of the account.")]
Sold = Annotated[ProductName, option("Product; its first points let the account send it.", "--product")]
Callback = Annotated[
    str | None, option("Address that reports and replies are posted to; empty: the customer pulls.", "--callback")
]
Format = Annotated[PushFormat | None, option("Body of what is posted: xml of manual 001 or json of manual 002.", "--format")]
Private = Annotated[
    bool | None,
    option("Whether that address may be private or loopback.", "--allow-private-callback/--refuse-private-callback"),
]
Extno = Annotated[str | None, option("Digits behind the channel's access number.", "--extno")]
Sid = Annotated[
    str | None,
    option("accountSid of manual 002's interface: 32 digits and letters, `new` for one by chance, empty for none.", "--sid"),
]
Addresses = Annotated[list[str] | None, option("Address or network that may submit; may be repeated. None: all may.", "--ip")]
Dialect = Annotated[DialectName | None, option("Whose words its answers use.", "--dialect")]
Charge = Annotated[Charged | None, option("From when on points stay charged.", "--charge")]
UnknownAfter = Annotated[
    int | None, option("Hours without a receipt after which a message is unknown.", "--unknown-after-h", min=1, max=1440)
]

Validity = Annotated[
    int | None,
    option(
        "Seconds that a message may wait before it is not sent any more; 0: as the settings say of the product.",
        "--validity-s",
        min=0,
    ),
]
ResendWithin = Annotated[
    int | None,
    option(
        "Seconds within which a failed message may be sent once more by another channel; 0 never.", "--resend-within-s", min=0
    ),
]
ResendCost = Annotated[
    int | None, option("The most that such a second try may cost, in 0.0001 CNY; 0 for no limit.", "--resend-cost-e4", min=0)
]
Products = Annotated[list[ProductName] | None, option("What it may send, and nothing else; may be repeated.", "--product")]
Signature = Annotated[
    SignatureRule | None, option("Which signature its texts must show: free, required or approved.", "--signature")
]
Checked = Annotated[
    WordCheck | None, option("When its texts are checked for words: always, or when the request asks.", "--word-check")
]
Charset = Annotated[
    CharsetRule | None,
    option(
        "What is made of its requests in no charset that they may be in: strict refuses them, guess tries GBK.", "--charset"
    ),
]
ExtnoMost = Annotated[
    int | None,
    option(
        "Extension digits that a request may add; -1: ten in the words of manual 000, else five.",
        "--extno-most",
        min=-1,
        max=20,
    ),
]
Reads = Annotated[bool | None, option("Whether it may pull reports and replies.", "--reads-reports/--no-reads-reports")]


@verb(
    app,
    "add",
    "Add an account, and its customer where that is new.",
    "hongyan account add acme --data d --userid 7 --points 1000",
    "hongyan account add acme --userid 7 --secret-file - --callback https://acme.example/cb < secret",
)
def add(
    name: Name,
    userid: Annotated[int, option("Number of its customer: the userid of the interfaces.", "--userid", min=0)],
    secret_file: SecretFile = None,
    points: Annotated[int, option("Points to begin with.", "--points", min=0)] = 0,
    customer: Annotated[str, option("Name of the customer, where it is new.", "--customer")] = "",
    credit: Annotated[
        int, option("Points that the wallet may go below zero; the account is then post-paid.", "--credit", min=0)
    ] = 0,
    callback: Callback = None,
    push_format: Format = None,
    push_private: Private = None,
    extno: Extno = None,
    sid: Sid = None,
    ip: Addresses = None,
    dialect: Dialect = None,
    charge: Charge = None,
    unknown_after_h: UnknownAfter = None,
    product: Products = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    spec = accounts.AccountSpec(
        name=name,
        customer_id=userid,
        secret=read_secret(secret_file, "API secret"),
        customer_name=customer,
        pay_mode=PayMode.POSTPAID if credit else PayMode.PREPAID,
        **_told(callback, push_format, push_private, extno, sid, ip, dialect, charge, unknown_after_h),
        **_ruled(product, None, None, None, None),
    )
    with opened(data, config) as admin:
        account_id = admin.change(_add, spec, points, credit, admin.sealer)
    give_one({"account": name, "id": account_id, "userid": userid, "points": points}, form(as_json))


def _add(tx: Tx, act: Act, spec: accounts.AccountSpec, points: int, credit: int, sealer: Sealing) -> int:
    """The account with its first points and its credit, all or nothing."""
    account_id = accounts.add_account(tx, act, spec, sealer)
    if points:
        billing.top_up(tx, act, account_id, points, spec.products[0])
    if credit:
        billing.set_credit(tx, act, account_id, credit, spec.products[0])
    return account_id


@verb(app, "list", "List accounts with their balances.", "hongyan account list", "hongyan account list --json")
def list_(data: Data = None, config: Config = None, as_json: Json = False, as_jsonl: Jsonl = False) -> None:
    with opened(data, config) as admin:
        rows = admin.read(reading.accounts)
    give_rows("accounts", rows, form(as_json, as_jsonl), ("name", "customer_id", "points", "credit", "state", "push_url"))


@verb(
    app, "show", "Show one account; the secret is never shown.", "hongyan account show acme", "hongyan account show acme --json"
)
def show(name: Name, data: Data = None, config: Config = None, as_json: Json = False) -> None:
    with opened(data, config) as admin:
        give_one(admin.read(reading.account, name), form(as_json))


@verb(
    app,
    "set",
    "Change an account; what is not named stays as it is.",
    "hongyan account set acme --callback https://acme.example/cb --format json",
    "hongyan account set acme --ip 203.0.113.0/24 --ip 198.51.100.7",
)
def set_(
    name: Name,
    callback: Callback = None,
    push_format: Format = None,
    push_private: Private = None,
    extno: Extno = None,
    sid: Sid = None,
    ip: Addresses = None,
    dialect: Dialect = None,
    charge: Charge = None,
    unknown_after_h: UnknownAfter = None,
    validity_s: Validity = None,
    resend_within_s: ResendWithin = None,
    resend_cost_e4: ResendCost = None,
    product: Products = None,
    signature: Signature = None,
    word_check: Checked = None,
    extno_most: ExtnoMost = None,
    reads_reports: Reads = None,
    charset: Charset = None,
    data: Data = None,
    config: Config = None,
) -> None:
    changes = _told(callback, push_format, push_private, extno, sid, ip, dialect, charge, unknown_after_h)
    changes |= _ruled(product, signature, word_check, extno_most, reads_reports)
    changes |= given(
        charset=str(charset) if charset else None,
        validity_s=validity_s,
        resend_within_s=resend_within_s,
        resend_cost_e4=resend_cost_e4,
    )
    if "ip_list" in changes:
        changes["ip_list"] = ",".join(changes["ip_list"])
    _change(name, changes, data, config)


@verb(
    app,
    "disable",
    "Stop an account: it may neither send nor read.",
    "hongyan account disable acme",
    "hongyan account disable acme --data d",
)
def disable(name: Name, data: Data = None, config: Config = None) -> None:
    _change(name, {"is_stopped": True}, data, config)


@verb(app, "enable", "Let a stopped account work again.", "hongyan account enable acme", "hongyan account enable acme --data d")
def enable(name: Name, data: Data = None, config: Config = None) -> None:
    _change(name, {"is_stopped": False}, data, config)


@verb(
    app,
    "topup",
    "Add points that a customer bought; its sendTotal is the sum of them.",
    "hongyan account topup acme 1000",
    "hongyan account topup acme 500 --product mms",
)
def topup(
    name: Name,
    points: Annotated[int, argument("Points.")],
    product: Sold = ProductName.SMS,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    if points < 1:
        raise Stop(
            Exit.USAGE,
            "a top-up adds points",
            "hongyan account adjust {name} --take {points} --note WHY",
            name=name,
            points=-points,
        )
    with opened(data, config) as admin:
        balance = admin.change(_top_up, name, points, product)
    give_one({"account": name, "points": balance}, form(as_json))


def _top_up(tx: Tx, act: Act, name: str, points: int, product: ProductName) -> int:
    account_id = accounts.add_product(tx, act, name, product.product)
    return billing.top_up(tx, act, account_id, points, product.product)


@verb(
    app,
    "adjust",
    "Correct a balance; sendTotal does not count it, and the ledger keeps it with its note.",
    "hongyan account adjust acme --take 9000 --note 'typed one zero too many'",
    "hongyan account adjust acme --add 20 --product mms --note 'goodwill' --json",
)
def adjust(
    name: Name,
    note: Annotated[str, option("Why; the audit keeps it.", "--note")],
    add: Annotated[int, option("Points to add.", "--add", min=0)] = 0,
    take: Annotated[int, option("Points to take away.", "--take", min=0)] = 0,
    product: Sold = ProductName.SMS,
    force: Annotated[bool, option("Even below what the account may owe.", "--force")] = False,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    if bool(add) is bool(take):
        raise Stop(Exit.USAGE, "give --add or --take, one of them")
    correction = billing.Correction(add - take, note, force)
    with opened(data, config) as admin:
        balance = admin.change(_adjust, name, correction, product)
    give_one({"account": name, "points": balance}, form(as_json))


def _adjust(tx: Tx, act: Act, name: str, correction: billing.Correction, product: ProductName) -> int:
    account_id = accounts.find_account(tx, name)["id"]
    return billing.adjust(tx, act, account_id, correction, product.product)


@verb(
    app,
    "price",
    "Say what a segment, or an MMS, costs an account; it holds for what is accepted from now on.",
    "hongyan account price acme 30 --product mms --carrier mobile",
    "hongyan account price acme 8 --carrier +852",
)
def price(
    name: Name,
    points: Annotated[int, argument("Points.", min=0, max=1_000_000)],
    product: Sold = ProductName.SMS,
    carrier: Annotated[str, option("Only to numbers of this carrier, or country: +852.", "--carrier", metavar="CARRIER")] = ANY,
    data: Data = None,
    config: Config = None,
) -> None:
    served = destination(carrier)
    with opened(data, config) as admin:
        admin.change(_set_price, name, points, product, served)
    say(
        "{name}: {points} points for {product} to {carrier} number",
        name=name,
        points=points,
        product=product.upper(),
        carrier=carrier,
    )


def _set_price(tx: Tx, act: Act, name: str, points: int, product: ProductName, carrier: str | None) -> None:
    account_id = accounts.find_account(tx, name)["id"]
    billing.set_price(tx, act, account_id, product.product, carrier, points)


@verb(
    app,
    "secret",
    "Give an account another API secret; the old one ends at once, or after some hours.",
    "hongyan account secret acme --overlap-h 24",
    "hongyan account secret acme --secret-file - < secret",
)
def secret(
    name: Name,
    secret_file: SecretFile = None,
    overlap_h: Annotated[int, option("Hours for which the old one is taken too.", "--overlap-h", min=0, max=720)] = 0,
    data: Data = None,
    config: Config = None,
) -> None:
    plain = read_secret(secret_file, "API secret")
    with opened(data, config) as admin:
        admin.change(accounts.change_secret, name, plain, admin.sealer, overlap_h * 3_600_000)
    say("{name}: the new secret holds", name=name)


def _told(
    callback: str | None, push_format: PushFormat | None, push_private: bool | None, extno: str | None, sid: str | None,
    ip: list[str] | None, dialect: DialectName | None, charge: Charged | None, unknown_after_h: int | None,
) -> dict[str, Any]:  # fmt: skip
    """What was said about an account, by the names of its columns."""
    return given(
        push_url=callback,
        push_format=push_format,
        push_private=push_private,
        extno=extno,
        sid=_sid(sid) if sid is not None else None,
        ip_list=tuple(ip) if ip else None,
        dialect=dialect,
        charge_rule=ChargeRule[charge.name] if charge else None,
        unknown_after_s=unknown_after_h * 3600 if unknown_after_h else None,
    )


def _ruled(
    product: list[ProductName] | None,
    signature: SignatureRule | None,
    word_check: WordCheck | None,
    extno_most: int | None,
    reads_reports: bool | None,
) -> dict[str, Any]:
    """What was said about what an account may do, by the names of its columns."""
    return given(
        products=tuple(dict.fromkeys(product.product for product in product)) if product else None,
        signature_rule=str(signature) if signature else None,
        word_check=str(word_check) if word_check else None,
        extno_most=extno_most,
        reads_reports=reads_reports,
    )


def _sid(told: str) -> str:
    """raises: Stop USAGE for what is no accountSid"""
    sid = secrets.token_hex(16) if told == "new" else told.lower()
    if sid and not re.fullmatch("[0-9a-z]{32}", sid):
        raise Stop(Exit.USAGE, "{told} is no accountSid", "give 32 digits and letters, or new for one by chance", told=told)
    return sid


def _change(name: str, changes: dict[str, Any], data: Any, config: Any) -> None:
    with opened(data, config) as admin:
        admin.change(accounts.change_account, name, changes)
    say("{name}: changed", name=name)
