"""The pausing step: the queued messages of a paused task are held back, and let go when it is resumed, page by page.

Messages that are held back lie in parcels of their task alone, which nobody claims. Safe to repeat: what is held back stays so.
A row beside the task says that a pause or a resumption is unfinished; it is committed before the first page, so that the server
finishes what a command began.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState
from hongyan.model.rows import LockedTask, OpenMessage
from hongyan.ports.tx.stopping import StoppingTx
from hongyan.services.steps.parcels import parcel_up, queued_again


@dataclass(frozen=True, slots=True)
class PausePage:
    """One page of a task, behind this message, that is to be held back or let go."""

    task_id: int
    is_paused: bool
    after: int = 0


@dataclass(slots=True)
class PauseResult:
    count: int = 0  # messages that were held back, or let go
    leaving: int = 0  # messages that an owner has claimed
    next_page: PausePage | None = None


def pause_or_resume(tx: StoppingTx, pages: Sequence[PausePage], *, ids: IdSource, now_ms: int) -> list[PauseResult]:
    """Hold back, or let go, the messages of each page. If the contrary was decided meanwhile, the task is left alone."""
    return [_pause_or_resume_page(tx, page, ids, now_ms) for page in pages]


def _pause_or_resume_page(tx: StoppingTx, page: PausePage, ids: IdSource, now_ms: int) -> PauseResult:
    task = tx.lock_task(page.task_id)
    if task is None or task.is_paused is not page.is_paused:
        return PauseResult()
    moved = _hold(tx, task, page, ids, now_ms) if page.is_paused else _let_go(tx, task, page)
    if moved.next_page is None:
        tx.pause_finished(page.task_id)
    return moved


def unfinished(tx: StoppingTx, asked: Sequence[None]) -> list[list[PausePage]]:
    """Returns the first page of each task whose pause or resumption is unfinished, for each that asks."""
    return [[PausePage(task_id, is_paused) for task_id, is_paused in tx.unfinished_pauses()] for _ in asked]


def _hold(tx: StoppingTx, task: LockedTask, page: PausePage, ids: IdSource, now_ms: int) -> PauseResult:
    found, leaving, reached = tx.lock_unclaimed(task, page.after, held=False)
    priorities = {one.id: one.priority for one in found}
    messages = [m for m in tx.lock_messages(priorities) if m.state is MessageState.QUEUED]
    for priority in sorted(set(priorities.values())):
        _put_aside(tx, [m for m in messages if priorities[m.id] == priority], priority, ids, now_ms)
    tx.drop_empty({one.parcel_id for one in found})
    return PauseResult(len(messages), len(leaving), _next(page, reached))


def _put_aside(tx: StoppingTx, messages: Sequence[OpenMessage], priority: int, ids: IdSource, now_ms: int) -> None:
    moved = [queued_again(message, message.channel_id, now_ms) for message in messages]
    parcels = parcel_up(moved, priority, len(moved), ids, now_ms)
    tx.add_parcels(parcels)
    tx.hold_parcels([parcel.id for parcel in parcels])
    tx.requeue([(new.id, new.channel_id, new.parcel_id, old.tried) for new, old in zip(moved, messages, strict=True)])


def _let_go(tx: StoppingTx, task: LockedTask, page: PausePage) -> PauseResult:
    found, leaving, reached = tx.lock_unclaimed(task, page.after, held=True)
    tx.let_parcels_go({one.parcel_id for one in found})
    return PauseResult(len(found), len(leaving), _next(page, reached))


def _next(page: PausePage, reached: int | None) -> PausePage | None:
    return None if reached is None else replace(page, after=reached)
