"""Whether an answer left our buffer: what is handed out only once must know."""

import asyncio
import socket
import struct

import pytest
from tests.http.wire import Client, post, quicken, run, serving

from hongyan.http.asgi import DELIVERED
from hongyan.http.state import Limits

LARGE = 32 * 1024 * 1024  # more than any socket buffer takes


class Teller:
    """An application that answers when a test lets it, and reports whether the answer left."""

    def __init__(self, size):
        self.size = size
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()
        self.left = asyncio.get_running_loop().create_future()

    async def __call__(self, scope, receive, send):
        await receive()
        self.asked.set()
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"x" * self.size})
        self.left.set_result(await scope["extensions"][DELIVERED]())


async def asking(listener, teller):
    client = await Client.to(listener)
    client.write(post("/statusApi.aspx", b"action=query"))
    await teller.asked.wait()
    return client


@pytest.mark.parametrize("size", [0, 100, LARGE])
def test_an_answer_that_is_read_has_left(size):
    async def main():
        teller = Teller(size)
        async with serving(teller) as listener:
            client = await asking(listener, teller)
            teller.may_answer.set()

            assert len((await client.answer())[1]) == size
            assert await teller.left is True

    run(main)


def test_an_answer_to_a_connection_that_was_reset_has_not_left():
    async def main():
        teller = Teller(100)
        async with serving(teller) as listener:
            client = await asking(listener, teller)
            client.reset()
            await asyncio.sleep(0.05)
            teller.may_answer.set()

            assert await teller.left is False

    run(main)


def test_an_answer_written_in_the_moment_of_a_reset_has_not_left():
    """The kernel knows of the reset, and our loop does not yet."""

    async def main():
        left = asyncio.get_running_loop().create_future()

        async def app(scope, receive, send):
            await receive()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"x"})
            left.set_result(await scope["extensions"][DELIVERED]())

        async with serving(app) as listener:
            sock = socket.create_connection(("127.0.0.1", listener.port))
            sock.sendall(post("/x"))

            assert await left is False

    run(main)


def test_an_answer_that_was_cut_in_the_middle_has_not_left():
    async def main():
        teller = Teller(LARGE)
        async with serving(teller) as listener:
            client = await asking(listener, teller)
            teller.may_answer.set()
            await client.reader.readexactly(1000)
            client.reset()

            assert await teller.left is False

    run(main)


def test_an_answer_that_the_client_does_not_read_is_given_up(monkeypatch):
    quicken(monkeypatch)

    async def main():
        teller = Teller(LARGE)
        async with serving(teller, limits=Limits(write_timeout_s=0.1)) as listener:
            await asking(listener, teller)
            teller.may_answer.set()

            assert await teller.left is False

    run(main)


def test_an_answer_to_a_client_that_had_closed_before_has_not_left(monkeypatch):
    """Its time-out ran out: our kernel still takes the octets, and throws them away."""
    quicken(monkeypatch)

    async def main():
        teller = Teller(100)
        async with serving(teller) as listener:
            client = await asking(listener, teller)
            client.close()
            await client.writer.wait_closed()
            await asyncio.sleep(0.05)
            teller.may_answer.set()

            assert await teller.left is False

    run(main)


@pytest.mark.parametrize("size", [100, LARGE])
def test_an_answer_to_a_client_that_only_shut_its_side_down_has_left(monkeypatch, size):
    quicken(monkeypatch)

    async def main():
        teller = Teller(size)
        async with serving(teller) as listener:
            client = await asking(listener, teller)
            client.writer.write_eof()
            await asyncio.sleep(0.05)
            teller.may_answer.set()

            assert (await client.rest()).endswith(b"\r\n\r\n" + b"x" * size)
            assert await teller.left is True

    run(main)


def test_an_answer_that_closes_the_connection_has_left():
    async def main():
        teller = Teller(LARGE)
        async with serving(teller) as listener:
            client = await Client.to(listener)
            client.write(b"GET / HTTP/1.0\r\n\r\n")
            await teller.asked.wait()
            teller.may_answer.set()

            assert len(await client.rest()) > LARGE
            assert await teller.left is True

    run(main)


def test_a_request_that_was_never_whole_is_reported_that_the_client_left():
    async def main():
        seen = asyncio.get_running_loop().create_future()

        async def app(scope, receive, send):
            first, second = await receive(), await receive()
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"x"})
            seen.set_result((first["more_body"], second["type"], await scope["extensions"][DELIVERED]()))

        async with serving(app) as listener:
            client = await Client.to(listener)
            client.write(post("/x", b"0123456789")[:-1])
            await asyncio.sleep(0.02)
            client.close()

            assert await seen == (True, "http.disconnect", False)

    run(main)
