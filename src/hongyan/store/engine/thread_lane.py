"""The lane on PostgreSQL: a thread of its own, which waits for the network while the event loop goes on.

It takes everything that waits into one transaction. After a transaction it waits as long as that one took, so that under load
each transaction holds more, and twice as long if no customer waited for it; an item that comes alone is committed at once.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import structlog

from hongyan.ports.lane import Step
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.drain import drain
from hongyan.store.engine.lane import Answer, Item, Job, Lane, Transaction, resolve

log = structlog.get_logger(__name__)

GATHER_MOST_S = 0.008
"""The longest wait after a transaction for more to come."""

GATHER_OTHERS_MOST_S = 0.020
"""The same after one for which no customer waited."""


class ThreadLane(Lane):
    """Asked from the event loop, working in its own thread."""

    def __init__(self, name: str, connect: Callable[[], Connection], transaction: Callable[[Connection], Transaction]) -> None:
        super().__init__(name, connect, transaction)
        self._inbox: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._worker: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_urgent = threading.Event()
        self._not_before = 0.0

    @property
    def waiting(self) -> int:
        return self._inbox.qsize()

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._connection = self._connect()
        self._worker = threading.Thread(target=self._work, name=f"lane-{self._name}", daemon=True)
        self._worker.start()

    async def stop(self) -> None:
        if self._worker is None:
            return
        self._inbox.put(None)
        await asyncio.to_thread(self._worker.join)
        self._worker = None

    def ask(self, step: Step[Item, Answer], item: Item, *, is_urgent: bool = False) -> "asyncio.Future[Answer]":
        assert self._loop is not None, "the lane is not started"
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._inbox.put((step, item, future))
        if is_urgent:
            self._is_urgent.set()
        return future

    # --- the thread -----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        is_open = True
        while is_open:
            jobs, is_open = self._drain()
            if jobs:
                began = monotonic()
                self._resolve(jobs, self._answers(jobs))
                now = monotonic()
                self._not_before = now + _rest_s(jobs, now - began)
        self._disconnect()

    def _drain(self) -> tuple[list[Job], bool]:
        job = self._inbox.get()
        self._is_urgent.wait(max(0.0, self._not_before - monotonic()))
        self._is_urgent.clear()
        return drain(self._inbox, job)

    def _resolve(self, jobs: Sequence[Job], answers: Sequence[Any]) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(resolve, [job[2] for job in jobs], answers, self._take_calls())
        except RuntimeError:  # the loop is closed: nobody waits any more, and what is committed is committed
            log.warning("lane_answers_unheard", lane=self._name, items=len(jobs))


def _rest_s(jobs: Sequence[Job], took_s: float) -> float:
    """Returns how long more is gathered after a transaction."""
    if any(job[0].is_awaited for job in jobs):
        return min(took_s, GATHER_MOST_S)
    return min(2 * took_s, GATHER_OTHERS_MOST_S)
