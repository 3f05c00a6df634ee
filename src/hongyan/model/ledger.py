"""Entries of the ledger: immutable, unique by kind and subject; a wallet is the sum of its entries."""

from dataclasses import dataclass
from enum import IntEnum


class EntryKind(IntEnum):
    TOPUP = 1  # subject: an id of its own
    HOLD = 2  # subject: the task; points are negative
    RETURN = 3  # subject: the message whose points come back
    ADJUST = 4  # subject: an id of its own
    CARRIED = 5  # subject: an id of its own; what older entries came to, which are no longer kept


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
    credit: int  # points a post-paid account may go below zero
    topped_up: int = 0
