"""Changes of money that one person may not make alone: they wait until a second person approves."""

from dataclasses import dataclass
from enum import StrEnum


class ApprovalState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class AloneRule:
    """What one person may change alone."""

    points_most: int  # the most points of one top-up, correction or credit
    prices: bool
