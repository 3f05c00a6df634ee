"""Customers and accounts: adding and changing them, with an audit row in the same transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hongyan.model.account import EXTNO_AS_USUAL, ChargeRule, DialectName, PayMode, Product, PushFormat
from hongyan.model.act import Act
from hongyan.model.masking import without_password
from hongyan.model.names import TITLE_MOST, check_name
from hongyan.model.told import Conflict, Missing
from hongyan.ports.admin import Sealing
from hongyan.ports.tx import Tx
from hongyan.services.admin.extnos import check_extno_free

SECRET_MOST = 64


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """What `account add` asks for."""

    name: str
    customer_id: int
    secret: str = field(repr=False)
    customer_name: str = ""
    pay_mode: PayMode = PayMode.PREPAID
    charge_rule: ChargeRule = ChargeRule.SUBMITTED
    dialect: DialectName = DialectName.HX
    extno: str = ""
    ip_list: tuple[str, ...] = ()
    push_url: str = ""
    push_format: PushFormat = PushFormat.XML
    push_private: bool = False
    unknown_after_s: int = 72 * 3600
    sid: str = ""
    products: tuple[Product, ...] = (Product.SMS,)


def add_customer(tx: Tx, act: Act, customer_id: int, name: str, parent_id: int | None) -> None:
    """Add a customer, a reseller's if its parent is named; raises Conflict if the number is taken, Missing without that parent, Unfit."""
    check_name(name, TITLE_MOST)
    if tx.rows_of("customer", id=customer_id):
        raise Conflict("there is a customer {id} already", id=customer_id)
    if parent_id is not None and not tx.rows_of("customer", id=parent_id):
        raise Missing("there is no customer {id}", id=parent_id)
    tx.add_row("customer", id=customer_id, name=name, parent_id=parent_id, made_ms=act.now_ms)
    tx.audit(act, "customer.add", str(customer_id), {}, {"name": name, "parent_id": parent_id})


def add_account(tx: Tx, act: Act, spec: AccountSpec, sealer: Sealing) -> int:
    """Add an account, and its customer where that id is new; gives the account's id.

    raises: Conflict if the name, the sid or the extno is taken, Unfit for what cannot be a name or an extno
    """
    check_name(spec.name)
    check_name(spec.customer_name or spec.name, TITLE_MOST)
    if tx.rows_of("account", name=spec.name):
        raise Conflict("there is an account {name} already", name=spec.name)
    _check_sid(tx, spec.sid)
    if not tx.rows_of("customer", id=spec.customer_id):
        tx.add_row("customer", id=spec.customer_id, name=spec.customer_name or spec.name, parent_id=None, made_ms=act.now_ms)
    account_id = tx.take_count("account", 1)
    check_extno_free(tx, account_id, spec.extno)
    tx.add_row(
        "account", id=account_id, customer_id=spec.customer_id, name=spec.name,
        secret=sealer.seal(spec.secret, owner_of(account_id)), pay_mode=int(spec.pay_mode), charge_rule=int(spec.charge_rule),
        dialect=str(spec.dialect), extno=spec.extno, sid=spec.sid, ip_list=",".join(spec.ip_list), push_url=spec.push_url,
        push_format=str(spec.push_format), push_private=spec.push_private, unknown_after_s=spec.unknown_after_s, made_ms=act.now_ms,
        products=_named(spec.products), extno_most=EXTNO_AS_USUAL,
    )  # fmt: skip
    _open_wallets(tx, account_id, spec.products)
    tx.audit(act, "account.add", spec.name, {}, _shown(tx, account_id))
    return account_id


def change_account(tx: Tx, act: Act, name: str, changes: dict[str, Any]) -> None:
    """Change columns of an account; raises Missing, Unfit, and Conflict if another account has the sid or the extno.

    A new one of the `products` gets a wallet; that of one that the account has no more stays, and nothing is held from it.
    """
    row = find_account(tx, name)
    if changes.get("sid", row["sid"]) != row["sid"]:
        _check_sid(tx, changes["sid"])
    if changes.get("extno", row["extno"]) != row["extno"]:
        check_extno_free(tx, row["id"], changes["extno"])
    before = _shown(tx, row["id"])
    if "products" in changes:
        _open_wallets(tx, row["id"], changes["products"])
        changes = changes | {"products": _named(changes["products"])}
    tx.change_row("account", row["id"], **changes)
    tx.audit(act, "account.change", name, before, _shown(tx, row["id"]))


def add_product(tx: Tx, act: Act, name: str, product: Product) -> int:
    """Let an account send this product too, and give it a wallet for it; gives the account's id. raises: Missing"""
    row = find_account(tx, name)
    has = [Product[named.upper()] for named in row["products"].split(",") if named]
    if product not in has:
        change_account(tx, act, name, {"products": [*has, product]})
    return int(row["id"])


@dataclass(frozen=True, slots=True)
class SecretChange:
    """A new secret, sealed for its account; the one before is taken too for `overlap_ms` more."""

    account: str
    sealed: bytes
    overlap_ms: int


def change_secret(tx: Tx, act: Act, name: str, secret: str, sealer: Sealing, overlap_ms: int = 0) -> None:
    """Give an account another secret; raises Missing."""
    sealed = sealer.seal(secret, owner_of(find_account(tx, name)["id"]))
    store_secret(tx, act, SecretChange(name, sealed, overlap_ms))


def store_secret(tx: Tx, act: Act, change: SecretChange) -> int:
    """Store a new secret; returns the version of the ConfigSnapshot that has it. One that was old already ends. raises: Missing"""
    row = find_account(tx, change.account)
    old, ends_ms = (row["secret"], act.now_ms + change.overlap_ms) if change.overlap_ms else (None, 0)
    tx.change_row("account", row["id"], secret=change.sealed, old_secret=old, old_secret_ends_ms=ends_ms)
    told = {"old_secret_ends_ms": ends_ms}
    tx.audit(act, "account.secret", change.account, {}, told)
    return tx.config_version()


def owner_of(account_id: int) -> str:
    """Whom a secret of an account is sealed for."""
    return f"account:{account_id}"


def find_account(tx: Tx, name: str) -> dict[str, Any]:
    rows = tx.rows_of("account", name=name)
    if not rows:
        raise Missing("there is no account {name}", name=name)
    return rows[0]


def _check_sid(tx: Tx, sid: str) -> None:
    if sid and (owners := tx.rows_of("account", sid=sid)):
        raise Conflict("account {name} has the sid {sid}", name=owners[0]["name"], sid=sid)


def _named(products: Iterable[Product]) -> str:
    return ",".join(product.name.lower() for product in products)


def _open_wallets(tx: Tx, account_id: int, products: Iterable[Product]) -> None:
    for product in products:
        if tx.read_wallet(account_id, int(product)) is None:
            tx.add_wallet(account_id, int(product))


def _shown(tx: Tx, account_id: int) -> dict[str, Any]:
    """The row as the audit keeps it."""
    return without_secrets(tx.rows_of("account", id=account_id)[0])


def without_secrets(row: dict[str, Any]) -> dict[str, Any]:
    """A row as it may be shown: without sealed secrets, and no password in its addresses."""
    shown = {name: value for name, value in row.items() if name not in {"secret", "old_secret"}}
    return {name: without_password(value) if isinstance(value, str) else value for name, value in shown.items()}
