"""Commits on SQLite are durable before anybody is answered, and the loop does not wait for the disk."""

import asyncio
import os
import threading
from contextlib import asynccontextmanager

import pytest
from tests.store.test_lane import COUNT, PATIENCE_S, outcomes

from hongyan.store.engine.connection import SqliteConnection
from hongyan.store.engine.loop_lane import LoopLane
from hongyan.store.engine.syncer import Syncer
from hongyan.store.sql.tx import SqlTx


class Disk:
    """Syncs once it is let; counts how often."""

    def __init__(self):
        self.lets, self.reached, self.error, self.syncs = threading.Event(), threading.Event(), None, 0

    def fdatasync(self, fd):
        self.reached.set()
        self.lets.wait()
        self.syncs += 1
        if self.error:
            raise self.error


@pytest.fixture
def disk(monkeypatch):
    disk = Disk()
    monkeypatch.setattr(os, "fdatasync", disk.fdatasync)
    yield disk
    disk.lets.set()


@asynccontextmanager
async def working(store, broken=lambda: None):
    lane = LoopLane("test", lambda: SqliteConnection(store.path, busy_s=0, syncs=False), SqlTx, Syncer(store.path, broken))
    lane.start()
    try:
        yield lane
    finally:
        await asyncio.wait_for(lane.stop(), PATIENCE_S)


def test_nobody_is_reported_before_the_disk_has_it_and_one_sync_serves_many_commits(sqlite_store, disk):
    async def go():
        async with working(sqlite_store) as lane:
            first = lane.ask(COUNT, 1)
            await asyncio.to_thread(disk.reached.wait)
            others = []
            for _ in range(3):
                others.append(lane.ask(COUNT, 1, is_urgent=True))
                await asyncio.sleep(0.01)  # a commit each, while the disk is busy with the first
            seen, commits = [f.done() for f in (first, *others)], lane.commits
            disk.lets.set()
            return seen, commits, await asyncio.wait_for(outcomes([first, *others]), PATIENCE_S), disk.syncs

    assert asyncio.run(go()) == ([False] * 4, 4, [1, 2, 3, 4], 2)


def test_a_stop_waits_for_the_disk(sqlite_store, disk):
    async def go():
        async with working(sqlite_store) as lane:
            future = lane.ask(COUNT, 1)
            asyncio.get_running_loop().call_later(0.05, disk.lets.set)
        return future.result()

    assert asyncio.run(go()) == 1


def test_once_the_disk_refused_nothing_is_answered_any_more(sqlite_store, disk):
    disk.error = OSError(5, "Input/output error")
    disk.lets.set()
    broken = []

    async def go():
        async with working(sqlite_store, lambda: broken.append(True)) as lane:
            return [(await outcomes([lane.ask(COUNT, 1)]))[0] for _ in range(3)]

    assert asyncio.run(go()) == [disk.error] * 3
    assert broken == [True]
    assert disk.syncs == 1


def test_it_follows_a_log_that_was_made_anew(sqlite_store, monkeypatch):
    """SQLite deletes its log with the last connection."""
    synced = []
    monkeypatch.setattr(os, "fdatasync", lambda fd: synced.append(os.fstat(fd)))
    syncer = Syncer(sqlite_store.path)

    def commit():
        connection = SqliteConnection(sqlite_store.path, syncs=False)
        with connection.transaction():
            connection.plain("DELETE FROM counter")
        return connection

    async def synced_now():
        seen = asyncio.get_running_loop().create_future()
        syncer.then(seen.set_result)
        return await asyncio.wait_for(seen, PATIENCE_S)

    async def go():
        syncer.start()
        first = commit()
        await synced_now()
        first.close()
        second = commit()
        await synced_now()
        second.close()
        await syncer.stop()

    asyncio.run(go())
    assert [found.st_nlink for found in synced] == [1, 1]
    assert synced[0].st_ino != synced[1].st_ino
