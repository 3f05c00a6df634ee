"""Refunds by hand: the points of one message, or of all messages of a task that have ended. The points of a message return
once.
"""

from dataclasses import dataclass

from hongyan.model.act import Act, AuditAction
from hongyan.model.errors import Conflict, NotFound
from hongyan.model.ledger import Entry
from hongyan.model.names import NOTE
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx import Tx
from hongyan.ports.tx.billing import RefundTx
from hongyan.services.admin.billing import post_noted


@dataclass(frozen=True, slots=True)
class Refunded:
    messages: int = 0
    points: int = 0


def refund_message(tx: Tx, act: Act, message_id: int, note: str) -> int:
    """Refund a message; returns the points. raises: NotFound, Invalid without a note, Conflict if nothing is to be refunded"""
    NOTE.checked("note", note)
    rows = tx.messages_by_id(message_id)
    if not rows:
        raise NotFound("there is no message {number}", number=message_id)
    tx.lock_wallets({(rows[0]["account_id"], rows[0]["product"])})
    entries = tx.refundable([message_id])
    if not entries:
        raise Conflict("message {number} has not ended, cost nothing, or its points are back already", number=message_id)
    _refund(tx, act, entries, note, AuditAction.MESSAGE_REFUND, message_id)
    return entries[0].points


async def refund_task(store: AdminStore, task_id: int, note: str) -> Refunded:
    """Refund the messages of a task that have ended, page by page. Safe to repeat. raises: NotFound, Invalid"""
    NOTE.checked("note", note)
    refunded, after = Refunded(), 0
    while True:
        done, reached = await store.change(_refund_page, task_id, after, note)
        refunded = Refunded(refunded.messages + done.messages, refunded.points + done.points)
        if reached is None:
            return refunded
        after = reached


def _refund_page(tx: RefundTx, act: Act, task_id: int, after: int, note: str) -> tuple[Refunded, int | None]:
    task = tx.lock_task(task_id)
    if task is None:
        raise NotFound("there is no task {number}", number=task_id)
    page, reached = tx.messages_of(task, after)
    tx.lock_wallets({(task.account_id, task.product)})
    entries = tx.refundable(page)
    if entries:
        _refund(tx, act, entries, note, AuditAction.TASK_REFUND, task_id)
    return Refunded(len(entries), sum(entry.points for entry in entries)), reached


def _refund(tx: RefundTx, act: Act, entries: list[Entry], note: str, action: AuditAction, subject: int) -> None:
    points = sum(entry.points for entry in entries)
    tx.audit(act, action, str(subject), {}, {"messages": len(entries), "points": points, "note": note})
    post_noted(tx, act, entries, note)
