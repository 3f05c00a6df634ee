"""Customers and strangers that keep no rules: bounded, and no harm to others."""

import asyncio
import ssl
import struct

import pytest
import structlog
from tests.certificate import certificate
from tests.sessions.platform import CMPP, SMPP, Platform, listener, opened, report
from tests.sim.client import Client, dialect_of

from hongyan.http.server import TlsFiles
from hongyan.sessions.reconnect_limit import FREE_RECONNECTS
from hongyan.wire.cmpp import codec as cmpp_codec
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.events import Answer, Asked, Closed, Heartbeat, LoggedIn, Unexpected
from hongyan.wire.session import State
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.codec import encode

GARBAGE = [
    b"\xff" * 64,
    struct.pack(">IIII", 0, 4, 0, 1),
    struct.pack(">IIII", 15, 4, 0, 1),
    struct.pack(">IIII", 0xFFFF_FFFF, 4, 0, 1),
    struct.pack(">IIII", 5_000, 9, 0, 1),
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
]


BOTH = pytest.mark.parametrize("protocol", [SMPP, CMPP])
SPOKEN = {SMPP: "smpp", CMPP: "cmpp3"}


def play(platform, scene, **options):
    async def whole():
        async with opened(platform, **options) as there:
            return await scene(there)

    return asyncio.run(whole())


async def raw(there, listener_id=1):
    return await asyncio.open_connection(there.host, there.at(listener_id))


async def ended(reader):
    """Everything that comes until the server closes."""
    async with asyncio.timeout(10):
        try:
            return await reader.read(-1)
        except ConnectionResetError:
            return b""


@BOTH
@pytest.mark.parametrize("octets", GARBAGE, ids=range(len(GARBAGE)))
def test_octets_that_are_no_login_end_the_connection(protocol, octets):
    async def scene(there):
        reader, writer = await raw(there)
        writer.write(octets)
        await ended(reader)
        writer.close()
        return len(there.server.listeners[1].sessions)

    assert play(Platform(listener(protocol)), scene) == 0


@pytest.mark.parametrize("octets", GARBAGE[:4], ids=range(4))
def test_garbage_after_the_login_ends_that_session_alone(octets):
    platform = Platform(listener())

    async def scene(there):
        good, bad = await Client.login(there, "smpp"), await Client.login(there, "smpp")
        bad.transport.write(octets)
        assert await bad.until(lambda: bad.is_lost)
        good.submit("a")
        assert await good.until(lambda: "a" in good.answers)
        return len(platform.sessions)

    assert play(platform, scene) == 1


def test_who_does_not_log_in_is_left_however_slowly_it_writes():
    platform = Platform(listener(login_within_s=1))

    async def scene(there):
        reader, writer = await raw(there)
        octets = encode(smpp.Bind(1, smpp.Command.BIND_TRANSCEIVER, "901234", "s3cr3t"))
        for octet in octets:
            writer.write(bytes((octet,)))
            await asyncio.sleep(0.1)
            if reader.at_eof():
                break
        await ended(reader)
        writer.close()
        await there.until(lambda: not there.server.listeners[1].sessions)

    play(platform, scene)
    assert platform.log_ins == 0


def test_an_address_that_is_not_listed_is_cut_off_before_anything_is_counted():
    platform = Platform(listener(ip_list=("10.0.0.0/8",)))

    async def scene(there):
        reader, writer = await raw(there)
        assert await ended(reader) == b""
        writer.close()
        await there.until(lambda: not there.server.listeners[1].sessions)
        return there.server.listeners[1].connection_guard.refused

    assert play(platform, scene) == 1


def test_strangers_leave_room_for_customers():
    platform = Platform(listener(connections_most=4))

    async def scene(there):
        strangers = [await raw(there) for _ in range(4)]
        await asyncio.sleep(1.1)  # a stranger has a moment to log in
        client = await Client.login(there, "smpp")
        for _, writer in strangers:
            writer.close()
        return client.is_in

    assert play(platform, scene)


def test_a_customer_that_submits_far_beyond_its_window_is_answered_and_others_are_served(monkeypatch):
    monkeypatch.setattr("hongyan.http.penalty.HELD_A_SECOND", (200, 200, 200))
    platform = Platform(listener(), window_in=10)
    platform.held = []

    async def scene(there):
        flood, other = await Client.login(there, "smpp"), await Client.login(there, "smpp")
        for n in range(600):
            flood.submit(n)
        other.submit("other")
        await there.until(lambda: len(platform.held) == 11)
        held, platform.held = platform.held, None
        for one in held:
            one.set_result(platform.submitted())
        assert await other.until(lambda: "other" in other.answers)
        assert await flood.until(lambda: len(flood.answers) == 600, 20)
        return sorted({status for status, _ in flood.answers.values()}), other.answers["other"][0]

    assert play(platform, scene) == ([0, smpp.Status.RTHROTTLED], 0)


@BOTH
def test_a_customer_that_never_answers_is_left_and_its_reports_wait(protocol):
    platform = Platform(listener(protocol, answer_within_s=1), window_out=3)

    async def scene(there):
        client = await Client.login(there, SPOKEN[protocol], answers=False)
        platform.owe(*(report(100 + n) for n in range(10)))
        assert await client.until(lambda: client.is_lost, 10)
        await there.until(lambda: not platform.sessions)
        return len(client.asked)

    assert play(platform, scene) == 3
    assert len(platform.owed) == 10
    assert platform.ends == ["it answers nothing"]


@BOTH
def test_a_customer_that_does_not_read_is_not_written_to_without_end(protocol):
    platform = Platform(listener(protocol), window_out=10_000)

    async def scene(there):
        client = await Client.login(there, SPOKEN[protocol])
        client.transport.pause_reading()
        platform.owe(*(report(1_000 + n) for n in range(20_000)))
        [served] = there.server.listeners[1].sessions
        await asyncio.sleep(0.3)
        held = served.connection._transport.get_write_buffer_size()
        client.transport.resume_reading()
        await there.until(lambda: len(platform.delivered_items) == 20_000, 30)
        return held

    assert play(platform, scene) < 4 * 1024 * 1024


@BOTH
def test_answers_to_nothing_are_ignored(protocol):
    platform = Platform(listener(protocol))

    async def scene(there):
        client = await Client.login(there, SPOKEN[protocol])
        for seq in range(900_000, 900_050):
            answer = smpp.SmResp(seq, smpp.Command.DELIVER_SM_RESP) if protocol is SMPP else cmpp.DeliverResp(seq, 1, 0)
            client.transport.write(client.session.protocol_state.encode(answer))
        platform.owe(report(5))
        await there.until(lambda: platform.delivered_items)
        client.submit("a")
        return await client.until(lambda: "a" in client.answers)

    assert play(platform, scene)


OUTBIND = encode(smpp.Plain(3, smpp.Command.OUTBIND, 0, b"901234\0s3cr3t\0"))
SUBMIT = encode(smpp.Sm(3, smpp.Command.SUBMIT_SM, "1069", "8613800138000", b"x"))
CMPP_SUBMIT = cmpp_codec.encode(cmpp.Submit(3, "1069", ("13800138000",), b"x"), cmpp.Version.V20)
ACTIVE_TEST = cmpp_codec.encode(cmpp.Plain(cmpp.Command.ACTIVE_TEST, 3), cmpp.Version.V20)


@pytest.mark.parametrize(
    ("protocol", "octets", "answer"),
    [
        (SMPP, OUTBIND, struct.pack(">IIII", 16, 0x8000_0000, 4, 3)),
        (SMPP, SUBMIT, struct.pack(">IIII", 16, 0x8000_0004, 4, 3)),
        (CMPP, CMPP_SUBMIT, struct.pack(">IIIQB", 21, 0x8000_0004, 3, 0, 2)),
        (CMPP, ACTIVE_TEST, b""),
    ],
    ids=["outbind", "submit_sm", "CMPP_SUBMIT", "CMPP_ACTIVE_TEST"],
)
def test_what_is_said_instead_of_a_login_is_refused_and_ends_the_connection(protocol, octets, answer):
    """An outbind is for centres to send. It is counted, and logged with a limit."""
    platform = Platform(listener(protocol))

    async def scene(there):
        with structlog.testing.capture_logs() as lines:
            reader, writer = await raw(there)
            writer.write(octets + encode(smpp.Bind(4, smpp.Command.BIND_TRANSCEIVER, "901234", "s3cr3t")))
            said = await ended(reader)
            writer.close()
            await there.until(lambda: not there.server.listeners[1].sessions)
        return said, there.server.totals()[str(protocol), "strangers_refused"], [line["event"] for line in lines]

    assert play(platform, scene) == (answer, 1, ["session_strange"])
    assert platform.log_ins == 0


def test_a_login_that_cannot_be_read_is_refused_in_a_layout_in_which_nothing_reads_as_accepted():
    """In 2.0 the first of the four octets of a status of 3.0 would."""

    async def scene(there):
        reader, writer = await raw(there)
        writer.write(struct.pack(">III", 20, 1, 3) + b"901234xx")
        said = await ended(reader)
        writer.close()
        return said

    said = play(Platform(listener(CMPP)), scene)
    assert said[:13] == struct.pack(">IIIB", 30, 0x8000_0001, 3, 1)


def test_a_second_login_is_refused():
    platform = Platform(listener())

    async def scene(there):
        client = await Client.login(there, "smpp")
        client.transport.write(encode(smpp.Bind(9, smpp.Command.BIND_RECEIVER, "901234", "s3cr3t")))
        client.submit("a")
        assert await client.until(lambda: "a" in client.answers)
        return [event.what for event in client.events if isinstance(event, Unexpected)]

    assert len(play(platform, scene)) == 1


def test_an_outbind_after_the_login_is_a_fault_that_is_refused():
    async def scene(there):
        client = await Client.login(there, "smpp")
        client.transport.write(OUTBIND)
        client.submit("a")
        assert await client.until(lambda: "a" in client.answers)
        return client.asked, len(client.events), there.server.totals()["smpp", "faults"]

    asked, events, faults = play(Platform(listener()), scene)
    assert (asked, events, faults) == ([], 3, 1)  # logged in, a refusal of nothing that was asked, the answer


@pytest.mark.parametrize(
    ("mode", "may_submit", "is_delivered_to"),
    [("BIND_TRANSMITTER", True, False), ("BIND_RECEIVER", False, True), ("BIND_TRANSCEIVER", True, True)],
)
def test_each_bind_mode_does_what_it_is_for(mode, may_submit, is_delivered_to):
    platform = Platform(listener())

    async def scene(there):
        state = dialect_of("smpp")
        state._bind = smpp.Bind(0, smpp.Command[mode], "901234", "s3cr3t")
        client = await Client.login(there, "smpp", protocol_state=state)
        platform.owe(report(5))
        client.submit("a")
        assert await client.until(lambda: "a" in client.answers)
        await asyncio.sleep(0.05)
        return client.answers["a"][0] == 0, bool(client.asked)

    assert play(platform, scene) == (may_submit, is_delivered_to)


@pytest.mark.interpreted
@BOTH
def test_both_sides_ask_whether_the_other_lives(protocol):
    platform = Platform(listener(protocol, idle_after_s=0.3))

    async def scene(there):
        client = await Client.login(there, SPOKEN[protocol])
        state, before = client.session.protocol_state, client.octets
        client.transport.write(state.heartbeat(4_000))
        await asyncio.sleep(0.8)
        return client.octets - before, len(state.heartbeat_answer(1)) + 2 * len(state.heartbeat(1)), client.is_lost

    octets, least, is_lost = play(platform, scene)
    assert octets >= least  # an answer, and two questions that the client's session answered
    assert not is_lost


@pytest.mark.interpreted
@BOTH
def test_a_customer_that_does_not_say_whether_it_lives_is_left_and_its_reports_wait(protocol):
    platform = Platform(listener(protocol, idle_after_s=0.1))

    async def scene(there):
        client = await Client.login(there, SPOKEN[protocol])
        client.flush = lambda: None  # nothing more is written
        platform.owe(report(5))
        assert await client.until(lambda: client.is_lost)
        await there.until(lambda: not platform.sessions)
        return sum(isinstance(event, Heartbeat) for event in client.events)

    assert play(platform, scene) == (1 if protocol is SMPP else 3)
    assert len(platform.owed) == 1
    assert platform.ends[0].startswith("silent for")


def test_a_listener_speaks_tls_and_a_handshake_that_stops_is_left(tmp_path, monkeypatch):
    """Each counts once when it has ended."""
    monkeypatch.setattr("hongyan.sessions.reconnect_limit.RECONNECTS_A_SECOND", 0)
    chain, key = certificate(tmp_path, "smsc")
    trust = ssl.create_default_context(cafile=str(chain))
    platform = Platform(listener(tls=True, login_within_s=1))

    async def scene(there):
        reader, writer = await raw(there)
        writer.write(b"\x16\x03")
        _, client = await asyncio.get_running_loop().create_connection(
            lambda: Client("smpp"), there.host, there.port, ssl=trust, server_hostname="smsc.example"
        )
        client.session.login(client.loop.time())
        client.flush()
        assert await client.until(lambda: client.is_in)
        for n in range(300):
            client.submit(n)
        assert await client.until(lambda: len(client.answers) == 300)
        platform.owe(report(5))
        await there.until(lambda: platform.delivered_items)
        assert await ended(reader) == b""
        writer.close()
        reader, no_tls = await raw(there)
        no_tls.write(b"GET / HTTP/1.1\r\n\r\n")
        await ended(reader)
        await there.until(lambda: len(there.server.listeners[1].sessions) == 1)  # none is left of what failed
        client.transport.abort()
        no_tls.close()
        await there.until(lambda: not there.server.listeners[1].sessions)
        return there.server._reconnects._free["127.0.0.1"].tokens

    assert play(platform, scene, tls=TlsFiles(chain, key)) == FREE_RECONNECTS - 3
    assert len(platform.submissions) >= 100


def test_a_port_that_somebody_else_has_is_tried_again_and_the_log_has_it_once(monkeypatch):
    monkeypatch.setattr("hongyan.sessions.session_listener.AGAIN_S", 0.02)

    async def whole():
        blocker = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
        port = blocker.sockets[0].getsockname()[1]
        platform = Platform(listener(port=port))
        async with opened(platform) as there:
            trouble = there.server.listeners[1].trouble
            await asyncio.sleep(0.2)  # some tries
            blocker.close()
            await blocker.wait_closed()
            await there.until(lambda: there.server.listeners[1].number == port)
            return trouble, there.server.listeners[1].trouble

    with structlog.testing.capture_logs() as lines:
        trouble, after = asyncio.run(whole())
    assert [line["event"] for line in lines].count("listener_closed") == 1
    assert trouble.parts[0][1]["reason"] == "the port is in use"
    assert after == ""


def test_a_stop_answers_what_was_submitted_and_says_goodbye():
    platform = Platform(listener())
    platform.held = []

    async def whole():
        async with opened(platform) as there:
            client = await Client.login(there, "smpp")
            client.submit("a")
            await there.until(lambda: platform.held)
            asyncio.get_running_loop().call_later(0.1, lambda: platform.held[0].set_result(platform.submitted()))
        assert await client.until(lambda: client.session.state is State.CLOSED)
        return [type(event) for event in client.events]

    assert asyncio.run(whole()) == [LoggedIn, Answer, Closed]


def test_the_record_of_a_session_shows_its_pdus_without_phones_and_secrets():
    platform = Platform(listener())

    async def scene(there):
        client = await Client.login(there, "smpp")
        client.submit("a")
        assert await client.until(lambda: "a" in client.answers)
        [session_id] = platform.sessions
        return there.server.pdus(session_id)

    recorded = play(platform, scene)
    assert [(one["way"], one["pdu"]) for one in recorded] == [
        ("out", "BIND_TRANSCEIVER_RESP"),
        ("in", "SUBMIT_SM"),
        ("out", "SUBMIT_SM_RESP"),
    ]
    assert "13800138000" not in str(recorded)


def test_events_of_a_delivery_are_not_lost_in_a_burst_of_answers():
    platform = Platform(listener(), window_out=50)

    async def scene(there):
        clients = [await Client.login(there, "smpp") for _ in range(4)]
        platform.owe(*(report(10_000 + n) for n in range(2_000)))
        await there.until(lambda: len(platform.delivered_items) == 2_000, 20)
        return sum(len([one for one in client.events if isinstance(one, Asked)]) for client in clients), [
            one for client in clients for one in client.events if isinstance(one, Closed)
        ]

    assert play(platform, scene) == (2_000, [])


def test_a_session_whose_network_is_gone_is_known_to_be_cut_off():
    """The kernel hears no acknowledgement of what was written. So repeated parts of long texts are known before the session ends."""
    platform = Platform(listener())

    async def scene(there):
        gone, good = await Client.login(there, "smpp"), await Client.login(there, "smpp")
        cut, live = (events for _, events in platform.sessions.values())
        gone.lose_network()
        for client in (gone, good):
            client.submit("a")
        await there.until(lambda: cut.is_cut_off)
        gone.transport.abort()
        return live.is_cut_off, "a" in good.answers, "a" in gone.answers

    assert play(platform, scene) == (False, True, False)
