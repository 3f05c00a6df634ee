"""Connections of lanes that are lost and found again, stores that are away, and what is logged of them."""

import asyncio
import sqlite3
import threading
from typing import ClassVar

import psycopg
import pytest
import structlog
from tests.scene import Scene
from tests.store.lanes import (
    COUNT,
    COUNTER,
    PATIENCE_S,
    Gate,
    on_lane,
    outcomes,
    value,
    working,
)

from hongyan.model.submission import Accepted
from hongyan.ports.lane import Step, StoreAway
from hongyan.store.engine import commit_outcome as mark
from hongyan.store.engine import outage
from hongyan.store.engine.postgres_connection import PostgresConnection
from hongyan.store.engine.sqlite_connection import SqliteConnection
from hongyan.store.engine.thread_lane import ThreadLane
from hongyan.store.sql.tx import SqlTx


def _terminate(url, pid):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_a_backend_that_is_terminated_between_two_commits_is_replaced(postgres_store):
    made = []

    def connect():
        made.append(PostgresConnection(postgres_store.url))
        return made[-1]

    async def go(lane):
        first = await lane.ask(COUNT, 1)
        await asyncio.to_thread(_terminate, postgres_store.url, made[-1].raw.info.backend_pid)
        return first, await outcomes([lane.ask(COUNT, 1)]), await outcomes([lane.ask(COUNT, 1)])

    first, second, third = on_lane(postgres_store, go, connect)

    assert (first, second, third) == (1, [2], [3])
    assert len(made) == 2
    assert made[0].raw.closed


def test_a_backend_that_is_terminated_in_the_middle_of_a_batch_loses_nothing(postgres_store):
    made = []

    def connect():
        made.append(PostgresConnection(postgres_store.url))
        return made[-1]

    has_died = []

    def die_once(tx, items):
        if not has_died:
            has_died.append(True)
            _terminate(postgres_store.url, made[-1].raw.info.backend_pid)
        return [tx.take_count(COUNTER, 1) for _ in items]

    async def go(lane):
        async with Gate(lane):
            futures = [lane.ask(COUNT, 1) for _ in range(50)] + [lane.ask(Step("die", 9, die_once), n) for n in range(50)]
        return await outcomes(futures)

    assert on_lane(postgres_store, go, connect) == [*range(1, 101)]
    assert value(postgres_store) == 100


class LosingAnswers(PostgresConnection):
    """Loses its connection at a commit: before it takes place, or after."""

    losses: ClassVar[list[str]] = []

    def commit(self):
        if not self.losses:
            super().commit()
            return
        if self.losses.pop() == "after":
            super().commit()
        else:
            self._mark = self._mark.next()
        self._committing = self._mark  # it and COMMIT were sent
        _terminate(self.raw.info.dsn, self.raw.info.backend_pid)
        self.plain("SELECT 1")


@pytest.mark.parametrize("count", [1, 100])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_whose_answer_was_lost_is_neither_lost_nor_repeated(postgres_store, monkeypatch, when, count):
    monkeypatch.setattr(LosingAnswers, "losses", [])
    loss = iter([when])
    lose = Step("lose", 9, lambda tx, items: [LosingAnswers.losses.extend(loss)])

    async def go(lane):
        first = await lane.ask(COUNT, 1)
        async with Gate(lane):
            futures = [lane.ask(COUNT, 1) for _ in range(count)]
            futures.append(lane.ask(lose, None))
        return first, (await outcomes(futures))[:count], lane.faults

    first, answers, faults = on_lane(postgres_store, go, lambda: LosingAnswers(postgres_store.url))

    assert (first, answers, faults) == (1, [*range(2, count + 2)], 0)
    assert value(postgres_store) == count + 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_in_doubt_is_given_up_and_not_repeated_when_the_database_stays_away(postgres_store, monkeypatch, when):
    monkeypatch.setattr(LosingAnswers, "losses", [])
    monkeypatch.setattr(mark, "ASK_S", 0.05)
    monkeypatch.setattr(mark, "ASK_AGAIN_S", 0.01)
    is_away = threading.Event()

    def connect():
        if is_away.is_set():
            raise psycopg.OperationalError("connection refused")
        return LosingAnswers(postgres_store.url)

    def go_away(tx, items):
        LosingAnswers.losses.append(when)
        is_away.set()
        return items

    async def go(lane):
        await lane.ask(COUNT, 1)
        async with Gate(lane):
            futures = [lane.ask(Step("away", 9, go_away), None), *(lane.ask(COUNT, 1) for _ in range(3))]
        lost = await outcomes(futures)
        is_away.clear()
        return lost, await lane.ask(COUNT, 1)

    lost, last = on_lane(postgres_store, go, connect)

    assert {type(error.__cause__) for error in lost} == {mark.CommitUnknown}
    assert last == (2 if when == "before" else 5)  # nothing was repeated


def test_a_store_that_is_away_fails_each_item_and_is_asked_again_by_the_next(sqlite_store):
    is_away = threading.Event()

    class Fickle(SqliteConnection):
        def begin(self):
            if is_away.is_set():
                raise sqlite3.OperationalError("unable to open database file")
            super().begin()

    async def go(lane):
        first = await lane.ask(COUNT, 1)
        is_away.set()
        lost = await outcomes([lane.ask(COUNT, 1), lane.ask(COUNT, 1)])
        is_away.clear()
        return first, lost, await lane.ask(COUNT, 1)

    first, lost, last = on_lane(sqlite_store, go, lambda: Fickle(sqlite_store.path))

    assert (first, last) == (1, 2)
    assert [type(error) for error in lost] == [StoreAway] * 2


def test_a_store_that_cannot_be_reached_at_first_is_reached_later(postgres_store):
    """The connection is gone and so is the server: every ask tries again."""
    made, is_away = [], threading.Event()

    def connect():
        if is_away.is_set():
            raise psycopg.OperationalError("connection refused")
        made.append(PostgresConnection(postgres_store.url))
        return made[-1]

    async def go(lane):
        await lane.ask(COUNT, 1)
        is_away.set()
        await asyncio.to_thread(_terminate, postgres_store.url, made[-1].raw.info.backend_pid)
        lost = [*await outcomes([lane.ask(COUNT, 1)]), *await outcomes([lane.ask(COUNT, 1)])]
        is_away.clear()
        return lost, await lane.ask(COUNT, 1)

    lost, last = on_lane(postgres_store, go, connect)

    assert [isinstance(error, StoreAway) for error in lost] == [True, True]
    assert last == 2


def test_a_batch_waits_once_for_a_server_that_is_gone_and_not_once_for_each_item(postgres_store):
    made, tries, is_away = [], [], threading.Event()

    def connect():
        if is_away.is_set():
            tries.append(1)
            raise psycopg.OperationalError("connection timeout expired")
        made.append(PostgresConnection(postgres_store.url))
        return made[-1]

    def go_away(tx, items):
        is_away.set()
        _terminate(postgres_store.url, made[-1].raw.info.backend_pid)
        return [tx.take_count(COUNTER, 1) for _ in items]

    async def go(lane):
        async with Gate(lane):
            futures = [*(lane.ask(COUNT, 1) for _ in range(100)), lane.ask(Step("away", 9, go_away), None)]
        lost = await outcomes(futures)
        is_away.clear()
        return lost, await lane.ask(COUNT, 1)

    lost, last = on_lane(postgres_store, go, connect)

    assert {type(error) for error in lost} == {StoreAway}
    assert (len(lost), len(tries), last) == (101, 1, 1)


def test_a_writer_beside_us_is_waited_for(sqlite_store):
    """A command of the CLI writes in a short transaction."""
    beside = sqlite_store.connect()
    beside.begin()
    waited = []

    async def go(lane):
        future = lane.ask(COUNT, 1)
        await asyncio.sleep(0.2)
        waited.append(not future.done())
        beside.commit()
        return await asyncio.wait_for(future, PATIENCE_S)

    assert on_lane(sqlite_store, go) == 1
    assert waited == [True]
    beside.close()


def test_a_writer_beside_us_that_takes_too_long_fails_what_waits_and_then_it_heals(sqlite_store):
    def connect():
        connection = SqliteConnection(sqlite_store.path)
        connection.plain("PRAGMA busy_timeout = 20")
        return connection

    beside = sqlite_store.connect()

    async def go(lane):
        await lane.ask(COUNT, 1)
        beside.begin()
        lost = await outcomes([lane.ask(COUNT, 1) for _ in range(3)])
        beside.commit()
        return lost, await lane.ask(COUNT, 1)

    lost, last = on_lane(sqlite_store, go, connect)

    assert {type(error) for error in lost} == {StoreAway}
    assert last == 2
    beside.close()


def test_two_lanes_that_wait_for_each_other_are_parted_by_the_database(furnished_postgres_store):
    """Wallets are locked in key order, so whole batches of two lanes do not even wait in a ring."""
    scene = Scene(furnished_postgres_store)
    batches = [[scene.admission(name) for name in ("pre", "taken", "delivered") * 20] for _ in range(2)]

    async def go():
        one, other = (
            ThreadLane("one", furnished_postgres_store.connect, SqlTx),
            ThreadLane("other", furnished_postgres_store.connect, SqlTx),
        )
        async with working(one), working(other):
            futures = [
                lane.ask(scene.steps.accept, a)
                for pair in zip(*batches, strict=True)
                for lane, a in zip((one, other), pair, strict=True)
            ]
            return await outcomes(futures), one.faults + other.faults

    answers, faults = asyncio.run(go())

    assert faults == 0
    assert all(isinstance(answer, Accepted) for answer in answers)
    assert [scene.points(name) for name in ("pre", "taken", "delivered")] == [10_000 - 40] * 3
    assert scene.books_balance()
    scene.close()


def test_an_outage_is_reported_where_it_begins_and_ends_and_not_for_each_item(sqlite_store, monkeypatch):
    is_away, ticks = threading.Event(), iter(range(0, 10_000, 5))
    monkeypatch.setattr(outage, "monotonic", lambda: next(ticks))

    class Fickle(SqliteConnection):
        def begin(self):
            if is_away.is_set():
                raise sqlite3.OperationalError("disk I/O error")
            super().begin()

    async def go(lane):
        is_away.set()
        await outcomes([lane.ask(COUNT, 1) for _ in range(7)])
        is_away.clear()
        await lane.ask(COUNT, 1)

    with structlog.testing.capture_logs() as lines:
        on_lane(sqlite_store, go, lambda: Fickle(sqlite_store.path))

    shown = [(line["event"], line.get("failed")) for line in lines if line["event"].startswith(("store", "lane_item"))]
    assert shown == [
        ("store_away", None),
        ("store_still_away", 2),
        ("store_still_away", 2),
        ("store_still_away", 2),
        ("store_back", 7),
    ]


def test_what_is_read_beside_the_lanes_says_its_outage_the_same_way(monkeypatch):
    ticks = iter(range(0, 10_000, 5))
    monkeypatch.setattr(outage, "monotonic", lambda: next(ticks))
    readings = outage.Outage("readings")

    with structlog.testing.capture_logs() as lines:
        for _ in range(4):
            with pytest.raises(StoreAway), readings.watching("version"):
                raise psycopg.OperationalError("the server is away")
        with pytest.raises(KeyError), readings.watching("version"):
            raise KeyError("a mistake of ours")
        with readings.watching("version"):
            pass

    assert [(line["event"], line.get("failed")) for line in lines] == [
        ("store_away", None),
        ("store_still_away", 2),
        ("store_back", 4),
    ]
