"""Lanes of either engine for tests: with a step that counts, one that fails, and a gate before the lane."""

import asyncio
import threading
from contextlib import asynccontextmanager

from hongyan.ports.lane import Step
from hongyan.store.engine.loop_lane import LoopLane
from hongyan.store.engine.sqlite_connection import SqliteConnection
from hongyan.store.engine.syncer import Syncer
from hongyan.store.engine.thread_lane import ThreadLane
from hongyan.store.sql.tx import SqlTx

PATIENCE_S = 30.0
COUNTER = "tried"


def counted(name="counted", rank=0):
    """A step that raises a counter by each item and returns its new values."""
    return Step(name, rank, lambda tx, items: [tx.take_count(COUNTER, item) for item in items])


COUNT = counted()


class Poison(Exception):
    pass


def poisoned(tx, items):
    answers = []
    for item in items:
        answers.append(tx.take_count(COUNTER, 1))
        if item == "poison":
            raise Poison
    return answers


def value(database):
    return database.read(lambda tx: tx.read_count(COUNTER))


class Gate:
    """Holds the lane's thread, so that what is asked meanwhile becomes one batch. On the event loop it does so anyway."""

    def __init__(self, lane):
        self._lane, self._open, self._reached = lane, threading.Event(), threading.Event()

    async def __aenter__(self):
        if isinstance(self._lane, LoopLane):
            return
        self._done = self._lane.ask(Step("gate", 0, self._wait), None)
        await asyncio.to_thread(self._reached.wait)

    async def __aexit__(self, *error):
        if isinstance(self._lane, LoopLane):
            return
        self._open.set()
        await self._done

    def _wait(self, tx, items):
        self._reached.set()
        self._open.wait(PATIENCE_S)
        return items


@asynccontextmanager
async def working(lane):
    lane.start()
    try:
        yield lane
    finally:
        await lane.stop()


async def outcomes(futures):
    return await asyncio.wait_for(asyncio.gather(*futures, return_exceptions=True), PATIENCE_S)


def lane_of(database):
    """The lane that serves this engine."""
    if database.is_sqlite:
        return LoopLane("test", lambda: SqliteConnection(database.path, busy_s=0, syncs=False), SqlTx, Syncer(database.path))
    return ThreadLane("test", database.connect, SqlTx)


def on_lane(database, what, connect=None):
    """Run an async function with a working lane; with connections of the test's own it is the one with a thread."""

    async def go():
        async with working(lane_of(database) if connect is None else ThreadLane("test", connect, SqlTx)) as lane:
            return await what(lane)

    return asyncio.run(go())
