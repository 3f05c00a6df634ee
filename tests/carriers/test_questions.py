"""Asking a simulated carrier: states, cancellations, a day's numbers."""

import asyncio

import pytest

from hongyan.carriers.questions import CannotAsk, Question, ask
from hongyan.wire.smpp import codec as smpp_codec

DAY = "20261125"


def play(trial, protocol, scene, **options):
    async def go():
        async with trial(protocol, **options) as t:
            return await scene(t)

    return asyncio.run(go())


def numbers(seen):
    return seen["messages"], seen["done"], seen["failed"]


@pytest.mark.parametrize("protocol", ["cmpp2", "cmpp3", "smgp"])
def test_a_day_is_reported_in_numbers(trial, some, now_ms, protocol):
    async def scene(t):
        t.link.offer(some(7))
        await t.accepted(7)
        return await ask(t.link.channel, Question(day=DAY), now_ms())

    assert numbers(play(trial, protocol, scene)) == (7, 7, 0)


def test_the_state_of_a_message_is_reported(trial, wait, some, now_ms):
    async def scene(t):
        t.link.offer(some(2))
        await t.accepted(2)
        await wait(lambda: len(t.events.receipts) == 2)
        name = t.events.answers[0].carrier_id
        spelt = next(s.message_id for s in t.sim.submits if s.message_id.lstrip("0") == name)
        seen = await ask(t.link.channel, Question(spelt), now_ms())
        with pytest.raises(CannotAsk, match="0x67"):
            await ask(t.link.channel, Question("999"), now_ms())
        return seen

    seen = play(trial, "smpp", scene)
    assert seen["state"] == "DELIVRD"
    assert len(seen["final_date"]) == 16


def test_the_way_of_a_message_is_reported(trial, some, now_ms):
    async def scene(t):
        t.link.offer(some(1))
        await t.accepted(1)
        name, phone = t.events.answers[0].carrier_id, str(t.events.answers[0].segment.phone)
        ways = [await ask(t.link.channel, Question(name, dest=phone), now_ms())]
        while not ways[-1]["sent"]:
            ways.append(await ask(t.link.channel, Question(name, dest=phone), now_ms()))
        for question, why in (
            (Question("1-2-3", dest=phone), "no gateway on the way knows"),
            (Question(name, dest="8613900139000"), "no gateway on the way knows"),
            (Question("12", dest=phone), "node-time-count"),
            (Question(name), "no number"),
        ):
            with pytest.raises(CannotAsk, match=why):
                await ask(t.link.channel, question, now_ms())
        return ways

    first, *_, last = play(trial, "sgip", scene, report_delay_s=0.5, options={"node": "3010012345"})
    assert (first["nodes"], first["sent"], first["result"]) == ("101001", "", 0)
    assert last["sent"] == last["received"] == first["received"]
    assert len(last["sent"]) == 16


@pytest.mark.parametrize("protocol", ["cmpp2", "cmpp3", "smpp"])
def test_a_message_that_waits_is_cancelled_and_reported_so(trial, wait, some, now_ms, protocol):
    async def scene(t):
        t.link.offer(some(1))
        await t.accepted(1)
        name = t.sim.submits[0].message_id
        before = await ask(t.link.channel, Question(name), now_ms()) if protocol == "smpp" else None
        seen = await ask(t.link.channel, Question(name, is_cancellation=True), now_ms())
        again = await ask(t.link.channel, Question("1", is_cancellation=True), now_ms())
        await wait(lambda: t.events.receipts)
        return before, seen, again, t.events.receipts[0].code

    before, seen, again, code = play(trial, protocol, scene, report_delay_s=1.0)
    assert before is None or before["state"] == "ENROUTE"
    assert (seen["cancelled"], again["cancelled"], code) == (True, False, "DELETED")


@pytest.mark.parametrize(
    ("protocol", "question"),
    [
        ("smpp", Question(day=DAY)),
        ("cmpp2", Question("1")),
        ("smgp", Question("1", is_cancellation=True)),
        ("mm7", Question("1")),
        ("mm7", Question(day=DAY)),
    ],
)
def test_what_a_protocol_has_no_words_for_is_said_before_anybody_is_called(a_channel, now_ms, protocol, question):
    with pytest.raises(CannotAsk, match=protocol):
        asyncio.run(ask(a_channel(protocol, 1), question, now_ms()))


@pytest.mark.parametrize(
    ("options", "source", "dest", "types"),
    [
        ({}, "10690001", "13800138000", (0, 0, 1, 1)),
        ({"source_ton": "1", "source_npi": "1", "dest_ton": "2", "dest_npi": "8"}, "10690001", "8613800138000", (1, 1, 2, 8)),
        ({"source_ton": "1", "source_npi": "1"}, "ACME", "+8613800138000", (5, 0, 1, 1)),
    ],
)
def test_a_question_has_its_addresses_as_they_stand_in_submits(a_channel, now_ms, options, source, dest, types):
    seen = []

    async def centre(reader, writer):
        while head := await reader.read(16):
            length, command, status, seq = smpp_codec.HEAD.unpack(head)
            seen.append(smpp_codec.decode(command, status, seq, await reader.readexactly(length - 16)))
            writer.write(smpp_codec.HEAD.pack(16, command | 0x80000000, 0, seq))
        writer.close()

    async def go():
        server = await asyncio.start_server(centre, "127.0.0.1", 0)
        channel = a_channel("smpp", server.sockets[0].getsockname()[1], options=options)
        for is_cancellation in (True, False):
            await ask(channel, Question("5F", is_cancellation=is_cancellation, source=source, dest=dest), now_ms())
        server.close()

    asyncio.run(go())
    cancel, query = (pdu for pdu in seen if hasattr(pdu, "message_id"))
    assert (cancel.source_addr_ton, cancel.source_addr_npi, cancel.dest_addr_ton, cancel.dest_addr_npi) == types
    assert (cancel.source_addr, cancel.destination_addr) == (source, "8613800138000")
    assert (query.source_addr, query.source_addr_ton, query.source_addr_npi) == (source, *types[:2])


def test_a_gateway_of_sgip_cannot_cancel(a_channel, now_ms):
    channel = a_channel("sgip", 1, options={"node": "3010012345"})
    with pytest.raises(CannotAsk, match="cannot cancel"):
        asyncio.run(ask(channel, Question("1-2-3", is_cancellation=True), now_ms()))


def test_a_refused_login_is_said(trial, now_ms, a_channel):
    async def scene(t):
        channel = a_channel("smpp", t.sim.port)
        with pytest.raises(CannotAsk, match="refused"):
            await ask(
                type(channel)(1, "x", channel.protocol, channel.host, channel.port, "nobody", "x"), Question("1"), now_ms()
            )

    play(trial, "smpp", scene)


def test_a_carrier_that_is_not_there_is_said(a_channel, now_ms):
    with pytest.raises(CannotAsk, match="no answer"):
        asyncio.run(ask(a_channel("smpp", 1), Question("1"), now_ms()))
