"""Running jobs. Each slice is a transaction that does its work and stores how far the job has come, so a crash repeats nothing.

A job has one owner, which renews its lease with every slice. A job whose owner is gone is taken by the next one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hongyan.model.act import Act
from hongyan.model.errors import AdminError
from hongyan.model.ids import IdSource
from hongyan.model.job import ROWS_MOST, Job, JobRows, JobState, Slice
from hongyan.ports.tx import Tx
from hongyan.ports.tx.jobs import RunJobsTx
from hongyan.services.jobs.table import CHANGING

LEASE_MS = 60_000


@dataclass(frozen=True, slots=True)
class TakeJob:
    owner: str
    is_alone: bool = False  # whether no other process can have a job


@dataclass(frozen=True, slots=True)
class JobSlice:
    """One slice of a job. The slice of a reading job was read before."""

    job_id: int
    owner: str
    read: Slice | None = None


@dataclass(frozen=True, slots=True)
class JobFailed:
    """A job that cannot go on: the sentence, in English, and its facts."""

    job_id: int
    owner: str
    sentence: str
    facts: Mapping[str, Any]


def take_jobs(tx: RunJobsTx, asked: Sequence[TakeJob], *, now_ms: int) -> list[Job | None]:
    """Take the next job for each that asks, with what was done of it so far."""
    return [tx.take_job(one.owner, now_ms + LEASE_MS, now_ms, is_alone=one.is_alone) for one in asked]


def run_slices(tx: Tx, slices: Sequence[JobSlice], *, ids: IdSource, now_ms: int) -> list[Job | None]:
    """Do one slice of each job; returns the job as it goes on, None if it has ended, was cancelled or belongs to another owner."""
    return [_run_one(tx, one, ids, now_ms) for one in slices]


def _run_one(tx: Tx, asked: JobSlice, ids: IdSource, now_ms: int) -> Job | None:
    found = tx.lock_job(asked.job_id, asked.owner)
    if found is None:
        return None
    job, is_cancelled = found
    if is_cancelled:
        tx.end_job(job.id, JobState.CANCELLED, job.result, now_ms)
        return None
    try:
        done = asked.read or CHANGING[job.kind](tx, Act(job.actor, now_ms, ids), job)
    except AdminError as result:
        tx.end_job(job.id, JobState.FAILED, _failed(result.sentence, result.facts), now_ms)
        return None
    return _note(tx, job, done, now_ms)


def _note(tx: Tx, job: Job, done: Slice, now_ms: int) -> Job | None:
    for number, piece in enumerate(done.pieces, job.pieces):
        tx.add_piece(job.id, JobRows.RESULT, number, piece)
    result = {name: job.result.get(name, 0) + count for name, count in done.result.items()}
    count = job.done + done.count
    is_over = done.next_place is None or (bool(done.pieces) and count >= ROWS_MOST)
    job = replace(
        job,
        done=count,
        place=done.next_place or job.place,
        result={**job.result, **result},
        pieces=job.pieces + len(done.pieces),
    )
    tx.job_goes_on(job, now_ms + LEASE_MS)
    if is_over:
        tx.end_job(job.id, JobState.DONE, job.result, now_ms)
        return None
    return job


def fail_jobs(tx: RunJobsTx, failed: Sequence[JobFailed], *, now_ms: int) -> list[None]:
    for one in failed:
        if tx.lock_job(one.job_id, one.owner) is not None:
            tx.end_job(one.job_id, JobState.FAILED, _failed(one.sentence, one.facts), now_ms)
    return [None] * len(failed)


def _failed(sentence: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"why": sentence, "facts": {name: str(value) for name, value in facts.items()}}
