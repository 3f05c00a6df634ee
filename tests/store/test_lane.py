"""The lane: group commit, a culprit that fails alone, connections that are lost and found again.

Each engine has its own: a thread on PostgreSQL, the event loop itself on SQLite (more of that in test_loop_lane.py).
"""

import asyncio
import sqlite3
import threading
import time
from contextlib import asynccontextmanager
from typing import ClassVar

import psycopg
import pytest
import structlog
from tests.scene import NOW, Scene, mobiles

from hongyan.model.account import Product
from hongyan.model.ids import first_id
from hongyan.model.ledger import Entry, EntryKind
from hongyan.model.refusal import Code, Refusal
from hongyan.model.submission import Accepted
from hongyan.ports.lane import Step, StoreAway
from hongyan.store.engine import commit_outcome as mark
from hongyan.store.engine import outage
from hongyan.store.engine.drain import MOST_AT_ONCE
from hongyan.store.engine.loop_lane import LoopLane
from hongyan.store.engine.postgres_connection import PostgresConnection
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


def _poisoned(tx, items):
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


# --- group commit ------------------------------------------------------------------------------------------------------


def test_what_a_step_leaves_is_called_after_its_commit_and_never_when_it_was_rolled_back(store):
    async def go(lane):
        called, seen = [], []

        def leave(tx, items):
            tx.take_count(COUNTER, len(items))
            for item in items:
                tx.after_commit(lambda item=item: (called.append(item), seen.append(value(store))))
            if "poison" in items:
                raise Poison
            return items

        step = Step("leave", 0, leave)
        async with Gate(lane):
            futures = [lane.ask(step, item) for item in ("a", "poison", "b")]
        answers = await outcomes(futures)
        await asyncio.sleep(0)
        return [type(answer) for answer in answers], called, seen[0] > 0

    assert on_lane(store, go) == ([str, Poison, str], ["a", "b"], True)


def test_everything_that_waits_is_one_commit(store):
    async def go(lane):
        async with Gate(lane):
            before = lane.commits
            futures = [lane.ask(COUNT, 1) for _ in range(300)]
        answers = await outcomes(futures)
        return answers, lane.commits - before

    answers, commits = on_lane(store, go)
    assert answers == [*range(1, 301)]
    assert commits <= 2  # the gate has one of its own
    assert value(store) == 300


def test_a_commit_is_bounded(store):
    async def go(lane):
        async with Gate(lane):
            futures = [lane.ask(COUNT, 1) for _ in range(MOST_AT_ONCE + 1)]
        await outcomes(futures)
        return lane.commits

    assert on_lane(store, go) == (2 if store.is_sqlite else 3)


def test_steps_of_a_batch_run_once_each_in_the_order_of_their_ranks(store):
    ran = []

    def step(name, rank):
        def run(tx, items):
            ran.append((name, items))
            return items

        return Step(name, rank, run)

    late, early = step("late", 9), step("early", 1)

    async def go(lane):
        async with Gate(lane):
            futures = [lane.ask(late, 1), lane.ask(early, 2), lane.ask(late, 3), lane.ask(early, 4)]
        return await outcomes(futures)

    assert on_lane(store, go) == [1, 2, 3, 4]
    assert ran == [("early", [2, 4]), ("late", [1, 3])]


def test_points_that_come_back_are_counted_once_and_only_if_committed(store):
    def give_back(tx, items):
        for message, points in items:
            tx.post_returns([Entry(EntryKind.RETURN, first_id(NOW) + message, 1, Product.SMS, points)], NOW)
            if points > 100:
                raise Poison
        return items

    back = Step("back", 0, give_back)

    async def go(lane):
        async with Gate(lane):
            futures = [lane.ask(back, item) for item in [(1, 3), (2, 999), (3, 4)]]
        await outcomes(futures)
        return {key[1]: points for key, points in lane.counts.items() if key[0] == "returned"}

    assert on_lane(store, go) == {Product.SMS: 7}


def test_an_answer_comes_only_after_its_commit(store):
    """What is answered can be read by others at that moment, and survives."""

    async def go(lane):
        seen = []
        for _ in range(5):
            future = lane.ask(COUNT, 1)
            future.add_done_callback(lambda done: seen.append((done.result(), value(store))))
            await future
        return seen

    assert on_lane(store, go) == [(n, n) for n in range(1, 6)]


def test_nothing_is_answered_while_the_commit_lasts(sqlite_store):
    committing, go_on = threading.Event(), threading.Event()

    class Slow(SqliteConnection):
        def commit(self):
            committing.set()
            go_on.wait(PATIENCE_S)
            super().commit()

    async def go(lane):
        future = lane.ask(COUNT, 1)
        await asyncio.to_thread(committing.wait)
        before = (future.done(), value(sqlite_store))
        go_on.set()
        return before, await future

    assert on_lane(sqlite_store, go, lambda: Slow(sqlite_store.path)) == ((False, 0), 1)


# --- the culprit ---------------------------------------------------------------------------------------------------------


def test_a_poisoned_item_in_a_batch_of_hundreds_fails_alone(store):
    step = Step("poisoned", 0, _poisoned)

    async def go(lane):
        async with Gate(lane):
            futures = [lane.ask(step, "poison" if n == 137 else n) for n in range(400)]
        return await outcomes(futures), lane.faults

    answers, faults = on_lane(store, go)

    assert [n for n, answer in enumerate(answers) if isinstance(answer, Exception)] == [137]
    assert isinstance(answers[137], Poison)
    assert (faults, value(store)) == (1, 399)


def test_a_poisoned_submission_is_refused_by_the_store_and_the_others_are_accepted(furnished_store):
    """The store itself breaks the transaction: a task id that stands there already."""
    scene = Scene(furnished_store)
    first = scene.send()
    batch = [scene.admission(numbers=[number]) for number in mobiles(300)]
    batch[150].task_id = first.task_id

    async def go(lane):
        async with Gate(lane):
            futures = [lane.ask(scene.steps.accept, admission) for admission in batch]
        return await outcomes(futures)

    answers = on_lane(furnished_store, go)

    assert [n for n, answer in enumerate(answers) if not isinstance(answer, Accepted)] == [150]
    assert isinstance(answers[150], sqlite3.IntegrityError | psycopg.errors.UniqueViolation)
    assert len(scene.rows("message")) == 300
    assert scene.points() == 10_000 - 300
    assert scene.books_balance()
    scene.close()


def test_a_step_that_fails_does_not_harm_the_other_steps_of_its_batch(store):
    def fail(tx, items):
        tx.take_count(COUNTER, 1_000)
        raise Poison

    bad = Step("bad", 5, fail)

    async def go(lane):
        async with Gate(lane):
            futures = [lane.ask(COUNT, 1), lane.ask(bad, None), lane.ask(counted(rank=9), 1), lane.ask(bad, None)]
        return await outcomes(futures)

    answers = on_lane(store, go)

    assert [answers[0], answers[2]] == [1, 2]
    assert isinstance(answers[1], Poison)
    assert isinstance(answers[3], Poison)
    assert value(store) == 2


def test_an_exception_that_is_an_answer_reaches_its_asker_and_nobody_else(store):
    refusal = Refusal(Code.BALANCE_SHORT)
    step = Step("refusing", 0, lambda tx, items: [refusal if item == 2 else tx.take_count(COUNTER, 1) for item in items])

    async def go(lane):
        async with Gate(lane):
            futures = [lane.ask(step, n) for n in range(4)]
        return await outcomes(futures), lane.faults

    assert on_lane(store, go) == ([1, 2, refusal, 3], 0)


def test_a_step_with_too_few_answers_is_a_fault_and_not_a_mix_up(store):
    step = Step("short", 0, lambda tx, items: items[:-1])

    async def go(lane):
        return await outcomes([lane.ask(step, 1)])

    assert isinstance(on_lane(store, go)[0], ValueError)


def test_a_commit_that_fails_is_repeated_item_by_item(sqlite_store):
    is_armed = threading.Event()

    class Failing(SqliteConnection):
        def commit(self):
            if is_armed.is_set():
                is_armed.clear()
                raise sqlite3.OperationalError("disk I/O error")
            super().commit()

    arm = iter([is_armed.set])

    def run(tx, items):
        next(arm, lambda: None)()  # the first time only
        return items

    async def go(lane):
        async with Gate(lane):
            futures = [lane.ask(Step("arm", 9, run), 0), *(lane.ask(COUNT, 1) for _ in range(5))]
        return await outcomes(futures), lane.faults

    assert on_lane(sqlite_store, go, lambda: Failing(sqlite_store.path)) == ([0, 1, 2, 3, 4, 5], 0)
    assert value(sqlite_store) == 5


# --- lost connections ------------------------------------------------------------------------------------------------------


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


# --- the end -----------------------------------------------------------------------------------------------------------------


def test_stopping_answers_everything_that_waits(store):
    async def go():
        lane = lane_of(store)
        lane.start()
        futures = [lane.ask(COUNT, 1) for _ in range(200)]
        await lane.stop()
        return await outcomes(futures)

    assert asyncio.run(go()) == [*range(1, 201)]
    assert value(store) == 200


def test_a_lane_that_was_never_started_stops(store):
    asyncio.run(lane_of(store).stop())


def test_an_asker_that_went_away_harms_nobody_and_its_work_stays(store):
    async def go(lane):
        async with Gate(lane):
            futures = [lane.ask(COUNT, 1) for _ in range(3)]
            futures[1].cancel()
        return [await futures[0], futures[1].cancelled(), await futures[2]]

    assert on_lane(store, go) == [1, True, 3]
    assert value(store) == 3


def test_answers_after_the_loop_is_closed_are_dropped_and_the_work_stays(postgres_store):
    store = postgres_store

    async def go():
        lane = ThreadLane("test", store.connect, SqlTx)
        lane.start()
        lane.ask(Step("slow", 0, lambda tx, items: time.sleep(0.2) or [tx.take_count(COUNTER, 1) for _ in items]), None)
        return lane

    lane = asyncio.run(go())
    asyncio.run(lane.stop())

    assert value(store) == 1


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
