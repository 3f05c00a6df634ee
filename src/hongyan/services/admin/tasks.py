"""Stopping tasks by hand: cancelling, pausing and resuming one task, or all tasks of an account that have something waiting.

The decision is committed first, with its audit row. Then it is carried out page by page, so that messages pass between. If that
is interrupted, the running server finishes it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from hongyan.model.account import AccountChange
from hongyan.model.act import Act, AuditAction
from hongyan.model.errors import Conflict, NotFound
from hongyan.model.message import TaskState
from hongyan.model.rows import LockedTask
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx import Tx
from hongyan.ports.tx.stopping import StoppingTx
from hongyan.services.admin.accounts import change_account, find_account
from hongyan.services.steps import cancelling, pausing
from hongyan.services.steps.cancelled import CancelPage, take_back_message
from hongyan.services.steps.pausing import PausePage


@dataclass(frozen=True, slots=True)
class Stopped:
    """The outcome for messages of tasks that had not been sent."""

    tasks: int = 0
    count: int = 0  # messages that were cancelled, held back or let go
    points: int = 0  # points that were returned
    leaving: int = 0  # messages that were claimed already: they are sent, and reported as usual

    def __add__(self, more: "Stopped") -> "Stopped":
        return Stopped(self.tasks + more.tasks, self.count + more.count, self.points + more.points, self.leaving + more.leaving)


async def cancel(store: AdminStore, task_id: int) -> Stopped:
    """Cancel what was not sent of a task: its points are returned, its reports are owed. Safe to repeat. raises: NotFound,
    Conflict
    """
    await _check_waiting(store, task_id)
    return await _cancel(store, task_id, await store.snapshot())


async def cancel_message(store: AdminStore, message_id: int) -> Stopped:
    """Cancel one message that was not sent. raises: NotFound, Conflict if it has ended or was sent"""
    return await store.change(_cancel_message, message_id, await store.snapshot())


def _cancel_message(tx: Tx, act: Act, message_id: int, snapshot: ConfigSnapshot) -> Stopped:
    rows = tx.messages_by_id(message_id)
    if not rows:
        raise NotFound("there is no message {number}", number=message_id)
    done = take_back_message(tx, message_id, rows[0]["task_id"], snapshot=snapshot, now_ms=act.now_ms)
    if not (done.ended or done.leaving):
        raise Conflict("message {number} was sent, or has ended", number=message_id)
    if done.ended:
        tx.audit(act, AuditAction.MESSAGE_CANCEL, str(message_id), {"state": "queued"}, {"state": "cancelled"})
    return Stopped(0, done.ended, done.points, done.leaving)


async def pause(store: AdminStore, task_id: int) -> Stopped:
    """Send nothing more of a task until it is resumed. Safe to repeat. raises: NotFound, Conflict"""
    await _check_waiting(store, task_id)
    return await _pause(store, task_id)


async def resume(store: AdminStore, task_id: int) -> Stopped:
    """Send on what was paused. Safe to repeat. raises: NotFound, Conflict"""
    await _check_waiting(store, task_id)
    return await _resume(store, task_id)


async def cancel_all(store: AdminStore, account: str) -> Stopped:
    """Cancel every task of an account that has something waiting. raises: NotFound"""
    snapshot = await store.snapshot()
    return sum([await _cancel(store, one, snapshot) for one in await _open_tasks(store, account)], Stopped())


async def pause_all(store: AdminStore, account: str) -> Stopped:
    """raises: NotFound"""
    return sum([await _pause(store, one) for one in await _open_tasks(store, account)], Stopped())


async def resume_all(store: AdminStore, account: str) -> Stopped:
    """raises: NotFound"""
    return sum([await _resume(store, one) for one in await _open_tasks(store, account)], Stopped())


class WaitingTasks(StrEnum):
    """What happens to the waiting tasks of an account that is stopped."""

    KEEP = "keep"
    PAUSE = "pause"
    CANCEL = "cancel"


async def stop_account(store: AdminStore, account: str, waiting: WaitingTasks) -> Stopped:
    """Forbid an account to send and read, then stop what it has waiting. Safe to repeat. raises: NotFound"""
    await store.change(change_account, account, AccountChange(is_stopped=True))
    match waiting:
        case WaitingTasks.CANCEL:
            return await cancel_all(store, account)
        case WaitingTasks.PAUSE:
            return await pause_all(store, account)
    return Stopped()


async def _open_tasks(store: AdminStore, account: str) -> list[int]:
    return await store.read(lambda tx: tx.open_tasks(find_account(tx, account)["id"]))


async def _cancel(store: AdminStore, task_id: int, snapshot: ConfigSnapshot) -> Stopped:
    count, points = await store.read(lambda tx: tx.cancelled_of(task_id))
    await store.change(begin_cancelling, task_id)
    done = await _page_by_page(store, _cancel_page, CancelPage(task_id), snapshot)
    # read anew: the running server may have cancelled pages too
    count_now, points_now = await store.read(lambda tx: tx.cancelled_of(task_id))
    return replace(done, count=count_now - count, points=points_now - points)


async def _pause(store: AdminStore, task_id: int) -> Stopped:
    return await _pause_or_resume(store, task_id, is_paused=True)


async def _resume(store: AdminStore, task_id: int) -> Stopped:
    return await _pause_or_resume(store, task_id, is_paused=False)


async def _pause_or_resume(store: AdminStore, task_id: int, *, is_paused: bool) -> Stopped:
    count = await store.read(lambda tx: tx.held_of(task_id))
    await store.change(set_paused, task_id, is_paused=is_paused)
    done = await _page_by_page(store, _pause_page, PausePage(task_id, is_paused=is_paused))
    return replace(done, count=abs(await store.read(lambda tx: tx.held_of(task_id)) - count))  # as in _cancel


_Paged = tuple[Stopped, Any]
"""The outcome of one page, and the next page; None at the end."""


async def _page_by_page(store: AdminStore, take: Callable[..., _Paged], page: Any, *more: Any) -> Stopped:
    stopped = Stopped(tasks=1)
    while page is not None:
        done, page = await store.change(take, page, *more)
        stopped += done
    return stopped


def _cancel_page(tx: StoppingTx, act: Act, page: CancelPage, snapshot: ConfigSnapshot) -> _Paged:
    (done,) = cancelling.cancel(tx, [page], snapshot=snapshot, ids=act.ids, now_ms=act.now_ms)
    return Stopped(0, done.ended, done.points, done.leaving), done.next_page


def _pause_page(tx: StoppingTx, act: Act, page: PausePage) -> _Paged:
    (moved,) = pausing.pause_or_resume(tx, [page], ids=act.ids, now_ms=act.now_ms)
    return Stopped(0, moved.count, 0, moved.leaving), moved.next_page


async def _check_waiting(store: AdminStore, task_id: int) -> None:
    """Raises NotFound, or Conflict if all of it was sent or cancelled."""
    if await store.read(lambda tx: tx.task(task_id)) is None:
        raise NotFound("there is no task {number}", number=task_id)
    if not await store.read(lambda tx: tx.has_waiting(task_id)):
        raise Conflict("nothing of task {number} waits: all of it was sent, or taken back", number=task_id)


def begin_cancelling(tx: StoppingTx, act: Act, task_id: int) -> None:
    """Begin to cancel: nothing more of the task is released, and messages that a channel returns are cancelled. raises:
    NotFound
    """
    task = _found(tx, task_id)
    if task.state is not TaskState.CANCELLING:
        tx.set_task_state(task_id, TaskState.CANCELLING)
        tx.audit(act, AuditAction.TASK_CANCEL, str(task_id), {"state": task.state.name.lower()}, {"state": "cancelling"})


def set_paused(tx: StoppingTx, act: Act, task_id: int, *, is_paused: bool) -> None:
    """Set whether a task is paused. raises: NotFound, Conflict for a task that is cancelled"""
    task = _found(tx, task_id)
    if task.state in {TaskState.CANCELLING, TaskState.CANCELLED}:
        raise Conflict("task {number} is cancelled", number=task_id)
    if task.is_paused is not is_paused:
        tx.set_task_paused(task_id, is_paused=is_paused)
        action = AuditAction.TASK_PAUSE if is_paused else AuditAction.TASK_RESUME
        tx.audit(act, action, str(task_id), {"is_paused": task.is_paused}, {"is_paused": is_paused})


def _found(tx: StoppingTx, task_id: int) -> LockedTask:
    task = tx.lock_task(task_id)
    if task is None:
        raise NotFound("there is no task {number}", number=task_id)
    return task
