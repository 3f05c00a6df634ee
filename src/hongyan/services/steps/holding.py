"""The holding step: the queued messages of a task that is paused are put aside, and let go when it is resumed, page by page.

What is put aside lies in parcels of its task alone, which nobody claims. Safe to repeat: what lies there already stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState
from hongyan.model.rows import LockedTask, NewMessage, OpenMessage
from hongyan.ports.tx.stopping import StoppingTx
from hongyan.services.steps.parcels import parcel_up


@dataclass(frozen=True, slots=True)
class HoldPage:
    """A stretch of a task: behind this message."""

    task_id: int
    after: int = 0


@dataclass(slots=True)
class Moved:
    count: int = 0  # messages that were put aside, or let go
    leaving: int = 0  # messages that an owner has claimed
    next_page: HoldPage | None = None


def hold(tx: StoppingTx, page: HoldPage, *, ids: IdSource, now_ms: int) -> Moved:
    """Put aside what waits on a page of a task that is paused."""
    task = tx.lock_task(page.task_id)
    if task is None or not task.is_paused:
        return Moved()
    found, leaving, reached = tx.lock_unclaimed(task, page.after, held=False)
    priorities = {one.id: one.priority for one in found}
    messages = [m for m in tx.lock_messages(priorities) if m.state is MessageState.QUEUED]
    for priority in sorted(set(priorities.values())):
        _put_aside(tx, [m for m in messages if priorities[m.id] == priority], priority, ids, now_ms)
    tx.drop_empty({one.parcel_id for one in found})
    return Moved(len(messages), len(leaving), _next(task, reached))


def _put_aside(tx: StoppingTx, messages: Sequence[OpenMessage], priority: int, ids: IdSource, now_ms: int) -> None:
    moved = [
        NewMessage(
            m.id, m.task_id, m.account_id, m.product, m.phone, None, m.segments, m.points, MessageState.QUEUED, m.channel_id, 0,
            now_ms,
        )
        for m in messages
    ]  # fmt: skip
    parcels = parcel_up(moved, priority, len(moved), ids, now_ms)
    tx.add_parcels(parcels)
    tx.hold_parcels([parcel.id for parcel in parcels])
    tx.requeue([(new.id, new.channel_id, new.parcel_id, old.tried) for new, old in zip(moved, messages, strict=True)])


def let_go(tx: StoppingTx, page: HoldPage) -> Moved:
    """Let go what was put aside on a page of a task that is not paused any more."""
    task = tx.lock_task(page.task_id)
    if task is None or task.is_paused:
        return Moved()
    found, leaving, reached = tx.lock_unclaimed(task, page.after, held=True)
    tx.let_parcels_go({one.parcel_id for one in found})
    return Moved(len(found), len(leaving), _next(task, reached))


def _next(task: LockedTask, reached: int | None) -> HoldPage | None:
    return None if reached is None else HoldPage(task.id, reached)
