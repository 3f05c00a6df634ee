"""The lane on SQLite: it works on the event loop itself, once a turn, over everything that the turn has asked.

A thread of its own would wait for the interpreter after every statement, and move the working set from core to core: on two
cores shared with the load it cost twice the CPU and a third of the rate (design-reasons). What the loop waits for
instead is one fsync a turn. Another process's short transaction is not waited for: the turn is tried again.

A turn begins no sooner after the last one than that one took. Under load this gathers twice as many items into a commit;
what comes alone is committed at once.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from itertools import islice
from time import monotonic, sleep

from hongyan.ports import Step
from hongyan.store.connection import BUSY_S, Connection
from hongyan.store.lane import MOST_AT_ONCE, Answer, Item, Job, Lane, tell

BUSY_AGAIN_S = 0.01
"""Pause before a turn that met another writer is tried again."""

GATHER_MOST_S = 0.008
"""The longest that a turn waits after the last one for more to come."""

ALONE_TRIES = 50
"""How often what failed in a turn is begun alone: so long another writer may stand in its way."""


class LoopLane(Lane):
    """As Lane, without its thread. `connect` gives connections that do not wait for other writers."""

    def __init__(
        self, name: str, connect: Callable[[], Connection], after_commit: Callable[[Connection], None] | None = None
    ) -> None:
        super().__init__(name, connect, after_commit)
        self._jobs: deque[Job] = deque()
        self._next: asyncio.Handle | None = None
        self._busy_since: float | None = None
        self._has_begun = False
        self._not_before = 0.0

    @property
    def waiting(self) -> int:
        return len(self._jobs)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._connection = self._connect()

    async def stop(self) -> None:
        """Finish what waits, then close the connection."""
        while self._jobs:
            await asyncio.wait([job[2] for job in self._jobs])
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def ask(self, step: Step[Item, Answer], item: Item, *, is_urgent: bool = False) -> "asyncio.Future[Answer]":
        assert self._loop is not None, "the lane is not started"
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._jobs.append((step, item, future))
        if is_urgent:
            self._hurry()
        elif self._next is None:
            self._wake(self._not_before - self._loop.time())
        return future

    def _hurry(self) -> None:
        """The turn that is due need not wait for more; one that waits for another process still does."""
        self._not_before = 0.0
        if self._busy_since is None:
            self._wake(0.0)

    def _wake(self, after_s: float) -> None:
        """Have the next turn so much later, whatever was planned before."""
        assert self._loop is not None
        if self._next is not None:
            self._next.cancel()
        self._next = self._loop.call_later(after_s, self._turn) if after_s > 0 else self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        """Commit what waits and tell everybody; what is more than one commit holds has the next turn."""
        self._next = None
        jobs = list(islice(self._jobs, MOST_AT_ONCE))
        if not jobs:
            return
        if self._must_wait():
            self._wake(BUSY_AGAIN_S)
            return
        began = monotonic()
        for _ in jobs:
            self._jobs.popleft()
        tell([job[2] for job in jobs], self._answers(jobs))
        self._tidy()
        assert self._loop is not None
        pause_s = min(monotonic() - began, GATHER_MOST_S)
        self._not_before = self._loop.time() + pause_s
        if self._jobs:
            self._wake(0.0 if len(self._jobs) > MOST_AT_ONCE else pause_s)

    def _must_wait(self) -> bool:
        """Whether another process is writing now; after BUSY_S of that the turn is taken, and fails with what SQLite says."""
        try:
            self._connected().begin()
        except sqlite3.OperationalError as error:
            if not _is_busy(error):
                return False  # the turn itself tells its askers
            self._busy_since = self._busy_since or monotonic()
            return monotonic() - self._busy_since < BUSY_S
        self._has_begun, self._busy_since = True, None
        return False

    def _begin(self, connection: Connection) -> None:
        """A turn has begun before it is taken; what is repeated alone after a failure begins here, and waits a little."""
        if self._has_begun:
            self._has_begun = False
            return
        tries = ALONE_TRIES if self._busy_since is None else 1  # a turn that waited in vain fails at once, item by item
        for left in reversed(range(tries)):
            try:
                connection.begin()
            except sqlite3.OperationalError as error:
                if not (left and _is_busy(error)):
                    raise
                sleep(BUSY_AGAIN_S)
            else:
                return


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
