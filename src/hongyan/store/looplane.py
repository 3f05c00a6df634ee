"""The lane on SQLite: it works on the event loop itself, once a turn, over everything that the turn has asked.

A thread of its own would wait for the interpreter after every statement, and move the working set from core to core: on two
cores shared with the load it cost twice the CPU and a third of the rate (design-reasons). For the disk it does not wait:
another thread syncs what a turn committed, and then its askers are told. Nor for another process's short transaction: the
turn is tried again.

A turn begins no sooner after the last one than that one took. Under load this gathers twice as many items into a commit;
what comes alone is committed at once. Where customers wait for some items, those have turns of their own, and the others are
gathered a little longer.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from time import monotonic, sleep
from typing import Any

from hongyan.ports import Step
from hongyan.store.connection import BUSY_S, Connection
from hongyan.store.lane import MOST_AT_ONCE, Answer, Item, Job, Lane, tell
from hongyan.store.syncer import Syncer

BUSY_AGAIN_S = 0.01
"""Pause before a turn that met another writer is tried again."""

GATHER_MOST_S = 0.008
"""The longest that a turn waits after the last one for more to come."""

GATHER_OTHERS_S = 0.010
"""How long what nobody waits for is gathered while customers wait for their own."""

ALONE_TRIES = 50
"""How often what failed in a turn is begun alone: so long another writer may stand in its way."""


class LoopLane(Lane):
    """As Lane, without its thread. `connect` gives connections that wait neither for other writers nor for the disk."""

    def __init__(
        self,
        name: str,
        connect: Callable[[], Connection],
        syncer: Syncer,
        after_commit: Callable[[Connection], None] | None = None,
    ) -> None:
        super().__init__(name, connect, after_commit)
        self._syncer = syncer
        self._untold: deque[list[asyncio.Future[Any]]] = deque()  # of turns that are committed and not synced yet
        self._awaited: deque[Job] = deque()
        self._jobs: deque[Job] = deque()  # all others
        self._next: asyncio.Handle | None = None
        self._next_at = 0.0
        self._busy_since: float | None = None
        self._has_begun = False
        self._not_before = 0.0
        self._others_not_before = 0.0

    @property
    def waiting(self) -> int:
        return len(self._awaited) + len(self._jobs)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._syncer.start()
        self._connection = self._connect()

    async def stop(self) -> None:
        """Finish what waits, then close the connection."""
        while waiting := [job[2] for job in (*self._awaited, *self._jobs)] + [f for turn in self._untold for f in turn]:
            await asyncio.wait(waiting)
        await self._syncer.stop()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def ask(self, step: Step[Item, Answer], item: Item, *, is_urgent: bool = False) -> "asyncio.Future[Answer]":
        assert self._loop is not None, "the lane is not started"
        future: asyncio.Future[Answer] = self._loop.create_future()
        (self._awaited if step.is_awaited else self._jobs).append((step, item, future))
        if is_urgent:
            self._hurry()
        else:
            self._plan(self._not_before if step.is_awaited else self._others_not_before)
        return future

    def _hurry(self) -> None:
        """The turn that is due need not wait for more; one that waits for another process still does."""
        self._not_before = self._others_not_before = 0.0
        if self._busy_since is None:
            self._plan(0.0)

    def _plan(self, when: float) -> None:
        """Have the next turn at this moment of the loop's, or sooner if that was planned before."""
        assert self._loop is not None
        if self._next is not None:
            if self._next_at <= when or self._busy_since is not None:
                return
            self._next.cancel()
        self._next_at = when
        self._next = self._loop.call_at(when, self._turn) if when > self._loop.time() else self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        """Commit what is due; what is more than one commit holds has the next turn."""
        assert self._loop is not None
        self._next = None
        jobs, are_others_due = self._due()
        if jobs and self._must_wait():
            self._plan(self._loop.time() + BUSY_AGAIN_S)
            return
        if jobs:
            began = monotonic()
            for job in jobs:
                (self._awaited if job[0].is_awaited else self._jobs).popleft()
            self._tell_once_synced([job[2] for job in jobs], self._answers(jobs))
            self._tidy()
            now = self._loop.time()
            self._not_before = now + min(monotonic() - began, GATHER_MOST_S)
            if are_others_due:
                self._others_not_before = now + GATHER_OTHERS_S if jobs[0][0].is_awaited else self._not_before
        if self._awaited:
            self._plan(0.0 if len(self._awaited) > MOST_AT_ONCE else self._not_before)
        if self._jobs:
            self._plan(0.0 if len(self._jobs) > MOST_AT_ONCE else self._others_not_before)

    def _tell_once_synced(self, futures: "list[asyncio.Future[Any]]", answers: Sequence[Any]) -> None:
        self._untold.append(futures)

        def synced(error: OSError | None) -> None:
            self._untold.popleft()
            tell(futures, answers if error is None else [error] * len(futures))

        self._syncer.then(synced)

    def _due(self) -> tuple[list[Job], bool]:
        """What the next commit takes, and whether that is more than what customers wait for."""
        assert self._loop is not None
        jobs = list(islice(self._awaited, MOST_AT_ONCE))
        are_others_due = not jobs or self._loop.time() >= self._others_not_before
        if are_others_due:
            jobs += islice(self._jobs, MOST_AT_ONCE)
        return jobs, are_others_due

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
