"""Whether what was submitted was accepted, for doors that lost the answer: the store says it, never a guess.

A task is found by the smsId that its doors gave it, which nobody can guess. Who asks is certain that the submission is on its way no
more: what is not stored then never will be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.submission import Accepted
from hongyan.ports.tx.lost_answers import LostAnswersTx


@dataclass(frozen=True, slots=True)
class AnswerLost:
    """What a submission was named."""

    task_id: int
    sms_id: str


def lost_answers(tx: LostAnswersTx, asked: Sequence[AnswerLost]) -> list[Accepted | None]:
    """Returns the answer to each that was accepted, None for the others.

    The balance is that of now. Numbers that were rejected are not stored: who asks knows those of its admission.
    """
    found = tx.stored_tasks([(one.task_id, one.sms_id) for one in asked])
    return [Accepted(one.task_id, one.sms_id, *found[one.task_id]) if one.task_id in found else None for one in asked]
