"""A real listener on loopback and a client that writes octets as it pleases."""

import asyncio
import re
import socket
import struct
from contextlib import asynccontextmanager

import uvloop

from hongyan.http import server as server_module
from hongyan.http.server import Listener

PATIENCE_S = 20.0  # a test that waits longer has failed


_clients = []


def run(main):
    """Run one coroutine function on a loop like ours, and close what it opened."""

    async def bounded():
        try:
            await asyncio.wait_for(main(), PATIENCE_S)
        finally:
            for client in _clients:
                client.reset()
            _clients.clear()
            await asyncio.sleep(0.01)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(bounded())


def quicken(monkeypatch):
    """Let the listener look at its time-outs often, so that a test need not wait a second."""
    monkeypatch.setattr(server_module, "_TICK_S", 0.01)


@asynccontextmanager
async def serving(app, **settings):
    listener = Listener(app, "127.0.0.1", 0, **settings)
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop(0)


class Client:
    """One connection, octet by octet."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        _clients.append(self)

    @classmethod
    async def to(cls, listener, **settings):
        return cls(*await asyncio.open_connection("127.0.0.1", listener.port, **settings))

    def write(self, *octets):
        for each in octets:
            self.writer.write(each if isinstance(each, bytes) else each.encode())

    async def drip(self, octets):
        """One octet a packet."""
        for at in range(len(octets)):
            self.writer.write(octets[at : at + 1])
            await asyncio.sleep(0)

    async def head(self):
        return await self.reader.readuntil(b"\r\n\r\n")

    async def answer(self):
        """One answer that has a length: its head and its body."""
        head = await self.head()
        length = re.search(rb"(?i)content-length: (\d+)", head)
        return head, await self.reader.readexactly(int(length[1]) if length else 0)

    async def rest(self):
        """Everything up to the end of the connection, which must come."""
        return await self.reader.read()

    async def is_closed(self):
        try:
            return await self.reader.read(1) == b""
        except ConnectionError:
            return True

    def close(self):
        self.writer.close()

    def reset(self):
        """Vanish: the other side gets a reset."""
        sock = self.writer.get_extra_info("socket")
        if sock is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


async def echo(scope, receive, send):
    """Answers with what it was asked: one line of method, path and query, then the body."""
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return
        body += message["body"]
        more = message["more_body"]
    line = b" ".join([scope["method"].encode(), scope["path"].encode(), scope["query_string"]])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": line + b"\n" + body})


def post(target="/x", body=b"", *headers):
    body = body if isinstance(body, bytes) else body.encode()
    target = target if isinstance(target, bytes) else target.encode()
    lines = [b"POST " + target + b" HTTP/1.1", b"Host: h", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
