"""Replies of protocols that name none: was our answer lost with its connection, or did the carrier have it?"""

import asyncio
import socket
import struct
from contextlib import asynccontextmanager

import pytest
from tests.carriers.conftest import FAST, RecordedEvents, clock, make_channel

from hongyan.carriers.factory import adapter_of
from hongyan.carriers.link import CarrierLink
from hongyan.sockets import connection, lost_answers
from hongyan.wire.smpp.codec import encode
from hongyan.wire.smpp.pdu import BindResp, Command, Plain, Sm

DELIVER = encode(Sm(9, Command.DELIVER_SM, "8613800138000", "1069", b"1", 0, 0))
UNBIND = encode(Plain(10, Command.UNBIND))
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: what is unread is thrown away


@asynccontextmanager
async def centre(end):
    """A centre that lets the link in, delivers a text, and ends the first connection as `end` says."""
    ended = asyncio.Event()

    async def serve(reader, writer):
        await reader.read(1024)
        writer.write(encode(BindResp(1, Command.BIND_TRANSCEIVER_RESP, 0, "sim")))
        if not ended.is_set():
            ended.set()
            writer.write(DELIVER)
            await end(reader, writer)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    events = RecordedEvents()
    events.link = link = CarrierLink(
        make_channel("smpp", server.sockets[0].getsockname()[1]), adapter_of, events, clock, FAST, lambda: 1.0
    )
    await link.open()
    try:
        yield events
    finally:
        await link.close(0)
        server.close()


async def breaks(reader, writer):
    """It has not read our answer, which is there."""
    await asyncio.sleep(0.1)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


async def closes(reader, writer):
    await reader.read(1024)


async def logs_out(reader, writer):
    await reader.read(1024)
    writer.write(UNBIND)
    await reader.read(1024)


async def says_more_and_breaks(reader, writer):
    """What it says after a while shows that it has our answer."""
    await reader.read(1024)
    writer.write(encode(Plain(11, Command.ENQUIRE_LINK)))
    await reader.read(1024)
    await breaks(reader, writer)


@pytest.mark.parametrize(
    ("end", "proof_s", "lost"),
    [(breaks, 2.0, 1), (closes, 2.0, 0), (logs_out, 2.0, 0), (says_more_and_breaks, 0.0, 0), (says_more_and_breaks, 2.0, 1)],
)
def test_an_answer_is_lost_with_a_connection_that_breaks_unless_the_carrier_shows_that_it_has_it(
    wait, monkeypatch, end, proof_s, lost
):
    monkeypatch.setattr(lost_answers, "PROOF_S", proof_s)

    async def go():
        async with centre(end) as events:
            await wait(lambda: events.link.counts.disconnects == 1)
            assert len(events.parts) == 1
            assert events.lost == events.parts * lost

    asyncio.run(go())


def test_what_is_stored_after_its_connection_broke_comes_again(wait):
    async def go():
        async with centre(breaks) as events:
            events.stores = None
            await wait(lambda: events.link.counts.disconnects == 1)
            assert events.lost == []
            events.confirms[0](True)
            assert events.lost == events.parts

    asyncio.run(go())


def test_what_is_stored_after_it_was_asked_for_again_comes_again(wait, monkeypatch):
    monkeypatch.setattr(connection, "_PATIENCE", 0.0)

    async def go():
        async with centre(lambda reader, _: reader.read(1024)) as events:
            events.stores = None
            await wait(lambda: events.confirms)
            await wait(lambda: events.link.counts.disconnects == 1)  # the centre was answered, and left
            events.confirms[0](True)
            assert events.lost == events.parts

    asyncio.run(go())
