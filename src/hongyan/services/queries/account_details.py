"""Accounts with their wallets and prices, as people read them. Secrets are never included."""

from hongyan.model.account import AccountChange, Product, extno_digits
from hongyan.model.account_secrets import AccountSecrets
from hongyan.model.columns import Facts
from hongyan.model.dialect import DialectName
from hongyan.model.fields import in_words, shown_row
from hongyan.model.ledger import Wallet
from hongyan.ports.tx.queries import ListsTx
from hongyan.services.admin.accounts import find_account


def accounts_after(
    tx: ListsTx, name: str | None, most: int, customer_id: int | None = None, name_with: str = ""
) -> list[Facts]:
    """Returns accounts by name, behind this one, of one customer or of all, whose names hold a text."""
    equal = {} if customer_id is None else {"customer_id": customer_id}
    return _accounts(tx, tx.rows_after("account", "name", name, most, equal, name_with))


def account_details(tx: ListsTx, name: str) -> Facts:
    """Returns an account with its wallet for MMS, if it has one, and its prices. raises: NotFound"""
    row = find_account(tx, name)
    mms = tx.read_wallet(row["id"], int(Product.MMS))
    prices = {
        f"{Product(price['product']).name.lower()} {price['carrier'] or 'any'}": price["points"]
        for price in tx.rows_of("price", account_id=row["id"])
    }
    return (
        _account(row, tx.read_wallet(row["id"], int(Product.SMS)))
        | ({"mms_points": mms.points} if mms else {})
        | {"prices": prices, "customer": tx.names_in("customer", [row["customer_id"]]).get(row["customer_id"], "")}
    )


def _accounts(tx: ListsTx, rows: list[Facts]) -> list[Facts]:
    wallets = tx.read_wallets([row["id"] for row in rows], int(Product.SMS))
    customers = tx.names_in("customer", {row["customer_id"] for row in rows})
    return [_account(row, wallets.get(row["id"])) | {"customer": customers.get(row["customer_id"], "")} for row in rows]


def _account(row: Facts, wallet: Wallet | None) -> Facts:
    shown = shown_row(row, AccountChange, AccountSecrets) | in_words(AccountChange, row)
    shown["has_protocol_secret"] = bool(row["protocol_secret"])
    shown["extno_most"] = extno_digits(row["extno_most"], DialectName(row["dialect"]))
    shown |= {name: getattr(wallet, name, None) for name in ("points", "credit", "topped_up")}
    return shown | {"state": "stopped" if row["is_stopped"] else "live"}
