"""Client references: a repeat with the same one gets the first answer."""

from collections.abc import Sequence
from dataclasses import replace

import orjson

from hongyan.model.refusal import Code, Refusal
from hongyan.model.submission import Accepted, Admission
from hongyan.ports.tx.accept import AcceptTx

Known = dict[int, Accepted | Refusal | int]
"""Place in the batch → its answer, or the earlier place whose answer it shares."""


def known_references(tx: AcceptTx, batch: Sequence[Admission]) -> Known:
    """Returns the answers of admissions whose client reference is known: of the store, or of an earlier place in this batch.

    A reference that was used for other contents is refused with REFERENCE_REUSED.
    """
    named = [(place, a.submission) for place, a in enumerate(batch) if a.submission.client_ref]
    if not named:
        return {}
    answered = tx.known_references([(place, s.account.id, s.client_ref, s.client_hash) for place, s in named])
    known: Known = {}
    firsts: dict[tuple[int, str], int] = {}  # where each new reference occurs first in this batch
    for place, submission in named:
        if place in answered:
            is_same, answer = answered[place]
            known[place] = _first_answer(answer) if is_same else Refusal(Code.REFERENCE_REUSED)
            continue
        first = firsts.setdefault((submission.account.id, submission.client_ref), place)
        if first != place:
            is_same = batch[first].submission.client_hash == submission.client_hash
            known[place] = first if is_same else Refusal(Code.REFERENCE_REUSED)
    return known


def once_more(answer: Accepted | Refusal) -> Accepted | Refusal:
    return replace(answer, is_repeat=True) if isinstance(answer, Accepted) else answer


def _first_answer(answer: str) -> Accepted:
    task_id, sms_id, balance, count, points_held, rejected = orjson.loads(answer)
    return Accepted(
        task_id, sms_id, balance, count, points_held, [(number, Code[name]) for number, name in rejected], is_repeat=True
    )


def first_answers(
    batch: Sequence[Admission], answers: Sequence[Accepted | Refusal], known: Known
) -> list[tuple[int, str, bytes, str]]:
    """Returns the first answers, which are stored; refusals are not."""
    return [
        (a.submission.account.id, a.submission.client_ref, a.submission.client_hash, _packed(answer))
        for place, (a, answer) in enumerate(zip(batch, answers, strict=True))
        if a.submission.client_ref and place not in known and isinstance(answer, Accepted)
    ]


def _packed(answer: Accepted) -> str:
    rejected = [(number, code.name) for number, code in answer.rejected]
    return orjson.dumps([answer.task_id, answer.sms_id, answer.balance, answer.count, answer.points_held, rejected]).decode()
