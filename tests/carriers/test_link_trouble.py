"""A link at a carrier that misbehaves: nothing offered is lost, nothing is reported twice, and the link comes back."""

import asyncio
import socket
from dataclasses import replace

import pytest

from hongyan.carriers import retry_tracker
from hongyan.carriers.factory import adapter_of
from hongyan.carriers.link import CarrierLink
from hongyan.model.channel import OnDoubt
from hongyan.model.meaning import CodeClass, CodeRule
from hongyan.model.message import SegmentResult
from hongyan.policy.codes import as_ruled
from hongyan.sim.script import read_script
from hongyan.wire.smpp.codec import encode
from hongyan.wire.smpp.pdu import BindResp, Command, Plain

ACCEPTED, REFUSED, UNANSWERED = SegmentResult.ACCEPTED, SegmentResult.REFUSED, SegmentResult.UNANSWERED


def rule(do, **facts):
    return "[[rule]]\n" + "\n".join(f"{name} = {value!r}" for name, value in ({"do": do} | facts).items())


async def all_seen_and_accepted(t, wait, count):
    """Every segment was accepted: once by the link's reports, and at least once at the carrier."""
    await wait(lambda: len(t.events.answers) >= count)
    assert list(t.events.results().values()) == [ACCEPTED] * count
    assert {n for submit in t.sim.submits for n in submit.numbers} >= numbers(t, count)


def numbers(t, count):
    prefix = "86" if t.link.channel.protocol == "smpp" else ""
    return {f"{prefix}{13800000000 + n}" for n in range(1, count + 1)}


@pytest.mark.parametrize("protocol", ["cmpp2", "cmpp3", "smgp", "smpp"])
@pytest.mark.parametrize("harm", ["disconnect", "garbage", "cut"])
def test_a_connection_that_ends_in_mid_window_costs_nothing(trial, wait, some, protocol, harm):
    async def go():
        async with trial(protocol, rule(harm, after=25, every=40, times=2), connections=2) as t:
            t.link.offer(some(150))
            await all_seen_and_accepted(t, wait, 150)

            assert t.link.counts.resubmits > 0
            assert t.link.counts.disconnects == 2
            assert t.sim.counts.submits <= 150 + 2 * 10  # doubles: at most a window for each connection that ended

    asyncio.run(go())


@pytest.mark.parametrize("protocol", ["cmpp3", "smgp", "smpp"])
@pytest.mark.parametrize("harm", ["hang", "half-open"])
def test_a_carrier_that_falls_silent_is_left_and_its_window_sent_again(trial, wait, some, protocol, harm):
    async def go():
        async with trial(protocol, rule(harm, after=25, times=1), answer_timeout_s=0.2, heartbeat_s=0.1) as t:
            t.link.offer(some(100))
            await all_seen_and_accepted(t, wait, 100)

            assert t.link.counts.disconnects >= 1

    asyncio.run(go())


def test_a_carrier_that_says_one_octet_at_a_time_is_understood(trial, wait, some):
    async def go():
        async with trial("smpp", rule("drip", times=1) + "\n" + rule("no-report"), answer_timeout_s=15) as t:
            t.link.offer(some(20))
            await all_seen_and_accepted(t, wait, 20)

            assert (t.link.counts.disconnects, t.link.counts.resubmits) == (0, 0)

    asyncio.run(go())


def test_an_answer_lost_among_others_costs_one_repetition_and_no_connection(trial, wait, some):
    async def go():
        script = rule("no-answer", after=3, times=1) + "\n" + rule("delay", seconds=0.02)
        async with trial("smpp", script, answer_timeout_s=0.8) as t:
            t.link.offer(some(600))
            await all_seen_and_accepted(t, wait, 600)

            assert (t.link.counts.resubmits, t.link.counts.disconnects, t.sim.counts.submits) == (1, 0, 601)

    asyncio.run(go())


def test_a_channel_that_holds_what_is_in_doubt_sends_nothing_twice(trial, wait, some):
    async def go():
        async with trial("smpp", rule("disconnect", after=25, times=1), on_doubt=OnDoubt.HOLD) as t:
            t.link.offer(some(100))
            await wait(lambda: len(t.events.answers) == 100)

            assert set(t.events.results().values()) == {ACCEPTED, UNANSWERED}
            assert t.sim.counts.submits <= 100
            held = [answer for answer in t.events.answers if answer.result is UNANSWERED]
            assert 1 <= len(held) <= 10
            assert t.link.counts.unanswered == len(held)

    asyncio.run(go())


def test_a_segment_that_is_never_answered_is_given_up_after_three_times(trial, wait, some):
    async def go():
        script = rule("no-answer", to="8613800000005") + "\n" + rule("delay", seconds=0.01)
        async with trial("smpp", script, answer_timeout_s=0.3) as t:
            t.link.offer(some(20))
            await wait(lambda: len(t.events.answers) == 20)

            assert [n for n, result in t.events.results().items() if result is UNANSWERED] == [5]
            assert sum("8613800000005" in submit.numbers for submit in t.sim.submits) == retry_tracker.COPIES_MOST
            assert t.link.counts.disconnects == retry_tracker.COPIES_MOST  # nothing else was answered meanwhile, so it was left

    asyncio.run(go())


def test_what_left_once_is_repeated_after_its_end_without_one(trial, wait, some):
    async def go():
        async with trial("smpp", rule("no-answer", times=1), answer_timeout_s=0.5) as t:
            (segment,) = some(1)
            t.link.offer([segment])
            await wait(lambda: t.sim.counts.submits == 1)
            segment.valid_until_ms = 1
            await all_seen_and_accepted(t, wait, 1)

            assert (t.sim.counts.submits, segment.valid_until_ms) == (2, 0)

    asyncio.run(go())


@pytest.mark.parametrize("protocol", ["cmpp2", "smpp"])
def test_throttled_segments_are_sent_again_and_none_is_refused(trial, wait, some, protocol):
    async def go():
        async with trial(protocol, rule("throttle", rate=40)) as t:
            t.link.offer(some(90))
            await wait(lambda: len(t.events.answers) == 90)

            assert list(t.events.results().values()) == [ACCEPTED] * 90
            assert t.link.counts.throttled > 0
            assert t.sim.counts.submits == 90 + t.link.counts.throttled
            assert t.link.counts.throttled < 60  # it slows down instead of knocking

    asyncio.run(go())


def test_a_segment_throttled_for_too_long_counts_as_refused(trial, wait, some, monkeypatch):
    async def go():
        monkeypatch.setattr(retry_tracker, "TROUBLE_MOST_S", 0.15)
        async with trial("smpp", rule("throttle", rate=0)) as t:
            t.link.offer(some(1))
            await wait(lambda: t.events.answers)

            assert (t.events.answers[0].result, t.events.answers[0].code) == (REFUSED, "THROTTLED")

    asyncio.run(go())


def test_throttled_segments_keep_their_order(trial, wait, some):
    async def go():
        async with trial("smpp", rule("throttle", rate=0, times=10)) as t:
            offered = some(15)
            t.link.offer(offered)
            await wait(lambda: len(t.events.answers) == 15)

            assert [answer.segment for answer in t.events.answers] == offered

    asyncio.run(go())


@pytest.mark.parametrize(("protocol", "code", "seen"), [("cmpp3", 13, "13"), ("smgp", 47, "47"), ("smpp", 0x0B, "0x0B")])
def test_a_refusal_is_reported_with_the_carriers_code(trial, wait, some, protocol, code, seen):
    async def go():
        async with trial(protocol, rule("refuse", code=code, every=2)) as t:
            t.link.offer(some(4))
            await wait(lambda: len(t.events.answers) == 4)

            assert [(a.result, a.code) for a in t.events.answers] == [(REFUSED, seen), (ACCEPTED, "")] * 2
            assert t.link.counts.refused == {seen: 2}

    asyncio.run(go())


@pytest.mark.parametrize("do", ["early", "double", "elsewhere"])
def test_receipts_come_when_and_where_they_like(trial, wait, some, do):
    async def go():
        async with trial("smpp", rule(do), connections=2) as t:
            t.link.offer(some(40))
            await t.accepted(40)
            count = 80 if do == "double" else 40
            await wait(lambda: len(t.events.receipts) == count)

            assert {r.carrier_ids[0] for r in t.events.receipts} == {answer.carrier_id for answer in t.events.answers}

    asyncio.run(go())


@pytest.mark.parametrize(("answer", "report"), [("HEX", "decimal"), ("decimal", "hex"), ("zeros", "hex-zeros"), ("hex", "HEX")])
def test_receipts_in_another_spelling_name_their_segment_among_others(trial, wait, some, answer, report):
    async def go():
        async with trial("smpp", rule("spell", answer=answer, report=report), report_delay_s=0.05) as t:
            t.link.offer(some(40))
            await t.accepted(40)
            await wait(lambda: len(t.events.receipts) == 40)

            known = {answer.carrier_id: answer.segment.phone for answer in t.events.answers}
            assert all(r.phone in {known.get(name) for name in r.carrier_ids} for r in t.events.receipts)

    asyncio.run(go())


@pytest.mark.parametrize("protocol", ["cmpp2", "smpp"])
def test_accepted_segments_without_an_id_get_names_of_their_own(trial, some, monkeypatch, protocol):
    async def go():
        async with trial(protocol) as t:
            monkeypatch.setattr(type(t.sim.adapter), "spell", lambda self, some_id, form: "0" if protocol == "cmpp2" else "")
            t.link.offer(some(3))
            await t.accepted(3)

            assert {answer.carrier_id for answer in t.events.answers} == {"unnamed-1-1", "unnamed-2-1", "unnamed-3-1"}

    asyncio.run(go())


def test_a_peer_that_asks_and_asks_and_never_reads_is_not_read_either(wait, a_channel, recorded_events, now_ms, fast):
    async def go():
        flood, written, takers = Plain(1, Command.ENQUIRE_LINK), [], []

        async def serve(reader, writer):
            takers.append(writer)
            bind = await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big") - 4)
            writer.write(encode(BindResp(int.from_bytes(bind[8:12], "big"), Command.BIND_TRANSCEIVER_RESP)))
            reader._transport.pause_reading()
            while not writer.is_closing():
                writer.write(encode(flood) * 10_000)
                await writer.drain()
                written.append(1)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        events = recorded_events()
        channel = a_channel("smpp", server.sockets[0].getsockname()[1], heartbeat_s=0.2)
        events.link = link = CarrierLink(channel, adapter_of, events, now_ms, replace(fast, first_pause_s=60))
        await link.open()
        await wait(lambda: link.counts.disconnects == 1)

        assert len(written) < 200  # buffers of the system, and not the two million requests of a second
        await link.close(0)
        server.close()
        for writer in takers:
            writer.transport.abort()
        await asyncio.sleep(0.02)

    asyncio.run(go())


# --- logins ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protocol", "code", "said"),
    [
        ("cmpp2", 3, "3 (the secret is wrong)"),
        ("cmpp3", 2, "2 (the name is unknown, or our address may not connect)"),
        ("smgp", 21, "21 (name or secret is wrong)"),
        ("smpp", 0x0E, "0x0E (the secret is wrong)"),
    ],
)
def test_refused_credentials_are_not_tried_again_soon(trial, wait, some, protocol, code, said):
    async def go():
        async with trial(protocol, rule("refuse-login", code=code)) as t:
            t.link.offer(some(1))
            await wait(lambda: t.link.counts.logins_refused == 1)
            await asyncio.sleep(0.2)

            assert t.sim.counts.connections == 1
            assert t.sim.counts.submits == 0
            assert t.events.ups == []
            assert t.link.trouble == f"the login was refused, status {said}"

    asyncio.run(go())


def test_a_login_refused_for_another_reason_is_tried_again(trial, wait):
    async def go():
        async with trial("smpp", rule("refuse-login", code=8, times=3)) as t:
            await wait(lambda: t.link.is_up)

            assert (t.sim.counts.logins_refused, t.events.ups) == (3, [True])

    asyncio.run(go())


def test_a_login_without_an_answer_is_given_up_and_tried_again(trial, wait, fast):
    async def go():
        async with trial("cmpp3", rule("ignore-login", times=1), timing=replace(fast, login_s=0.1)) as t:
            await wait(lambda: t.link.is_up)

            assert t.sim.counts.connections == 2

    asyncio.run(go())


def test_a_user_name_that_the_protocol_cannot_carry_is_no_busy_loop(trial, wait, a_channel, recorded_events, now_ms, fast):
    async def go():
        async with trial("cmpp3") as t:
            events = recorded_events()
            channel = replace(a_channel("cmpp3", t.sim.port), user="much-too-long", options={"sp_id": "901234"})
            events.link = link = CarrierLink(channel, adapter_of, events, now_ms, fast)
            await link.open()
            await wait(lambda: t.sim.counts.connections == 2)
            await asyncio.sleep(0.1)

            assert t.sim.counts.connections == 2
            await link.close(0)

    asyncio.run(go())


def test_a_link_waits_for_a_carrier_that_is_not_there_yet(trial, wait, some, fast):
    async def go():
        async with trial("smpp") as t:
            await t.sim.stop()
            await wait(lambda: t.link.counts.connects_failed >= 3)
            assert t.events.ups == [True, False]
            assert "no connection" in t.link.trouble
            t.link.offer(some(3))

            await t.sim.start()
            await t.accepted(3)
            assert t.events.ups == [True, False, True]
            assert t.link.trouble == ""

    asyncio.run(go())


def test_a_carrier_that_accepts_connections_and_says_nothing_at_all(wait, a_channel, recorded_events, now_ms, fast):
    async def go():
        with socket.create_server(("127.0.0.1", 0)) as server:
            events = recorded_events()
            channel = a_channel("smpp", server.getsockname()[1])
            events.link = link = CarrierLink(channel, adapter_of, events, now_ms, replace(fast, login_s=0.05))
            await link.open()
            await asyncio.sleep(0.3)
            assert events.ups == []
            await link.close(0)

    asyncio.run(go())


def test_the_pauses_between_attempts_grow_while_connections_break_at_once(trial, wait, some, fast):
    """One connection lost after the other, none up for long: attempts must not come every hundredth of a second."""

    async def go():
        slow = replace(fast, first_pause_s=0.02, most_pause_s=10, healthy_s=5)
        async with trial("smpp", rule("disconnect"), timing=slow) as t:
            began = asyncio.get_running_loop().time()
            t.link.offer(some(30))
            await wait(lambda: t.sim.counts.logins >= 5)

            assert asyncio.get_running_loop().time() - began >= 0.02 + 0.04 + 0.08 + 0.16

    asyncio.run(go())


def test_a_flood_of_unknown_receipts_is_handed_on_and_harms_no_sending(trial, wait, some):
    async def go():
        async with trial("cmpp2") as t:
            flood = asyncio.create_task(t.sim.report_unknown(3000))
            t.link.offer(some(100))
            await t.accepted(100)
            await flood
            await wait(lambda: len(t.events.receipts) == 3100)

    asyncio.run(go())


def test_drops_throttles_and_silence_at_once_and_still_each_segment_ends_once(trial, wait, some):
    async def go():
        async with trial("smpp", connections=2, answer_timeout_s=0.6, heartbeat_s=0.5) as t:
            mixed = [("disconnect", {"chance": 0.01}), ("throttle", {"rate": 400}), ("no-answer", {"chance": 0.01})]
            t.sim._script = read_script("seed = 3\n" + "\n".join(rule(do, **facts) for do, facts in mixed))
            t.link.offer(some(300))
            await wait(lambda: len(t.events.answers) == 300)

            assert set(t.events.results().values()) == {ACCEPTED}

    asyncio.run(go())


@pytest.mark.parametrize(
    ("kind", "result"),
    [(CodeClass.THROTTLED, ACCEPTED), (CodeClass.REQUEST, REFUSED)],
)
def test_the_operator_says_which_codes_mean_too_fast(trial, wait, some, kind, result):
    """0x401 is a vendor's own; 0x58 is the protocol's word, which a carrier may use for something else."""
    code = "0x401" if kind is CodeClass.THROTTLED else "0x58"
    script = f'[[rule]]\ndo = "refuse"\ncode = {int(code, 16)}\ntimes = 1'

    async def go():
        async with trial("smpp", script, codes={code: as_ruled(CodeRule(code, kind), None)}) as t:
            t.link.offer(some(3))
            await wait(lambda: len(t.events.answers) >= 3)

            assert sorted(t.events.results().values()) == sorted([result, ACCEPTED, ACCEPTED])
            assert t.link.counts.throttled == (kind is CodeClass.THROTTLED)

    asyncio.run(go())
