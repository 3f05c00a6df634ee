"""Numbers of a submit over a session that were refused while others were accepted, if its answer cannot name them.

Each becomes a message of the task that ends at once, costs nothing, and has its report. The submit is answered after that, so
the customer repeats a submit that a crash interrupted. Safe to repeat: a number that the task has is left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState, Verdict
from hongyan.model.phone import as_written, normalise
from hongyan.model.refusal import Code
from hongyan.model.rows import unsent_messages
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.tx.refused_numbers import RefusedNumbersTx
from hongyan.services.counting import count_new
from hongyan.services.steps.ending import end_messages


@dataclass(frozen=True, slots=True)
class RefusedNumbers:
    """rejected: numbers as the customer wrote them, and why"""

    task_id: int
    rejected: Sequence[tuple[str, Code]]


def phone_of_refused(written: str) -> int | None:
    """Returns the phone under which a refused number is stored; None if a report could not name it."""
    return normalise(written) or as_written(written)


def refuse_numbers(
    tx: RefusedNumbersTx, batch: Sequence[RefusedNumbers], *, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int
) -> list[set[int]]:
    """End the messages with the number of their cause as code; returns the accounts that are owed reports."""
    return [_refuse(tx, one, snapshot, ids, now_ms) for one in batch]


def _refuse(tx: RefusedNumbersTx, asked: RefusedNumbers, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int) -> set[int]:
    task = tx.lock_task(asked.task_id)
    if task is None:
        return set()
    causes = {phone: cause for written, cause in asked.rejected if (phone := phone_of_refused(written)) is not None}
    known = tx.phones_of(task)
    fresh = [phone for phone in causes if phone not in known]
    if not fresh:
        return set()
    messages = unsent_messages(task.id, task.account_id, fresh, 1, ids, now_ms)
    tx.add_messages(messages)
    tx.task_reaches(task.id, messages[0].id, messages[-1].id)
    count_new(tx, messages, snapshot.prefixes, now_ms)
    verdicts = {m.id: Verdict(MessageState.FAILED, str(causes[m.phone].words.number), now_ms) for m in messages}
    return end_messages(tx, [(one, verdicts[one.id], False) for one in tx.lock_messages(verdicts)], snapshot, now_ms)
