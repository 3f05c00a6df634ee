"""Entries of the ledger. They are immutable and unique by kind and subject. A wallet is the sum of its entries."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from hongyan.model.kinds import Kind, number


class EntryKind(IntEnum):
    TOPUP = 1  # subject: the id of its audit row; points are positive
    HOLD = 2  # subject: the task; points are negative
    RETURN = 3  # subject: the message whose points come back
    ADJUST = 4  # a correction; subject: the id of its audit row, which keeps the note
    CARRIED = 5  # subject: an id of its own; the sum of older entries that are no longer kept


POINTS_MOST = 10**12
"""The most points of one top-up, correction or credit. Sums of them stay far from 64 bits."""

POINTS, FIRST_POINTS, CREDIT = number(1, POINTS_MOST), number(0, POINTS_MOST), number(0, POINTS_MOST)


def _read_signed(value: Any) -> int:
    points = int(_SIGNED.read(value))
    if not points:
        raise ValueError(value)
    return points


_SIGNED = number(-POINTS_MOST, POINTS_MOST)
SIGNED_POINTS = Kind(
    "give a number from {least} to {most} that is not 0",
    _read_signed,
    of=int,
    least=-POINTS_MOST,
    most=POINTS_MOST,
    facts=_SIGNED.facts,
)

PRICE = number(0, 1_000_000)
"""Points that a segment, or an MMS, costs."""

BY_HAND_MOST = 10_000_000
"""The most points that are added or taken by hand without `is_forced`. More are likely a slip of the keyboard."""


@dataclass(slots=True)
class Entry:
    kind: EntryKind
    subject: int
    account_id: int
    product: int
    points: int


@dataclass(slots=True)
class Wallet:
    points: int
    credit: int  # points that a post-paid account may go below zero
    topped_up: int = 0  # the sum of top-ups alone, without corrections


@dataclass(frozen=True, slots=True)
class EntryNote:
    """Who made an entry by hand, and why. It is kept longer than the entry."""

    kind: EntryKind
    subject: int
    account_id: int
    product: int
    points: int
    note: str
    actor: str


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of the entries of a wallet."""

    points: int
    topups: int  # the sum of entries of kind TOPUP
    has_carried: bool  # whether older entries, top-ups among them, are no longer kept
