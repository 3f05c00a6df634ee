"""What every lane does: group commit.

A lane takes the items that wait, runs each step once over all of its items in one transaction, commits, and then answers
all callers. One message is a batch of one. On any error it rolls back and repeats each item in a transaction of its own, so
that only the item at fault fails. A lost connection is replaced first. If it was lost while it committed, the database is asked
whether the commit took place (`commit_mark`). If it did, nothing is repeated. If the database does not answer, nothing is
repeated either, and the callers get CommitUnknown.

Lanes differ in how items wait and where the work is done: in a thread (`thread_lane`) or on the event loop itself
(`loop_lane`).
"""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import structlog

from hongyan.ports.lane import Step, StoreAway
from hongyan.ports.tx import Tx
from hongyan.store.engine.commit_outcome import CommitUnknown, was_committed
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.outage import Outage, is_away

log = structlog.get_logger(__name__)

Item = TypeVar("Item")
Answer = TypeVar("Answer")

Job = tuple[Step[Any, Any], Any, "asyncio.Future[Any]"]
Call = Callable[[], None]

Group = tuple[Step[Any, Any], list[int]]
"""A step, and the places of its items among the jobs of a transaction."""


class Transaction(Tx, Protocol):
    """What the steps of one transaction get."""

    @property
    def counts(self) -> Mapping[tuple[Any, ...], int]:
        """Returns what the steps counted. It is added to the lane's counts after the commit."""
        ...

    @property
    def calls(self) -> Sequence[Call]:
        """Returns the calls that the steps left for the time after the commit."""
        ...

    def before_commit(self) -> None:
        """Write what was gathered for the end of the transaction."""
        ...


class Lane(ABC):
    """Implements ports.Lane. Started and asked on the event loop; one connection, and one transaction at a time."""

    def __init__(self, name: str, connect: Callable[[], Connection], transaction: Callable[[Connection], Transaction]) -> None:
        """transaction: makes what the steps get, over a connection"""
        self._name = name
        self._connect = connect
        self._transaction = transaction
        self._connection: Connection | None = None
        self._outage = Outage(name)
        self._has_written = False  # whether rows were changed since this was reset
        self._calls: list[Call] = []  # of what is committed; they are made when its callers are answered
        self.commits = 0
        self.items = 0
        self.faults = 0
        self.counts: Counter[tuple[Any, ...]] = Counter()  # what the steps counted and the store committed

    @property
    @abstractmethod
    def waiting(self) -> int:
        """Returns how many items are in no commit yet."""

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    async def stop(self) -> None:
        """Finish what waits, then close the connection."""

    @abstractmethod
    def ask(self, step: Step[Item, Answer], item: Item, *, is_urgent: bool = False) -> "asyncio.Future[Answer]":
        """As in ports.Lane."""

    # --- a batch ----------------------------------------------------------------------------------------------------------

    def _answers(self, jobs: Sequence[Job]) -> list[Any]:
        before = self._connection
        try:
            return self._commit(jobs)
        except CommitUnknown as unknown:
            return [self._fault(job, unknown) for job in jobs]
        except Exception as error:
            return self._apart(jobs, error, before)

    def _apart(self, jobs: Sequence[Job], error: Exception, before: Connection | None) -> list[Any]:
        """Run each in a transaction of its own after they failed together. One that was alone has failed, unless its connection
        was lost. If there is no other connection, all fail: each would wait as long for a server that says nothing.
        """
        if len(jobs) == 1 and self._connection is before:
            return [self._fault(jobs[0], error)]
        answers: list[Any] = []
        for job in jobs:
            try:
                self._connected()
            except Exception as away:  # whatever the driver raises
                return answers + [self._fault(one, away) for one in jobs[len(answers) :]]
            answers += self._alone(job)
        return answers

    def _alone(self, job: Job) -> list[Any]:
        try:
            return self._commit([job])
        except Exception as error:
            return [self._fault(job, error)]

    def _fault(self, job: Job, error: Exception) -> Exception:
        self.faults += 1
        if is_away(error):
            self._outage.failed(job[0].name, error)
            away = StoreAway(str(error))
            away.__cause__ = error
            return away
        log.error("lane_item_failed", lane=self._name, step=job[0].name, error=type(error).__name__, detail=str(error)[:200])
        return error

    def _commit(self, jobs: Sequence[Job]) -> list[Any]:
        answers: list[Any] = [None] * len(jobs)
        for _ in self._pieces(jobs, answers, by_step(jobs)):
            pass
        return answers

    def _pieces(self, jobs: Sequence[Job], answers: list[Any], groups: deque[Group]) -> Iterator[None]:
        """Run all jobs in one transaction, with a pause behind each step; puts the results of the steps into `answers`.

        groups: what is still to be run; a caller that takes some out in a pause runs them in another transaction
        raises: what any step or the commit raises, with everything rolled back
        """
        connection = self._connected()
        tx = self._transaction(connection)
        try:
            self._begin(connection)
            while groups:
                step, places = groups.popleft()
                found = step.run(tx, [jobs[place][1] for place in places])
                for place, answer in zip(places, found, strict=True):
                    answers[place] = answer
                yield
            tx.before_commit()
            connection.commit()
        except BaseException:
            self._roll_back(connection)
            if self._connection is not None or not was_committed(connection, self._connect):
                raise
        self.commits += 1
        self._has_written = self._has_written or connection.has_written
        self._outage.worked()
        self.items += len(jobs)
        if tx.counts:
            self.counts.update(tx.counts)
        self._calls += tx.calls

    def _take_calls(self) -> list[Call]:
        taken, self._calls = self._calls, []
        return taken

    def _begin(self, connection: Connection) -> None:
        connection.begin()

    # --- the connection ---------------------------------------------------------------------------------------------------

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _roll_back(self, connection: Connection) -> None:
        """Roll back. A connection that was lost, or cannot roll back, is dropped; the next transaction opens another."""
        try:
            connection.rollback()
            is_lost = connection.is_lost
        except Exception:  # whatever the driver raises
            is_lost = True
        if is_lost:
            log.warning("lane_connection_dropped", lane=self._name)
            self._connection = None
            connection.close()


def resolve(futures: Sequence["asyncio.Future[Any]"], answers: Sequence[Any], calls: Sequence[Call] = ()) -> None:
    """Answer the callers, then make the calls. On the event loop, when the commit is durable."""
    for future, answer in zip(futures, answers, strict=True):
        if future.done():  # the caller went away; what was committed stays
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
    if calls:
        loop = asyncio.get_running_loop()
        for call in calls:
            loop.call_soon(call)


def by_step(jobs: Sequence[Job]) -> deque[Group]:
    """Returns the items by step, in the order in which steps run."""
    places: dict[Step[Any, Any], list[int]] = {}
    for place, job in enumerate(jobs):
        places.setdefault(job[0], []).append(place)
    return deque(sorted(places.items(), key=lambda pair: pair[0].rank))
