"""What links of every protocol make of answers that are not the message's fault, and of connections that break."""

import asyncio
from dataclasses import replace

import pytest

from hongyan.adapters import answers
from hongyan.adapters.answers import AnswerFault, fault_of
from hongyan.carriers import retry_tracker
from hongyan.carriers.factory import adapter_of
from hongyan.carriers.link import CarrierLink
from hongyan.model.channel import Channel, OnDoubt
from hongyan.model.meaning import CodeClass, CodeRule
from hongyan.model.message import SegmentResult
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import OutSegment
from hongyan.policy.codes import as_ruled, explained
from hongyan.wire.sgip import codec as sgip_codec
from hongyan.wire.sgip import pdu as sgip

ACCEPTED, REFUSED, UNANSWERED = SegmentResult.ACCEPTED, SegmentResult.REFUSED, SegmentResult.UNANSWERED
BINARY = ("cmpp2", "cmpp3", "sgip", "smgp", "smpp")
TABLES = {
    "cmpp2": answers.CMPP,
    "cmpp3": answers.CMPP,
    "sgip": answers.SGIP,
    "smgp": answers.SMGP,
    "smpp": answers.SMPP,
    "mm7": answers.MM7,
}


def rule(do, **facts):
    return "[[rule]]\n" + "\n".join(f"{name} = {value!r}" for name, value in ({"do": do} | facts).items())


def one_in(protocol, n):
    """The number of message n as the protocol writes it."""
    return f"{'86' if protocol in {'smpp', 'sgip'} else ''}{13800000000 + n}"


def ticketed(segments):
    for segment in segments:
        segment.ticket = (1 << 40) + segment.message_id
    return segments


@pytest.fixture
def at(trial):
    """`async with at(protocol, script)`: a trial of any protocol; SGIP needs the number of our node."""

    def make(protocol, script="", **settings):
        options = {"node": "3010012345"} if protocol == "sgip" else {}
        return trial(protocol, script, options=options, **settings)

    return make


# --- the table ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", TABLES)
def test_every_answer_code_that_is_explained_has_its_blame_and_both_agree(protocol):
    spell = str if protocol == "mm7" else _adapter(protocol).code
    kinds = {status: explained(Protocol(protocol), spell(status)).kind for status in TABLES[protocol]}

    for status, fault in TABLES[protocol].items():
        assert (fault is AnswerFault.SESSION) is (kinds[status] is CodeClass.SESSION), status
        assert (fault is AnswerFault.CHANNEL) is (kinds[status] is CodeClass.ACCOUNT), status
        assert fault is AnswerFault.CONGESTION or kinds[status] is not CodeClass.THROTTLED, status
    assert not [s for s in range(1, 200) if s not in TABLES[protocol] and _is_answer(protocol, spell(s))]


def _adapter(protocol):
    return adapter_of(Channel(1, "up", Protocol(protocol), user="901234", options={"node": "3010012345"}))


def _is_answer(protocol, code):
    return explained(Protocol(protocol), code) and code not in _SEEN_IN_REPORTS


_SEEN_IN_REPORTS = {"12", "54", "59", "67", "90", "93", "94"}  # by one source, in the field; see carrier_codes.csv


@pytest.mark.parametrize("protocol", TABLES)
def test_an_unknown_code_is_the_messages_fault_unless_the_operator_says_otherwise(protocol):
    plain = Channel(1, "up", Protocol(protocol))
    assert fault_of(plain, TABLES[protocol], 0x7777, "x") is AnswerFault.MESSAGE

    for kind, fault in [
        (CodeClass.THROTTLED, AnswerFault.CONGESTION),
        (CodeClass.SESSION, AnswerFault.SESSION),
        (CodeClass.ACCOUNT, AnswerFault.CHANNEL),
    ]:
        seen = replace(plain, codes={"x": as_ruled(CodeRule("x", kind), None)})
        assert fault_of(seen, TABLES[protocol], 0x7777, "x") is fault


# --- the session's ---------------------------------------------------------------------------------------------------------

LOGIN_GONE = [("cmpp2", None), ("cmpp3", None), ("sgip", 1), ("smgp", 21), ("smpp", 0x04), ("smpp", 0x05), ("smpp", 0x0E)]
LOGIN_GONE = [pair for pair in LOGIN_GONE if pair[1] is not None]  # CMPP has no such answer


@pytest.mark.parametrize(("protocol", "code"), LOGIN_GONE)
def test_a_centre_that_lost_our_login_is_logged_in_at_again_and_nothing_is_refused(at, wait, some, protocol, code):
    async def go():
        async with at(protocol, rule("refuse", code=code, times=10)) as t:
            t.link.offer(ticketed(some(50)))
            await t.accepted(50)

            assert t.sim.counts.logins >= 2
            assert t.link.counts.resubmits == 0  # no copy went out: it waits for what is unanswered before it leaves

    asyncio.run(go())


def test_a_centre_that_loses_every_login_is_left_alone_and_reported(at, wait, some, fast):
    async def go():
        slow = replace(fast, first_pause_s=0.02, most_pause_s=10, healthy_s=5)
        async with at("smpp", rule("refuse", code=4), timing=slow) as t:
            t.link.offer(some(50))
            await asyncio.sleep(0.5)

            assert t.events.answers == []
            assert t.sim.counts.logins <= 7
            assert t.link.trouble == "the carrier does not know our login any more: it answered 0x04"

    asyncio.run(go())


# --- the moment's ------------------------------------------------------------------------------------------------------------

TOO_FAST = [
    ("cmpp2", 8),
    ("cmpp3", 8),
    ("sgip", 11),
    ("sgip", 33),
    ("smgp", 1),
    ("smpp", 0x58),
    ("smpp", 0x14),
    ("smpp", 0x08),
    ("smpp", 0x64),
]


@pytest.mark.parametrize(("protocol", "code"), TOO_FAST)
@pytest.mark.parametrize("number", [1, 100])
def test_one_number_that_is_always_refused_for_now_does_not_slow_the_others(at, wait, some, protocol, code, number):
    async def go():
        async with at(protocol, rule("refuse", code=code, to=one_in(protocol, number))) as t:
            began = asyncio.get_running_loop().time()
            t.link.offer(ticketed(some(300)))
            await wait(lambda: len(t.events.answers) == 299)

            assert asyncio.get_running_loop().time() - began < 5
            assert number not in t.events.results()
            assert t.link.counts.throttled <= 7

    asyncio.run(go())


def test_a_number_set_aside_is_accepted_once_its_time_has_come_and_given_up_after_ten_minutes(at, wait, some, monkeypatch):
    async def go():
        script = (
            rule("refuse", code=0x14, to=one_in("smpp", 5), times=2) + "\n" + rule("refuse", code=0x14, to=one_in("smpp", 6))
        )
        monkeypatch.setattr(retry_tracker, "TROUBLE_MOST_S", 0.6)
        async with at("smpp", script) as t:
            t.link.offer(some(50))
            await wait(lambda: len(t.events.answers) == 50)

            seen = {answer.segment.message_id: (answer.result, answer.code) for answer in t.events.answers}
            assert seen.pop(6) == (REFUSED, "THROTTLED")
            assert set(seen.values()) == {(ACCEPTED, "")}

    asyncio.run(go())


def test_a_link_takes_back_what_it_set_aside(at, wait, some):
    async def go():
        async with at("smpp", rule("refuse", code=0x14, to=one_in("smpp", 5))) as t:
            t.link.offer(some(20))
            await wait(lambda: len(t.events.answers) == 19)

            assert [segment.message_id for segment in t.link.withdraw()] == [5]

    asyncio.run(go())


# --- the channel's -----------------------------------------------------------------------------------------------------------

NOT_ALLOWED = [("cmpp2", 7, "7"), ("cmpp3", 11, "11"), ("sgip", 13, "13"), ("smgp", 75, "75"), ("smpp", 0x15, "0x15")]


@pytest.mark.parametrize(("protocol", "code", "seen"), NOT_ALLOWED)
def test_a_channel_that_may_not_send_rests_and_refuses_nothing(at, wait, some, fast, protocol, code, seen):
    async def go():
        slow = replace(fast, first_pause_s=0.05, most_pause_s=0.4)
        async with at(protocol, rule("refuse", code=code, times=30), timing=slow) as t:
            t.link.offer(ticketed(some(50)))
            await wait(lambda: not t.link.is_up)
            assert t.link.trouble == f"the carrier refuses all that this channel sends: {seen}"
            assert t.events.answers == []
            assert t.sim.counts.logins == 1

            await t.accepted(50)
            assert t.link.is_up
            assert t.link.trouble == ""

    asyncio.run(go())


@pytest.mark.parametrize(("protocol", "code", "seen"), NOT_ALLOWED)
def test_one_message_that_is_reported_so_while_others_pass_does_not_stop_the_channel(at, wait, some, protocol, code, seen):
    async def go():
        async with at(protocol, rule("refuse", code=code, to=one_in(protocol, 200))) as t:
            t.link.offer(ticketed(some(300)))
            await wait(lambda: len(t.events.answers) == 299)

            assert t.events.ups == [True]
            assert 200 not in t.events.results()

    asyncio.run(go())


# --- connections that break --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["cmpp2", "cmpp3", "smgp", "smpp"])
@pytest.mark.parametrize("harm", ["disconnect", "cut", "half-open"])
def test_a_carrier_that_breaks_the_connection_after_each_submit_gets_three_copies(at, wait, some, protocol, harm):
    async def go():
        script = rule(harm, to=one_in(protocol, 2))
        async with at(protocol, script, answer_timeout_s=0.3, heartbeat_s=0.2) as t:
            for n in (1, 2, 3):
                t.link.offer(ticketed(some(1, first=n)))
                await wait(lambda n=n: len(t.events.answers) == n)

            assert t.events.results() == {1: ACCEPTED, 2: UNANSWERED, 3: ACCEPTED}
            assert t.link.counts.submits == 2 + retry_tracker.COPIES_MOST

    asyncio.run(go())


def test_a_gateway_of_sgip_gets_three_copies_of_one_name(wait, a_channel, recorded_events, now_ms, fast):
    """One that does not know its own: it breaks the connection whatever the sequence says."""

    async def go():
        names = []

        async def serve(reader, writer):
            login = await _pdu(reader)
            writer.write(sgip_codec.encode(sgip.Resp(_sequence(login), sgip.Command.BIND_RESP, 0)))
            names.append(_sequence(await _pdu(reader)))
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        events = recorded_events()
        channel = a_channel("sgip", server.sockets[0].getsockname()[1], options={"node": "3010012345"})
        events.link = link = CarrierLink(channel, adapter_of, events, now_ms, fast)
        await link.open()
        link.offer(ticketed([OutSegment(1, 1, 1, 8613800000001, "x", "1069", 1)]))
        await wait(lambda: events.answers)

        assert events.results() == {1: UNANSWERED}
        assert len(names) == retry_tracker.COPIES_MOST
        assert len(set(names)) == 1
        await link.close(0)
        server.close()

    asyncio.run(go())


async def _pdu(reader):
    head = await reader.readexactly(4)
    return head + await reader.readexactly(int.from_bytes(head, "big") - 4)


def _sequence(pdu):
    return int.from_bytes(pdu[8:20], "big")


def test_where_the_channel_holds_a_lost_connection_costs_one_copy(at, wait, some):
    async def go():
        async with at("smpp", rule("disconnect"), window=1, on_doubt=OnDoubt.HOLD) as t:
            t.link.offer(some(1))
            await wait(lambda: t.events.answers)

            assert t.events.results() == {1: UNANSWERED}
            assert t.link.counts.submits == 1

    asyncio.run(go())


# --- a change ends every pause -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", BINARY)
def test_a_change_of_the_secret_ends_the_pause_after_a_refused_login(at, wait, some, protocol):
    async def go():
        async with at(protocol, rule("refuse-login", code=_wrong(protocol), times=1)) as t:
            await wait(lambda: t.link.counts.logins_refused == 1)
            await asyncio.sleep(0.05)
            t.link.retune(replace(t.link.channel, options={**t.link.channel.options, "some": "other"}))
            await wait(lambda: t.link.is_up, 1.0)

    asyncio.run(go())


def _wrong(protocol):
    return {"sgip": 1, "smgp": 21, "smpp": 0x0E}.get(protocol, 3)


def test_a_change_of_the_host_ends_an_attempt_to_connect_to_the_old_one(at, wait, fast, monkeypatch):
    async def go():
        async with at("smpp", timing=replace(fast, connect_s=30)) as t:
            good = t.link.channel
            real = asyncio.get_running_loop().create_connection

            async def black_hole(make, host, port, **more):
                if host == "192.0.2.1":
                    await asyncio.sleep(60)
                return await real(make, host, port, **more)

            monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", black_hole)
            t.link.retune(replace(good, host="192.0.2.1"))
            await wait(lambda: not t.link.is_up)
            await asyncio.sleep(0.1)
            t.link.retune(good)
            await wait(lambda: t.link.is_up, 2.0)

    asyncio.run(go())


def test_a_change_ends_the_rest_of_a_channel_and_the_pause_of_a_segment(at, wait, some, fast):
    async def go():
        slow = replace(fast, first_pause_s=60, most_pause_s=60)
        async with at("smpp", rule("refuse", code=0x15, times=1), timing=slow) as t:
            t.link.offer(some(1))
            await wait(lambda: not t.link.is_up)
            t.link.retune(replace(t.link.channel, rate=100))
            await t.accepted(1)

        async with at("smpp", rule("refuse", code=0x58, times=8, to=one_in("smpp", 1))) as t:  # its next pause is of 25 s
            t.link.offer(some(10))
            await wait(lambda: len(t.events.answers) == 9)
            for _ in range(8):
                t.link.retune(replace(t.link.channel, cost_e4=t.link.channel.cost_e4 + 1))
                await asyncio.sleep(0.02)
            await wait(lambda: len(t.events.answers) == 10, 1.0)

    asyncio.run(go())
