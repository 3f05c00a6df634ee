"""The lease manager: owns channels by lease, releases them in time, and never owns one beside another process."""

import asyncio
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import replace
from types import SimpleNamespace

import pytest
from tests.scene import UP1, UP2, UP3, Scene

from hongyan.model.channel import ChannelState
from hongyan.model.ids import IdSource
from hongyan.services.steps.leases import PUSHING, ChannelHold, NodeHold
from hongyan.workers import channel, lease_manager, lease_watch
from hongyan.workers.lease_manager import LeaseManager
from hongyan.workers.lease_watch import LeaseWatch

ALL = {UP1, UP2, UP3}
REAL = {
    name: getattr(module, name)
    for module, name in (
        (lease_manager, "WATCH_S"),
        (lease_manager, "RENEW_S"),
        (lease_manager, "ABANDON_S"),
        (lease_watch, "STALE_S"),
        (lease_watch, "DOWN_AFTER_S"),
        (lease_watch, "OVER_S"),
    )
}


@pytest.fixture(autouse=True)
def _times(monkeypatch):
    """A twentieth of the real ones, but for leases, which must outlast a busy machine's pauses."""
    monkeypatch.setattr(lease_manager, "RENEW_S", 0.1)
    monkeypatch.setattr(lease_manager, "NODE_RENEW_S", 0.1)
    monkeypatch.setattr(lease_manager, "WATCH_S", 0.02)
    monkeypatch.setattr(lease_manager, "ABANDON_S", 0.8)
    monkeypatch.setattr(channel, "POLL_S", 0.05)
    monkeypatch.setattr(lease_watch, "OVER_S", 1.5)


@asynccontextmanager
async def keeping(rig, owner="a", *, ended=frozenset(), is_alone=False, owns=True, pushes=False, drain_s=0.5):
    kept = LeaseManager(
        rig.process_state,
        rig.lane,
        rig.steps,
        rig.signals,
        rig.make_link,
        owner,
        drain_s,
        LeaseWatch(ended.__contains__),
        is_alone=is_alone,
        owns=owns,
        pushes=pushes,
    )
    stopping = asyncio.Event()
    task = asyncio.create_task(kept.run(stopping))
    try:
        yield SimpleNamespace(lease_manager=kept, task=task, stop=stopping.set)
    finally:
        stopping.set()
        await task


def lease(rig, channel_id=UP1):
    found = rig.scene.within(lambda tx: tx.leases()).get(channel_id)
    return found and (found.owner, found.epoch, found.expires_ms, found.is_up)


def owns(kept, channels=ALL):
    return lambda: set(kept.lease_manager.workers) == set(channels)


# --- taking and renewing -----------------------------------------------------------------------------------------------------


def test_every_channel_that_is_not_stopped_is_owned_and_connected(on_rig, wait):
    async def go(rig):
        rig.scene.change_channel(UP2, state=ChannelState.PAUSED)
        rig.scene.change_channel(UP3, state=ChannelState.STOPPED)
        async with keeping(rig) as kept:
            await wait(owns(kept, {UP1, UP2}))
            return [lease(rig, i)[:2] for i in (UP1, UP2)], lease(rig, UP3), [rig.links[i].is_open for i in (UP1, UP2)]

    assert on_rig(go) == ([("a", 1), ("a", 1)], None, [True, True])


def test_a_lease_is_renewed_and_says_whether_the_link_is_up(on_rig, wait):
    async def go(rig):
        async with keeping(rig) as kept:
            await wait(owns(kept))
            first = lease(rig)
            await wait(lambda: lease(rig)[2] > first[2] and lease(rig)[3])
            rig.links[UP1].go(is_up=False)
            await wait(lambda: not lease(rig)[3])
            return lease(rig)[:2]

    assert on_rig(go) == ("a", 1)


def test_what_goes_wrong_on_a_link_stands_with_its_lease_until_it_is_over(on_rig, wait):
    async def go(rig):
        async with keeping(rig) as kept:
            await wait(owns(kept))
            for trouble in ("a login from 192.0.2.1 was refused", ""):
                rig.links[UP1].trouble = trouble
                await wait(lambda said=trouble: rig.scene.within(lambda tx: tx.troubles()).get(UP1, "") == said)
            rig.links[UP1].trouble = "no connection"
            await wait(lambda: rig.scene.within(lambda tx: tx.troubles()))
        return rig.scene.within(lambda tx: tx.troubles())

    assert on_rig(go) == {}


def test_without_the_duty_nothing_is_owned_and_others_leases_are_still_read(on_sqlite_rig, wait):
    async def go(rig):
        async with keeping(rig, owns=False) as kept:
            await wait(lambda: rig.process_state.snapshot.down == ALL)
            return set(kept.lease_manager.workers), [lease(rig, i) for i in ALL]

    assert on_sqlite_rig(go) == (set(), [None] * 3)


def test_the_only_process_takes_a_lease_that_a_crash_left_behind(on_sqlite_rig, wait):
    async def go(rig):
        rig.scene.ask(rig.steps.hold_channels, ChannelHold("crashed", take=(UP1,)))
        async with keeping(rig, is_alone=True) as kept:
            await wait(owns(kept))
            return lease(rig)[:2]

    assert on_sqlite_rig(go) == ("a", 2)


def test_a_channel_that_is_added_is_owned_and_one_that_is_stopped_is_let_go(on_sqlite_rig, wait):
    async def go(rig):
        rig.scene.change_channel(state=ChannelState.STOPPED)
        async with keeping(rig) as kept:
            await wait(owns(kept, {UP2, UP3}))
            rig.scene.change_channel(state=ChannelState.RUNNING)
            await wait(owns(kept))
            rig.scene.change_channel(UP2, state=ChannelState.STOPPED)
            await wait(owns(kept, {UP1, UP3}))
            await wait(lambda: lease(rig, UP2)[2] == 0)
            return rig.links[UP2].closings

    assert on_sqlite_rig(go) == [0.5]


def test_a_changed_channel_is_retuned_and_not_reopened(on_sqlite_rig, wait):
    async def go(rig):
        async with keeping(rig) as kept:
            await wait(owns(kept))
            link = rig.links[UP1]
            rig.scene.change_channel(window=77)
            await wait(lambda: link.channel.window == 77)
            return len(link.retunes), [*link.closings], rig.links[UP2].retunes

    assert on_sqlite_rig(go) == (1, [], [])


def test_a_clean_stop_closes_the_links_and_frees_the_leases_at_once(on_rig, wait):
    async def go(rig):
        async with keeping(rig, pushes=True) as kept:
            await wait(lambda: owns(kept)() and rig.process_state.may_push)
        return [lease(rig, i)[2] for i in (*ALL, PUSHING)], [rig.links[i].is_open for i in ALL]

    assert on_rig(go) == ([0] * 4, [False] * 3)


# --- losing ------------------------------------------------------------------------------------------------------------------


def test_a_channel_that_another_owner_has_is_abandoned(on_rig, wait):
    async def go(rig):
        async with keeping(rig) as kept:
            await wait(owns(kept))
            rig.scene.ask(rig.steps.hold_channels, ChannelHold("b", take=(UP1,), is_alone=True))
            await wait(owns(kept, {UP2, UP3}))
            return rig.links[UP1].closings, lease(rig)[:2]

    assert on_rig(go) == ([0], ("b", 2))


def test_everything_is_abandoned_when_renewals_fail_for_too_long(on_sqlite_rig, wait):
    async def go(rig):
        async with keeping(rig, pushes=True) as kept:
            await wait(lambda: owns(kept)() and rig.process_state.may_push)
            rig.lane.fails["hold_channels"] = 10_000
            await wait(
                lambda: owns(kept, set())() and all(rig.links[i].closings for i in ALL) and not rig.process_state.may_push
            )
            given_up = [[*rig.links[i].closings] for i in ALL], rig.process_state.may_push
            rig.lane.fails["hold_channels"] = 0
            await wait(owns(kept))
            return given_up

    assert on_sqlite_rig(go) == ([[0]] * 3, False)


def test_everything_is_abandoned_when_the_store_does_not_even_answer(on_sqlite_rig, wait):
    """A database that hangs is no reason to keep a channel beyond its lease."""

    async def go(rig):
        async with keeping(rig, pushes=True) as kept:
            await wait(lambda: owns(kept)() and rig.process_state.may_push)
            rig.lane.deaf.update({"hold_channels", "hold_node", "claim"})
            await wait(lambda: not any(rig.links[i].is_open for i in ALL))
            given_up = set(kept.lease_manager.workers), rig.process_state.may_push
            rig.lane.deaf.clear()
            await wait(owns(kept))
            return given_up

    assert on_sqlite_rig(go) == (set(), False)


def test_a_failure_that_passes_abandons_nothing(on_sqlite_rig, wait, pause):
    async def go(rig):
        async with keeping(rig) as kept:
            await wait(owns(kept))
            links = dict(rig.links)
            rig.lane.fails["hold_channels"] = 2
            await wait(lambda: not rig.lane.fails["hold_channels"])
            await pause()
            return rig.links == links, [[*link.closings] for link in links.values()]

    assert on_sqlite_rig(go) == (True, [[]] * 3)


def test_a_channel_that_drains_slowly_does_not_cost_the_others_their_leases(on_sqlite_rig, wait):
    async def go(rig):
        async with keeping(rig, drain_s=5) as kept:
            await wait(owns(kept))
            rig.links[UP1].closing.clear()
            rig.scene.change_channel(state=ChannelState.STOPPED)
            await wait(lambda: rig.links[UP1].closings)
            before = {i: lease(rig, i)[2] for i in ALL}
            await wait(lambda: all(lease(rig, i)[2] > before[i] for i in ALL))
            is_still_ours = lease(rig)[2] > 0
            rig.links[UP1].closing.set()
            await wait(lambda: lease(rig)[2] == 0)
            return is_still_ours

    assert on_sqlite_rig(go)


def test_a_channel_that_is_started_again_while_it_drains_gets_a_new_worker_after(on_sqlite_rig, wait, pause):
    async def go(rig):
        async with keeping(rig, drain_s=5) as kept:
            await wait(owns(kept))
            first = rig.links[UP1]
            first.closing.clear()
            rig.scene.change_channel(state=ChannelState.STOPPED)
            await wait(lambda: first.closings)
            rig.scene.change_channel(state=ChannelState.RUNNING)
            await pause()
            is_alone = rig.links[UP1] is first
            first.closing.set()
            await wait(lambda: rig.links[UP1] is not first and owns(kept)())
            return is_alone, lease(rig)[1]

    assert on_sqlite_rig(go) == (True, 2)


def test_what_an_owner_had_that_is_known_to_have_ended_is_taken_before_its_lease_is_over(on_rig, monkeypatch, wait):
    monkeypatch.setattr(lease_watch, "OVER_S", 60)

    async def go(rig):
        rig.scene.ask(rig.steps.hold_channels, ChannelHold("killed", take=(*ALL, PUSHING)))
        async with keeping(rig, ended={"killed"}, pushes=True) as kept:
            await wait(lambda: owns(kept)() and rig.process_state.may_push)
            return lease(rig)[:2]

    assert on_rig(go) == ("a", 2)


# --- two processes -----------------------------------------------------------------------------------------------------------


def test_two_lease_managers_never_own_one_channel_at_once(furnished_postgres_store, rig_of, wait):
    """The second takes over when the first stops, and when the first no longer hears from the store."""

    async def go():
        scenes = [Scene(furnished_postgres_store, node) for node in (1, 2)]
        both = []

        def watch(one, other):
            both.append(
                {i for i in ALL if i in one.links and i in other.links and one.links[i].is_open and other.links[i].is_open}
            )

        async with rig_of(scenes[0]) as one, rig_of(scenes[1]) as other, keeping(other, "b") as second:
            await wait(owns(second))
            async with keeping(one, "a") as first:
                await wait(lambda: watch(one, other) or len(both) > 40)
                assert first.lease_manager.workers == {}
                second.stop()
                await wait(lambda: watch(one, other) or owns(first)())
                epochs = [lease(one, i)[:2] for i in sorted(ALL)]
                async with keeping(other, "b") as third:
                    one.lane.deaf.update({"hold_channels", "claim"})
                    await wait(lambda: watch(one, other) or owns(third)())
                    epochs += [lease(one, i)[:2] for i in sorted(ALL)]
        for scene in scenes:
            scene.close()
        return both, epochs

    both, epochs = asyncio.run(go())

    assert set(map(frozenset, both)) == {frozenset()}
    assert epochs == [("a", 2)] * 3 + [("b", 3)] * 3


def test_two_lease_managers_that_start_together_share_the_channels_without_an_overlap(furnished_postgres_store, rig_of, wait):
    async def go():
        scenes = [Scene(furnished_postgres_store, node) for node in (1, 2)]
        async with (
            rig_of(scenes[0]) as one,
            rig_of(scenes[1]) as other,
            keeping(one, "a") as first,
            keeping(other, "b") as second,
        ):
            await wait(lambda: set(first.lease_manager.workers) | set(second.lease_manager.workers) == ALL)
            shared = set(first.lease_manager.workers) & set(second.lease_manager.workers)
        for scene in scenes:
            scene.close()
        return shared

    assert asyncio.run(go()) == set()


# --- what the ConfigSnapshot says ------------------------------------------------------------------------------------------------------


def test_a_channel_that_stays_down_is_routed_around_and_comes_back(on_sqlite_rig, monkeypatch, wait):
    monkeypatch.setattr(lease_watch, "DOWN_AFTER_S", 0.1)

    async def go(rig):
        async with keeping(rig) as kept:
            await wait(owns(kept))
            rig.links[UP1].go(is_up=False)
            await wait(lambda: rig.process_state.snapshot.down == {UP1})
            since, renewed = rig.process_state.down_since[UP1], lease(rig)[2]
            await wait(lambda: lease(rig)[2] > renewed)
            is_steady = rig.process_state.down_since == {UP1: since}
            rig.links[UP1].go(is_up=True)
            await wait(lambda: not rig.process_state.snapshot.down)
            return is_steady, rig.process_state.down_since

    assert on_sqlite_rig(go) == (True, {})


def test_the_real_times_route_round_a_channel_within_three_seconds():
    """Noticed by its owner and stored, read by others, waited for, noticed; or not renewed any more by an owner that died."""
    often = REAL["RENEW_S"] + REAL["WATCH_S"]
    assert REAL["WATCH_S"] + often + REAL["DOWN_AFTER_S"] <= 3.0
    assert often + REAL["STALE_S"] + often <= 3.0
    assert 2 * often < REAL["STALE_S"]
    assert REAL["ABANDON_S"] + often < REAL["OVER_S"]


@pytest.mark.parametrize("owned", [True, False], ids=["by its owner", "by a process that owns nothing"])
def test_a_channel_that_is_down_is_routed_around_long_before_its_lease_is_over(on_sqlite_rig, monkeypatch, wait, owned):
    monkeypatch.setattr(lease_watch, "DOWN_AFTER_S", 0.1)
    monkeypatch.setattr(lease_watch, "OVER_S", 60)
    monkeypatch.setattr(lease_manager, "NODE_RENEW_S", 60)

    async def go(rig):
        async with keeping(rig) as kept:
            await wait(owns(kept))
            if owned:
                rig.links[UP1].go(is_up=False)
                await wait(lambda: rig.process_state.snapshot.down == {UP1}, 2.0)
                return
            onlooker = copy(rig)
            onlooker.process_state = replace(rig.process_state)
            async with keeping(onlooker, "b", owns=False):
                rig.links[UP1].go(is_up=False)
                await wait(lambda: onlooker.process_state.snapshot.down == {UP1}, 2.0)

    on_sqlite_rig(go)


def test_a_channel_that_flaps_shortly_is_not_routed_around(on_sqlite_rig, wait):
    async def go(rig):
        async with keeping(rig) as kept:
            await wait(owns(kept))
            rig.links[UP1].go(is_up=False)
            await wait(lambda: not lease(rig)[3])
            before = lease(rig)[2]
            await wait(lambda: lease(rig)[2] > before)
            return rig.process_state.snapshot.down

    assert on_sqlite_rig(go) == frozenset()


def test_a_process_without_links_learns_which_channels_are_down(on_sqlite_rig, wait):
    async def go(rig):
        rig.scene.ask(rig.steps.hold_channels, ChannelHold("b", take=(UP1, UP2)))
        rig.scene.ask(rig.steps.hold_channels, ChannelHold("b", renew={UP1: (1, True)}))
        async with keeping(rig, owns=False):
            await wait(lambda: rig.process_state.snapshot.down == {UP3})

    on_sqlite_rig(go)


def test_a_channel_that_no_process_has_is_known_to_every_process(on_sqlite_rig, wait):
    async def go(rig):
        rig.scene.ask(rig.steps.hold_channels, ChannelHold("b", take=(UP1, UP2)))
        async with keeping(rig, owns=False) as kept:
            await wait(lambda: kept.lease_manager.unowned == {UP3})
            rig.scene.ask(rig.steps.hold_channels, ChannelHold("b", take=(UP3,)))
            await wait(lambda: not kept.lease_manager.unowned)

    on_sqlite_rig(go)


# --- the node number ---------------------------------------------------------------------------------------------------------


def test_a_process_whose_node_number_another_has_does_not_go_on(on_sqlite_rig, wait):
    """Ids would collide: the loop ends loudly, and with it the process."""

    async def go(rig):
        rig.process_state.ids = IdSource(5)
        rig.scene.ask(rig.steps.hold_node, NodeHold("another", 5))
        kept = LeaseManager(
            rig.process_state,
            rig.lane,
            rig.steps,
            rig.signals,
            rig.make_link,
            "a",
            0.1,
            LeaseWatch(lambda _: False),
            is_alone=False,
            owns=False,
            pushes=False,
        )
        with pytest.raises(AssertionError, match="node number"):
            await asyncio.wait_for(kept.run(asyncio.Event()), 10)

    on_sqlite_rig(go)


def test_our_node_number_is_renewed(on_sqlite_rig, wait):
    async def go(rig):
        rig.scene.ask(rig.steps.hold_node, NodeHold("a", rig.process_state.ids.node))
        (before,) = [row["expires_ms"] for row in rig.scene.rows("node")]
        async with keeping(rig):
            await wait(lambda: rig.scene.rows("node")[0]["expires_ms"] > before)

    on_sqlite_rig(go)
