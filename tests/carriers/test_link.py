"""A link at a sound carrier: sending, windows, rate, receipts, replies, settings, closing."""

import asyncio
import itertools
from time import monotonic

import pytest

from hongyan.adapters.centre import HandsetText
from hongyan.carriers.factory import adapter_of
from hongyan.carriers.link import CarrierLink
from hongyan.model.channel import ChannelState, OnDoubt
from hongyan.model.ids import IdSource
from hongyan.model.message import ReceiptState, SegmentResult
from hongyan.model.traffic import OutSegment
from hongyan.policy.content import joined
from hongyan.sockets import connection, waiting_deliveries

PROTOCOLS = ["cmpp2", "cmpp3", "smgp", "smpp"]


def reply():
    return HandsetText("", "13800138000", "10690", "好".encode("utf-16-be"), is_part=False)


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_segment_is_accepted_once_and_its_receipt_names_it(trial, wait, some, protocol, connections):
    async def go():
        async with trial(protocol, connections=connections) as t:
            t.link.offer(some(300))
            await t.accepted(300)
            await wait(lambda: len(t.events.receipts) == 300)

            by_id = {answer.carrier_id: answer.segment.phone for answer in t.events.answers}
            assert len(by_id) == 300
            assert {by_id[r.carrier_ids[0]] for r in t.events.receipts} == {r.phone for r in t.events.receipts}
            assert {(r.state, r.code, r.channel_id) for r in t.events.receipts} == {(ReceiptState.DELIVERED, "DELIVRD", 7)}
            assert len(t.sim.connections) == connections
            await wait(lambda: t.sim.counts.taken == 300)
            assert (t.link.counts.submits, t.link.counts.accepted, t.link.counts.receipts) == (300, 300, 300)

    asyncio.run(go())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_parts_of_a_long_message_arrive_in_order_with_one_reference(trial, protocol):
    async def go():
        async with trial(protocol) as t:
            message_id = 0x1234567
            parts = [OutSegment(message_id, n, 3, 8613800138000, f"第{n}部分", "10690000123", 1) for n in (1, 2, 3)]
            t.link.offer(parts)
            await t.sim.wait_for(3, 5)

            seen = [(s.concat.number, s.concat.total, s.concat.reference, s.text) for s in t.sim.submits]
            assert seen == [(n, 3, parts[0].reference, f"第{n}部分") for n in (1, 2, 3)]

    asyncio.run(go())


def test_the_window_of_each_connection_is_never_exceeded(trial, some):
    async def go():
        async with trial("smpp", '[[rule]]\ndo = "delay"\nseconds = 0.01', window=500, connections=2) as t:
            t.link.retune(settings(t.link.channel, window=4))
            waiting, most = {}, 0

            def heard(submit):
                nonlocal most
                waiting[submit.connection] = waiting.get(submit.connection, 0) + 1
                most = max(most, *waiting.values())

            t.sim._hear = heard
            answer = t.sim._answer_late

            def answered(conn, pdu, submit):
                waiting[submit.connection] -= 1
                answer(conn, pdu, submit)

            t.sim._answer_late = answered
            t.link.offer(some(60))
            await t.accepted(60)
            assert most == 4
            assert len(waiting) == 2

    asyncio.run(go())


def settings(channel, **changed):
    return type(channel)(**{name: changed.get(name, getattr(channel, name)) for name in channel.__dataclass_fields__})


def test_a_link_stops_while_its_answers_are_not_committed(trial, wait, some):
    async def go():
        async with trial("smpp", connections=2) as t:
            t.events.settles = False
            t.link.offer(some(200))
            await wait(lambda: len(t.events.answers) >= 40 and t.link.in_air == 0)

            written = t.link.counts.submits
            assert written == 2 * 2 * 10  # two windows on each connection, and no more
            await asyncio.sleep(0.05)
            assert t.link.counts.submits == written

            t.events.settles = True
            t.link.settled(len(t.events.answers))
            await t.accepted(200)

    asyncio.run(go())


def test_the_rate_is_never_exceeded_over_all_connections(trial, some):
    async def go():
        async with trial("cmpp2", connections=3, rate=40) as t:
            t.link.offer(some(55))
            await t.accepted(55)

            times = sorted(answer.segment.submitted_ms for answer in t.events.answers)
            assert max(sum(start <= at < start + 998 for at in times) for start in times) <= 40

    asyncio.run(go())


def test_answers_and_receipts_come_in_batches(trial, wait, some):
    async def go():
        async with trial("smpp", window=1000) as t:
            t.link.retune(settings(t.link.channel, window=200))
            t.link.offer(some(200))
            await t.accepted(200)
            await wait(lambda: len(t.events.receipts) == 200)

            assert len(t.events.batches) < 50

    asyncio.run(go())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_delivery_that_could_not_be_stored_is_asked_for_again(trial, wait, some, protocol):
    async def go():
        async with trial(protocol) as t:
            t.events.stores = False
            t.link.offer(some(1))
            await wait(lambda: t.sim.counts.turned_down == 1)
            t.events.stores = True
            await wait(lambda: t.sim.counts.taken == 1)

            assert len({r.carrier_ids for r in t.events.receipts}) == 1
            assert len(t.events.receipts) == 2

    asyncio.run(go())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_delivery_is_answered_only_after_its_commit(trial, wait, some, protocol):
    async def go():
        async with trial(protocol) as t:
            t.events.stores = None
            t.link.offer(some(1))
            await wait(lambda: t.events.confirms)
            await asyncio.sleep(0.02)
            assert t.sim.counts.taken == 0

            t.events.confirms[0](True)
            await wait(lambda: t.sim.counts.taken == 1)

    asyncio.run(go())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_delivery_is_asked_for_again_only_when_the_carriers_time_is_nearly_over(trial, wait, some, protocol):
    async def go():
        async with trial(protocol, answer_timeout_s=1.2) as t:
            t.events.stores = None
            t.link.offer(some(1))
            await wait(lambda: t.events.confirms)
            began = monotonic()
            await wait(lambda: t.sim.counts.turned_down == 1)
            waited_s = monotonic() - began
            t.events.confirms[0](True)  # too late for an answer; nothing is answered twice
            t.events.stores = True
            await wait(lambda: t.sim.counts.taken == 1)

            assert 0.9 <= waited_s < 1.8
            assert (t.sim.counts.odd, t.sim.counts.turned_down) == (0, 1)

    asyncio.run(go())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_replies_come_in_parts(trial, wait, protocol):
    async def go():
        async with trial(protocol) as t:
            words = "你好，我不需要。" * 12 + "😀"
            t.sim.say("13800138000", "1069000012399", words)
            await wait(lambda: t.events.parts and len(t.events.parts) == t.events.parts[0].parts)

            assert {(p.phone, p.dest, p.channel_id, p.parts) for p in t.events.parts} == {
                (8613800138000, "1069000012399", 7, 2)
            }
            assert joined(t.events.parts) == words

    asyncio.run(go())


def test_what_a_carrier_pours_in_is_heard_a_piece_in_a_turn_of_the_loop(trial, wait, monkeypatch):
    monkeypatch.setattr(connection, "PIECE_OCTETS", 300)  # some six replies
    turns, heard = itertools.count(), []

    async def go():
        async with trial("smpp", window=100_000) as t:
            loop, replied = asyncio.get_running_loop(), t.events.replied
            turn = next(turns)

            def note(parts, confirm):
                heard.append((turn, len(parts)))
                replied(parts, confirm)

            def count():
                nonlocal turn
                turn = next(turns)
                loop.call_soon(count)

            t.events.replied = note
            loop.call_soon(count)
            t.sim._deliveries.take_back(reply() for _ in range(1_000))
            t.sim.settled()
            await wait(lambda: len(t.events.parts) == 1_000)
            assert t.link.counts.disconnects == 0

    asyncio.run(go())
    assert max(parts for _, parts in heard) <= 6
    assert len({turn for turn, _ in heard}) == len(heard)


def test_what_was_read_before_the_connection_ended_is_heard(trial, wait, monkeypatch):
    monkeypatch.setattr(connection, "PIECE_OCTETS", 300)

    async def go():
        async with trial("smpp", window=100_000) as t:
            [line] = t.link._dialer.connections
            read, brought = line.data_received, []
            line.data_received = brought.append
            t.sim._deliveries.take_back(reply() for _ in range(1_000))
            t.sim.settled()
            await wait(lambda: not t.sim._deliveries)
            await asyncio.sleep(0.1)  # for what is on its way
            read(b"".join(brought))
            before = len(t.events.parts)
            line.connection_lost(None)
            return before, len(t.events.parts)

    before, after = asyncio.run(go())
    assert 0 < before < after == 1_000


def test_unconfirmed_deliveries_are_bounded_and_a_peer_that_is_not_read_is_not_called_dead(trial, wait, monkeypatch):
    async def go():
        monkeypatch.setattr(waiting_deliveries, "UNCONFIRMED_MOST", 50)
        async with trial("smpp", window=100_000, heartbeat_s=0.4) as t:
            t.events.stores = None
            for _ in range(20_000):
                t.sim._deliveries.take_back([reply()])
            t.sim.settled()
            await wait(lambda: t.events.parts)
            await asyncio.sleep(1.0)  # an unread peer would be dead after 0.8
            held = len(t.events.parts)
            assert held < 10_000  # a few reads, not all
            assert t.link.counts.disconnects == 0

            t.events.stores = True
            for confirm in t.events.confirms:
                confirm(True)
            await wait(lambda: len(t.events.parts) == 20_000)
            assert t.link.counts.disconnects == 0

    asyncio.run(go())


# --- settings ----------------------------------------------------------------------------------------------------------


def test_a_paused_link_sends_nothing_and_takes_receipts(trial, wait, some):
    async def go():
        async with trial("smpp", report_delay_s=0.05) as t:
            t.link.offer(some(1))
            await t.accepted(1)
            t.link.retune(settings(t.link.channel, state=ChannelState.PAUSED))
            t.link.offer(some(5, first=2))
            await wait(lambda: len(t.events.receipts) == 1)
            assert t.link.counts.submits == 1

            t.link.retune(settings(t.link.channel, state=ChannelState.DRAINING))
            await t.accepted(6)

    asyncio.run(go())


def test_a_wider_window_takes_effect_at_once(trial, wait, some):
    async def go():
        async with trial("cmpp3", '[[rule]]\ndo = "no-answer"') as t:
            t.link.offer(some(100))
            await wait(lambda: t.link.in_air == 10)
            t.link.retune(settings(t.link.channel, window=30))
            assert t.link.in_air == 30

    asyncio.run(go())


def test_connections_can_be_added_and_taken_away(trial, wait, some):
    async def go():
        async with trial("smpp") as t:
            t.link.retune(settings(t.link.channel, connections=3))
            await wait(lambda: t.link.counts.connections_up == 3)
            t.link.retune(settings(t.link.channel, connections=1))
            await wait(lambda: len(t.sim.connections) == 1)
            t.link.offer(some(50))
            await t.accepted(50)

            assert t.link.counts.disconnects == 0

    asyncio.run(go())


def test_another_address_moves_the_link_there(trial, wait, some):
    async def go():
        async with trial("smpp") as here, trial("smpp") as there:
            here.link.retune(settings(here.link.channel, port=there.sim.port))
            await wait(lambda: there.sim.counts.logins == 2)
            here.link.offer(some(3))
            await here.accepted(3)

            assert here.sim.counts.submits == 0
            assert there.sim.counts.submits == 3

    asyncio.run(go())


def test_settings_that_do_not_fit_leave_the_link_down_until_they_are_mended(
    trial, wait, recorded_events, a_channel, now_ms, fast
):
    async def go():
        async with trial("smpp") as t:
            events = recorded_events()
            channel = a_channel("smpp", t.sim.port, options={"source_ton": "many"})
            events.link = link = CarrierLink(channel, adapter_of, events, now_ms, fast)
            await link.open()
            await asyncio.sleep(0.02)
            assert not link.is_up

            link.retune(settings(channel, options={"source_ton": "1"}))
            await wait(lambda: link.is_up)
            link.retune(settings(channel, options={"source_ton": "many"}))
            assert link.is_up
            await link.close(0)

    asyncio.run(go())


def test_a_link_wants_what_two_seconds_take(trial, some):
    async def go():
        async with trial("smpp", connections=2) as t:
            assert t.link.room == 20
            t.link.retune(settings(t.link.channel, rate=3))
            assert t.link.room == 6
            t.link.retune(settings(t.link.channel, rate=0))
            t.link.offer(some(500))
            await t.accepted(500)

            assert t.link.room == 1000
            assert t.events.ready_calls

    asyncio.run(go())


def test_what_has_not_left_can_be_withdrawn(trial, wait, some):
    async def go():
        async with trial("smpp", '[[rule]]\ndo = "no-answer"') as t:
            offered = some(25)
            t.link.offer(offered)
            await wait(lambda: t.sim.counts.submits == 10)

            assert t.link.withdraw() == offered[10:]
            assert t.link.withdraw() == []

    asyncio.run(go())


def test_a_segment_that_the_protocol_cannot_carry_is_refused_and_harms_no_other(trial, wait, some):
    async def go():
        async with trial("smpp") as t:
            good, bad = some(2), some(3, first=10)
            bad[0].source = "1" * 21
            bad[1].text = "长" * 33_000
            bad[2].text = "\ud83d"
            t.link.offer([good[0], *bad, good[1]])
            await wait(lambda: len(t.events.answers) == 5)

            codes = {a.segment.message_id: (a.result, a.code) for a in t.events.answers}
            accepted = dict.fromkeys((1, 2), (SegmentResult.ACCEPTED, ""))
            assert codes == accepted | dict.fromkeys((10, 11, 12), (SegmentResult.REFUSED, "UNWRITABLE"))

    asyncio.run(go())


# --- closing -----------------------------------------------------------------------------------------------------------


def test_a_close_waits_for_answers_and_logs_out(trial, some):
    async def go():
        async with trial("cmpp2", '[[rule]]\ndo = "delay"\nseconds = 0.1') as t:
            t.link.offer(some(30))
            await t.sim.wait_for(10, 5)
            await t.link.close(5)

            assert list(t.events.results().values()) == [SegmentResult.ACCEPTED] * 10
            assert t.sim.connections == {}
            assert not t.link.is_up
            assert t.link.room == 0

    asyncio.run(go())


@pytest.mark.parametrize(("on_doubt", "seen"), [(OnDoubt.RESEND, []), (OnDoubt.HOLD, [SegmentResult.UNANSWERED] * 10)])
def test_what_has_no_answer_at_the_close_is_reported_only_where_the_channel_holds_it(trial, some, on_doubt, seen):
    async def go():
        async with trial("smpp", '[[rule]]\ndo = "no-answer"', on_doubt=on_doubt) as t:
            t.link.offer(some(30))
            await t.sim.wait_for(10, 5)
            await t.link.close(0)

            assert [answer.result for answer in t.events.answers] == seen

    asyncio.run(go())


def test_a_close_leaves_receipts_the_time_to_be_committed(trial, wait, some):
    async def go():
        async with trial("smpp") as t:
            t.events.stores = None
            t.link.offer(some(1))
            await wait(lambda: t.events.confirms)
            closing = asyncio.create_task(t.link.close(5))
            await asyncio.sleep(0.05)
            assert not closing.done()

            t.events.confirms[0](True)
            await closing
            assert t.sim.counts.taken == 1

    asyncio.run(go())


def test_what_became_too_old_in_the_queue_is_given_back_unsent(trial, wait, some):
    async def go():
        async with trial("smpp") as t:
            old, fresh = some(2)
            old.valid_until_ms, fresh.valid_until_ms = 1, 10**14
            t.link.offer([old, fresh])
            await wait(lambda: len(t.events.answers) == 2)

            assert {(a.segment.message_id, a.result, a.code) for a in t.events.answers} == {
                (1, SegmentResult.REFUSED, "EXPIRED"),
                (2, SegmentResult.ACCEPTED, ""),
            }
            assert t.sim.counts.submits == t.link.counts.submits == 1

    asyncio.run(go())


def long_text(number, valid_until_ms, first=1):
    """The parts of a long text from one of them on."""
    return [
        OutSegment(number, part, 3, 8613800000000 + number, "你好", "10690000123", 1, valid_until_ms=valid_until_ms)
        for part in range(first, 4)
    ]


@pytest.mark.parametrize("long", ["udh8", "udh16"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_long_texts_that_follow_each_other_differ_in_their_reference(trial, wait, now_ms, protocol, long):
    """Handsets join parts by it. Ids of texts that come one by one differ in their time alone."""
    ids = IdSource(node=1)

    async def go():
        async with trial(protocol, options={"long": long}) as t:
            for second in range(3):
                number = ids.one(now_ms() + 1000 * second)
                t.link.offer([OutSegment(number, part, 2, 8613800138000, "你好", "10690000123", 1) for part in (1, 2)])
            await wait(lambda: len(t.events.answers) == 6)
            places = {(submit.concat.reference, submit.concat.number) for submit in t.sim.submits}

            assert len({reference for reference, _ in places}) == 3
            assert len(places) == 6

    asyncio.run(go())


@pytest.mark.parametrize(
    ("protocol", "options", "name"),
    [
        ("cmpp2", {}, "valid_time"),
        ("cmpp3", {}, "valid_time"),
        ("smgp", {}, "valid_time"),
        ("smpp", {}, "validity_period"),
        ("smpp", {"submit": "data_sm"}, "tlv 0x0017"),
    ],
)
def test_every_part_of_a_long_text_has_its_validity_for_the_carrier(trial, wait, now_ms, protocol, options, name):
    async def go():
        async with trial(protocol, options=options) as t:
            t.link.offer(long_text(1, now_ms() + 60_000))
            await wait(lambda: len(t.events.answers) == 3)
            ends = [pdu[name] for pdu in t.link.recorder.pdus() if pdu["way"] == "out" and pdu.get(name)]

            assert (len(ends), len(set(ends))) == (3, 1)

    asyncio.run(go())


def test_a_long_text_that_became_too_old_in_the_queue_stays_unsent_as_a_whole(trial, wait):
    async def go():
        async with trial("smpp", connections=2) as t:
            t.link.offer([*long_text(1, 1), *long_text(2, 10**14)])
            await wait(lambda: len(t.events.answers) == 6)

            seen = sorted((a.segment.message_id, a.segment.part, a.code) for a in t.events.answers)
            assert seen == [(1, part, "EXPIRED") for part in (1, 2, 3)] + [(2, part, "") for part in (1, 2, 3)]
            assert t.sim.counts.submits == 3

    asyncio.run(go())


def test_a_long_text_of_which_a_part_has_left_is_seen_through_without_an_end(trial, wait):
    async def go():
        async with trial("smpp", '[[rule]]\ndo = "no-answer"\ntimes = 1\n', answer_timeout_s=0.5) as t:
            t.link.retune(settings(t.link.channel, window=1))
            parts = long_text(1, 10**14)
            t.link.offer(parts)
            await wait(lambda: t.sim.counts.submits == 1)
            for part in parts:
                part.valid_until_ms = 1
            await wait(lambda: len(t.events.answers) == 3)

            assert [(a.code, a.segment.part) for a in t.events.answers] == [("", 1), ("", 2), ("", 3)]
            assert [part.valid_until_ms for part in parts] == [0, 0, 0]

    asyncio.run(go())
