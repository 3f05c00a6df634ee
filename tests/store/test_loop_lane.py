"""The lane on SQLite: one commit a turn of the loop, culprits alone, another writer waited for without standing still."""

import asyncio
import threading
from contextlib import asynccontextmanager

import pytest
from tests.store.lanes import COUNT, COUNTER, PATIENCE_S, Poison, outcomes, poisoned, value

from hongyan.ports.lane import Step
from hongyan.store.engine.drain import MOST_AT_ONCE
from hongyan.store.engine.loop_lane import GATHER_LEAST_S, GATHER_MOST_S, GATHERED_ENOUGH, LoopLane, gathering_s
from hongyan.store.engine.sqlite_connection import SqliteConnection
from hongyan.store.engine.syncer import Syncer
from hongyan.store.sql.tx import SqlTx


def _lane(store, after_commit=None):
    return LoopLane(
        "test", lambda: SqliteConnection(store.path, busy_s=0, syncs=False), SqlTx, Syncer(store.path), after_commit
    )


@asynccontextmanager
async def working(store, after_commit=None):
    lane = _lane(store, after_commit)
    lane.start()
    try:
        yield lane
    finally:
        await asyncio.wait_for(lane.stop(), PATIENCE_S)


def on_lane(store, what):
    async def go():
        async with working(store) as lane:
            return await what(lane)

    return asyncio.run(go())


def test_a_turn_is_one_commit(sqlite_store):
    async def go(lane):
        answers = await outcomes([lane.ask(COUNT, 1) for _ in range(300)])
        return answers, lane.commits

    assert on_lane(sqlite_store, go) == ([*range(1, 301)], 1)
    assert value(sqlite_store) == 300


def test_a_turn_is_bounded(sqlite_store):
    async def go(lane):
        await outcomes([lane.ask(COUNT, 1) for _ in range(MOST_AT_ONCE + 1)])
        return lane.commits

    assert on_lane(sqlite_store, go) == 2


def test_only_the_culprit_fails(sqlite_store):
    async def go(lane):
        step = Step("poisoned", 0, poisoned)
        return await outcomes([lane.ask(step, item) for item in ("a", "poison", "b")])

    one, culprit, other = on_lane(sqlite_store, go)
    assert (one, other) == (1, 2)
    assert isinstance(culprit, Poison)
    assert value(sqlite_store) == 2


def test_the_loop_goes_on_while_another_process_writes(sqlite_store):
    async def go(lane):
        other = SqliteConnection(sqlite_store.path)
        other.begin()
        future = lane.ask(COUNT, 1)
        for _ in range(20):  # turns of the loop that would not come if the lane stood still
            await asyncio.sleep(0.005)
        was_done = future.done()
        other.rollback()
        other.close()
        return was_done, await asyncio.wait_for(future, PATIENCE_S)

    assert on_lane(sqlite_store, go) == (False, 1)


def test_a_writer_that_never_ends_fails_the_turn(sqlite_store, monkeypatch):
    monkeypatch.setattr("hongyan.store.engine.loop_lane.BUSY_S", 0.05)

    async def go(lane):
        other = SqliteConnection(sqlite_store.path)
        other.begin()
        try:
            (outcome,) = await outcomes([lane.ask(COUNT, 1)])
        finally:
            other.rollback()
            other.close()
        return outcome

    assert "locked" in str(on_lane(sqlite_store, go))


def test_a_stop_finishes_what_waits(sqlite_store):
    async def go():
        async with working(sqlite_store) as lane:
            future = lane.ask(COUNT, 1)
        return future.result()

    assert asyncio.run(go()) == 1


def test_trouble_with_the_log_harms_no_answer(sqlite_store):
    followed = []

    def fail(connection):
        followed.append(connection)
        raise OSError("the disk is full")

    async def go():
        async with working(sqlite_store, fail) as lane:
            return [await lane.ask(COUNT, 1), await lane.ask(COUNT, 1)]

    assert asyncio.run(go()) == [1, 2]
    assert len(followed) == 2


@pytest.mark.parametrize("count", [0, 1, 7])
def test_it_says_how_many_wait(sqlite_store, count):
    async def go(lane):
        futures = [lane.ask(COUNT, 1) for _ in range(count)]
        waiting = lane.waiting
        await outcomes(futures)
        return waiting, lane.waiting

    assert on_lane(sqlite_store, go) == (count, 0)


def test_a_writer_that_slips_in_between_two_statements_is_waited_for_too(sqlite_store):
    """The lane looks whether it may write, and then writes: nobody must come between."""
    rival = SqliteConnection(sqlite_store.path)
    moments = []

    class Raced(SqliteConnection):
        def rollback(self):
            super().rollback()
            if not moments:
                moments.append("rival begins")
                rival.begin()

    async def go():
        lane = LoopLane("test", lambda: Raced(sqlite_store.path, busy_s=0, syncs=False), SqlTx, Syncer(sqlite_store.path))
        lane.start()
        future = lane.ask(COUNT, 1)
        await asyncio.sleep(0.05)
        if moments:
            rival.rollback()
        answer = await asyncio.wait_for(future, PATIENCE_S)
        await lane.stop()
        return answer

    assert asyncio.run(go()) == 1
    rival.close()


def test_opening_the_store_waits_for_who_opens_it_at_the_same_moment(sqlite_store):
    """The first to open a file in WAL mode holds all of it for a moment; only writing is not waited for."""
    first = SqliteConnection(sqlite_store.path)
    first.plain("PRAGMA locking_mode = EXCLUSIVE")
    with first.transaction():
        first.plain("DELETE FROM counter")
    is_closing = threading.Timer(0.1, first.close)
    is_closing.start()

    SqliteConnection(sqlite_store.path, busy_s=0).close()

    is_closing.join()


def _slow(tx, items):
    threading.Event().wait(0.05)
    return items


SLOW = Step("slow", 0, _slow)


def test_what_comes_soon_after_a_turn_is_gathered_into_the_next(sqlite_store, monkeypatch):
    """Soon: within half a second, which five steps of the loop take on no machine."""
    monkeypatch.setattr("hongyan.store.engine.loop_lane.GATHER_LEAST_S", 0.5)
    monkeypatch.setattr("hongyan.store.engine.loop_lane.GATHER_MOST_S", 0.5)

    async def go(lane):
        await lane.ask(SLOW, None)
        futures = []
        for _ in range(5):
            futures.append(lane.ask(COUNT, 1))
            await asyncio.sleep(0)
        await outcomes(futures)
        return lane.commits

    assert on_lane(sqlite_store, go) == 2


def test_the_more_a_turn_had_to_do_the_longer_is_gathered():
    """A turn of a few items costs customers the least; one of a full house, and what pages or the disk add, the most."""
    few, house, flood = 0.000_4, 0.001_2, 0.020

    assert [gathering_s(few, 1), gathering_s(flood, 1)] == [GATHER_LEAST_S, GATHER_MOST_S]
    assert GATHER_LEAST_S < gathering_s(house, 1) < GATHER_MOST_S


def test_a_turn_of_many_items_gathers_shorter_in_proportion():
    assert gathering_s(0.001, GATHERED_ENOUGH) == gathering_s(0.001, 1)
    assert gathering_s(0.001, 4 * GATHERED_ENOUGH) == gathering_s(0.001, 1) / 4


def test_what_is_urgent_takes_the_others_along_at_once(sqlite_store, monkeypatch):
    monkeypatch.setattr("hongyan.store.engine.loop_lane.GATHER_MOST_S", 3600)
    monkeypatch.setattr("hongyan.store.engine.loop_lane.monotonic", iter(range(0, 1_000_000, 3600)).__next__)

    async def go(lane):
        await lane.ask(SLOW, None)
        patient = lane.ask(COUNT, 1)
        return await asyncio.wait_for(outcomes([patient, lane.ask(COUNT, 1, is_urgent=True)]), PATIENCE_S)

    assert on_lane(sqlite_store, go) == [1, 2]


def test_what_a_customer_waits_for_does_not_wait_for_the_rest(sqlite_store, monkeypatch):
    monkeypatch.setattr("hongyan.store.engine.loop_lane.GATHER_OTHERS_S", 3600)
    awaited = Step("awaited", 0, COUNT.run, is_awaited=True)

    async def go(lane):
        for step in (awaited, awaited, COUNT):  # customers keep coming: what nobody waits for is gathered from now on
            await asyncio.wait_for(lane.ask(step, 1), PATIENCE_S)
        other = lane.ask(COUNT, 1)
        answers = [await asyncio.wait_for(lane.ask(awaited, 1), PATIENCE_S) for _ in range(2)]
        was_done = other.done()
        lane.ask(COUNT, 1, is_urgent=True)
        return answers, was_done, await asyncio.wait_for(other, PATIENCE_S)

    assert on_lane(sqlite_store, go) == ([4, 5], False, 6)


def test_the_rest_lets_the_sync_of_customers_end_first(sqlite_store, monkeypatch):
    monkeypatch.setattr("hongyan.store.engine.loop_lane.OTHERS_REST_S", 3600)
    awaited = Step("awaited", 0, COUNT.run, is_awaited=True)

    async def go(lane):
        await asyncio.wait_for(lane.ask(awaited, 1), PATIENCE_S)
        other = lane.ask(COUNT, 1)
        await asyncio.wait_for(lane.ask(awaited, 1), PATIENCE_S)
        was_done = other.done()
        lane.ask(COUNT, 1, is_urgent=True)
        return was_done, await asyncio.wait_for(other, PATIENCE_S)

    assert on_lane(sqlite_store, go) == (False, 3)


def test_customers_and_the_rest_take_turns(sqlite_store):
    """However many of either kind wait, neither keeps the other waiting for more than one turn."""
    turns = []

    def noted(kind):
        return Step(kind, 0, lambda tx, items: [turns.append(kind)] * len(items), is_awaited=kind == "awaited")

    async def go(lane):
        await outcomes([lane.ask(step, 1) for step in map(noted, ("awaited", "other")) for _ in range(2 * MOST_AT_ONCE + 1)])

    on_lane(sqlite_store, go)
    assert turns == ["awaited", "other"] * 3


# --- a turn in slices ------------------------------------------------------------------------------------------------


def _between(ranks, act, last=None):
    """Steps that hold the loop for longer than a slice, one rank after the other; `act` is called while the turn pauses."""

    def run(rank):
        def _run(tx, items):
            threading.Event().wait(0.005)
            if rank == 0:
                asyncio.get_running_loop().call_soon(act)
            answers = [tx.take_count(COUNTER, 1) for _ in items]
            if rank == ranks - 1 and last is not None:
                last()
            return answers

        return _run

    return [Step(f"rank {rank}", rank, run(rank)) for rank in range(ranks)]


def test_the_loop_goes_on_in_the_middle_of_a_long_turn(sqlite_store):
    seen = []

    async def go(lane):
        steps = _between(2, lambda: seen.append((lane.commits, lane.waiting)))
        answers = await outcomes([lane.ask(step, None) for step in steps])
        return answers, lane.commits

    assert on_lane(sqlite_store, go) == ([1, 2], 1)
    assert seen == [(0, 2)]


def test_what_is_asked_in_the_middle_of_a_turn_has_the_next_one(sqlite_store, monkeypatch):
    """Also what is urgent, however long is gathered after the turn."""
    for name in ("GATHER_LEAST_S", "GATHER_MOST_S"):
        monkeypatch.setattr(f"hongyan.store.engine.loop_lane.{name}", 3600)
    asked = []

    async def go(lane):
        steps = _between(3, lambda: asked.append(lane.ask(COUNT, 1, is_urgent=True)))
        answers = await outcomes([lane.ask(step, None) for step in steps])
        return answers + await outcomes(asked), lane.commits

    assert on_lane(sqlite_store, go) == ([1, 2, 3, 4], 2)


def test_a_turn_that_fails_behind_a_pause_leaves_nothing_and_is_repeated_item_by_item(sqlite_store):
    def fail():
        raise Poison

    async def go(lane):
        return await outcomes([lane.ask(step, None) for step in _between(2, lambda: None, last=fail)])

    good, bad = on_lane(sqlite_store, go)
    assert good == 1
    assert isinstance(bad, Poison)
    assert value(sqlite_store) == 1


def test_a_stop_in_the_middle_of_a_turn_waits_for_its_end(sqlite_store):
    async def go():
        stopping, lane = [], _lane(sqlite_store)
        lane.start()

        def stop():
            stopping.append((asyncio.ensure_future(lane.stop()), [future.done() for future in futures]))

        futures = [lane.ask(step, None) for step in _between(2, stop)]
        answers = await outcomes(futures)
        ((stopped, is_done),) = stopping
        await asyncio.wait_for(stopped, PATIENCE_S)
        return is_done, answers

    assert asyncio.run(go()) == ([False, False], [1, 2])


# --- a turn that ends early --------------------------------------------------------------------------------------------


def _interrupted(ran):
    """Steps for which nobody waits, one rank after the other; a customer comes in the middle of the first."""
    awaited = Step("awaited", 0, lambda tx, items: [ran.append("awaited")] * len(items), is_awaited=True)

    async def go(lane):
        customers = []

        def run(rank):
            def _run(tx, items):
                if rank == 0:
                    customers.append(lane.ask(awaited, 1))
                ran.append(rank)
                return [tx.take_count(COUNTER, 1) for _ in items]

            return _run

        steps = [Step(f"rank {rank}", rank, run(rank)) for rank in range(3)]
        answers = await outcomes([lane.ask(step, None) for step in reversed(steps)])
        await outcomes(customers)
        return answers, lane.commits, lane.items

    return go


def test_a_turn_for_which_nobody_waits_ends_early_for_a_customer(sqlite_store):
    ran = []

    assert on_lane(sqlite_store, _interrupted(ran)) == ([3, 2, 1], 3, 4)
    assert ran == [0, "awaited", 1, 2]


def test_what_an_early_end_left_goes_before_younger_work(sqlite_store):
    """Else a flood of early steps would keep the late ones from ever running."""
    ran = []

    async def go(lane):
        customer = Step("awaited", 0, lambda tx, items: [ran.append("awaited")] * len(items), is_awaited=True)
        first = Step("first", 1, lambda tx, items: [lane.ask(customer, 1), lane.ask(again, 1)] and items)
        again = Step("again", 0, lambda tx, items: [ran.append("again")] * len(items))
        last = Step("last", 2, lambda tx, items: [ran.append("last")] * len(items))
        await outcomes([lane.ask(first, 1), lane.ask(last, 1)])

    on_lane(sqlite_store, go)
    assert ran == ["awaited", "last", "again"]


def test_a_stop_waits_for_what_an_early_end_left(sqlite_store):
    async def go():
        async with working(sqlite_store) as lane:
            customer = Step("awaited", 0, lambda tx, items: items, is_awaited=True)
            first = Step("first", 1, lambda tx, items: [lane.ask(customer, 1)] and items)
            futures = [lane.ask(first, "first"), lane.ask(Step("last", 2, lambda tx, items: items), "last")]
        return [future.result() for future in futures]

    assert asyncio.run(go()) == ["first", "last"]
