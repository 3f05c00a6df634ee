"""The lane with a thread gathers: soon after a commit it waits a little for more, unless somebody stands still for it."""

import asyncio
from time import monotonic

import pytest
from tests.store.lanes import COUNT, PATIENCE_S, on_lane, outcomes

from hongyan.ports.lane import Step
from hongyan.store.engine import thread_lane

AN_HOUR_S = 3600.0


async def asked(lane, *, is_urgent=False):
    """Ask, and wait until the thread has noted how long it rests after that commit."""
    lane._not_before = noted = -1.0
    await lane.ask(COUNT, 1, is_urgent=is_urgent)
    while lane._not_before == noted:  # noqa: ASYNC110 - the thread signals nothing
        await asyncio.sleep(0.001)


def gathering(lane):
    lane._not_before = monotonic() + AN_HOUR_S


def test_what_comes_soon_after_a_commit_waits_and_leaves_with_what_is_urgent(postgres_store):
    async def go(lane):
        await asked(lane)
        before = lane.commits
        gathering(lane)
        early = [lane.ask(COUNT, 1) for _ in range(3)]
        done, _ = await asyncio.wait(early, timeout=0.1)
        answers = await outcomes([*early, lane.ask(COUNT, 1, is_urgent=True)])
        return done, answers, lane.commits - before

    assert on_lane(postgres_store, go, postgres_store.connect) == (set(), [2, 3, 4, 5], 1)


def test_what_was_urgent_once_hurries_nothing_later(postgres_store):
    async def go(lane):
        await asked(lane, is_urgent=True)
        gathering(lane)
        late = lane.ask(COUNT, 1)
        done, _ = await asyncio.wait([late], timeout=0.1)
        lane.ask(COUNT, 1, is_urgent=True)
        return done, await asyncio.wait_for(late, PATIENCE_S)

    assert on_lane(postgres_store, go, postgres_store.connect) == (set(), 2)


@pytest.mark.parametrize(
    ("is_awaited", "takes_s", "rests_s"), [(True, 0.006, 0.006), (True, 0.5, 0.008), (False, 0.006, 0.012), (False, 0.5, 0.020)]
)
def test_it_rests_as_long_as_a_commit_took_and_twice_as_long_if_no_customer_waited(
    postgres_store, monkeypatch, is_awaited, takes_s, rests_s
):
    now = [100.0]
    monkeypatch.setattr(thread_lane, "monotonic", lambda: now[0])

    def slow(_tx, items):
        now[0] += takes_s
        return items

    async def go(lane):
        lane._not_before = noted = -1.0
        await lane.ask(Step("slow", 0, slow, is_awaited=is_awaited), 1)
        while lane._not_before == noted:  # noqa: ASYNC110 - the thread signals nothing
            await asyncio.sleep(0.001)
        return lane._not_before - now[0]

    assert on_lane(postgres_store, go, postgres_store.connect) == pytest.approx(rests_s)
