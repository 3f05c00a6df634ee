"""One task in full: its messages by state, how far it is, and its text."""

from hongyan.i18n import _
from hongyan.model.account import Product
from hongyan.model.columns import Facts
from hongyan.model.errors import NotFound
from hongyan.model.message import MessageState, TaskState
from hongyan.ports.tx.queries import ListsTx
from hongyan.services.queries.lists.tasks import progress_of


def task_details(tx: ListsTx, task_id: int) -> Facts:
    """Returns one task with its messages counted by state. raises: NotFound"""
    row, states = _stored_task(tx, task_id), tx.task_states(task_id)
    messages = {MessageState(state).name.lower(): count for state, count in states.items()}
    return _task(row) | progress_of(states, row["numbers"]) | {"messages": messages}


def task_progress(tx: ListsTx, task_id: int) -> Facts:
    """Returns how far one task is, counted whole. raises: NotFound"""
    row = _stored_task(tx, task_id)
    return {"id": task_id, "numbers": row["numbers"]} | progress_of(tx.task_states(task_id), row["numbers"])


def task_text(tx: ListsTx, task_id: int, *, is_full: bool) -> str:
    """Returns the text of a task, or its length for those who may not see it; "" if each of its numbers has one of its own.

    raises: NotFound
    """
    row = _stored_task(tx, task_id)
    text: str = row["text"] or ""
    if row["udh"] is not None:
        return _("({count} octets)", count=len(text) // 2)
    return text if is_full or not text else _("({count} characters)", count=len(text))


def _stored_task(tx: ListsTx, task_id: int) -> Facts:
    """raises: NotFound"""
    row = tx.task(task_id)
    if row is None:
        raise NotFound("there is no task {number}", number=task_id)
    return row


def _task(row: Facts) -> Facts:
    shown = {name: value for name, value in row.items() if name not in {"text", "account_id", "is_paused"}}
    state = "paused" if row["is_paused"] else TaskState(row["state"]).name.lower()
    return shown | {"state": state, "product": Product(row["product"]).name.lower()}
