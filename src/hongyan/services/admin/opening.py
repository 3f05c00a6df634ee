"""Taking on a customer: account, first points, price and routes of its own in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.act import Act
from hongyan.model.approval import AloneRule
from hongyan.model.money import MoneyChange, MoneyKind, OpeningMoney
from hongyan.ports.admin import Sealing
from hongyan.ports.tx import Tx
from hongyan.services.admin.account_money import first_product
from hongyan.services.admin.accounts import NewAccount, add_account
from hongyan.services.admin.approvals import ChangeResult, make_or_ask
from hongyan.services.admin.channels import add_route


@dataclass(frozen=True, slots=True)
class Opening:
    """What is agreed with a new customer.

    channels: those that carry its messages, the first choice first; empty: the routes of all customers
    """

    account: NewAccount
    money: OpeningMoney
    channels: Sequence[str] = ()


def open_customer(tx: Tx, act: Act, opening: Opening, sealer: Sealing, rule: AloneRule) -> list[ChangeResult]:
    """Add the account with its money and its routes.

    returns: for each change of money whether it is made, or waits for a second person
    raises:  as the services that it calls
    """
    name = opening.account.name
    add_account(tx, act, opening.account, sealer)
    results = [make_or_ask(tx, act, change, rule) for change in _changes(opening)]
    for tier, channel in enumerate(opening.channels):
        add_route(tx, act, channel, None, name, tier, 1)
    return results


def _changes(opening: Opening) -> list[MoneyChange]:
    account, money = opening.account, opening.money
    product = first_product(account.settings)
    asked = (
        (MoneyKind.TOP_UP, money.points or None),
        (MoneyKind.CREDIT, money.credit or None),
        (MoneyKind.PRICE, money.price),
    )
    return [MoneyChange(kind, account.name, points, product) for kind, points in asked if points is not None]
