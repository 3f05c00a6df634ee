"""Taking on a customer: account, price, first points and ways of its own in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.act import Act
from hongyan.model.approval import AloneRule
from hongyan.model.money import MoneyChange, MoneyKind
from hongyan.ports.admin import Sealing
from hongyan.ports.tx import Tx
from hongyan.services.admin.accounts import NewAccount
from hongyan.services.admin.approvals import ChangeResult, make_or_ask, open_account
from hongyan.services.admin.channels import add_route
from hongyan.services.admin.selling import first_product


@dataclass(frozen=True, slots=True)
class Opening:
    """What is settled with a new customer.

    price:    points of a segment of the first product; None: as usual
    channels: that carry its messages, the first choice first; none: it leaves as everybody's do
    """

    account: NewAccount
    points: int = 0
    price: int | None = None
    channels: Sequence[str] = ()


def open_customer(tx: Tx, act: Act, opening: Opening, sealer: Sealing, rule: AloneRule) -> list[ChangeResult]:
    """Returns whether money and price were set, or wait for a second person. raises: as the services that it calls"""
    account = opening.account
    made = [open_account(tx, act, account, opening.points, sealer, rule)]
    if opening.price is not None:
        product = first_product(account.settings)
        made.append(make_or_ask(tx, act, MoneyChange(MoneyKind.PRICE, account.name, opening.price, product), rule))
    for tier, channel in enumerate(opening.channels):
        add_route(tx, act, channel, None, account.name, tier, 1)
    return made
