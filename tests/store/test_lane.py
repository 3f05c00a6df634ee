"""The lane: group commit, a culprit that fails alone, and its end.

Each engine has its own: a thread on PostgreSQL, the event loop itself on SQLite (more of that in test_loop_lane.py).
"""

import asyncio
import sqlite3
import threading
import time

import psycopg
from tests.scene import NOW, Scene, mobiles
from tests.store.lanes import (
    COUNT,
    COUNTER,
    PATIENCE_S,
    Gate,
    Poison,
    counted,
    lane_of,
    on_lane,
    outcomes,
    poisoned,
    value,
)

from hongyan.model.account import Product
from hongyan.model.ids import first_id
from hongyan.model.ledger import Entry, EntryKind
from hongyan.model.refusal import Code, Refusal
from hongyan.model.submission import Accepted
from hongyan.ports.lane import Step
from hongyan.store.engine.drain import MOST_AT_ONCE
from hongyan.store.engine.sqlite_connection import SqliteConnection
from hongyan.store.engine.thread_lane import ThreadLane
from hongyan.store.sql.tx import SqlTx

# --- group commit ----------------------------------------------------------------------------------------------------


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


# --- the culprit -----------------------------------------------------------------------------------------------------


def test_a_poisoned_item_in_a_batch_of_hundreds_fails_alone(store):
    step = Step("poisoned", 0, poisoned)

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


# --- the end ---------------------------------------------------------------------------------------------------------


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
