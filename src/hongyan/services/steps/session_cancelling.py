"""Cancellations by customers over sessions: of a submit by its id, or of what waits between two addresses."""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.act import Act, AuditAction
from hongyan.model.ids import DAY_MS
from hongyan.model.message import TaskState
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.tx.session_cancelling import SessionCancellingTx
from hongyan.ports.tx.stopping import StoppingTx
from hongyan.services.steps.cancelled import Cancelled, take_back_message

BACK_MS = 3 * DAY_MS
"""How far back messages between two addresses are looked for."""

WAITING_PAGE = 500
"""Scheduled texts that are read in one transaction."""


@dataclass(frozen=True, slots=True)
class CancelAsked:
    act: Act
    account_id: int
    task_id: int


def begin_cancel(tx: StoppingTx, asked: Sequence[CancelAsked]) -> list[bool]:
    """Begin to cancel tasks of which something waits; returns for each whether something does."""
    return [_begin_cancel(tx, one) for one in asked]


def _begin_cancel(tx: StoppingTx, asked: CancelAsked) -> bool:
    task = tx.lock_task(asked.task_id)
    if task is None or task.account_id != asked.account_id or not tx.has_waiting(task.id):
        return False
    if task.state is not TaskState.CANCELLING:
        tx.set_task_state(task.id, TaskState.CANCELLING)
        before = {"state": task.state.name.lower()}
        tx.audit(asked.act, AuditAction.TASK_CANCEL, str(task.id), before, {"state": "cancelling"}, is_config=False)
    return True


@dataclass(frozen=True, slots=True)
class WaitingAsked:
    """Scheduled texts of an account to one number each, from a source address to a phone. service: "" for all

    after: only tasks with a greater id
    """

    act: Act
    account_id: int
    source: str
    phone: int
    service: str
    after: int = 0


@dataclass(slots=True)
class WaitingFound:
    """task_ids: the tasks that are being cancelled now. next_after: where the next page begins; None at the end"""

    task_ids: list[int]
    next_after: int | None


def begin_cancel_waiting(tx: SessionCancellingTx, asked: Sequence[WaitingAsked]) -> list[WaitingFound]:
    """Begin to cancel scheduled texts; reads up to 500."""
    return [_begin_cancel_waiting(tx, one) for one in asked]


def _begin_cancel_waiting(tx: SessionCancellingTx, asked: WaitingAsked) -> WaitingFound:
    page = tx.waiting_by_source(asked.account_id, asked.source, asked.service, asked.after, WAITING_PAGE)
    fitting = [CancelAsked(asked.act, asked.account_id, task_id) for task_id, phone in page if phone == asked.phone]
    begun = [one.task_id for one in fitting if _begin_cancel(tx, one)]
    return WaitingFound(begun, page[-1][0] if len(page) == WAITING_PAGE else None)


@dataclass(frozen=True, slots=True)
class CancelByAddressesAsked:
    """Messages of an account from a source address to a phone. service: "" for all"""

    account_id: int
    source: str
    phone: int
    service: str


def cancel_by_addresses(
    tx: SessionCancellingTx, asked: Sequence[CancelByAddressesAsked], *, snapshot: ConfigSnapshot, now_ms: int
) -> list[Cancelled]:
    """Cancel what is queued and no owner of a channel has; up to 100 messages."""
    return [_cancel_by_addresses(tx, one, snapshot, now_ms) for one in asked]


def _cancel_by_addresses(
    tx: SessionCancellingTx, asked: CancelByAddressesAsked, snapshot: ConfigSnapshot, now_ms: int
) -> Cancelled:
    whole = Cancelled()
    found = tx.queued_by_addresses(asked.account_id, asked.source, asked.phone, asked.service, (now_ms - BACK_MS, now_ms))
    for message_id, task_id in found:
        one = take_back_message(tx, message_id, task_id, snapshot=snapshot, now_ms=now_ms)
        whole.ended += one.ended
        whole.points += one.points
        whole.owed |= one.owed
    return whole
