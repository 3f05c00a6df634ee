"""Any octets, cut anywhere: no exception leaves a connection, and the cuts change nothing."""

import asyncio
from itertools import pairwise

import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.http.wire import echo

from hongyan.http.connection import Connection
from hongyan.http.state import Limits, ServerState

PIECES = [
    b"GET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\n",
    b"POST /b HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
    "GET /d?你 好# HTTP/1.1\r\n\r\n".encode(),
    b"GET /e HTTP/1.0\r\n\r\n",
    b"POST /f HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    b"POST /g HTTP/1.1\r\nContent-Length: 99999\r\n\r\n",
    b"POST /h HTTP/1.1\nContent-Length: 7\n\nh\r\n\r\nhi",
    b"GET /i HTTP/1.1\r\nHost: h\n\n",
    b"\r\n",
    b"hi",
    b"\x00\xff\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
]
CHUNKED = b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


class Wire(asyncio.Transport):
    """A transport that takes everything at once."""

    def __init__(self):
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data):
        if not self.closed:
            self.written += data

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def get_write_buffer_size(self):
        return 0

    def is_closing(self):
        return self.closed

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass

    def write_eof(self):
        self.closed = True

    def close(self):
        self.closed = True

    def abort(self):
        self.closed = True


def talk(chunks):
    """What a connection writes when it is fed these, with time to answer after each."""

    async def main():
        server_state = ServerState(echo, Limits(head_octets=300, body_octets=1000), (), asyncio.get_running_loop())
        wire, connection = Wire(), Connection(server_state)
        connection.connection_made(wire)
        for chunk in filter(None, chunks):
            connection.data_received(chunk)
            for _ in range(4):
                await asyncio.sleep(0)
        for _ in range(4 * len(PIECES)):
            await asyncio.sleep(0)
        connection.eof_received()
        connection.check(server_state.loop.time())
        connection.connection_lost(None)
        await asyncio.sleep(0)
        assert (len(server_state.shares), server_state.reading, server_state.turned_away) == (0, 0, 0)
        return wire.written

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


def cut(octets, at):
    edges = [0, *sorted(at), len(octets)]
    return [octets[a:b] for a, b in pairwise(edges) if octets[a:b]]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4), st.sampled_from([b"", CHUNKED]), st.data())
def test_where_a_stream_is_cut_does_not_matter(pieces, last, data):
    pieces = [*pieces, last]  # behind chunks a request is dropped when it comes in the same read
    octets = b"".join(pieces)
    at = data.draw(st.lists(st.integers(0, len(octets)), max_size=8))

    assert talk(cut(octets, at)).replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"") == talk(pieces).replace(
        b"HTTP/1.1 100 Continue\r\n\r\n", b""
    )


@settings(max_examples=100)
@given(st.lists(st.one_of(st.binary(min_size=1, max_size=40), st.sampled_from([*PIECES, CHUNKED])), max_size=6))
def test_no_octets_make_an_exception_leave(chunks):
    talk(chunks)
