"""The pruning step: what a customer or a carrier may ask for again is dropped when its time is over. Each batch is bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from hongyan.model.ids import first_id, first_task_id
from hongyan.ports.tx.pruning import PruningTx

RefKey = tuple[int, str]
"""Channel and carrier id."""

FIRST_REF: RefKey = (0, "")


class Pruned(Enum):
    """The kinds of rows that are pruned."""

    REFERENCES = auto()
    DOOR_REFERENCES = auto()  # references that doors make themselves
    TICKETS = auto()
    MEDIA = auto()
    LISTED = auto()  # entries of black lists that ended
    USAGE = auto()  # counts of spans that ended
    COMMIT_MARKS = auto()
    COUNTERS = auto()  # of messages, by the hour
    ENTRY_NOTES = auto()
    DONE_ONCE = auto()  # answers of the admin API to calls with an Idempotency-Key
    JOBS = auto()
    SESSIONS = auto()  # sessions of customers that ended
    SESSION_PARTS = auto()  # of long texts that are complete, or were given up


@dataclass(frozen=True, slots=True)
class Prune:
    what: Pruned
    before_ms: int  # drop what was last of use before, UTC


@dataclass(frozen=True, slots=True)
class PruneRefs:
    """The next carrier ids behind a key, of which the older ones are dropped."""

    after: RefKey
    before_ms: int


def prune(tx: PruningTx, asked: Sequence[Prune]) -> list[int]:
    """Drop a batch of each; returns how many rows were dropped, 0 if none is left."""
    return [_prune_one(tx, one) for one in asked]


def _prune_one(tx: PruningTx, asked: Prune) -> int:
    match asked.what:
        case Pruned.REFERENCES:
            return tx.prune_references(asked.before_ms)
        case Pruned.DOOR_REFERENCES:
            return tx.prune_brief_references(asked.before_ms)
        case Pruned.TICKETS:
            return tx.prune_tickets(first_id(asked.before_ms))
        case Pruned.MEDIA:
            return tx.prune_media(asked.before_ms)
        case Pruned.LISTED:
            return tx.prune_listed(asked.before_ms // 1000)
        case Pruned.USAGE:
            return tx.prune_usage(asked.before_ms)
        case Pruned.COMMIT_MARKS:
            return tx.prune_marks(asked.before_ms)
        case Pruned.COUNTERS:
            return tx.prune_counters(asked.before_ms)
        case Pruned.ENTRY_NOTES:
            return tx.prune_entry_notes(asked.before_ms)
        case Pruned.DONE_ONCE:
            return tx.prune_done_once(asked.before_ms)
        case Pruned.JOBS:
            return tx.prune_jobs(asked.before_ms)
        case Pruned.SESSIONS:
            return tx.prune_customer_sessions(asked.before_ms)
        case Pruned.SESSION_PARTS:
            return tx.prune_session_parts(first_task_id(asked.before_ms))


def prune_refs(tx: PruningTx, asked: Sequence[PruneRefs]) -> list[RefKey | None]:
    """Drop old carrier ids of one page; returns the page's last key, None at the end."""
    return [tx.prune_carrier_refs(one.after, one.before_ms) for one in asked]
