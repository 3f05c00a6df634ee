"""The runner of jobs: one job at a time, slice by slice with rests between, so that messages pass.

Slices that change something go through the lane. Slices that only read are read piece by piece in a thread, each piece from a
snapshot of its own, and their rows are stored through the lane.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Protocol, TypeVar

from hongyan.model.errors import AdminError
from hongyan.model.job import Job, Slice
from hongyan.ports.lane import Lane, StoreAway
from hongyan.ports.tx import Tx
from hongyan.services.jobs.running import JobFailed, JobSlice, TakeJob
from hongyan.services.jobs.table import READING
from hongyan.workers.failures import log_failure
from hongyan.workers.process_state import ProcessState
from hongyan.workers.steps import Steps
from hongyan.workers.waiting import wait_or_timeout

POLL_S = 1.0
RESTS, REST_LEAST_S, REST_MOST_S = 5, 0.02, 5.0
"""The rest behind a slice is this many times as long as the slice took, within these bounds: a job takes a sixth of a core at
most. The rest behind a piece is so many times as long as its reading, so exports take less.
"""

PIECES = 20
"""Pieces of a slice. Messages wait for the transaction that stores them, so slices are few."""

Found = TypeVar("Found")


class Read(Protocol):
    """Runs a service over a snapshot of the store; blocks."""

    def __call__(self, ask: Callable[[Tx], Found]) -> Found: ...


class JobRunner:
    def __init__(
        self, process_state: ProcessState, lane: Lane, steps: Steps, read: Read, owner: str, *, is_alone: bool
    ) -> None:
        """read: called in a thread. is_alone: no other process can run jobs"""
        self._process_state, self._lane, self._steps = process_state, lane, steps
        self._read, self._owner, self._is_alone = read, owner, is_alone

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                job = await self._take() if await asyncio.to_thread(self._read, _is_any_waiting) else None
            except Exception as error:  # a store that is away comes back
                log_failure("job_not_taken", error)
                job = None
            if job is None:
                await wait_or_timeout(stopping, POLL_S)
            else:
                await self._run_job(job, stopping)

    async def _take(self) -> Job | None:
        return await self._lane.ask(self._steps.take_job, TakeJob(self._owner, self._is_alone))

    async def _run_job(self, job: Job, stopping: asyncio.Event) -> None:
        """Run slices until the job has ended, or we stop. In the latter case the next runner goes on with it."""
        going: Job | None = job
        while going is not None and not stopping.is_set():
            began = monotonic()
            try:
                going = await self._slice(going, stopping)
            except StoreAway as error:
                log_failure("job_waits", error, job=job.id)
            except AdminError as error:
                await self._fail(job, error.sentence, error.facts)
                return
            except Exception as error:  # whatever it was, the job must not block the others
                log_failure("job_slice_failed", error, job=job.id)
                await self._fail(job, type(error).__name__, {})
                return
            await wait_or_timeout(stopping, min(max(RESTS * (monotonic() - began), REST_LEAST_S), REST_MOST_S))

    async def _slice(self, job: Job, stopping: asyncio.Event) -> Job | None:
        read = await self._read_pieces(job, stopping) if job.kind in READING else None
        return await self._lane.ask(self._steps.run_job, JobSlice(job.id, self._owner, read))

    async def _read_pieces(self, job: Job, stopping: asyncio.Event) -> Slice:
        """Read the next slice of a job, or a part of it if we stop."""
        read = await self._read_piece(job, stopping)
        for _ in range(PIECES - 1):
            if read.next_place is None or stopping.is_set():
                break
            read = read.joined(await self._read_piece(replace(job, place=read.next_place), stopping))
        return read

    async def _read_piece(self, job: Job, stopping: asyncio.Event) -> Slice:
        began, now_ms = monotonic(), self._process_state.clock()
        piece = await asyncio.to_thread(self._read, lambda tx: READING[job.kind](tx, job, now_ms))
        await wait_or_timeout(stopping, RESTS * (monotonic() - began))
        return piece

    async def _fail(self, job: Job, sentence: str, facts: dict[str, object]) -> None:
        try:
            await self._lane.ask(self._steps.fail_job, JobFailed(job.id, self._owner, sentence, facts))
        except Exception as error:  # its lease ends, and it is taken again
            log_failure("job_not_failed", error, job=job.id)


def _is_any_waiting(tx: Tx) -> bool:
    """Asked before a job is taken, since taking makes other writers wait."""
    return tx.jobs_waiting() > 0
