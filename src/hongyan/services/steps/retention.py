"""What is over goes after months, with all that belongs to it. Each batch is bounded and safe to repeat.

The points of entries that go are carried over in new ones, so that a wallet stays the sum of its entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from hongyan.model.ids import IdSource, first_id, first_task_id
from hongyan.model.ledger import Entry, EntryKind
from hongyan.model.rows import Dropped
from hongyan.ports.tx.retention import RetentionTx


class RetainedKind(Enum):
    """What goes, in this order: a task goes after its messages."""

    MESSAGES = auto()  # with segments, owed reports and returned points
    RESENT = auto()
    TASKS = auto()  # with what they held
    REPLIES = auto()  # with what is owed
    ATTEMPTS = auto()
    ENTRIES = auto()  # top-ups and what was carried; the audit keeps the former


@dataclass(frozen=True, slots=True)
class RetentionBatch:
    kind: RetainedKind
    before_ms: int  # what was made before, UTC


def forget(tx: RetentionTx, batches: Sequence[RetentionBatch], *, ids: IdSource, now_ms: int) -> list[int]:
    """Drop a batch of each; returns how many things went, 0 when there is nothing more."""
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
