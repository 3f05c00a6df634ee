"""One channel under its owner: everything that must survive is stored before anyone is answered."""

from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from tests.scene import ME, UP1, UP2, UP3, mobiles

from hongyan.model.account import Product
from hongyan.model.channel import ChannelState
from hongyan.model.message import MessageState, ReceiptState, SegmentResult
from hongyan.model.owed import OwedKind
from hongyan.services.steps import dispatch
from hongyan.workers import channel as room
from hongyan.workers.channel import ChannelWorker
from hongyan.workers.signals import Signals
from hongyan.workers.steps import Steps

QUEUED, SENT, DELIVERED, FAILED = MessageState.QUEUED, MessageState.SENT, MessageState.DELIVERED, MessageState.FAILED


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(room, "AGAIN_S", 0.02)
    monkeypatch.setattr(room, "POLL_S", 0.02)


@asynccontextmanager
async def at_work(rig, channel_id=UP1, drain_s=0.5, capacity=1_000):
    epoch = rig.scene.own(channel_id)
    worker = ChannelWorker(
        rig.scene.channel(channel_id),
        ME,
        epoch,
        rig.lane,
        rig.steps,
        rig.signals,
        rig.deliveries,
        rig.make_link,
        rig.process_state.task_pace,
    )
    rig.links[channel_id].capacity = capacity
    await worker.open()
    try:
        yield worker, rig.links[channel_id]
    finally:
        await worker.close(drain_s)


def send_elsewhere(rig):
    """As another process accepts it: into the store."""
    rig.scene.steps = Steps(replace(rig.process_state, signals=Signals()))
    rig.scene.send()


# --- out ---------------------------------------------------------------------------------------------------------------


def test_what_is_queued_is_offered_answered_recorded_and_settled(on_rig, wait):
    async def go(rig):
        rig.scene.send(numbers=mobiles(5))
        async with at_work(rig) as (_, link):
            await wait(lambda: len(link.offered) == 5)
            link.answer(2)
            link.answer()
            await wait(lambda: sum(link.settlements) == 5)
        return [s.phone % 10 for s in link.offered], rig.scene.states(), rig.scene.rows("parcel"), link.is_open

    assert on_rig(go) == ([0, 1, 2, 3, 4], [SENT] * 5, [], False)


@pytest.mark.parametrize("store", ["sound", "forgets its answer"])
def test_what_a_dead_channels_link_holds_goes_another_way_and_the_rest_is_given_back(on_rig, wait, store):
    """A long text of which one part left stays, and so does what has no other way."""

    async def go(rig):
        rig.scene.change_channel(reroute_after_s=1)
        rig.scene.send(numbers=mobiles(2))
        rig.scene.send(text="长" * 100, numbers=mobiles(1))
        rig.lane.loses["hand_over"] = store != "sound"
        async with at_work(rig) as (_, link):
            await wait(lambda: len(link.queue) == 4)
            left = link.queue.pop()  # it may be at the carrier
            rig.process_state.snapshot = replace(rig.process_state.snapshot, down=frozenset({UP1}))
            link.go(is_up=False)
            await wait(lambda: [s.message_id for s in link.queue] == [left.message_id])
            rows = {m["id"]: m["channel_id"] for m in rig.scene.rows("message")}
            return {channel for i, channel in rows.items() if i != left.message_id}, rows[left.message_id]

    assert on_rig(go) == ({UP2}, UP1)


def test_what_a_dead_channels_link_holds_stays_where_there_is_no_other(on_sqlite_rig, wait):
    async def go(rig):
        rig.scene.change_channel(reroute_after_s=1)
        rig.scene.send(numbers=mobiles(2))
        async with at_work(rig) as (_, link):
            await wait(lambda: len(link.queue) == 2)
            rig.process_state.snapshot = replace(rig.process_state.snapshot, down=frozenset({UP1, UP2, UP3}))
            link.go(is_up=False)
            await wait(lambda: len(link.offered) == 4)
            link.go(is_up=True)
            link.answer()
            await wait(lambda: rig.scene.states() == [SENT] * 2)

    on_sqlite_rig(go)


def test_a_signal_brings_the_next_claim_at_once(on_sqlite_rig, monkeypatch, wait):
    monkeypatch.setattr(room, "POLL_S", 1_000.0)

    async def go(rig):
        async with at_work(rig) as (_, link):
            await wait(lambda: rig.lane.asked["claim"])
            send_elsewhere(rig)
            rig.signals.queued([UP2])
            rig.signals.queued([UP1])
            await wait(lambda: len(link.offered) == 1)

    on_sqlite_rig(go)


def test_what_no_signal_reported_of_is_found_by_the_poll(on_sqlite_rig, wait):
    async def go(rig):
        async with at_work(rig) as (_, link):
            await wait(lambda: rig.lane.asked["claim"])
            send_elsewhere(rig)
            await wait(lambda: len(link.offered) == 1)

    on_sqlite_rig(go)


def test_what_waits_behind_stale_messages_is_claimed_at_once(on_sqlite_rig, monkeypatch, wait):
    monkeypatch.setattr(room, "POLL_S", 1_000.0)

    async def go(rig):
        rig.process_state.snapshot = replace(rig.process_state.snapshot, validity_s={Product.SMS: 60})
        for number in mobiles(3):
            rig.scene.send(numbers=[number])
        rig.scene.now += 60_001
        rig.scene.send(numbers=mobiles(1, 3))
        async with at_work(rig, capacity=1) as (_, link):
            await wait(lambda: len(link.offered) == 1)
        return [s.phone % 10 for s in link.offered], rig.scene.states()

    assert on_sqlite_rig(go) == ([3], [FAILED] * 3 + [QUEUED])


def test_what_is_accepted_goes_to_the_link_without_a_claim_and_overtakes_nothing(on_rig, wait):
    async def go(rig):
        async with at_work(rig, capacity=4) as (worker, link):
            await wait(lambda: worker.room)
            claims = len(rig.lane.asked["claim"])
            for first in (0, 2):
                await rig.lane.ask(rig.steps.accept, rig.scene.admission(numbers=mobiles(2, first)))
            await wait(lambda: len(link.offered) == 4)
            handed = len(rig.lane.asked["claim"]) - claims, worker.room
            await rig.lane.ask(rig.steps.accept, rig.scene.admission(numbers=mobiles(1, 4)))
            link.answer(3)
            await rig.lane.ask(rig.steps.accept, rig.scene.admission(numbers=mobiles(1, 5)))
            await wait(lambda: len(link.offered) == 6)
            link.answer()
            await wait(lambda: rig.scene.states() == [SENT] * 6)
            return handed, [s.phone % 10 for s in link.offered], rig.scene.rows("parcel")

    handed, offered, parcels = on_rig(go)
    assert handed[1] == 0
    assert (offered, parcels) == ([0, 1, 2, 3, 4, 5], [])


def test_a_parcel_that_was_claimed_and_never_came_is_found(on_sqlite_rig, wait, monkeypatch):
    monkeypatch.setattr(room, "STRAYS_S", 0.0)
    monkeypatch.setattr(dispatch, "STRAY_MS", 0)

    async def go(rig):
        rig.lane.loses["claim"] = 1
        rig.scene.send()
        rig.scene.now += 1_000
        async with at_work(rig) as (_, link):
            await wait(lambda: len(link.offered) == 1)
            link.answer()
            await wait(lambda: rig.scene.states() == [SENT])
            return rig.scene.rows("parcel"), len(link.offered)

    assert on_sqlite_rig(go) == ([], 1)


def test_no_more_is_claimed_than_the_link_has_room_for(on_sqlite_rig, wait, pause):
    async def go(rig):
        for number in mobiles(10):
            rig.scene.send(numbers=[number])
        async with at_work(rig, capacity=3) as (_, link):
            await wait(lambda: len(link.offered) == 3)
            await pause()
            full = len(link.offered)
            link.answer(2)
            link.events.ready()
            await wait(lambda: len(link.offered) == 5)
            await pause()
            return full, len(link.offered), {claim.most for claim in rig.lane.asked["claim"]}

    assert on_sqlite_rig(go) == (3, 5, {2, 3})


def test_a_paused_channel_claims_nothing_until_it_runs_again(on_sqlite_rig, wait, pause):
    async def go(rig):
        rig.scene.send()
        rig.scene.change_channel(state=ChannelState.PAUSED)
        async with at_work(rig) as (worker, link):
            await pause()
            before = len(link.offered)
            rig.scene.change_channel(state=ChannelState.RUNNING)
            worker.retune(rig.scene.channel())
            await wait(lambda: len(link.offered) == 1)
            return before, [c.state for c in link.retunes]

    assert on_sqlite_rig(go) == (0, [ChannelState.RUNNING])


def test_a_draining_channel_sends_what_is_queued(on_sqlite_rig, wait):
    async def go(rig):
        rig.scene.send(numbers=mobiles(2))
        rig.scene.change_channel(state=ChannelState.DRAINING)
        async with at_work(rig) as (_, link):
            await wait(lambda: len(link.offered) == 2)

    on_sqlite_rig(go)


def test_a_link_that_is_down_is_offered_nothing_until_it_is_up(on_sqlite_rig, wait, pause):
    async def go(rig):
        async with at_work(rig) as (_, link):
            link.go(is_up=False)
            rig.scene.send()
            await pause()
            before = len(link.offered)
            link.go(is_up=True)
            await wait(lambda: len(link.offered) == 1)
            return before

    assert on_sqlite_rig(go) == 0


def test_a_worker_without_the_lease_sends_nothing(on_rig, pause):
    async def go(rig):
        async with at_work(rig) as (_, link):
            rig.scene.own(owner="another")
            rig.scene.send()
            await pause()
            return len(link.offered)

    assert on_rig(go) == 0


def test_a_refused_message_wakes_its_next_channel(on_sqlite_rig, wait):
    async def go(rig):
        woken = []
        rig.signals.on_queued(UP2, lambda: woken.append(UP2))
        rig.scene.send()
        async with at_work(rig) as (_, link):
            await wait(lambda: link.queue)
            link.answer(result=SegmentResult.REFUSED, code="8")
            await wait(lambda: woken)

    on_sqlite_rig(go)


def test_a_message_that_fails_signals_the_report_that_is_owed(on_sqlite_rig, wait):
    async def go(rig):
        rig.scene.send()
        for channel_id in (1, 2):
            rig.scene.record([rig.scene.refused(s) for s in rig.scene.claim(channel_id)], channel_id)
        async with at_work(rig, 3) as (_, link):
            await wait(lambda: link.queue)
            link.answer(result=SegmentResult.REFUSED, code="8")
            await wait(lambda: any(rig.owed))
        return rig.owed[-1], rig.scene.account("pre").id

    seen, expected = on_sqlite_rig(go)
    assert seen == {expected}


# --- a store in trouble ------------------------------------------------------------------------------------------------------


def test_answers_that_the_store_would_not_take_are_offered_again_and_settled_once(on_rig, wait):
    async def go(rig):
        rig.scene.send(numbers=mobiles(3))
        async with at_work(rig) as (_, link):
            await wait(lambda: len(link.offered) == 3)
            rig.lane.fails["record"] = 2
            link.answer()
            await wait(lambda: link.settlements)
        return link.settlements, len(rig.lane.asked["record"]), rig.scene.states()

    assert on_rig(go) == ([3], 3, [SENT] * 3)


@pytest.mark.parametrize("result", list(SegmentResult))
def test_answers_whose_commit_was_not_heard_of_are_recorded_once(on_rig, wait, result):
    async def go(rig):
        rig.scene.send("delivered", mobiles(2))
        async with at_work(rig) as (_, link):
            await wait(lambda: len(link.offered) == 2)
            rig.lane.loses["record"] = 1
            link.answer(result=result, code="8")
            await wait(lambda: link.settlements)
        return link.settlements, len(rig.scene.rows("segment")), len(rig.scene.rows("parcel")), rig.scene.books_balance()

    assert on_rig(go) == ([2], 2, 1 if result is SegmentResult.REFUSED else 0, True)


def test_a_claim_that_failed_is_tried_again(on_rig, wait):
    async def go(rig):
        rig.lane.fails["claim"] = 3
        rig.scene.send()
        async with at_work(rig) as (_, link):
            await wait(lambda: link.offered)

    on_rig(go)


@pytest.mark.parametrize(
    ("sent", "answered", "is_urgent"),
    [
        pytest.param(5, 5, False, id="a quick carrier, and more than half a window may leave"),
        pytest.param(6, 6, True, id="a quick carrier, and half a window may leave"),
        pytest.param(6, 1, True, id="a slow carrier"),
    ],
)
def test_answers_are_urgent_once_the_link_soon_stands_still(on_sqlite_rig, wait, sent, answered, is_urgent):
    """With a window of 4 it stands still once 8 are in the air or not committed."""

    async def go(rig):
        rig.scene.change_channel(window=4)
        rig.scene.send(numbers=mobiles(sent))
        async with at_work(rig, drain_s=0) as (_, link):
            await wait(lambda: len(link.offered) == sent)
            rig.lane.deaf.add("record")
            link.answer(answered)
            return rig.lane.urgent["record"]

    assert on_sqlite_rig(go) == [is_urgent]


def test_nothing_is_settled_before_its_commit(on_sqlite_rig, wait, pause):
    async def go(rig):
        rig.scene.send()
        async with at_work(rig, drain_s=0) as (_, link):
            await wait(lambda: link.offered)
            rig.lane.deaf.add("record")
            link.answer()
            await pause()
            return link.settlements, rig.scene.states()

    assert on_sqlite_rig(go) == ([], [QUEUED])


# --- back ----------------------------------------------------------------------------------------------------------------------


async def sent(rig, link, wait, account="pre"):
    rig.scene.send(account)
    rig.signals.queued([UP1])
    await wait(lambda: link.queue)
    link.answer()
    await wait(lambda: link.settlements)
    return f"{link.offered[-1].message_id}.1"


def test_a_carrier_is_answered_after_its_report_is_stored(on_rig, wait):
    async def go(rig):
        async with at_work(rig) as (worker, link):
            carrier_id = await sent(rig, link, wait)
            said = []
            worker.received([rig.scene.receipt(carrier_id)], lambda ok: said.append((ok, rig.scene.states())))
            await wait(lambda: said and rig.owed)
        return said, rig.owed[-1], rig.owed_kinds[-1]

    assert on_rig(go) == ([(True, [DELIVERED])], {1}, (OwedKind.REPORT,))


def test_a_reply_is_stored_and_reported_of(on_rig, wait):
    async def go(rig):
        async with at_work(rig) as (worker, _):
            said = []
            worker.replied([rig.scene.reply("好")], said.append)
            await wait(lambda: said and rig.owed)
        return said, rig.owed[-1], rig.owed_kinds[-1], [r.text for r in rig.scene.pull(kind=OwedKind.REPLY)]

    assert on_rig(go) == ([True], {1}, (OwedKind.REPLY,), ["好"])


@pytest.mark.parametrize("store", ["sound", "away", "forgets its answer"])
def test_a_receipt_that_was_there_before_its_answer_ends_the_message(on_rig, wait, store):
    """Also where the store is lost meanwhile. Whom a forgotten commit owes a report, the polls find."""

    async def go(rig):
        rig.lane.fails["record"], rig.lane.loses["record"] = store == "away", store == "forgets its answer"
        rig.scene.send("delivered")
        async with at_work(rig) as (worker, link):
            await wait(lambda: link.queue)
            said = []
            receipt = rig.scene.receipt(f"{link.queue[0].message_id}.1", state=ReceiptState.FAILED, code="X")
            worker.received([receipt], said.append)
            await wait(lambda: said)
            link.answer()
            await wait(lambda: link.settlements)
        return rig.scene.states(), rig.scene.points("delivered"), {3} in rig.owed

    assert on_rig(go) == ([FAILED], 10_000, store != "forgets its answer")


# --- the end -------------------------------------------------------------------------------------------------------------------


def test_closing_waits_for_the_link_and_for_the_last_answers_to_be_recorded(on_rig, wait):
    async def go(rig):
        rig.scene.send(numbers=mobiles(3))
        async with at_work(rig, drain_s=5) as (_, link):
            await wait(lambda: len(link.offered) == 3)
            close = link.close

            async def answer_late(drain_s):
                rig.lane.fails["record"] = 1
                link.answer()
                await close(drain_s)

            link.close = answer_late
        return link.closings, rig.scene.states(), link.settlements

    assert on_rig(go) == ([5], [SENT] * 3, [3])


def test_a_closed_worker_claims_nothing_more(on_sqlite_rig, pause):
    async def go(rig):
        async with at_work(rig) as (_, link):
            pass
        rig.scene.send()
        rig.signals.queued([UP1])
        await pause()
        return len(link.offered)

    assert on_sqlite_rig(go) == 0
