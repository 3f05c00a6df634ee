"""Everything that a customer's server may do to a POST, done by real ones on loopback."""

import asyncio
import contextlib
import functools
import gzip
import re
import socket
from dataclasses import dataclass, field

import pytest
import uvloop

from hongyan.http.resolver import Address
from hongyan.push import transport as transport_module
from hongyan.push.transport import Limits, Transport

XML = {"Content-Type": "text/xml; charset=utf-8"}
USUAL = Limits()
HASTY = Limits(total_s=0.3)


@dataclass
class Server:
    """A customer's server: reads requests whole and lets `handle(writer)` answer each."""

    handle: object
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    open_most: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    port: int = 0

    def url(self, host="127.0.0.1"):
        return f"http://{host}:{self.port}/cb?a=1"

    async def serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        self.connections += 1
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
                self.heads.append(head)
                self.bodies.append(await reader.readexactly(size))
                await self.handle(writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            self.open_now -= 1
            writer.transport.abort()

    async def gone(self):
        """Wait until every client has gone."""
        await asyncio.gather(*self.tasks)


class Names:
    """A name server that answers these addresses for every name."""

    def __init__(self, *addresses):
        self.addresses = addresses
        self.asked = []

    async def look_up(self, host, port):
        self.asked.append(host)
        return [
            Address(*((socket.AF_INET6, one, (one, port, 0, 0)) if ":" in one else (socket.AF_INET, one, (one, port))))
            for one in self.addresses
        ]

    def close(self):
        pass


@contextlib.asynccontextmanager
async def serving(handle):
    server = Server(handle)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in server.tasks:
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the connections learn that they are closed


@contextlib.asynccontextmanager
async def opened(limits=USUAL, names=None):
    transport = Transport(limits, names)
    await transport.open()
    try:
        yield transport
    finally:
        await transport.close()


def answering(body, status=200, headers=""):
    octets = body if isinstance(body, bytes) else body.encode()
    return saying(f"HTTP/1.1 {status} X\r\nContent-Length: {len(octets)}\r\n{headers}\r\n".encode() + octets)


def saying(octets):
    async def handle(writer):
        writer.write(octets)

    return handle


async def silent(_writer):
    await asyncio.Event().wait()


async def dropping(writer):
    writer.transport.abort()


async def endless_head(writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n" * 100)
        await writer.drain()


async def one_octet_at_a_time(writer):
    for octet in b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nerror":
        writer.write(bytes([octet]))
        await writer.drain()
        await asyncio.sleep(0)


def on_loop(test):
    """Run a test on the event loop that serves in production."""

    @functools.wraps(test)
    def run(*args, **kwargs):
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(test(*args, **kwargs))

    return run


async def post(transport, url, body=b"<x/>", *, inside=True):
    return await transport.post(url, body, XML, may_go_inside=inside)


@on_loop
async def test_the_whole_body_is_posted():
    body = b"<returnsms>" + b"x" * 300_000
    async with serving(answering("1")) as server, opened() as transport:
        reply = await post(transport, server.url(), body)

    assert (reply.status, reply.body, reply.trouble) == (200, b"1", "")
    assert server.bodies == [body]
    assert server.heads[0].startswith(b"POST /cb?a=1 HTTP/1.1\r\n")
    assert b"content-type: text/xml; charset=utf-8\r\n" in server.heads[0].lower()
    assert b"transfer-encoding" not in server.heads[0].lower()


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (answering(""), 200, b""),
        (answering("error"), 200, b"error"),
        (answering("busy", 500), 500, b"busy"),
        (answering("", 204), 204, b""),
        (answering("a" * 2048), 200, b"a" * 2048),
        (answering("a" * 2049), 200, b"a" * 2048),
        (answering(gzip.compress(b"1" * 10**6), headers="Content-Encoding: gzip\r\n"), 200, gzip.compress(b"1" * 10**6)),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ner\r\n3\r\nror\r\n0\r\n\r\n"), 200, b"error"),
        (saying(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"), 200, b"1"),
        (one_octet_at_a_time, 200, b"error"),
    ],
)
@on_loop
async def test_the_answer_is_read_up_to_2_kb(answer, status, body):
    async with serving(answer) as server, opened() as transport:
        reply = await post(transport, server.url())
    assert (reply.status, reply.body) == (status, body)


@on_loop
async def test_a_redirect_is_not_followed():
    async with (
        serving(answering("1")) as elsewhere,
        serving(answering("moved", 302, f"Location: {elsewhere.url()}\r\n")) as server,
        opened() as transport,
    ):
        reply = await post(transport, server.url())

    assert (reply.status, reply.body) == (302, b"moved")
    assert elsewhere.connections == 0


@on_loop
async def test_of_an_answer_of_10_mb_little_is_taken_and_the_connection_ends():
    written = 0

    async def flood(writer):
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")
        while True:
            writer.write(b"1" * 10_000)
            await writer.drain()
            written += 10_000

    async with serving(flood) as server, opened() as transport:
        reply = await post(transport, server.url())
        await server.gone()

    assert reply.body == b"1" * 2048
    assert written < 10_000_000


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (silent, "no answer within 0.3 s"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1"), "no answer within 0.3 s"),
        (dropping, "the connection ended"),
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n"), "no HTTP"),
        (saying(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000), "heads of more than 32768 octets"),
    ],
)
@on_loop
async def test_trouble_is_reported_and_never_raised(answer, trouble):
    async with serving(answer) as server, opened(HASTY) as transport:
        reply = await post(transport, server.url())
    assert (reply.status, reply.body) == (0, b"")
    assert reply.trouble.startswith(trouble)


@on_loop
async def test_a_head_without_end_ends_with_the_time():
    async with serving(endless_head) as server, opened(HASTY) as transport:
        reply = await post(transport, server.url())
    assert reply.status == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cb",
        "//127.0.0.1/",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://127.1/",
        "http://\0/",
        "ftp://127.0.0.1/",
        "ws://127.0.0.1/",
    ],
)
@on_loop
async def test_a_url_that_is_none_is_trouble(url):
    async with opened() as transport:
        reply = await post(transport, url)
    assert reply.status == 0
    assert reply.trouble


@on_loop
async def test_trouble_names_no_password_of_the_url():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with opened() as transport:
        seen = [
            (await post(transport, url)).trouble
            for url in (
                f"http://user:geheim@127.0.0.1:{port}/?key=geheim",
                "http://user:geheim@host:port/",
                "ftp://user:geheim@x/",
            )
        ]
    assert seen[0] == "no connection: Connection refused"
    assert not any("geheim" in one for one in seen)


@on_loop
async def test_a_name_without_an_address_is_trouble():
    class Nobody(Names):
        async def look_up(self, host, port):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with opened(names=Nobody()) as transport:
        reply = await post(transport, "http://customer.example/", inside=False)
    assert reply.trouble == "no connection: Name or service not known"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.0.0.1."])
@on_loop
async def test_an_address_inside_gets_no_connection(host):
    async with serving(answering("1")) as server, opened() as transport:
        reply = await post(transport, server.url(host), inside=False)
    assert reply.status == 0
    assert server.connections == 0


@on_loop
async def test_a_public_name_with_addresses_inside_gets_no_connection():
    names = Names("127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "fe80::1", "0.0.0.0")
    async with serving(answering("1")) as server, opened(names=names) as transport:
        reply = await post(transport, server.url("customer.example"), inside=False)
    assert names.asked == ["customer.example"]
    assert "not a public address" in reply.trouble
    assert server.connections == 0


@pytest.mark.interpreted
@on_loop
async def test_of_the_addresses_of_a_name_only_public_ones_are_used(monkeypatch):
    monkeypatch.setattr(transport_module, "is_public", lambda address: address == "127.0.0.1")
    names = Names("127.0.0.2", "127.0.0.1")
    async with serving(answering("1")) as server, opened(names=names) as transport:
        reply = await post(transport, server.url("customer.example"), inside=False)
    assert (reply.status, server.connections) == (200, 1)


@on_loop
async def test_a_connection_that_may_go_inside_is_not_lent_to_others():
    async with serving(answering("1")) as server, opened(names=Names("127.0.0.1")) as transport:
        allowed = await post(transport, server.url("customer.example"), inside=True)
        refused = await post(transport, server.url("customer.example"), inside=False)
    assert (allowed.status, refused.status) == (200, 0)
    assert len(server.heads) == 1


@on_loop
async def test_one_connection_serves_many_posts_and_keeps_no_cookies():
    async with serving(answering("1", headers="Set-Cookie: a=b; Path=/\r\n")) as server, opened() as transport:
        for _ in range(5):
            await post(transport, server.url())
    assert (server.connections, len(server.heads)) == (1, 5)
    assert not any(b"cookie" in head.lower() for head in server.heads)


@on_loop
async def test_connections_to_one_host_are_limited():
    both_here = asyncio.Barrier(2)

    async def hold(writer):
        await both_here.wait()  # so two connections there are, and a third would stand out
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")

    async with serving(hold) as server, opened(Limits(connections_per_host=2)) as transport:
        replies = await asyncio.gather(*(post(transport, server.url()) for _ in range(6)))

    assert [reply.status for reply in replies] == [200] * 6
    assert server.open_most == 2


@on_loop
async def test_an_address_that_hangs_delays_no_other():
    async with serving(silent) as slow, serving(answering("1")) as quick, opened() as transport:
        hanging = [asyncio.create_task(post(transport, slow.url())) for _ in range(20)]
        for _ in range(5):
            assert (await post(transport, quick.url())).status == 200
        assert not any(one.done() for one in hanging)
        for one in hanging:
            one.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)


@on_loop
async def test_names_are_looked_up_by_the_system():
    async with serving(answering("1")) as server, opened() as transport:
        reply = await post(transport, server.url("localhost"))
    assert reply.status == 200
