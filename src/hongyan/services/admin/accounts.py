"""Customers and accounts: adding and changing them, with an audit row in the same transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hongyan.model.account import AccountChange, AccountOpening, Product
from hongyan.model.account_secrets import PROTOCOL_SECRET, SECRET, AccountSecrets
from hongyan.model.act import Act, AuditAction
from hongyan.model.customer import CUSTOMER_ID, CustomerChange
from hongyan.model.errors import Conflict, Forbidden, NotFound
from hongyan.model.fields import Change, Customers, loaded, shown_row, usual_columns
from hongyan.ports.admin import Sealing
from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.admin.extnos import check_extno_free


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be added. Its customer is added too if the number is new."""

    name: str
    customer_id: int
    secret: str = field(repr=False)
    settings: AccountChange = AccountChange()
    customer_name: str = ""

    def __post_init__(self) -> None:
        AccountOpening(name=self.name, customer_id=self.customer_id, customer_name=self.customer_name)
        SECRET.checked("secret", self.secret)


def add_customer(tx: ConfigTx, act: Act, customer_id: int, name: str, parent_id: int | None) -> None:
    """Add a customer, with its reseller if one is named. raises: Conflict if the number is taken, NotFound for the reseller,
    Invalid
    """
    CUSTOMER_ID.checked("customer_id", customer_id)
    settings = CustomerChange(name=name, parent_id=parent_id)
    if tx.rows_of("customer", id=customer_id):
        raise Conflict("there is a customer {id} already", id=customer_id)
    if parent_id is not None:
        find_customer(tx, parent_id)
    row = usual_columns(CustomerChange) | settings.columns()
    tx.add_row("customer", id=customer_id, made_ms=act.now_ms, **row)
    tx.audit(act, AuditAction.CUSTOMER_ADD, str(customer_id), {}, row)


def change_customer(tx: ConfigTx, act: Act, customer_id: int, change: CustomerChange) -> None:
    """Change a customer. raises: NotFound for it or its reseller, Conflict if it would belong to itself, Forbidden"""
    before = find_customer(tx, customer_id)
    check_permitted(act, change)
    above = change.parent_id
    while above is not None:
        if above == customer_id:
            raise Conflict("customer {id} cannot belong to itself", id=customer_id)
        above = find_customer(tx, above)["parent_id"]
    if columns := change.columns():
        tx.change_row("customer", customer_id, **columns)
        tx.audit(act, AuditAction.CUSTOMER_CHANGE, str(customer_id), before, before | columns)


def find_customer(tx: ConfigTx, customer_id: int) -> dict[str, Any]:
    rows = tx.rows_of("customer", id=customer_id)
    if not rows:
        raise NotFound("there is no customer {id}", id=customer_id)
    return rows[0]


def add_account(tx: ConfigTx, act: Act, new: NewAccount, sealer: Sealing) -> int:
    """Add an account, and its customer if that number is new; returns the account's id.

    raises: Conflict if the name, the sid or the extno is taken, Invalid for a name that is not allowed
    """
    if tx.rows_of("account", name=new.name):
        raise Conflict("there is an account {name} already", name=new.name)
    if not tx.rows_of("customer", id=new.customer_id):
        add_customer(tx, act, new.customer_id, new.customer_name or new.name, None)
    account_id = tx.take_count("account", 1)
    _check_free(tx, account_id, new.settings)
    _check_login_free(tx, account_id, new.name)
    secret = sealer.seal(new.secret, owner_of(account_id))
    row = usual_columns(AccountChange) | new.settings.columns()
    tx.add_row("account", id=account_id, customer_id=new.customer_id, name=new.name, secret=secret, made_ms=act.now_ms, **row)
    _open_wallets(tx, account_id, loaded(AccountChange, row)["products"])
    tx.audit(act, AuditAction.ACCOUNT_ADD, new.name, {}, _shown(tx, account_id))
    return account_id


def change_account(tx: ConfigTx, act: Act, name: str, change: AccountChange) -> None:
    """Change an account. raises: NotFound, Forbidden, and Conflict if another account has the sid or the extno

    A product that is new to the account gets a wallet. The wallet of a product that it loses stays, and nothing more is held
    from it.
    """
    row = find_account(tx, name)
    check_permitted(act, change)
    _check_free(tx, row["id"], change)
    before = _shown(tx, row["id"])
    _open_wallets(tx, row["id"], change.products or ())
    if columns := change.columns():
        tx.change_row("account", row["id"], **columns)
        tx.audit(act, AuditAction.ACCOUNT_CHANGE, name, before, _shown(tx, row["id"]))


def check_permitted(act: Act, change: Change) -> None:
    """Raises Forbidden if a customer tries to change a field that only the operator may change."""
    for one, _ in change.given():
        if act.actor.kind == "customer" and one.customers is not Customers.CHANGE:
            raise Forbidden("{field} is changed by the operator alone", field=one.name)


def add_product(tx: ConfigTx, act: Act, name: str, product: Product) -> int:
    """Let an account send this product too, and give it a wallet for it; returns the account's id. raises: NotFound"""
    row = find_account(tx, name)
    has = [Product[named.upper()] for named in row["products"].split(",") if named]
    if product not in has:
        change_account(tx, act, name, AccountChange(products=(*has, product)))
    return int(row["id"])


@dataclass(frozen=True, slots=True)
class SecretChange:
    """A new secret, sealed for its account. The old one counts for `overlap_ms` more."""

    account: str
    sealed: bytes
    overlap_ms: int


def change_secret(tx: ConfigTx, act: Act, name: str, secret: str, sealer: Sealing, overlap_ms: int = 0) -> None:
    """Give an account another secret. raises: NotFound, Invalid"""
    sealed = sealer.seal(SECRET.checked("secret", secret), owner_of(find_account(tx, name)["id"]))
    store_secret(tx, act, SecretChange(name, sealed, overlap_ms))


def store_secret(tx: ConfigTx, act: Act, change: SecretChange) -> int:
    """Store a new secret; returns the version of the ConfigSnapshot that has it. An older secret than the last is forgotten.
    raises: NotFound
    """
    row = find_account(tx, change.account)
    ends_ms = act.now_ms + change.overlap_ms if change.overlap_ms else 0
    tx.change_row("account", row["id"], secret=change.sealed, old_secret=row["secret"], old_secret_ends_ms=ends_ms)
    after = {"old_secret_ends_ms": ends_ms}
    tx.audit(act, AuditAction.ACCOUNT_SECRET, change.account, {}, after)
    return tx.config_version()


def change_protocol_secret(tx: ConfigTx, act: Act, name: str, secret: str, sealer: Sealing) -> None:
    """Set the account's own secret for sessions; "" removes it. raises: NotFound, Invalid"""
    row = find_account(tx, name)
    PROTOCOL_SECRET.checked("protocol_secret", secret)
    sealed = sealer.seal(secret, owner_of(row["id"])) if secret else None
    old = row["protocol_secret"] or row["old_protocol_secret"]
    tx.change_row("account", row["id"], protocol_secret=sealed, old_protocol_secret=old)
    tx.audit(act, AuditAction.ACCOUNT_PROTOCOL_SECRET, name, {}, {"has_one": bool(secret)})


def owner_of(account_id: int) -> str:
    """Returns the row that a secret of this account is sealed for."""
    return f"account:{account_id}"


def find_account(tx: ConfigRowsTx, name: str) -> dict[str, Any]:
    rows = tx.rows_of("account", name=name)
    if not rows:
        raise NotFound("there is no account {name}", name=name)
    return rows[0]


def _check_free(tx: ConfigTx, account_id: int, change: AccountChange) -> None:
    """raises: Conflict"""
    owners = tx.rows_of("account", sid=change.sid) if change.sid else []
    for owner in owners:
        if owner["id"] != account_id:
            raise Conflict("account {name} has the sid {sid}", name=owner["name"], sid=change.sid)
    check_extno_free(tx, account_id, change.extno or "")
    _check_login_free(tx, account_id, change.protocol_login or "")


def _check_login_free(tx: ConfigTx, account_id: int, login: str) -> None:
    """Raises Conflict if another account uses this name for its sessions."""
    owners = [*tx.rows_of("account", protocol_login=login), *tx.rows_of("account", name=login)] if login else []
    for owner in owners:
        if owner["id"] != account_id:
            raise Conflict("account {name} connects as {login}", name=owner["name"], login=login)


def _open_wallets(tx: ConfigTx, account_id: int, products: Iterable[Product]) -> None:
    for product in products:
        if tx.read_wallet(account_id, int(product)) is None:
            tx.add_wallet(account_id, int(product))


def _shown(tx: ConfigTx, account_id: int) -> dict[str, Any]:
    """Returns the row as the audit keeps it."""
    return shown_row(tx.rows_of("account", id=account_id)[0], AccountChange, AccountSecrets)
