"""The lane on SQLite: it works on the event loop itself, in turns. A turn takes everything that was asked until then.

A thread of its own would wait for the interpreter after every statement, and move the working set from core to core: on two
cores shared with the load it cost twice the CPU and a third of the rate (design-reasons). It does not wait for the disk:
what a turn committed is synced while the loop goes on, and then the callers are answered. It does not wait for another
process's short transaction either: the turn is tried again.

What customers wait for has turns of its own, so that it waits for nothing else, and the rest has turns too. Between two turns
of a kind more is gathered; the longer turns take, the longer this lasts. An item that comes alone is committed at once. While
customers keep coming, the rest is gathered longest, and shares the sync of their next turn. A turn that changed nothing has
no sync; it waits for the syncs before it.

A long turn is worked in slices, with its transaction open. In between the loop reads and writes; otherwise every connection
would stand idle for as long as the turn lasts. A turn for which nobody waits ends early once customers wait: what is done is
committed, and the rest has its turn after theirs.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

import structlog

from hongyan.ports.lane import Step
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.drain import MOST_AT_ONCE
from hongyan.store.engine.lane import Answer, Group, Item, Job, Lane, Transaction, by_step, resolve
from hongyan.store.engine.sqlite_connection import BUSY_S
from hongyan.store.engine.syncer import Syncer

log = structlog.get_logger(__name__)

BUSY_AGAIN_S = 0.002
"""Pause before a turn that met another writer is tried again."""

GATHER_TIMES, GATHER_LEAST_S, GATHER_MOST_S = 4, 0.002, 0.006
"""How long more is gathered after a turn: so many times as long as the turn took, within these bounds. A short turn says that the
machine has time for more turns, and its customers wait less; a long one says that it has none.
"""

GATHERED_ENOUGH = 24
"""Items that make a commit worth its cost. A turn that had more gathers shorter in proportion: more would save little, and customers
who wait for one answer before they send the next message would send less.
"""

GATHER_OTHERS_S = 0.010
"""How long items for which nobody waits are gathered while customers keep coming."""

OTHERS_REST_S = 0.002
"""How long the others' turn waits behind one of the customers', unless it is urgent: about as long as a sync takes. The loop would
hear of its end, and answer the customers, only behind the others' turn.
"""

SLICE_S = 0.0007
"""How long a turn may hold the loop before it pauses behind a step."""

ALONE_TRIES = 250
"""How often an item that failed in a turn is begun alone. Between two tries it waits BUSY_AGAIN_S for another process to end
its write.
"""


class _Queue:
    """Jobs of one kind, and the moment (monotonic) before which they have no turn unless one is urgent."""

    def __init__(self) -> None:
        self.jobs: deque[Job] = deque()
        self.left: list[Job] = []  # of a turn that ended early
        self.not_before = 0.0
        self.is_urgent = False

    def __len__(self) -> int:
        return len(self.jobs) + len(self.left)

    @property
    def due_at(self) -> float:
        """Returns when its next turn is. A queue that fills a commit does not gather more."""
        return 0.0 if self.is_urgent or self.left or len(self.jobs) > MOST_AT_ONCE else self.not_before

    def is_due(self, now: float) -> bool:
        return bool(self.jobs or self.left) and self.due_at <= now

    def take(self) -> list[Job]:
        """Take the next jobs. What an early end left is a turn of its own: younger work of earlier steps must not overtake it
        again and again.
        """
        if self.left:
            taken, self.left = self.left, []
            return taken
        taken = [self.jobs.popleft() for _ in range(min(len(self.jobs), MOST_AT_ONCE))]
        self.is_urgent = self.is_urgent and bool(self.jobs)
        return taken


@dataclass(slots=True)
class _Turn:
    """Jobs on their way through one transaction."""

    queue: _Queue
    jobs: list[Job]
    answers: list[Any]
    groups: deque[Group]  # of steps that have not run
    pieces: Iterator[None]
    connection: Connection | None
    is_urgent: bool
    took_s: float = 0.0


class LoopLane(Lane):
    """Asked and working on the event loop."""

    def __init__(
        self,
        name: str,
        connect: Callable[[], Connection],
        transaction: Callable[[Connection], Transaction],
        syncer: Syncer,
        after_commit: Callable[[Connection], None] | None = None,
    ) -> None:
        """connect: opens connections that wait neither for other writers nor for the disk. after_commit: what it raises is
        logged
        """
        super().__init__(name, connect, transaction)
        self._syncer, self._after_commit = syncer, after_commit
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unsynced: deque[list[asyncio.Future[Any]]] = deque()  # of turns that are committed and not synced yet
        self._awaited, self._others = _Queue(), _Queue()
        self._last = self._others
        self._now: _Turn | None = None
        self._customers = 0  # customers answered since the last turn of the others
        self._next: asyncio.Handle | None = None
        self._next_at = 0.0
        self._busy_since: float | None = None
        self._has_begun = False

    @property
    def waiting(self) -> int:
        return len(self._awaited) + len(self._others) + (len(self._now.jobs) if self._now else 0)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._syncer.start()
        self._connection = self._connect()

    async def stop(self) -> None:
        while waiting := self._unanswered():
            await asyncio.wait(waiting)
        await self._syncer.stop()
        self._disconnect()

    def _unanswered(self) -> "list[asyncio.Future[Any]]":
        queued = (*self._awaited.jobs, *self._others.jobs, *self._others.left)
        jobs = (*queued, *(self._now.jobs if self._now else ()))
        return [job[2] for job in jobs] + [future for turn in self._unsynced for future in turn]

    def ask(self, step: Step[Item, Answer], item: Item, *, is_urgent: bool = False) -> "asyncio.Future[Answer]":
        assert self._loop is not None, "the lane is not started"
        future: asyncio.Future[Answer] = self._loop.create_future()
        queue = self._awaited if step.is_awaited else self._others
        queue.jobs.append((step, item, future))
        queue.is_urgent = queue.is_urgent or is_urgent
        if not is_urgent or self._busy_since is None:  # a turn that waits for another process is not brought forward
            self._plan(queue.due_at)
        return future

    def _plan(self, when: float) -> None:
        """Plan the next turn for this moment (monotonic), unless an earlier one is planned. After a turn it is planned anew."""
        assert self._loop is not None
        if self._now is not None:
            return
        if self._next is not None:
            if self._next_at <= when or self._busy_since is not None:
                return
            self._next.cancel()
        self._next_at, delay = when, when - monotonic()  # uvloop's own clock stands still while a turn lasts
        self._next = self._loop.call_later(delay, self._turn) if delay > 0 else self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        """Begin with what is due. What exceeds one commit has another turn."""
        self._next = None
        queue = self._due()
        if queue is None:
            self._plan_next()
        elif self._must_wait():
            self._syncer.begin()
            self._plan(monotonic() + BUSY_AGAIN_S)
        else:
            is_urgent, jobs = queue.is_urgent, queue.take()
            answers: list[Any] = [None] * len(jobs)
            groups = by_step(jobs)
            self._now = _Turn(
                queue=queue,
                jobs=jobs,
                answers=answers,
                groups=groups,
                pieces=self._pieces(jobs, answers, groups),
                connection=self._connection,
                is_urgent=is_urgent,
            )
            self._go_on(self._now)

    def _go_on(self, turn: _Turn) -> None:
        """Work on a turn until it is time to pause, or to its end."""
        assert self._loop is not None
        began = monotonic()
        try:
            for _ in turn.pieces:
                now = monotonic()
                if turn.groups and turn.queue is self._others and self._awaited.is_due(now):
                    _end_early(turn)
                if now - began > SLICE_S:
                    self._loop.call_soon(self._go_on, turn)
                    return
        except Exception as error:  # noqa: BLE001 - each of them gets its error, and it is logged
            turn.answers = self._apart(turn.jobs, error, turn.connection)
        finally:
            turn.took_s += monotonic() - began
        self._finish(turn)

    def _finish(self, turn: _Turn) -> None:
        self._answer_once_synced([job[2] for job in turn.jobs], turn.answers)
        if turn.queue is self._awaited or turn.is_urgent or not len(self._awaited):  # else it shares the customers' next sync
            self._syncer.begin()
        self._after_turn()
        self._rest(turn.queue, len(turn.jobs), turn.took_s)
        self._now = None
        self._plan_next()

    def _plan_next(self) -> None:
        for queue in (self._awaited, self._others):
            if len(queue):
                self._plan(queue.due_at)

    def _due(self) -> _Queue | None:
        """Returns whose turn it is: the customers' first, but never twice in a row while the other is due too."""
        now = max(monotonic(), self._next_at)  # timers are rounded: the planned moment has come
        order = (self._others, self._awaited) if self._last is self._awaited else (self._awaited, self._others)
        return next((queue for queue in order if queue.is_due(now)), None)

    def _rest(self, queue: _Queue, count: int, took_s: float) -> None:
        """Set how long this queue gathers more after a turn over `count` items."""
        rest = gathering_s(took_s, count)
        if queue is self._awaited:
            self._customers += count
            self._others.not_before = max(self._others.not_before, monotonic() + OTHERS_REST_S)
        else:
            rest = GATHER_OTHERS_S if self._customers > 1 else rest
            self._customers = 0
        queue.not_before, self._last = monotonic() + rest, queue

    def _answer_once_synced(self, futures: "list[asyncio.Future[Any]]", answers: Sequence[Any]) -> None:
        self._unsynced.append(futures)
        calls = self._take_calls()

        def synced(error: OSError | None) -> None:
            self._unsynced.popleft()
            if error is None:
                resolve(futures, answers, calls)
            else:
                resolve(futures, [error] * len(futures))

        self._syncer.then(synced, is_new=self._has_written)
        self._has_written = False

    def _after_turn(self) -> None:
        if self._after_commit is None or self._connection is None:
            return
        try:
            self._after_commit(self._connection)
        except Exception as error:  # noqa: BLE001 - what was committed stays; the next commit shows whether the store is away
            log.warning("lane_not_tidied", lane=self._name, error=type(error).__name__)

    def _must_wait(self) -> bool:
        """Returns whether another process is writing now. After BUSY_S of that the turn is taken, and fails with SQLite's
        error.
        """
        try:
            self._connected().begin()
        except sqlite3.OperationalError as error:
            if not _is_busy(error):
                return False  # the turn itself fails with it
            self._busy_since = self._busy_since or monotonic()
            return monotonic() - self._busy_since < BUSY_S
        self._has_begun, self._busy_since = True, None
        return False

    def _begin(self, connection: Connection) -> None:
        """Begin a transaction. A turn has begun before; what is repeated alone after a failure begins here, and waits a little."""
        if self._has_begun:
            self._has_begun = False
            return
        tries = ALONE_TRIES if self._busy_since is None else 1  # a turn that waited too long fails at once, item by item
        for left in reversed(range(tries)):
            try:
                connection.begin()
            except sqlite3.OperationalError as error:
                if not (left and _is_busy(error)):
                    raise
                sleep(BUSY_AGAIN_S)
            else:
                return


def gathering_s(took_s: float, count: int) -> float:
    """Returns how long more is gathered after a turn over `count` items that took so long."""
    rest = min(max(GATHER_TIMES * took_s, GATHER_LEAST_S), GATHER_MOST_S)
    return rest * GATHERED_ENOUGH / count if count > GATHERED_ENOUGH else rest


def _end_early(turn: _Turn) -> None:
    """Leave the steps that have not run to the next turn of their queue."""
    left = {place for _, places in turn.groups for place in places}
    turn.groups.clear()
    turn.queue.left = [turn.jobs[place] for place in sorted(left)]
    turn.answers[:] = [answer for place, answer in enumerate(turn.answers) if place not in left]
    turn.jobs[:] = [job for place, job in enumerate(turn.jobs) if place not in left]


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
