"""Platforms and relays that answer a post with something endless: what is read has a bound, and the wait ends in time."""

import time

import pytest
import uvloop
from tests.http.hostile import FLOODS, SILENCES, hostile

from hongyan.adapters.mm7.client import read_account
from hongyan.carriers.http.client import HttpClient
from hongyan.carriers.mm7.client import Failure, Mm7Client
from hongyan.model.account import Product
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.wire.aspx.codec import MOST_OCTETS
from hongyan.wire.mm7.pdu import CancelReq

ENDLESS = {name: FLOODS[name] for name in ("100 Continue for ever", "headers for ever", "chunks for ever", "a gzip bomb")}
STILL = {name: (octets,) for name, octets in SILENCES.items()}

LATE_S = 5.0
"""A busy machine ends a wait of one second so much later at most."""


@pytest.mark.parametrize("kind", ENDLESS | STILL)
def test_a_platform_that_never_ends_costs_its_time_at_most(kind):
    async def main():
        client = HttpClient()
        await client.open()
        async with hostile(*(ENDLESS | STILL)[kind]) as server:
            began = time.monotonic()
            came = await client.post(server.url, b"a=b", 1.0)
            assert time.monotonic() - began < LATE_S
            assert came.was_sent
            assert len(came.body) <= MOST_OCTETS
            assert came.trouble or came.is_good
        await client.close()

    uvloop.run(main())


@pytest.mark.parametrize("kind", ENDLESS | STILL)
def test_a_relay_that_never_ends_costs_its_time_at_most(kind):
    async def main():
        async with hostile(*(ENDLESS | STILL)[kind]) as server:
            channel = Channel(7, "mm", Protocol.MM7, "127.0.0.1", server.port, product=Product.MMS, answer_timeout_s=1.0)
            client = Mm7Client(channel, read_account(channel), 4)
            began = time.monotonic()
            posted = await client.ask(CancelReq("1", "", "", "2", "m1"))
            assert time.monotonic() - began < LATE_S
            assert (posted.answer, posted.failure) == (None, Failure.SILENT)
            await client.close()

    uvloop.run(main())


def test_what_cannot_be_reached_was_not_sent():
    async def main():
        client = HttpClient()
        await client.open()
        came = await client.post("http://127.0.0.1:1/", b"", 1.0)
        assert (came.was_sent, came.trouble) == (False, "no connection: Connection refused")
        await client.close()

    uvloop.run(main())
