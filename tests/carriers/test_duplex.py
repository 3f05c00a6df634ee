"""A channel at a simulated SGIP gateway: submits on our connection, reports and texts on the one that it opens to us."""

import asyncio
import contextlib
import socket
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import structlog
from bench.tools import free_port

from hongyan.carriers.duplex import DuplexLink
from hongyan.carriers.factory import adapter_of
from hongyan.i18n import translated, using_language
from hongyan.model.channel import Channel, OnDoubt
from hongyan.model.message import ReceiptState, SegmentResult
from hongyan.model.protocol import Protocol
from hongyan.sim.carrier import CarrierSim
from hongyan.sim.script import read_script
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.sgip.codec import encode
from hongyan.wire.sgip.pdu import Command, LoginType

NODE = "3010012345"
SECRET = "s3cr3t"


def rule(do, **keys):
    return "\n".join(["[[rule]]", f'do = "{do}"', *(f"{name} = {value!r}" for name, value in keys.items())])


class Trial:
    def __init__(self, sim, link, events):
        self.sim, self.link, self.events = sim, link, events
        self._tickets = iter(range(1 << 40, 1 << 41))

    def offer(self, segments):
        for segment in segments:
            segment.ticket = segment.ticket or next(self._tickets)
        self.link.offer(segments)
        return segments


@pytest.fixture
def gateway(wait, recorded_events, now_ms, fast):
    """`async with gateway(script, …options) as t`: a running gateway and an opened link."""

    @asynccontextmanager
    async def run(script="", sim_secret=SECRET, report_delay_s=0.0, on_doubt=OnDoubt.RESEND, answer_timeout_s=5.0, **options):
        port = free_port()
        sim = CarrierSim(
            "sgip",
            user="unisp",
            secret=sim_secret,
            script=read_script(script),
            report_delay_s=report_delay_s,
            deliver_to=("127.0.0.1", port),
        )
        await sim.start()
        seen = {"node": NODE, "listen_port": str(port), "listen_host": "127.0.0.1"} | options
        channel = Channel(
            7,
            "up",
            Protocol.SGIP,
            "127.0.0.1",
            sim.port,
            "unisp",
            SECRET,
            window=10,
            on_doubt=on_doubt,
            answer_timeout_s=answer_timeout_s,
            options=seen,
        )
        events = recorded_events()
        events.link = link = DuplexLink(channel, adapter_of, events, now_ms, fast)
        await link.open()
        try:
            await wait(lambda: link.is_up)
            yield Trial(sim, link, events)
        finally:
            await link.close(0)
            await sim.stop()

    return run


def names(receipts):
    return sorted(receipt.carrier_ids[0] for receipt in receipts)


def test_reports_come_on_the_gateways_own_connection_and_name_their_submits(gateway, wait, some):
    async def go():
        async with gateway() as t:
            t.offer(some(50))
            await wait(lambda: len(t.events.receipts) == 50 and len(t.events.answers) == 50)
            await wait(lambda: t.sim.counts.taken == 50)

            assert {r.state for r in t.events.receipts} == {ReceiptState.DELIVERED}
            assert names(t.events.receipts) == sorted(answer.carrier_id for answer in t.events.answers)
            assert (t.sim.counts.calls, t.sim.counts.logins) == (1, 1)

    asyncio.run(go())


def test_a_text_from_a_handset_comes_in_parts_and_is_answered_after_the_commit(gateway, wait):
    async def go():
        async with gateway() as t:
            t.events.stores = None
            t.sim.say("8613012345678", "10655123", "好" * 100)
            await wait(lambda: len(t.events.parts) == 2)
            await asyncio.sleep(0.05)
            assert t.sim.counts.taken == 0

            for confirm in t.events.confirms:
                confirm(True)
            await wait(lambda: t.sim.counts.taken == 2)
            assert [(p.part, p.parts, p.phone, p.dest) for p in t.events.parts] == [
                (1, 2, 8613012345678, "10655123"),
                (2, 2, 8613012345678, "10655123"),
            ]

    asyncio.run(go())


def test_a_report_may_outrun_the_answer(gateway, wait, some):
    async def go():
        async with gateway(rule("early"), report_delay_s=0.0) as t:
            t.offer(some(1))
            await wait(lambda: t.events.receipts)
            assert t.events.answers == []
            await wait(lambda: t.events.answers)

            assert names(t.events.receipts) == [t.events.answers[0].carrier_id]

    asyncio.run(go())


def test_what_the_store_does_not_take_is_asked_for_again(gateway, wait, some):
    async def go():
        async with gateway() as t:
            t.events.stores = False
            t.offer(some(1))
            await wait(lambda: t.sim.counts.turned_down == 1)
            t.events.stores = True
            await wait(lambda: t.sim.counts.taken == 1)

            assert len(set(names(t.events.receipts))) == 1

    asyncio.run(go())


@pytest.mark.parametrize("harm", ["disconnect", "no-answer"])
def test_a_repeat_has_the_same_name_and_the_gateway_sends_it_once(gateway, wait, some, harm):
    async def go():
        async with gateway(rule(harm, times=1), answer_timeout_s=0.3) as t:
            t.offer(some(5))
            await wait(lambda: len(t.events.answers) == 5 and len(t.events.receipts) == 5)

            assert set(t.events.results().values()) == {SegmentResult.ACCEPTED}
            assert t.sim.counts.repeats >= 1
            assert t.sim.counts.submits == 5
            assert names(t.events.receipts) == sorted(answer.carrier_id for answer in t.events.answers)

    asyncio.run(go())


def test_what_stays_without_an_answer_keeps_its_name(gateway, wait, some):
    async def go():
        async with gateway(rule("no-answer"), on_doubt=OnDoubt.HOLD, answer_timeout_s=0.2) as t:
            t.offer(some(1))
            await wait(lambda: t.events.answers)
            await wait(lambda: t.events.receipts)

            assert t.events.answers[0].result is SegmentResult.UNANSWERED
            assert names(t.events.receipts) == [t.events.answers[0].carrier_id]

    asyncio.run(go())


def test_an_answer_of_busy_is_tried_again(gateway, wait, some):
    async def go():
        async with gateway(rule("refuse", code=33, times=2)) as t:
            t.offer(some(3))
            await wait(lambda: len(t.events.answers) == 3)

            assert set(t.events.results().values()) == {SegmentResult.ACCEPTED}
            assert t.link.counts.throttled == 2

    asyncio.run(go())


# --- short connections -----------------------------------------------------------------------------------------------------


def test_an_unused_connection_is_left_and_comes_back_when_there_is_work(gateway, wait, some):
    async def go():
        async with gateway(keep_open="no", idle_s="1") as t:
            t.offer(some(1))
            await wait(lambda: t.events.receipts)
            await wait(lambda: t.link.counts.connections_up == 0)
            assert t.link.is_up, "a channel that rests is no dead channel"

            t.offer(some(1, 2))
            await wait(lambda: len(t.events.receipts) == 2)
            assert (t.sim.counts.logins, t.events.ups, t.link.trouble) == (2, [True], "")

    asyncio.run(go())


def test_a_gateway_that_leaves_what_is_unused_is_dialled_when_there_is_work(gateway, wait, some):
    async def go():
        async with gateway() as t:
            (connection,) = t.sim.connections.values()
            connection._report(connection.session.logout(connection._loop.time()))
            await wait(lambda: t.link.counts.connections_up == 0)
            await asyncio.sleep(0.1)
            assert (t.link.is_up, t.sim.counts.logins) == (True, 1)

            t.offer(some(1))
            await wait(lambda: t.events.receipts)

    asyncio.run(go())


def test_a_rest_ends_as_down_when_nobody_is_there_any_more(gateway, wait, some):
    async def go():
        async with gateway(keep_open="no", idle_s="1") as t:
            await wait(lambda: t.link.counts.connections_up == 0)
            await t.sim.stop()
            t.offer(some(1))
            await wait(lambda: not t.link.is_up)

            assert t.link.trouble == "no connection: Connection refused"
            with using_language("zh"):
                assert translated(t.link.trouble) == "无法连接：连接被拒绝"

    asyncio.run(go())


# --- who may come in -------------------------------------------------------------------------------------------------------


async def knock(link, *octets):
    """What a peer is answered until its connection is closed: (command, result) of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", link.listener.port)
    answers = []
    with contextlib.suppress(ConnectionResetError):  # one that is not let in is reset
        for one in octets:
            writer.write(one)
            head = await reader.read(20)
            if not head:
                break
            body = await reader.readexactly(int.from_bytes(head[:4], "big") - 20)
            answers.append((int.from_bytes(head[4:8], "big"), body[0]))
    writer.close()
    return answers


def login(name="unisp", password=SECRET, login_type=LoginType.SMG):
    return encode(sgip.Bind(1, login_type, name, password))


@pytest.mark.parametrize(
    ("bind", "options", "result", "why"),
    [
        (login(password="wrong"), {}, 1, "wrong name or password"),
        (login(name="somebody"), {}, 1, "wrong name or password"),
        (login(login_type=1), {}, 4, "login type 1, not 2"),
        (login(), {"listen_user": "smg"}, 1, "wrong name or password"),
    ],
)
def test_a_login_that_is_refused_is_answered_and_reported(gateway, wait, bind, options, result, why):
    async def go():
        async with gateway(**options) as t:
            await wait(lambda: t.link.listener.port)
            assert await knock(t.link, bind, bind) == [(Command.BIND_RESP, result)]

            assert t.link.trouble == f"a login from 127.0.0.1 was refused, result {result}: {why}"
            assert t.link.counts.logins_refused == 1
            assert t.link.is_up, "what comes in has nothing to do with what goes out"

    asyncio.run(go())


def test_a_connection_from_another_address_is_cut_off_before_it_counts(gateway, wait):
    async def go():
        async with gateway(allow_ip="192.0.2.0/24") as t:
            await wait(lambda: t.link.listener.port)

            async def come():
                reader, writer = await asyncio.open_connection("127.0.0.1", t.link.listener.port)
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
                writer.close()

            await asyncio.gather(*(come() for _ in range(100)))

            assert t.link.listener._incoming == set()
            assert t.link.trouble == "a login from 127.0.0.1 was refused: its address is not in allow_ip"
            assert t.link.counts.logins_refused == 100

    asyncio.run(go())


def seen_by(link):
    return [(one["connection"], one["way"], one["pdu"]) for one in link.recorder.pdus()]


def test_the_recorder_keeps_what_comes_on_the_gateways_connections_too(gateway, wait, some):
    async def go():
        async with gateway() as t:
            t.offer(some(1))
            await wait(lambda: t.sim.counts.taken == 1)
            t.sim.say("8613012345678", "10655123", "好")
            await wait(lambda: t.sim.counts.taken == 2)

            seen = seen_by(t.link)
            ours, theirs = ([(way, pdu) for number, way, pdu in seen if number == one] for one in (1, 2))
            assert ours == [("out", "Bind"), ("in", "BIND_RESP"), ("out", "Submit"), ("in", "SUBMIT_RESP")]
            assert theirs == [
                ("in", "Bind"),
                ("out", "BIND_RESP"),
                ("in", "Report"),
                ("out", "REPORT_RESP"),
                ("in", "Deliver"),
                ("out", "DELIVER_RESP"),
            ]
            everything = str(t.link.recorder.pdus())
            assert SECRET not in everything
            assert "13012345678" not in everything
            assert "好".encode("utf-16-be").hex() not in everything

    asyncio.run(go())


def test_the_recorder_keeps_a_refused_login_and_nothing_of_strangers(gateway, wait):
    async def go():
        for options, kept in ({}, [(2, "in", "Bind"), (2, "out", "BIND_RESP")]), ({"allow_ip": "192.0.2.0/24"}, []):
            async with gateway(**options) as t:
                await wait(lambda: t.link.listener.port)
                await knock(t.link, login(password="wrong"), b"")

                assert [one for one in seen_by(t.link) if one[0] != 1] == kept

    asyncio.run(go())


def test_the_trouble_is_over_with_the_next_good_login(gateway, wait):
    async def go():
        async with gateway(listen_user="smg") as t:
            await wait(lambda: t.link.listener.port)
            await knock(t.link, login())
            assert t.link.trouble
            assert await knock(t.link, login("smg")) == [(Command.BIND_RESP, 0)]

            assert t.link.trouble == ""

    asyncio.run(go())


def test_what_comes_before_the_login_is_not_served(gateway, wait):
    async def go():
        async with gateway() as t:
            await wait(lambda: t.link.listener.port)
            report = encode(sgip.Report(1, 2, "8613012345678", 0))

            assert await knock(t.link, report) == []
            assert t.events.receipts == []

    asyncio.run(go())


def test_a_submit_that_comes_in_is_answered_with_an_error_and_the_connection_stays(gateway, wait):
    async def go():
        async with gateway() as t:
            await wait(lambda: t.link.listener.port)
            submit = encode(sgip.Submit(2, "10655123", ("8613012345678",), b"x"))
            report = encode(sgip.UserRpt(3, "10655123", "8613012345678", 1))

            assert await knock(t.link, login(), submit, report) == [
                (Command.BIND_RESP, 0),
                (Command.SUBMIT_RESP, 7),
                (Command.USER_RPT_RESP, 0),
            ]

    asyncio.run(go())


def test_a_connection_that_has_not_logged_in_makes_room(gateway, wait, monkeypatch):
    monkeypatch.setattr("hongyan.carriers.listener.VISITORS_MOST", 2)

    async def go():
        async with gateway() as t:
            await wait(lambda: t.link.listener.port)
            held = [await asyncio.open_connection("127.0.0.1", t.link.listener.port) for _ in range(2)]
            await wait(lambda: len(t.link.listener._incoming) == 2)

            assert await knock(t.link, login()) == [(Command.BIND_RESP, 0)]
            assert await held[0][0].read() == b""
            for _, writer in held:
                writer.close()

    asyncio.run(go())


def test_a_connection_that_has_logged_in_keeps_its_place(gateway, wait, monkeypatch):
    monkeypatch.setattr("hongyan.carriers.listener.VISITORS_MOST", 2)

    async def go():
        async with gateway() as t:
            await wait(lambda: t.link.listener.port)
            held = []
            for _ in range(2):
                reader, writer = await asyncio.open_connection("127.0.0.1", t.link.listener.port)
                writer.write(login())
                await reader.readexactly(29)
                held.append(writer)

            with pytest.raises((ConnectionError, AssertionError)):
                assert await knock(t.link, login())
            assert "2 connections already" in t.link.trouble
            for writer in held:
                writer.close()

    asyncio.run(go())


def test_a_connection_that_says_nothing_is_closed_soon(gateway, wait, monkeypatch):
    monkeypatch.setattr("hongyan.carriers.listener.LOGIN_S", 0.2)

    async def go():
        async with gateway() as t:
            await wait(lambda: t.link.listener.port)
            reader, writer = await asyncio.open_connection("127.0.0.1", t.link.listener.port)
            assert await asyncio.wait_for(reader.read(), 2) == b""
            writer.close()

    asyncio.run(go())


def test_all_channels_listeners_share_one_budget_of_connections(gateway, wait):
    async def go():
        async with gateway() as t:
            await wait(lambda: t.link.listener.port)
            t.link.listener._budget.most = 0
            with pytest.raises((ConnectionError, AssertionError)):
                assert await knock(t.link, login())
            t.link.listener._budget.most = 1
            for _ in range(3):  # a place is given back
                assert await knock(t.link, login()) == [(Command.BIND_RESP, 0)]
                await wait(lambda: not t.link.listener._incoming)

    asyncio.run(go())


def test_a_port_that_somebody_has_is_reported_and_tried_again(gateway, wait, some, monkeypatch):
    monkeypatch.setattr("hongyan.carriers.open_port.AGAIN_S", 0.05)

    async def go():
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            async with gateway(listen_port=str(port)) as t:
                t.sim._outbound.port = port
                await wait(lambda: t.link.trouble)
                assert t.link.trouble.startswith(f"cannot listen on 127.0.0.1:{port}")
                await asyncio.sleep(0.3)  # some tries
                taken.close()
                t.offer(some(1))
                await wait(lambda: t.events.receipts)

                assert t.link.trouble == ""

    with structlog.testing.capture_logs() as lines:
        asyncio.run(go())
    assert [line["event"] for line in lines].count("carrier_listener_closed") == 1


def test_another_port_takes_effect_while_it_runs(gateway, wait, some):
    async def go():
        async with gateway() as t:
            t.offer(some(1))
            await wait(lambda: t.events.receipts)
            port = free_port()
            t.sim._outbound.port = port
            t.link.retune(replace(t.link.channel, options={**t.link.channel.options, "listen_port": str(port)}))
            await wait(lambda: t.link.listener.port == port)
            t.offer(some(1, 2))
            await wait(lambda: len(t.events.receipts) == 2)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("options", "said"),
    [({"allow_ip": "not-an-address"}, "allow_ip"), ({"listen_idle_s": "x"}, "listen_idle_s is a whole number")],
)
def test_settings_of_the_listener_that_make_no_sense_are_reported(gateway, options, said):
    async def go():
        async with gateway(**options) as t:
            assert said in t.link.trouble

    asyncio.run(go())
