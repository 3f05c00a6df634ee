"""Whether an account may hold the points that a submission needs. Decided inside the accept commit, wallet locked."""

from dataclasses import dataclass

from hongyan.model.account import PayMode
from hongyan.model.refusal import Code, Refusal


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account must keep to besides its balance; nothing so far, and every caller already passes it."""


UNLIMITED = Limits()


def decide(
    need_points: int,
    points: int,
    credit: int,
    pay_mode: PayMode,
    limits: Limits = UNLIMITED,  # noqa: ARG001 see Limits
) -> Refusal | None:
    """The refusal, or None: hold the points.

    points: of the wallet now, below zero for a post-paid account that owes
    credit: how far below zero a post-paid wallet may go; a prepaid one has none
    """
    free = points + credit if pay_mode == PayMode.POSTPAID else points
    if need_points > free:
        return Refusal(Code.BALANCE_SHORT, need=need_points, free=free)
    return None
