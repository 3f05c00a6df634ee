"""An account and its money, by the account's name: several changes in one transaction, all or nothing."""

from hongyan.model.account import AccountChange, Product
from hongyan.model.act import Act
from hongyan.model.fields import loaded
from hongyan.model.money import MoneyChange, MoneyKind, OpeningMoney
from hongyan.ports.admin import Sealing
from hongyan.ports.tx import Tx
from hongyan.services.admin import accounts, billing


def first_product(settings: AccountChange) -> Product:
    """Returns the product whose wallet gets an account's first points and its credit."""
    return settings.products[0] if settings.products else Product.SMS


def open_account(tx: Tx, act: Act, new: accounts.NewAccount, money: OpeningMoney, sealer: Sealing) -> int:
    """Add an account with what it begins with, which no second person has to approve; returns its id. raises: Conflict, Invalid"""
    account_id = accounts.add_account(tx, act, new, sealer)
    product = first_product(new.settings)
    if money.points:
        billing.top_up(tx, act, account_id, money.points, product)
    if money.credit:
        billing.set_credit(tx, act, account_id, money.credit, product)
    if money.price is not None:
        billing.set_price(tx, act, account_id, product, None, money.price)
    return account_id


def change_account(tx: Tx, act: Act, name: str, change: AccountChange, credit: int | None) -> None:
    """Change an account, and the credit of its first product if one is given. raises: NotFound, Forbidden, Conflict, Invalid"""
    accounts.change_account(tx, act, name, change)
    if credit is not None:
        row = accounts.find_account(tx, name)
        billing.set_credit(
            tx, act, row["id"], credit, first_product(AccountChange(products=loaded(AccountChange, row)["products"]))
        )


def top_up(tx: Tx, act: Act, name: str, points: int, product: Product, note: str = "", *, is_forced: bool = False) -> int:
    """Add points that were bought. If the account may not send the product yet, it may now. Returns the new balance.

    note:   such as the number of a voucher
    raises: NotFound, Invalid, and Forbidden for so many points that they are likely a slip of the keyboard
    """
    billing.check_slip(points, is_forced=is_forced)
    return billing.top_up(tx, act, accounts.add_product(tx, act, name, product), points, product, note)


def adjust(tx: Tx, act: Act, name: str, correction: billing.Correction, product: Product) -> int:
    """Correct a balance; returns the new one. raises: NotFound, Invalid, and Forbidden below the credit"""
    return billing.adjust(tx, act, accounts.find_account(tx, name)["id"], correction, product)


def set_price(tx: Tx, act: Act, name: str, points: int, product: Product, carrier: str | None) -> None:
    """Set what a segment, or an MMS, costs an account. raises: NotFound, Invalid"""
    billing.set_price(tx, act, accounts.find_account(tx, name)["id"], product, carrier, points)


def change_money(tx: Tx, act: Act, change: MoneyChange) -> int | None:
    """Make a change; returns the new balance of a top-up or a correction. raises: NotFound, Forbidden"""
    match change.kind:
        case MoneyKind.TOP_UP:
            return top_up(tx, act, change.account, change.points, change.product, change.note, is_forced=change.is_forced)
        case MoneyKind.ADJUST:
            return adjust(
                tx, act, change.account, billing.Correction(change.points, change.note, change.is_forced), change.product
            )
        case MoneyKind.CREDIT:
            billing.set_credit(tx, act, accounts.find_account(tx, change.account)["id"], change.points, change.product)
        case MoneyKind.PRICE:
            set_price(tx, act, change.account, change.points, change.product, change.carrier)
    return None
