"""What one person may not do alone: it waits for the word of a second one."""

from dataclasses import dataclass
from enum import StrEnum

from hongyan.model.account import Product
from hongyan.model.channel import RouteChange
from hongyan.model.ledger import CREDIT, POINTS, PRICE, SIGNED_POINTS
from hongyan.model.names import NOTE, REMARK


class MoneyKind(StrEnum):
    TOP_UP = "topup"
    ADJUST = "adjust"
    CREDIT = "credit"
    PRICE = "price"


class ApprovalState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class MoneyChange:
    """A change of an account's money.

    points:  to be added, to be taken where they are negative, the new credit, or the new price
    carrier: whom a price is for; None: every destination that has no price of its own
    note:    why; a correction has one
    """

    kind: MoneyKind
    account: str
    points: int
    product: Product = Product.SMS
    carrier: str | None = None
    note: str = ""
    is_forced: bool = False

    def __post_init__(self) -> None:
        """raises: Invalid"""
        _POINTS[self.kind].checked("points", self.points)
        (NOTE if self.kind is MoneyKind.ADJUST else REMARK).checked("note", self.note)
        RouteChange(carrier=self.carrier)


_POINTS = {
    MoneyKind.TOP_UP: POINTS,
    MoneyKind.ADJUST: SIGNED_POINTS,
    MoneyKind.CREDIT: CREDIT,
    MoneyKind.PRICE: PRICE,
}


@dataclass(frozen=True, slots=True)
class AloneRule:
    """What one person may do alone."""

    points_most: int  # of one top-up, correction or credit
    prices: bool
