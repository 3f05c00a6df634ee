"""What servers may do to a post, done by real ones on loopback: it ends in time, and little of what they send is read."""

import asyncio
import ssl
import time
from contextlib import asynccontextmanager

import pytest
import uvloop
from tests.certificate import certificate
from tests.http.hostile import FLOODS, SILENCES, hostile

from hongyan.http import client as client_module
from hongyan.http.client import Client, Limits, Reply
from hongyan.http.client_connection import ClientConnection

HEAD_OCTETS, ANSWER_OCTETS = 32 * 1024, 2_048
ONE_READ = 256 * 1024  # what the loop returns at once


def run(main):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(main(), 20))


@pytest.fixture
def taken(monkeypatch):
    """Octets that were taken from the socket, a read at a time."""
    reads = []
    received = ClientConnection.data_received

    def counted(line, data):
        reads.append(len(data))
        received(line, data)

    monkeypatch.setattr(ClientConnection, "data_received", counted)
    return reads


@asynccontextmanager
async def opened(**limits):
    client = Client(Limits(**limits))
    try:
        yield client
    finally:
        client.close()
        await asyncio.sleep(0)


async def post(client, url, body=b"<x/>", within_s=1.0):
    began = time.monotonic()
    reply = await client.post(url, body, {"Content-Type": "text/xml"}, within_s=within_s, answer_octets=ANSWER_OCTETS)
    assert time.monotonic() - began < within_s + 0.5
    return reply


@pytest.mark.parametrize("kind", FLOODS)
def test_what_has_no_end_is_taken_up_to_a_bound(kind, taken):
    async def main():
        async with hostile(*FLOODS[kind]) as server, opened() as client:
            reply = await post(client, server.url)

            assert len(reply.body) <= ANSWER_OCTETS
            assert reply.status or reply.trouble
            assert sum(taken) <= HEAD_OCTETS + 2 * ANSWER_OCTETS + ONE_READ

    run(main)


@pytest.mark.parametrize("kind", SILENCES)
def test_what_does_not_go_on_ends_with_its_time(kind):
    async def main():
        async with hostile(SILENCES[kind]) as server, opened() as client:
            assert await post(client, server.url, within_s=0.3) == Reply(0, b"", "no answer within 0.3 s")

    run(main)


@pytest.mark.parametrize("octets", [b"HTTP/1.1 100 Continue\r\n\r\n", b"a"])
def test_an_octet_now_and_then_ends_with_its_time(octets):
    async def main():
        async with hostile(b"HTTP/1.1 200 OK\r\nA: ", octets, pause_s=0.05) as server, opened() as client:
            assert (await post(client, server.url, within_s=0.4)).trouble == "no answer within 0.4 s"

    run(main)


def test_a_server_that_never_reads_ends_with_its_time():
    async def main():
        async with hostile(is_deaf=True) as server, opened() as client:
            assert (await post(client, server.url, bytes(32 << 20), within_s=0.4)).trouble == "no answer within 0.4 s"

    run(main)


def test_an_answer_before_the_request_is_written_ends_the_connection():
    async def main():
        early = b"HTTP/1.1 413 X\r\nContent-Length: 1\r\n\r\na"
        async with hostile(early) as server, opened() as client:
            assert (await post(client, server.url, bytes(32 << 20))).status == 413
            assert not client._idle

    run(main)


def test_a_redirect_is_not_followed():
    async def main():
        async with hostile(*FLOODS["redirects for ever"]) as server, opened() as client:
            reply = await post(client, server.url)
            assert (reply.status, reply.headers["location"]) == (302, "/")

    run(main)


# --- TLS -----------------------------------------------------------------------------------------------------------------


def secure(server):
    return server.url.replace("http:", "https:")


def test_a_handshake_that_stalls_ends_with_its_time():
    async def main():
        async with hostile(is_deaf=True) as server, opened(connect_s=0.3) as client:
            reply = await post(client, secure(server))
            assert (reply.trouble, reply.was_sent) == ("no connection: none within 0.3 s", False)

    run(main)


@pytest.mark.parametrize(
    ("begin", "more"), [(b"\x16\x03\x03\x40\x00", b"\x02\x00\x00\x01"), (b"", b"\x15\x03\x03\x00\x02\x01\x00"), (b"", b"a")]
)
def test_a_handshake_without_end_is_cut(begin, more):
    async def main():
        async with hostile(begin, more) as server, opened(connect_s=0.8) as client:
            reply = await post(client, secure(server))
            assert reply.trouble.startswith("no connection: ")
            assert not reply.was_sent

    run(main)


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """A server's TLS whose certificate the client believes."""
    files = certificate(tmp_path, "customer", host="localhost")
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(*files)
    ours = ssl.create_default_context(cafile=files[0])
    monkeypatch.setattr(client_module, "_context", lambda: ours)
    return theirs


@pytest.mark.parametrize("kind", ["100 Continue for ever", "a body for ever", "chunks for ever"])
def test_the_same_bounds_hold_over_tls(kind, trusted, taken):
    async def main():
        async with hostile(*FLOODS[kind], context=trusted) as server, opened() as client:
            reply = await post(client, server.url.replace("127.0.0.1", "localhost"))
            assert len(reply.body) <= ANSWER_OCTETS
            assert 0 < sum(taken) <= HEAD_OCTETS + 2 * ANSWER_OCTETS + ONE_READ

    run(main)


def test_a_post_over_tls_is_answered(trusted):
    async def main():
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
        async with hostile(answer, context=trusted) as server, opened() as client:
            reply = await post(client, server.url.replace("127.0.0.1", "localhost"))
            assert (reply.status, reply.body, reply.trouble) == (200, b"1", "")

    run(main)


def test_a_certificate_of_nobody_is_not_believed(tmp_path):
    async def main():
        theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        theirs.load_cert_chain(*certificate(tmp_path, "stranger", host="localhost"))
        async with hostile(context=theirs) as server, opened() as client:
            reply = await post(client, server.url.replace("127.0.0.1", "localhost"))
            assert "self-signed certificate" in reply.trouble
            assert not reply.was_sent

    run(main)


# --- many at once ----------------------------------------------------------------------------------------------------------


def test_floods_delay_no_other_post(taken):
    """Forty floods at once: the loop is never held for long, and what was read stays within a bound for each."""

    async def main():
        good = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n1"
        async with hostile(*FLOODS["100 Continue for ever"]) as bad, hostile(good) as other, opened() as client:
            floods = [asyncio.create_task(post(client, bad.url, within_s=5)) for _ in range(40)]
            for _ in range(5):
                assert (await post(client, other.url, within_s=5)).body == b"1"
            assert all("1xx" in reply.trouble for reply in await asyncio.gather(*floods))
            assert sum(taken) <= 45 * (HEAD_OCTETS + ONE_READ)

    run(main)


def test_a_connection_that_rests_takes_nothing_and_ends_soon():
    async def main():
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
        async with hostile(answer, answer, pause_s=0.05) as server, opened(idle_s=5) as client:
            assert (await post(client, server.url)).body == b"1"
            await asyncio.sleep(0.2)
            assert not client._connections
        async with hostile(answer) as server, opened(idle_s=0.1) as client:
            await post(client, server.url)
            assert len(client._connections) == 1
            await asyncio.sleep(0.2)
            assert not client._connections
            assert not client._idle

    run(main)
