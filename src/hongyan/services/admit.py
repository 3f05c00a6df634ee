"""The admit step: judge a submission against the ConfigSnapshot, without I/O; decide its cost and where each number goes.

It walks over the table of rules, `policy.admission.table`. A number that a rule rejects is listed, and the others go on. When
no number is left, the cause of the first one is the answer. Balance and limits are decided by the accept step, with the wallet
locked.
"""

import asyncio
from dataclasses import replace
from itertools import chain
from time import thread_time

from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Admission, Submission
from hongyan.policy.admission.context import AdmissionContext
from hongyan.policy.admission.table import halves_for, rules_for

MOST_SHOWN = 64
"""The most characters of a rejected number that are kept."""

BATCH, BATCH_MOST = 250, 2_000
"""Numbers that are judged in one go if there are many: a fifth of a millisecond of work, and a millisecond and a half while nobody
else is served.
"""

IDLE_S = 0.0001
"""A turn of the event loop that takes less of the thread's own time has served nobody, however long others had the core."""

REST = 2
"""The rest behind a batch, as a multiple of the time that the batch took, while others are served."""


def admit(snapshot: ConfigSnapshot, submission: Submission, now_ms: int) -> Admission:
    """Judge a submission by all rules; returns an Admission in which each number stands once, in the order of the request.

    raises: Refusal of the first rule that refuses the submission; the first number's cause if no number is left
    """
    context = AdmissionContext(snapshot, submission, now_ms, [])
    for judge in rules_for(submission):
        judge(context)
    rejected = _rejected(context)
    if not context.phones:
        raise Refusal.of_all(rejected, context.facts)
    texts = None if context.texts is None else [context.texts[phone] for phone in context.phones]
    if texts is None and context.text is not submission.text:
        submission = replace(submission, text=context.text)
    return Admission(
        submission=submission,
        phones=context.phones,
        texts=texts,
        channels=context.channels,
        segments=context.segments,
        points=context.points,
        rejected=rejected,
        total_points=sum(context.points),
    )


async def admit_in_batches(snapshot: ConfigSnapshot, submission: Submission, now_ms: int) -> Admission:
    """The same for many numbers, with a rest behind each batch, so that nobody waits for all of them."""
    about_all, about_numbers = halves_for(submission)
    whole = AdmissionContext(snapshot, submission, now_ms, [])
    for judge in about_all:
        judge(whole)
    batches: list[AdmissionContext] = []
    seen: set[int] = set()
    start, size = 0, BATCH
    while start < len(submission.numbers):
        began = thread_time()
        batch = whole.batch(start, start + size)
        read, *others = about_numbers
        read(batch)
        _leave_out(batch, seen)
        for judge in others:
            judge(batch)
        batches.append(batch)
        start += size
        size = BATCH if await _served_others(thread_time() - began) else min(2 * size, BATCH_MOST)
    return _joined(whole, batches)


async def _served_others(worked_s: float) -> bool:
    """Let others run; returns whether there are any. They get most of the time then: each of them needs several turns of the loop."""
    began = thread_time()
    await asyncio.sleep(0)
    is_busy = thread_time() - began > IDLE_S
    if is_busy:
        await asyncio.sleep(REST * worked_s)
    return is_busy


def _leave_out(batch: AdmissionContext, seen: set[int]) -> None:
    """Reject numbers that stood in an earlier batch. raises: Refusal NUMBER_REPEATED, as `phones` does"""
    if not seen.isdisjoint(batch.phones):
        if batch.texts is not None:
            raise Refusal(Code.NUMBER_REPEATED)
        batch.phones = [phone for phone in batch.phones if phone not in seen]
    seen.update(batch.phones)


def _joined(whole: AdmissionContext, batches: list[AdmissionContext]) -> Admission:
    submission = whole.submission
    rejected = list(chain.from_iterable(map(_rejected, batches)))
    if not any(batch.phones for batch in batches):
        raise Refusal.of_all(rejected, {code: facts for batch in reversed(batches) for code, facts in batch.facts.items()})
    texts = (
        None if submission.texts is None else [batch.texts[phone] for batch in batches if batch.texts for phone in batch.phones]
    )
    if texts is None and whole.text is not submission.text:
        submission = replace(submission, text=whole.text)
    columns = (
        [batch.phones for batch in batches],
        [batch.channels for batch in batches],
        [batch.segments for batch in batches],
    )
    phones, channels, segments = (list(chain.from_iterable(column)) for column in columns)
    points = list(chain.from_iterable(batch.points for batch in batches))
    return Admission(
        submission=submission,
        phones=phones,
        texts=texts,
        channels=channels,
        segments=segments,
        points=points,
        rejected=rejected,
        total_points=sum(points),
    )


def _rejected(context: AdmissionContext) -> list[tuple[str, Code]]:
    """Returns the rejected numbers in the order of the request: wrong ones each time that they occur, others once."""
    if not context.failed and None not in context.read:
        return []
    rejected = []
    failed = dict(context.failed)
    for written, phone in zip(context.submission.numbers, context.read, strict=True):
        if phone is None:
            if written.strip() or context.texts is not None:  # blanks between separators are no numbers
                rejected.append((written[:MOST_SHOWN], Code.NUMBER_BAD))
        elif cause := failed.pop(phone, None):
            rejected.append((written[:MOST_SHOWN], cause))
    return rejected
