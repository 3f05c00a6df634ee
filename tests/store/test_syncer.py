"""Commits on SQLite are durable before anybody is answered, and the loop does not wait for the disk."""

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.store.lanes import COUNT, COUNTER, PATIENCE_S, outcomes
from tests.store.test_file_sync import WAYS

from hongyan.ports.lane import Step
from hongyan.store.engine import loop_lane
from hongyan.store.engine.loop_lane import LoopLane
from hongyan.store.engine.sqlite_connection import SqliteConnection
from hongyan.store.engine.syncer import Syncer
from hongyan.store.sql.tx import SqlTx


class Disk:
    """Syncs by the kernel or by a thread once it is let; counts how often."""

    def __init__(self, make):
        self.make = make
        self.lets, self.reached, self.error, self.syncs = threading.Event(), asyncio.Event(), None, 0

    def __call__(self, folder):
        self.way = self.make(folder)
        return self

    def sync(self, file, done):
        self.reached.set()

        def go():
            self.syncs += 1
            if self.error:
                done(self.error)
            else:
                self.way.sync(file, done)

        async def once_let():
            await asyncio.to_thread(self.lets.wait)
            go()

        self.task = asyncio.get_running_loop().create_task(once_let())

    def close(self):
        self.way.close()


@pytest.fixture(params=WAYS)
def make(request):
    return request.param


@pytest.fixture
def disk(make):
    disk = Disk(make)
    yield disk
    disk.lets.set()


@asynccontextmanager
async def working(store, disk, broken=lambda: None):
    syncer = Syncer(store.path, broken, disk)
    lane = LoopLane("test", lambda: SqliteConnection(store.path, busy_s=0, syncs=False), SqlTx, syncer)
    lane.start()
    try:
        yield lane
    finally:
        await asyncio.wait_for(lane.stop(), PATIENCE_S)


def test_nobody_is_reported_before_the_disk_has_it_and_one_sync_serves_many_commits(sqlite_store, disk):
    async def go():
        async with working(sqlite_store, disk) as lane:
            first = lane.ask(COUNT, 1)
            await disk.reached.wait()
            others = []
            for _ in range(3):
                others.append(lane.ask(COUNT, 1, is_urgent=True))
                await asyncio.sleep(0.01)  # a commit each, while the disk is busy with the first
            seen, commits = [f.done() for f in (first, *others)], lane.commits
            disk.lets.set()
            return seen, commits, await asyncio.wait_for(outcomes([first, *others]), PATIENCE_S), disk.syncs

    assert asyncio.run(go()) == ([False] * 4, 4, [1, 2, 3, 4], 2)


AWAITED = Step("awaited", 0, COUNT.run, is_awaited=True)
READ = Step("read", 0, lambda tx, items: [tx.read_count(COUNTER)] * len(items))


@pytest.fixture
def _long_rests(monkeypatch):
    monkeypatch.setattr(loop_lane, "GATHER_LEAST_S", 0.2)
    monkeypatch.setattr(loop_lane, "GATHER_MOST_S", 0.2)


async def served(lane):
    """A customer's turn, behind which the next of its kind has to wait."""
    await asyncio.wait_for(lane.ask(AWAITED, 1), PATIENCE_S)


async def committed(lane, count):
    while lane.commits < count:  # noqa: ASYNC110  nothing announces it
        await asyncio.sleep(0.001)


@pytest.mark.usefixtures("_long_rests")
@pytest.mark.parametrize(("is_urgent", "syncs"), [(False, 2), (True, 3)])
def test_what_nobody_waits_for_shares_the_sync_of_the_customers_unless_it_is_urgent(sqlite_store, disk, is_urgent, syncs):
    disk.lets.set()

    async def go():
        async with working(sqlite_store, disk) as lane:
            await served(lane)
            customer, other = lane.ask(AWAITED, 1), lane.ask(COUNT, 1, is_urgent=is_urgent)
            await asyncio.wait_for(other, PATIENCE_S)
            was_first = not customer.done()
            await asyncio.wait_for(customer, PATIENCE_S)
            return was_first, lane.commits, disk.syncs

    assert asyncio.run(go()) == (is_urgent, 3, syncs)


@pytest.mark.usefixtures("_long_rests")
def test_it_does_not_wait_for_customers_who_wait_for_another_writer(sqlite_store, disk):
    disk.lets.set()
    rival = SqliteConnection(sqlite_store.path)

    async def go():
        async with working(sqlite_store, disk) as lane:
            await served(lane)
            customer, other = lane.ask(AWAITED, 1), lane.ask(COUNT, 1)
            await committed(lane, 2)
            rival.begin()
            await asyncio.wait_for(other, PATIENCE_S)
            was_done = customer.done()
            rival.rollback()
            return was_done, await asyncio.wait_for(customer, PATIENCE_S)

    assert asyncio.run(go()) == (False, 3)
    rival.close()


def test_a_turn_that_changed_nothing_needs_no_sync(sqlite_store, disk):
    async def go():
        async with working(sqlite_store, disk) as lane:
            return await asyncio.wait_for(lane.ask(READ, None), PATIENCE_S), disk.reached.is_set()

    assert asyncio.run(go()) == (0, False)


def test_what_it_read_is_reported_when_the_disk_has_that(sqlite_store, disk):
    async def go():
        async with working(sqlite_store, disk) as lane:
            wrote = lane.ask(COUNT, 1)
            await disk.reached.wait()
            read = lane.ask(READ, None, is_urgent=True)
            await committed(lane, 2)
            was_done = read.done()
            disk.lets.set()
            return was_done, await asyncio.wait_for(outcomes([wrote, read]), PATIENCE_S), disk.syncs

    assert asyncio.run(go()) == (False, [1, 1], 1)


def test_a_stop_waits_for_the_disk(sqlite_store, disk):
    async def go():
        async with working(sqlite_store, disk) as lane:
            future = lane.ask(COUNT, 1)
            asyncio.get_running_loop().call_later(0.05, disk.lets.set)
        return future.result()

    assert asyncio.run(go()) == 1


def test_once_the_disk_refused_nothing_is_answered_any_more(sqlite_store, disk):
    disk.error = OSError(5, "Input/output error")
    disk.lets.set()
    broken = []

    async def go():
        async with working(sqlite_store, disk, lambda: broken.append(True)) as lane:
            return [(await outcomes([lane.ask(COUNT, 1)]))[0] for _ in range(3)]

    assert asyncio.run(go()) == [disk.error] * 3
    assert broken == [True]
    assert disk.syncs == 1


def test_sqlite_keeps_its_locks(sqlite_store, make):
    """Without them another process that closes the database is the last one, and deletes the log that we go on writing."""
    connection = SqliteConnection(sqlite_store.path, syncs=False)
    syncer = Syncer(sqlite_store.path, make=make)
    with connection.transaction():
        connection.plain("INSERT INTO counter (name, value) VALUES ('one', 1)")

    async def go():
        syncer.start()
        await synced(syncer)
        await syncer.stop()

    asyncio.run(go())
    log = Path(f"{sqlite_store.path}-wal")
    before = log.stat().st_ino
    other = f"import sqlite3; c = sqlite3.connect({str(sqlite_store.path)!r}); c.execute('SELECT * FROM counter').fetchall(); c.close()"
    subprocess.run([sys.executable, "-c", other], check=True)
    assert log.stat().st_ino == before
    connection.close()


def test_a_log_that_cannot_be_opened_is_answered_like_a_disk_that_refused(sqlite_store, make):
    broken = []

    async def go():
        syncer = Syncer(sqlite_store.path, lambda: broken.append(True), make)
        syncer.start()
        found = [await synced(syncer) for _ in range(2)]  # nobody has opened the database, so there is no log
        await syncer.stop()
        return found

    assert [type(error) for error in asyncio.run(go())] == [FileNotFoundError] * 2
    assert broken == [True]


def test_it_follows_a_log_that_was_made_anew(sqlite_store, make):
    """SQLite deletes its log with the last connection."""
    seen = []

    def commit():
        connection = SqliteConnection(sqlite_store.path, syncs=False)
        with connection.transaction():
            connection.plain("DELETE FROM counter")
        return connection

    class Watched(Disk):
        def sync(self, file, done):
            seen.append(os.fstat(file))
            self.way.sync(file, done)

    async def go():
        syncer = Syncer(sqlite_store.path, make=Watched(make))
        syncer.start()
        for _ in range(2):
            connection = commit()
            assert await synced(syncer) is None
            connection.close()
        await syncer.stop()

    asyncio.run(go())
    assert [found.st_nlink for found in seen] == [1, 1]
    assert seen[0].st_ino != seen[1].st_ino


async def synced(syncer):
    seen = asyncio.get_running_loop().create_future()
    syncer.then(seen.set_result)
    syncer.begin()
    return await asyncio.wait_for(seen, PATIENCE_S)
