"""hongyan account: who may send, with which secret, what it costs, where reports go."""

import secrets
from pathlib import Path
from typing import Annotated, Any

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.fields import Flag, check_named, options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, SecretFile, argument, noun, option, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.secrets import read_secret
from hongyan.cli.store import opened
from hongyan.cli.task import print_stopped
from hongyan.model.account import AccountChange, AccountOpening
from hongyan.model.account_secrets import SecretOverlap
from hongyan.model.destination import ANY
from hongyan.model.money import BalanceCorrection, MoneyForm, OpeningMoney, PriceChange, TopUp
from hongyan.services.admin import account_money, accounts, tasks
from hongyan.services.admin.tasks import WaitingTasks
from hongyan.services.queries.account_details import account_details
from hongyan.services.queries.lists import customers as lists

app = noun("account", "Accounts: who may send, what it costs, where reports go.")


FLAGS: dict[str, Flag | None] = {
    "is_stopped": None,  # disable, enable
    "push_url": Flag("--callback"),
    "push_format": Flag("--format"),
    "push_private": Flag("--allow-private-callback/--refuse-private-callback"),
    "ip_list": Flag("--ip"),
    "charge_rule": Flag("--charge"),
    "unknown_after_s": Flag("--unknown-after-h", 3600),
    "products": Flag("--product"),
    "protocols": Flag("--protocol"),
    "signature_rule": Flag("--signature"),
    "sid": Flag("--sid", read=lambda text: secrets.token_hex(16) if text == "new" else text),
}

OPENING_FLAGS: dict[str, Flag | None] = {
    "name": Flag(""),
    "customer_id": Flag("--userid"),
    "customer_name": Flag("--customer"),
}

Name = Annotated[str, argument("Name of the account.")]
Values = dict[str, Any]
Credit = Annotated[
    int | None, option("Points that the wallet may go below zero; the account is then post-paid.", "--credit", min=0)
]


@verb(
    app,
    "add",
    "Add an account, and its customer where that is new.",
    "hongyan account add acme --data d --userid 7 --points 1000",
    "hongyan account add acme --userid 7 --secret-file - --callback https://acme.example/cb < secret",
)
@options_of(AccountOpening, OPENING_FLAGS, "opening")
@options_of(OpeningMoney, {}, "money")
@options_of(AccountChange, FLAGS)
def add(
    opening: AccountOpening,
    change: AccountChange,
    money: OpeningMoney,
    secret_file: SecretFile = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    new = accounts.NewAccount(secret=read_secret(secret_file, "API secret"), settings=change, **opening.values())
    with opened(data, config) as admin:
        account_id = admin.change(account_money.open_account, new, money, admin.sealer)
    added = {"account": new.name, "id": account_id, "userid": new.customer_id, "points": money.points or 0}
    print_one(added, form(as_json))


list_verb(app, lists.ACCOUNTS, "hongyan account list", "hongyan account list --json")
list_verb(app, lists.PRICES, "hongyan account prices --account acme", "hongyan account prices --json", name="prices")


@verb(
    app, "show", "Show one account; the secret is never shown.", "hongyan account show acme", "hongyan account show acme --json"
)
def show(name: Name, data: Data = None, config: Config = None, as_json: Json = False) -> None:
    with opened(data, config) as admin:
        print_one(admin.read(account_details, name), form(as_json))


@verb(
    app,
    "set",
    "Change an account; what is not named stays as it is.",
    "hongyan account set acme --callback https://acme.example/cb --format json",
    "hongyan account set acme --ip 203.0.113.0/24 --ip 198.51.100.7",
)
@options_of(AccountChange, FLAGS)
def set_(name: Name, change: AccountChange, credit: Credit = None, data: Data = None, config: Config = None) -> None:
    if credit is None:
        check_named(change)
    with opened(data, config) as admin:
        admin.change(account_money.change_account, name, change, credit)
    say("{name}: changed", name=name)


@verb(
    app,
    "disable",
    "Stop an account: it may neither send nor read.",
    "hongyan account disable acme",
    "hongyan account disable acme --tasks cancel",
)
def disable(
    name: Name,
    waiting: Annotated[
        WaitingTasks,
        option("What becomes of its tasks that are not sent: they are kept and sent, paused, or cancelled.", "--tasks"),
    ] = WaitingTasks.KEEP,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    with opened(data, config) as admin:
        stopped = admin.run(tasks.stop_account(admin.admin, name, waiting))
    say("{name}: changed", name=name)
    if waiting is not WaitingTasks.KEEP:
        print_stopped(stopped, as_json=as_json)


@verb(app, "enable", "Let a stopped account work again.", "hongyan account enable acme", "hongyan account enable acme --data d")
def enable(name: Name, data: Data = None, config: Config = None) -> None:
    _change(name, AccountChange(is_stopped=False), data, config)


@verb(
    app,
    "topup",
    "Add points that a customer bought; its sendTotal is the sum of them.",
    "hongyan account topup acme 1000",
    "hongyan account topup acme 500 --product mms --note 'voucher 2026-118'",
)
@options_of(TopUp, {"points": None, "is_forced": Flag("--force")})
def topup(
    name: Name,
    points: Annotated[int, argument("Points.")],
    values: Values,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    if points < 1:
        raise Stop(
            Exit.USAGE,
            "a top-up adds points",
            "hongyan account adjust {name} --take {points} --note WHY" if points else "",
            name=name,
            points=-points,
        )
    _change_money(name, TopUp(points=points, **values), data, config, as_json=as_json)


@verb(
    app,
    "adjust",
    "Correct a balance; sendTotal does not count it, and the ledger keeps it with its note.",
    "hongyan account adjust acme --take 9000 --note 'typed one zero too many'",
    "hongyan account adjust acme --add 20 --product mms --note 'goodwill' --json",
)
@options_of(BalanceCorrection, {"points": None, "is_forced": Flag("--force")})
def adjust(
    name: Name,
    values: Values,
    add: Annotated[int, option("Points to add.", "--add", min=0)] = 0,
    take: Annotated[int, option("Points to take away.", "--take", min=0)] = 0,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    if bool(add) is bool(take):
        raise Stop(Exit.USAGE, "give --add or --take, one of them")
    _change_money(name, BalanceCorrection(points=add - take, **values), data, config, as_json=as_json)


@verb(
    app,
    "price",
    "Say what a segment, or an MMS, costs an account; it holds for what is accepted from now on.",
    "hongyan account price acme 30 --product mms --carrier mobile",
    "hongyan account price acme 8 --carrier +852",
)
@options_of(PriceChange, {"points": Flag("")})
def price(name: Name, change: PriceChange, data: Data = None, config: Config = None) -> None:
    made = change.of(name)
    with opened(data, config) as admin:
        admin.change(account_money.change_money, made)
    say(
        "{name}: {points} points for {product} to {carrier} number",
        name=name,
        points=made.points,
        product=made.product.name,
        carrier=made.carrier or ANY,
    )


@verb(
    app,
    "secret",
    "Give an account another API secret; the old one ends at once, or after some hours.",
    "hongyan account secret acme --overlap-h 24",
    "hongyan account secret acme --secret-file - < secret",
)
@options_of(SecretOverlap, {})
def secret(name: Name, change: SecretOverlap, secret_file: SecretFile = None, data: Data = None, config: Config = None) -> None:
    plain = read_secret(secret_file, "API secret")
    with opened(data, config) as admin:
        admin.change(accounts.change_secret, name, plain, admin.sealer, change.overlap_ms)
    say("{name}: the new secret holds", name=name)


@verb(
    app,
    "protocol-secret",
    "Give an account a secret of its own for SMPP and CMPP, of eight characters at most; else its API secret proves it there.",
    "hongyan account protocol-secret acme",
    "hongyan account protocol-secret acme --remove",
)
def protocol_secret(
    name: Name,
    secret_file: SecretFile = None,
    remove: Annotated[bool, option("Take it away: the API secret proves it again.", "--remove")] = False,
    data: Data = None,
    config: Config = None,
) -> None:
    plain = "" if remove else read_secret(secret_file, "protocol secret")
    with opened(data, config) as admin:
        admin.change(accounts.change_protocol_secret, name, plain, admin.sealer)
    say("{name}: changed", name=name)


def _change(name: str, change: AccountChange, data: Path | None, config: Path | None) -> None:
    with opened(data, config) as admin:
        admin.change(accounts.change_account, name, change)
    say("{name}: changed", name=name)


def _change_money(name: str, change: MoneyForm, data: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Make a change, and print the new balance."""
    with opened(data, config) as admin:
        balance = admin.change(account_money.change_money, change.of(name))
    print_one({"account": name, "points": balance}, form(as_json))
