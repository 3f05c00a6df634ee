"""The loop of releases: large and scheduled tasks are expanded, with rests where others wait."""

import asyncio
from contextlib import asynccontextmanager
from time import monotonic
from types import SimpleNamespace

import pytest
from tests.scene import HOUR_MS, NOW, UP1, mobiles

from hongyan.model.channel import ChannelState
from hongyan.model.message import MessageState
from hongyan.policy.release import SLICE
from hongyan.workers import releases


@asynccontextmanager
async def running(rig):
    stopping = asyncio.Event()
    task = asyncio.create_task(releases.Releases(rig.process_state, rig.lane, rig.steps, rig.signals).run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(task, 20)


def test_a_large_task_is_released_at_once_and_its_channels_are_woken(on_rig, wait):
    async def go(rig):
        woken = []
        rig.signals.on_queued(UP1, lambda: woken.append(UP1))
        async with running(rig):
            await wait(lambda: rig.lane.asked["release"])
            rig.scene.send(numbers=mobiles(2_001))
            rig.signals.released.set()
            await wait(lambda: len(rig.scene.rows("message")) == 2_001)
            await wait(lambda: len(woken) == 11)  # once a slice

    on_rig(go)


def test_a_large_task_rests_behind_each_slice_while_customers_wait(on_sqlite_rig, wait, monkeypatch):
    rests = []

    async def noted(rest_s):
        rests.append(rest_s)
        await sleep(0)

    sleep = asyncio.sleep

    async def go(rig):
        rig.scene.send(numbers=mobiles(2_001))
        rig.process_state.task_pace.answered(monotonic() - 1)
        monkeypatch.setattr(asyncio, "sleep", noted)
        async with running(rig):
            while len(rig.scene.rows("message")) < 2_001:
                await sleep(0.01)

    on_sqlite_rig(go)
    assert rests[0] > 0


def test_a_large_task_waits_for_room_at_a_channel_of_this_process(on_sqlite_rig, wait, monkeypatch):
    monkeypatch.setattr(releases, "ROOM_S", 2)

    async def go(rig):
        rig.signals.on_stored(UP1, SimpleNamespace(channel=rig.scene.channel(UP1), room=0))
        rig.scene.send(numbers=mobiles(1_001))
        async with running(rig):
            await wait(lambda: rig.scene.rows("message"))
            await asyncio.sleep(0.05)
            before = len(rig.scene.rows("message"))
            rig.signals.has_room.set()
            await wait(lambda: len(rig.scene.rows("message")) == 1_001)
            return before

    assert on_sqlite_rig(go) == releases.SLICES_ALONE * SLICE


def test_a_large_task_goes_on_without_room_after_a_moment(on_sqlite_rig, wait):
    async def go(rig):
        rig.signals.on_stored(UP1, SimpleNamespace(channel=rig.scene.channel(UP1), room=0))
        rig.scene.send(numbers=mobiles(1_001))
        async with running(rig):
            await wait(lambda: len(rig.scene.rows("message")) == 1_001)

    on_sqlite_rig(go)


def test_a_scheduled_task_is_released_when_its_time_has_come(on_sqlite_rig, wait, monkeypatch):
    monkeypatch.setattr(releases, "RELEASE_POLL_S", 0.02)

    async def go(rig):
        rig.scene.send(send_at_ms=NOW + HOUR_MS)
        async with running(rig):
            await wait(lambda: len(rig.lane.asked["release"]) > 3)
            before = rig.scene.states()
            rig.scene.now += HOUR_MS
            await wait(rig.scene.states)
            return before, rig.scene.states()

    assert on_sqlite_rig(go) == ([], [MessageState.QUEUED])


def test_a_number_that_nobody_serves_any_more_signals_its_report(on_sqlite_rig, wait):
    async def go(rig):
        rig.scene.send(send_at_ms=NOW + 1)
        rig.scene.now += 1
        for channel_id in rig.scene.snapshot.channels:
            rig.scene.change_channel(channel_id, state=ChannelState.STOPPED)
        async with running(rig):
            await wait(lambda: {rig.scene.account("pre").id} in rig.owed)

    on_sqlite_rig(go)


@pytest.mark.interpreted
def test_a_release_that_failed_is_tried_again(on_sqlite_rig, wait, monkeypatch):
    waiting = []

    async def short(event, seconds):
        waiting.append(seconds)
        await asyncio.sleep(0.005)

    monkeypatch.setattr(releases, "wait_or_timeout", short)

    async def go(rig):
        rig.lane.fails["release"] = 2
        rig.scene.send(numbers=mobiles(1_001))
        async with running(rig):
            await wait(lambda: len(rig.scene.rows("message")) == 1_001)

    on_sqlite_rig(go)
    assert 1 in waiting
