"""Changes of an account's money: the form of each, and a change as it is made or waits for a second person."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from hongyan.model.account import Product
from hongyan.model.destination import DESTINATION
from hongyan.model.fields import Change, Customers, described, fields_of
from hongyan.model.kinds import FLAG, word
from hongyan.model.ledger import CREDIT, FIRST_POINTS, POINTS, PRICE, SIGNED_POINTS
from hongyan.model.names import NOTE, REMARK


class MoneyKind(StrEnum):
    TOP_UP = "topup"
    ADJUST = "adjust"
    CREDIT = "credit"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class MoneyChange:
    """A change of an account's money. Making one raises Invalid for a wrong value.

    points:  to add (to take, if negative), the new credit, or the new price
    carrier: the destination of a price; None: every destination that has no price of its own
    note:    why; a correction must have one
    """

    kind: MoneyKind
    account: str
    points: int
    product: Product = Product.SMS
    carrier: str | None = None
    note: str = ""
    is_forced: bool = False

    def __post_init__(self) -> None:
        what = _FORMS[self.kind]
        what(**{field.name: getattr(self, field.name) for field in fields_of(what)})


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyForm(Change):
    """The fields of every change of money."""

    thing: ClassVar[type] = MoneyChange
    kind: ClassVar[MoneyKind]

    product: Product | None = described("What is sent.", word(Product))

    def of(self, account: str) -> MoneyChange:
        """Make it a change of this account; fields that are not set have their usual values. raises: Invalid"""
        return MoneyChange(self.kind, account, **self.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp(MoneyForm):
    kind: ClassVar[MoneyKind] = MoneyKind.TOP_UP

    points: int | None = described("Points that the customer bought; its sendTotal is their sum.", POINTS, is_required=True)
    note: str | None = described("Why, or the number of a voucher; the ledger keeps it.", REMARK)
    is_forced: bool | None = described("Even more points than are likely.", FLAG, customers=Customers.NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceCorrection(MoneyForm):
    kind: ClassVar[MoneyKind] = MoneyKind.ADJUST

    points: int | None = described(
        "Points to be added; to be taken where negative. It is no top-up.", SIGNED_POINTS, is_required=True
    )
    note: str | None = described("Why; the ledger keeps it.", NOTE, is_required=True)
    is_forced: bool | None = described(
        "Even below what the account may owe, and more points than are likely.", FLAG, customers=Customers.NOTHING
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditChange(MoneyForm):
    kind: ClassVar[MoneyKind] = MoneyKind.CREDIT

    points: int | None = described(
        "Points that the wallet may go below zero; with any the account is post-paid.", CREDIT, is_required=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange(MoneyForm):
    kind: ClassVar[MoneyKind] = MoneyKind.PRICE

    carrier: str | None = described(
        "Only to numbers of this carrier, or country: +852; else all that have no price of their own.", DESTINATION
    )
    points: int | None = described("Points a segment, or an MMS.", PRICE, is_required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningMoney(Change):
    """What a new account begins with; all of it is about its first product."""

    points: int | None = described("Points that were paid for already; else none.", FIRST_POINTS)
    price: int | None = described("Points a segment, or an MMS; else 1.", PRICE)
    credit: int | None = described("Points that the wallet may go below zero; the account is then post-paid.", CREDIT)


_FORMS: dict[MoneyKind, type[MoneyForm]] = {one.kind: one for one in (TopUp, BalanceCorrection, CreditChange, PriceChange)}
