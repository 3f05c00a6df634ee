"""A customer's session on real sockets: login, submits, deliveries, the end."""

import asyncio
import gc
import struct
from dataclasses import replace
from unittest.mock import patch

import pytest
from tests.sessions.platform import CMPP, NOW, SMPP, Platform, listener, opened, reply, report
from tests.sim.client import SECRET, USER, Client, dialect_of

from hongyan.http.penalty import FREE_FAULTS
from hongyan.model.customer_session import SessionEnding
from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState
from hongyan.model.refusal import Code, Refusal
from hongyan.model.session_delivery import SessionNotice
from hongyan.model.session_submit import PartPlace, ReportsWanted
from hongyan.sessions.deliveries import AT_ONCE
from hongyan.sessions.submits import CAUSES_MOST
from hongyan.wire.cmpp import codec as cmpp_codec
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.auth import digest_source
from hongyan.wire.cmpp.report import decode_report
from hongyan.wire.events import Answer, Asked, Closed, Reason
from hongyan.wire.session import State
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.codec import encode
from hongyan.wire.smpp.report import read_receipt
from hongyan.wire.smpp.state import SmppState

BOTH = pytest.mark.parametrize("protocol", ["smpp", "cmpp2", "cmpp3"])
THROTTLED = {"smpp": smpp.Status.RTHROTTLED, "cmpp2": cmpp.FLOW_CONTROL, "cmpp3": cmpp.FLOW_CONTROL}
FULL = {"smpp": smpp.Status.RMSGQFUL, "cmpp2": cmpp.FLOW_CONTROL, "cmpp3": cmpp.FLOW_CONTROL}


def listening(protocol, **settings):
    return Platform(listener(SMPP if protocol == "smpp" else CMPP), **settings)


def play(platform, scene):
    async def whole():
        async with opened(platform) as there:
            return await scene(there)

    return asyncio.run(whole())


def events_of(client, kind):
    return [event for event in client.events if isinstance(event, kind)]


@BOTH
def test_a_submit_is_answered_with_the_id_that_its_report_bears(protocol):
    platform = listening(protocol)

    async def scene(there):
        client = await Client.login(there, protocol)
        client.submit("a", text="您好")
        assert await client.until(lambda: events_of(client, Answer))
        [answer] = events_of(client, Answer)
        platform.owe(report(answer.message_id))
        assert await client.until(lambda: events_of(client, Asked))
        await there.until(lambda: platform.delivered_items)
        return answer, events_of(client, Asked)[0].pdu

    answer, pdu = play(platform, scene)
    assert answer.status == 0
    [submission] = platform.submissions
    assert (submission.text, list(submission.numbers), submission.source_number) == ("您好", ["8613800138000"], "10690000123")
    assert submission.wants_reports == ReportsWanted.ALL
    if protocol == "smpp":
        receipt = read_receipt(pdu)
        assert (receipt.id_text, receipt.id_tlv, receipt.stat) == (answer.message_id, answer.message_id, "DELIVRD")
        assert (pdu.source_addr, pdu.destination_addr, pdu.esm_class) == ("8613800138000", "10690000123", smpp.RECEIPT)
    else:
        delivered = decode_report(pdu.msg_content)
        assert len(pdu.msg_content) == (60 if protocol == "cmpp2" else 71)
        assert (delivered.msg_id, delivered.stat, delivered.dest_terminal_id) == (
            int(answer.message_id),
            "DELIVRD",
            "13800138000",
        )


@BOTH
def test_a_wrong_secret_is_refused_and_an_unknown_login_too(protocol):
    platform = listening(protocol)

    async def scene(there):
        ends = []
        for user, secret in (("901234", "wrong"), ("nobody", "s3cr3t")):
            client = await Client.connect(there, protocol, protocol_state=dialect_of(protocol, user, secret))
            assert await client.until(lambda c=client: events_of(c, Closed))
            ends.append(events_of(client, Closed)[0].status)
        return ends

    wanted = smpp.Status.RINVPASWD if protocol == "smpp" else 3
    assert play(platform, scene) == [wanted, wanted]
    assert not platform.sessions


def test_a_source_to_which_no_report_could_be_delivered_is_refused():
    platform = listening("smpp")

    async def scene(there):
        client = await Client.login(there, "smpp")
        for digits in (20, 21):
            submit = encode(smpp.Sm(client.session.next_seq, smpp.Command.SUBMIT_SM, "1" * 20, "8613800138000", b"x", 0))
            octets = submit.replace(b"1" * 20, b"1" * digits)
            client.session.send(len(octets).to_bytes(4) + octets[4:], digits, client.loop.time())
            client.flush()
            assert await client.until(lambda: digits in client.answers)  # noqa: B023  it is asked within the turn
        return [client.answers[digits][0] for digits in (20, 21)]

    assert play(platform, scene) == [0, smpp.Status.RINVSRCADR]
    assert [one.source_number for one in platform.submissions] == ["1" * 20]


@BOTH
def test_a_refusal_is_answered_with_its_status(protocol):
    platform = listening(protocol)

    async def scene(there):
        client = await Client.login(there, protocol)
        statuses = []
        for cause in (Code.BALANCE_SHORT, Code.BUSY, Code.NUMBER_BAD):
            platform.cause = cause
            client.submit(cause)
            assert await client.until(lambda: cause in client.answers)  # noqa: B023  it is asked within the turn
            statuses.append(client.answers[cause][0])
        return statuses

    assert play(platform, scene) == ([0x404, 0x14, 0x0B] if protocol == "smpp" else [104, 8, 13])


@BOTH
@pytest.mark.parametrize("refused", ["nowhere", "when it is judged", "by the store"])
def test_a_submit_goes_without_the_garbage_collector(protocol, refused):
    platform, left = listening(protocol), []

    def refuse(*_given, **_settings):
        raise Refusal(Code.NUMBER_BAD)

    async def scene(there):
        client = await Client.login(there, protocol)
        platform.cause = Code.BALANCE_SHORT if refused == "by the store" else None
        platform.submit = refuse if refused == "when it is judged" else platform.submit
        for names in (range(1), range(1, 21)):
            gc.collect()
            for name in names:
                client.submit(name)
                assert await client.until(lambda: name in client.answers)  # noqa: B023  it is asked within the turn
            left.append(gc.collect())

    gc.disable()
    try:
        play(platform, scene)
    finally:
        gc.enable()

    assert left[-1] < 20


@BOTH
def test_the_record_says_why_a_submit_was_refused(protocol):
    platform = listening(protocol, window_in=1)

    async def scene(there):
        client = await Client.login(there, protocol)
        [session_id] = platform.sessions
        platform.cause = Code.NUMBERS_MANY
        client.submit("a")
        assert await client.until(lambda: "a" in client.answers)
        platform.cause, platform.held = None, []
        client.submit("b")
        client.submit("c")
        assert await client.until(lambda: "c" in client.answers)
        return [pdu.get("cause") for pdu in there.server.pdus(session_id) if pdu["way"] == "out"]

    whys = play(platform, scene)
    assert whys == [None, "… numbers in one request; the limit is …", "1 submits wait for their answers, which is the window"]


def test_the_causes_of_a_session_that_is_refused_on_and_on_are_bounded():
    platform = listening("smpp", window_in=10_000)
    platform.cause = Code.NUMBER_BAD

    async def scene(there):
        client = await Client.login(there, "smpp")
        for n in range(FREE_FAULTS):
            client.submit(n)
        assert await client.until(lambda: len(client.answers) == FREE_FAULTS)
        [session_id] = platform.sessions
        return [pdu.get("cause") for pdu in there.server.pdus(session_id) if pdu["way"] == "out"]

    whys = play(platform, scene)
    assert 0 < len([why for why in whys if why]) <= CAUSES_MOST
    assert whys[-1] == Code.NUMBER_BAD.words.what


@BOTH
def test_what_exceeds_window_or_rate_is_answered_to_slow_down(protocol):
    platform = listening(protocol, window_in=2)
    platform.held = []

    async def scene(there):
        client = await Client.login(there, protocol)
        for n in range(4):
            client.submit(n)
        assert await client.until(lambda: len(events_of(client, Answer)) == 2)
        for one in reversed(platform.held):
            one.set_result(platform.submitted())
        assert await client.until(lambda: len(events_of(client, Answer)) == 4)
        platform.held = None
        platform.change_account(window_in=100, session_rate=1)
        for n in range(3):
            client.submit(10 + n)
        assert await client.until(lambda: len(events_of(client, Answer)) == 7)
        return {answer.token: answer.status for answer in events_of(client, Answer)}

    slow = THROTTLED[protocol]
    assert play(platform, scene) == {0: 0, 1: 0, 2: slow, 3: slow, 10: 0, 11: slow, 12: slow}


@BOTH
def test_a_long_text_comes_part_by_part(protocol):
    platform = listening(protocol)
    parts = [bytes((5, 0, 3, 9, 2, n)) + half.encode("utf-16-be") for n, half in ((1, "您好"), (2, "再见"))]

    async def scene(there):
        client = await Client.login(there, protocol)
        marked = {"esm_class": smpp.UDHI} if protocol == "smpp" else {"tp_udhi": 1}
        for n, part in enumerate(parts):
            client.submit_octets(n, part, **marked)
        assert await client.until(lambda: len(events_of(client, Answer)) == 2)

    play(platform, scene)
    assert [(one.text, place) for one, place in platform.parts] == [("您好", PartPlace(9, 1, 2)), ("再见", PartPlace(9, 2, 2))]


@BOTH
def test_a_refused_report_is_noted_and_one_without_an_answer_comes_again_on_the_next_session(protocol):
    platform = listening(protocol)

    async def scene(there):
        refusing = await Client.login(there, protocol, status=8)
        platform.owe(report(11))
        await there.until(lambda: platform.refused_items)
        refusing.transport.abort()
        await there.until(lambda: not platform.sessions)
        silent = await Client.login(there, protocol, answers=False)
        platform.owe(report(12))
        assert await silent.until(lambda: events_of(silent, Asked))
        silent.transport.abort()
        await there.until(lambda: not platform.sessions)
        last = await Client.login(there, protocol)
        await there.until(lambda: platform.delivered_items)
        return last

    play(platform, scene)
    assert [(item.message_ids, is_final) for item, is_final in platform.refused_items] == [(("11",), False)]
    assert [item.message_ids for item in platform.delivered_items] == [("12",)]


@BOTH
def test_reports_come_in_bursts_of_the_window_and_all_of_them(protocol):
    platform = listening(protocol, window_out=5)

    async def scene(there):
        client = await Client.login(there, protocol, answers=False)
        platform.owe(*(report(1_000 + n) for n in range(23)))
        assert await client.until(lambda: len(events_of(client, Asked)) == 5)
        await asyncio.sleep(0.05)
        seen = len(events_of(client, Asked))
        client._answers = True
        for event in events_of(client, Asked):
            client.session.answer(event.pdu)
        client.flush()
        await there.until(lambda: len(platform.delivered_items) == 23)
        return seen, len(events_of(client, Asked))

    assert play(platform, scene) == (5, 23)


@BOTH
def test_reports_that_are_handed_over_do_not_overtake_those_in_the_store(protocol):
    """Two windows at most wait for the customer, and the rest for a claim."""
    platform = listening(protocol, window_out=5)

    async def scene(there):
        client = await Client.login(there, protocol, answers=False)
        [(_, events)] = platform.sessions.values()
        rooms = [events.room]
        for first in (1_000, 1_008, 1_016):
            platform.hand_over(*(report(first + n) for n in range(8)))
            rooms.append(events.room)
        assert await client.until(lambda: len(events_of(client, Asked)) == 5)
        client._answers = True
        for event in events_of(client, Asked):
            client.session.answer(event.pdu)
        client.flush()
        await there.until(lambda: len(platform.delivered_items) == 24)
        return rooms, events.room

    assert play(platform, scene) == ([10, 2, 0, 0], 10)
    assert [int(item.message_ids[0]) for item in platform.delivered_items] == [*range(1_000, 1_024)]


@BOTH
def test_many_reports_at_once_hold_the_loop_for_a_few_at_a_time(protocol):
    platform = listening(protocol, window_out=100)

    async def scene(there):
        await Client.login(there, protocol)
        [(session, events)] = platform.sessions.values()
        await there.until(lambda: events.room == 200)
        platform.hand_over(*(report(1_000 + n) for n in range(200)))
        seen = [session.counts.deliveries, events.room]
        await there.until(lambda: len(platform.delivered_items) == 200)
        return seen

    assert play(platform, scene) == [AT_ONCE, 0]
    assert [int(item.message_ids[0]) for item in platform.delivered_items] == [*range(1_000, 1_200)]


@BOTH
def test_commits_that_saw_the_same_room_do_not_fill_it_twice(protocol):
    platform = listening(protocol, window_out=5)

    async def scene(there):
        client = await Client.login(there, protocol, answers=False)
        [(_, events)] = platform.sessions.values()
        [served] = there.server.listeners[1].sessions
        await there.until(lambda: events.room == 10)
        for first in (1_000, 1_008, 1_016):
            owed = [report(first + n) for n in range(8)]
            platform.claimed |= {id(one): one for one in owed}
            events.deliver(owed)
        held = served.connection.session.pending + len(served._deliveries._queue), len(platform.owed), events.room
        assert await client.until(lambda: len(events_of(client, Asked)) == 5)
        client._answers = True
        for event in events_of(client, Asked):
            client.session.answer(event.pdu)
        client.flush()
        await there.until(lambda: len(platform.delivered_items) == 24)
        return held, events.room

    assert play(platform, scene) == ((10, 14, 0), 10)
    assert sorted(int(item.message_ids[0]) for item in platform.delivered_items) == [*range(1_000, 1_024)]


@BOTH
def test_a_reply_of_any_length_is_delivered(protocol):
    platform = listening(protocol)
    long = "你好，请回复" * 20

    async def scene(there):
        client = await Client.login(there, protocol)
        platform.owe(reply("退订"), reply(long, owed_id=78))
        await there.until(lambda: len(platform.delivered_items) == 2)
        return [event.pdu for event in events_of(client, Asked)]

    pdus = play(platform, scene)
    content = [pdu.short_message if protocol == "smpp" else pdu.msg_content for pdu in pdus]
    assert content[0].decode("utf-16-be") == "退订"
    assert b"".join(one[6:] for one in content[1:]).decode("utf-16-be") == long
    if protocol != "smpp":
        assert len({pdu.msg_id for pdu in pdus}) == len(pdus)


@BOTH
def test_long_replies_that_follow_each_other_differ_in_their_reference(protocol):
    platform = listening(protocol)
    ids = IdSource(node=1)

    async def scene(there):
        client = await Client.login(there, protocol)
        platform.owe(*(reply("你好，请回复" * 20, owed_id=ids.one(NOW + 1000 * second)) for second in range(3)))
        await there.until(lambda: len(platform.delivered_items) == 3)
        return [event.pdu for event in events_of(client, Asked)]

    pdus = play(platform, scene)
    headers = [(pdu.short_message if protocol == "smpp" else pdu.msg_content)[:6] for pdu in pdus]
    assert len({header[3] for header in headers}) == 3
    assert len(set(headers)) == 6


def test_an_intermediate_notice_says_that_the_message_is_on_its_way():
    platform = listening("smpp")

    async def scene(there):
        client = await Client.login(there, "smpp")
        client.submit_octets("a", b"\0x", registered_delivery=0x11, protocol_id=64)
        assert await client.until(lambda: events_of(client, Answer))
        platform.owe(SessionNotice(3, 8613800138000, ("2611290000000017",), "10690000123", NOW))
        assert await client.until(lambda: events_of(client, Asked))
        await there.until(lambda: platform.delivered_items)
        return events_of(client, Asked)[0].pdu

    pdu = play(platform, scene)
    assert (pdu.esm_class, pdu.tlvs[smpp.Tag.MESSAGE_STATE]) == (smpp.NOTICE, b"\x01")
    assert pdu.short_message.startswith(b"id:2611290000000017 sub:001 dlvrd:000 submit date:2609212213 done date:")
    assert pdu.short_message.endswith(b"stat:ENROUTE err:000 text:")
    [submission] = platform.submissions
    assert (submission.wants_notice, submission.wants_reports, submission.protocol_id) == (True, ReportsWanted.ALL, 64)
    assert (submission.sequence, submission.received_ms) == (2, NOW)


def test_a_cancellation_without_an_id_names_two_addresses():
    platform = listening("smpp")

    async def scene(there):
        client = await Client.login(there, "smpp")
        seq = client.session.next_seq
        cancel = smpp.CancelSm(seq, "", "10690000123", "13800138000", service_type="OTP")
        client.session.send(client.session.protocol_state.encode(cancel), "cancel", asyncio.get_running_loop().time())
        client.flush()
        assert await client.until(lambda: events_of(client, Answer))
        return events_of(client, Answer)[0].status

    assert play(platform, scene) == 0
    assert platform.cancelled == [("10690000123", "13800138000", "OTP")]


def test_a_text_is_replaced_in_the_coding_of_the_old_one():
    platform = listening("smpp")

    async def scene(there):
        client = await Client.login(there, "smpp")
        statuses = []
        for message_id, cause in (("7", None), ("gone", None), ("8", Code.CONTENT_WORDS)):
            platform.cause = cause
            pdu = smpp.ReplaceSm(client.session.next_seq, message_id, "10690000123", "再见".encode("utf-16-be"))
            client.session.send(client.session.protocol_state.encode(pdu), message_id, asyncio.get_running_loop().time())
            client.flush()
            assert await client.until(lambda: message_id in client.answers)  # noqa: B023  it is asked within the turn
            statuses.append(client.answers[message_id][0])
        return statuses

    assert play(platform, scene) == [0, smpp.Status.RREPLACEFAIL, 0x400]
    assert next((i, source, one.text) for i, source, one in platform.replaced) == ("7", "10690000123", "再见")


@BOTH
def test_an_end_that_the_platform_wants_is_a_logout(protocol):
    platform = listening(protocol)

    async def scene(there):
        client = await Client.login(there, protocol)
        [(_, events)] = platform.sessions.values()
        events.end(SessionEnding.KICKED)
        assert await client.until(lambda: client.session.state is State.CLOSED)
        await there.until(lambda: not platform.sessions)

    play(platform, scene)
    assert platform.ends == ["left"]


def test_listeners_follow_their_rows():
    platform = Platform(listener(SMPP, 1), listener(CMPP, 2, is_stopped=True))

    async def scene(there):
        client = await Client.login(there, "smpp")
        before = set(there.server.listeners)
        platform.change_listeners(listener(CMPP, 2))
        assert await client.until(lambda: client.session.state is State.CLOSED)
        await there.until(lambda: there.at(2))
        return before, set(there.server.listeners)

    assert play(platform, scene) == ({1, 2}, {2})


def test_the_dates_of_a_report_are_those_of_the_message():
    platform = listening("smpp")

    async def scene(there):
        client = await Client.login(there, "smpp")
        platform.owe(report(5, state=MessageState.FAILED, code="12"))
        assert await client.until(lambda: events_of(client, Asked))
        return events_of(client, Asked)[0].pdu.short_message

    assert play(platform, scene) == (
        b"id:5 sub:001 dlvrd:000 submit date:2609212213 done date:2609212213 stat:UNDELIV err:012 text:"
    )
    assert NOW == 1_790_000_000_000


@pytest.mark.parametrize(("version", "has_parameters"), [(0x33, False), (0x34, True), (0x50, True)])
def test_a_customer_of_smpp_3_3_gets_no_optional_parameters(version, has_parameters):
    platform = Platform(listener())
    bind = smpp.Bind(0, smpp.Command.BIND_TRANSCEIVER, USER, SECRET, interface_version=version)

    async def scene(there):
        client = await Client.login(there, "smpp", protocol_state=SmppState(bind))
        platform.owe(report(5))
        assert await client.until(lambda: client.asked)
        return client.asked[0].tlvs, client.session.protocol_state.takes_tlvs

    tlvs, is_told = play(platform, scene)
    assert (bool(tlvs), is_told) == (has_parameters, has_parameters)


@pytest.mark.parametrize(("version", "octets"), [(0x12, 30), (0x20, 30), (0x21, 30), (0x30, 33), (0x40, 33)])
def test_the_version_of_a_cmpp_login_is_that_of_its_session(version, octets):
    """2.0 and 3.0 differ in their layouts; the answer says that 3.0 is the highest here."""
    platform = listening("cmpp3")
    proof = digest_source("901234", "s3cr3t", 1121093005)

    async def scene(there):
        reader, writer = await asyncio.open_connection(there.host, there.port)
        writer.write(cmpp_codec.encode(cmpp.Connect(1, "901234", proof, version, 1121093005), cmpp.Version.V30))
        answer = await reader.readexactly(octets)
        writer.write(cmpp_codec.encode(cmpp.Plain(cmpp.Command.TERMINATE, 2), cmpp.Version.V20))
        rest = await reader.read()
        writer.close()
        return answer[:4], any(answer[12 : octets - 17]), answer[-1], rest

    terminated = struct.pack(">3I", 12, cmpp.Command.TERMINATE_RESP, 2)
    assert play(platform, scene) == (octets.to_bytes(4, "big"), False, 0x30, terminated)


@pytest.mark.parametrize(
    ("version", "octets"),
    [(0x20, struct.pack(">IIIQB", 21, 0x8000_0004, 2, 0, 2)), (0x30, struct.pack(">IIIQI", 24, 0x8000_0004, 2, 0, 2))],
)
def test_a_submit_that_does_not_wait_for_the_login_is_refused_in_the_layout_of_its_version(version, octets):
    """The four octets of a result of 3.0 read as an acceptance in 2.0."""
    platform = listening("cmpp3")
    connect = cmpp.Connect(1, "901234", digest_source("901234", "s3cr3t", 1121093005), version, 1121093005)
    submit = cmpp.Submit(2, "1069", ("13800138000",), b"x")

    async def scene(there):
        reader, writer = await asyncio.open_connection(there.host, there.port)
        spoken = cmpp.Version(version)
        writer.write(cmpp_codec.encode(connect, spoken) + cmpp_codec.encode(submit, spoken))
        answer = await reader.readexactly(len(octets))
        writer.close()
        return answer

    assert play(platform, scene) == octets


def test_submits_of_one_read_are_answered_in_one_write():
    platform = Platform(listener())
    platform.held = []

    async def scene(there):
        client = await Client.login(there, "smpp")
        with patch.object(client, "flush"):  # all in one write, so that they come in one read
            for n in range(20):
                client.submit(n)
        client.flush()
        await there.until(lambda: len(platform.held) == 20)
        client.reads.clear()
        for one in platform.held:
            one.set_result(platform.submitted())
        assert await client.until(lambda: len(client.answers) == 20)
        return len(client.reads)

    assert play(platform, scene) == 1


def test_a_submit_that_takes_longer_delays_no_other_of_its_read():
    platform = Platform(listener())
    platform.held = []

    async def scene(there):
        client = await Client.login(there, "smpp")
        for n in range(3):
            client.submit(n)
        await there.until(lambda: len(platform.held) == 3)
        for one in platform.held[1:]:
            one.set_result(platform.submitted())
        assert await client.until(lambda: len(client.answers) == 2)
        platform.held[0].set_result(platform.submitted())
        return await client.until(lambda: len(client.answers) == 3)

    assert play(platform, scene)


@BOTH
def test_who_logs_out_amid_its_submits_has_their_answers_first(protocol):
    """And nothing else: it may ask no more, and what is owed waits for its next session."""
    platform = listening(protocol)
    platform.held = []

    async def scene(there):
        client = await Client.login(there, protocol)
        for n in range(3):
            client.submit(n)
        client.session.logout(client.loop.time())
        client.flush()
        await there.until(lambda: len(platform.held) == 3)
        platform.owe(report(11))
        await asyncio.sleep(0.05)
        before = list(client.answers), client.session.state
        for one in platform.held:
            one.set_result(platform.submitted())
        assert await client.until(lambda: events_of(client, Closed))
        await there.until(lambda: not platform.sessions)
        return before, client.answers, events_of(client, Asked), events_of(client, Closed)[0].reason

    before, answers, asked, reason = play(platform, scene)
    assert before == ([], State.LEAVING)
    assert ([answers[n][0] for n in range(3)], asked, reason) == ([0, 0, 0], [], Reason.LEFT)
    assert platform.ends == [""]


@BOTH
def test_who_logs_out_and_asks_on_is_refused_and_gone_after_a_while(protocol):
    platform = listening(protocol)
    platform.held = []

    async def scene(there):
        client = await Client.login(there, protocol)
        client.submit("a")
        [served] = there.server.listeners[1].sessions
        served.connection.limit(replace(served.connection.session.limits, leave_timeout_s=0.2))
        client.session.logout(client.loop.time())
        client.session.state = State.READY
        client.submit("b")
        await there.until(lambda: not platform.sessions, 2)  # no other deadline is as near
        return client.answers

    answers = play(platform, scene)
    assert (list(answers), len(platform.submissions)) == (["b"], 1)
    assert answers["b"][0]


def test_a_store_that_is_full_is_no_fault_of_the_customer():
    platform = Platform(listener())

    async def scene(there):
        client = await Client.login(there, "smpp")
        platform.submit = busy
        client.submit("a")
        assert await client.until(lambda: "a" in client.answers)
        return client.answers["a"][0], there.server.totals()["smpp", "faults"]

    assert play(platform, scene) == (smpp.Status.RMSGQFUL, 0)


def busy(session, submission, done, *, names_refused):
    raise Refusal(Code.BUSY)
