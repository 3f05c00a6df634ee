"""The retention step: after months, ended messages and the like are dropped with all that belongs to them. Safe to repeat, in
bounded batches.

The points of dropped entries are carried over in new ones, so that a wallet stays the sum of its entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from hongyan.model.ids import IdSource, first_id, first_task_id
from hongyan.model.ledger import Entry, EntryKind
from hongyan.model.rows import Dropped
from hongyan.ports.tx.retention import RetentionTx


class RetainedKind(Enum):
    """The kinds of rows that are dropped, in this order: a task is dropped after its messages."""

    MESSAGES = auto()  # with segments, owed reports and returned points
    RESENT = auto()
    TASKS = auto()  # with their entries of held points
    REPLIES = auto()  # with what is owed of them
    ATTEMPTS = auto()
    ENTRIES = auto()  # top-ups and carried entries; the audit keeps the top-ups


@dataclass(frozen=True, slots=True)
class RetentionBatch:
    kind: RetainedKind
    before_ms: int  # what was made before, UTC


def forget(tx: RetentionTx, batches: Sequence[RetentionBatch], *, ids: IdSource, now_ms: int) -> list[int]:
    """Drop a batch of each; returns how many things were dropped, 0 if none is left."""
    return [_forget_one(tx, batch, ids, now_ms) for batch in batches]


def _forget_one(tx: RetentionTx, batch: RetentionBatch, ids: IdSource, now_ms: int) -> int:
    dropped = _drop(tx, batch)
    sums = [(key, points) for key, points in sorted(dropped.points.items()) if points]
    carried = [Entry(EntryKind.CARRIED, ids.one(now_ms), *key, points) for key, points in sums]
    tx.carry(carried, now_ms)
    return dropped.count


def _drop(tx: RetentionTx, batch: RetentionBatch) -> Dropped:
    before = first_id(batch.before_ms)
    match batch.kind:
        case RetainedKind.MESSAGES:
            return tx.drop_messages(before)
        case RetainedKind.RESENT:
            return tx.drop_resent(before)
        case RetainedKind.TASKS:
            return tx.drop_tasks(first_task_id(batch.before_ms), before)
        case RetainedKind.REPLIES:
            return tx.drop_replies(before)
        case RetainedKind.ATTEMPTS:
            return tx.drop_attempts(before)
        case RetainedKind.ENTRIES:
            return tx.drop_entries(before)
