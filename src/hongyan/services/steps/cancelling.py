"""The cancelling step: the messages of a task that no owner of a channel has end unsent, page by page. Points return, reports
are owed.

The state of the task says that it is being cancelled; it is committed before the first page. So what a crash interrupted, or an
owner returned later, is found again. Safe to repeat: a message ends once, and its points return once.
"""

from collections.abc import Sequence

from hongyan.model.ids import IdSource
from hongyan.model.message import TaskState
from hongyan.model.rows import LockedTask, OpenMessage, TaskSlice
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.tx.stopping import StoppingTx
from hongyan.services.counting import count_new_slice
from hongyan.services.steps.cancelled import Cancelled, CancelPage, end_cancelled, lock_unsent


def cancel(
    tx: StoppingTx, pages: Sequence[CancelPage], *, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int
) -> list[Cancelled]:
    """Cancel what waits on each page. A task that is not being cancelled is left alone."""
    return [_cancel_page(tx, page, snapshot, ids, now_ms) for page in pages]


def _cancel_page(tx: StoppingTx, page: CancelPage, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int) -> Cancelled:
    task = tx.lock_task(page.task_id)
    if task is None or task.state is not TaskState.CANCELLING:
        return Cancelled()
    part = tx.slice_of(task.id)
    if part is not None:
        cancelled = end_cancelled(tx, _expand(tx, part, snapshot, ids, now_ms), snapshot, now_ms)
        cancelled.next_page = page
        return cancelled
    return _take_back(tx, task, page, snapshot, now_ms)


def _expand(tx: StoppingTx, part: TaskSlice, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int) -> list[OpenMessage]:
    """Make messages without a channel of a slice's numbers, so that each has its report."""
    new = part.messages(ids.take(len(part.phones), now_ms))
    tx.add_slice_messages(new, now_ms)
    count_new_slice(tx, new, snapshot.prefixes, now_ms)
    tx.slice_taken(part, new.ids[0], new.ids[-1])
    return tx.lock_messages(new.ids)


def _take_back(tx: StoppingTx, task: LockedTask, page: CancelPage, snapshot: ConfigSnapshot, now_ms: int) -> Cancelled:
    found, leaving, reached = tx.lock_unclaimed(task, page.after)
    unsent, resent = lock_unsent(tx, found)
    leaving += [message.id for message in resent]
    cancelled = end_cancelled(tx, unsent, snapshot, now_ms)
    tx.drop_empty({one.parcel_id for one in found})
    cancelled.leaving = len(leaving)
    first_leaving = page.first_leaving or min(leaving, default=0)
    if reached is not None:
        cancelled.next_page = CancelPage(task.id, reached, first_leaving)
    elif first_leaving:
        cancelled.later = CancelPage(task.id, first_leaving - 1)
    else:
        tx.set_task_state(task.id, TaskState.CANCELLED)
    return cancelled


def cancelling(tx: StoppingTx, asked: Sequence[None]) -> list[list[int]]:
    """Returns the tasks that are being cancelled, for each that asks."""
    return [tx.cancelling_tasks() for _ in asked]
