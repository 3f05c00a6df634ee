"""Whether submissions whose answer was lost were accepted. The store answers; nothing is guessed.

A task is found by the smsId that its doors gave it, which nobody can guess. The caller is certain that the submission is no
longer on its way, so what is not stored now never will be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.submission import Accepted
from hongyan.ports.tx.lost_answers import LostAnswersTx


@dataclass(frozen=True, slots=True)
class AnswerLost:
    """The names that the doors gave a submission."""

    task_id: int
    sms_id: str


def lost_answers(tx: LostAnswersTx, asked: Sequence[AnswerLost]) -> list[Accepted | None]:
    """Returns the answer of each that was accepted, None for the others.

    The balance is that of now. Rejected numbers are not stored; the caller has them in its admission.
    """
    found = tx.stored_tasks([(one.task_id, one.sms_id) for one in asked])
    return [Accepted(one.task_id, one.sms_id, *found[one.task_id]) if one.task_id in found else None for one in asked]
