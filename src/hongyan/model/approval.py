"""What one person may not do alone: it waits for the word of a second one."""

from dataclasses import dataclass
from enum import StrEnum


class ApprovalState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class AloneRule:
    """What one person may do alone."""

    points_most: int  # of one top-up, correction or credit
    prices: bool
