"""One client's connection: finds the requests in its octets, one after the other, and closes without losing an answer.

One request is answered at a time. What a pipelining client sends meanwhile is held, within a bound, and read afterwards.
"""

import asyncio
import re
from math import inf
from typing import cast

from hongyan.http.address import socket_address
from hongyan.http.cycle import STATUS_LINES, RequestCycle
from hongyan.http.forwarded import forwarded_for
from hongyan.http.heads import UNKNOWN_LENGTH, BadRequest, Chunks, Head, in_crlf, read_head
from hongyan.http.penalty import REST_S
from hongyan.http.request import HttpRequest
from hongyan.http.socket_state import is_acknowledged
from hongyan.http.state import TURNED_AWAY_MOST, ServerState

_EMPTY_LINE = re.compile(rb"\r\n\r\n|\n\n")
_VERSIONS = {b"HTTP/1.1": "1.1", b"HTTP/1.0": "1.0"}
_METHODS = {name.encode(): name for name in ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")}


class Connection(asyncio.Protocol):
    """Implements cycle.Connection and state.ServedConnection."""

    def __init__(self, server_state: ServerState) -> None:
        self.server_state = server_state
        self._limits = server_state.limits
        self.is_write_paused = False
        self.is_read_paused = False
        self._transport: asyncio.Transport | None = None
        self._cycle: RequestCycle | None = None
        self._remaining = 0  # octets of the body still to come
        self._received = 0  # octets of the body so far
        self._chunks: Chunks | None = None  # reads a body without a length
        self._held = bytearray()  # an unfinished head, or what came while a request was answered
        self._since = server_state.loop.time()  # when the present wait began: idle, head or body
        self._counted = 0  # octets of this connection in ServerState.reading
        self._counts_for = ""  # the client behind a proxy whose body is being read
        self._is_turned_away = False  # it is being answered 503, since there is no room
        self._requests = 0
        self._behaves = False  # whether its last request was no fault
        self._is_in_vain = False  # it was let in, and nothing was answered or counted as a fault yet
        self._is_half_closed = False  # the client sends no more
        self._linger_until = 0.0  # octets are ignored until this time, then the connection is aborted; 0: it is not closing
        self._unflushed: list[RequestCycle] = []  # answered, but octets of the answer are still in our write buffer
        self._paused_since = 0.0
        self._drained: asyncio.Future[None] | None = None

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The high-water mark is 0: `resume_writing` is then called when the kernel has taken every octet."""
        self._transport = cast("asyncio.Transport", transport)
        self._scheme = "https" if transport.get_extra_info("ssl_object") else "http"
        self._transport.set_write_buffer_limits(high=0)
        self._client = socket_address(transport.get_extra_info("peername"))
        self._server = socket_address(transport.get_extra_info("sockname"))
        self._is_proxied = self.server_state.trusts(self._client[0])
        if self._scheme == "http" and not self.server_state.may_connect(self._client[0]):  # TLS: asked before the handshake
            self.abort()
            return
        self._is_in_vain = has_room = self.server_state.enter(self)
        self.server_state.connections.add(self)
        if not has_room:
            self._turn_away()

    def data_received(self, data: bytes) -> None:
        cycle = self._cycle
        if self._linger_until:
            self._rest()
            return
        if cycle is None:
            self._read_request(self._with_held(data) if self._held else data)
        elif cycle.is_complete:
            self._hold(data)
        else:
            self._read_body(cycle, data)
        if self._held or self._received or self._counted:  # not for a request that came in one read, as nearly all do
            self._count_reading()

    def eof_received(self) -> bool:
        """The client sends no more. Keep our side open while an answer is due: old clients shut theirs down first."""
        self._is_half_closed = True
        cycle = self._cycle
        if cycle is not None and not cycle.is_complete:
            cycle.abandon()
            return False
        if cycle is not None:
            cycle.half_close()
        return cycle is not None or bool(self._unflushed)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._is_in_vain:
            self.note_fault("" if self._is_proxied else self._client[0], "connection")
        self.server_state.connections.discard(self)
        self.server_state.leave(self)
        self.server_state.turned_away -= self._is_turned_away
        self._transport = None
        if self._cycle is not None:
            self._cycle.abandon()
            self._cycle = None
        for cycle in self._unflushed:
            cycle.set_delivered(False)
        self._unflushed.clear()
        self.is_write_paused = False
        self._wake_drained()
        self._held.clear()
        self._forget_body()
        self._count_reading()

    def pause_writing(self) -> None:
        self.is_write_paused = True
        self._paused_since = self.server_state.loop.time()

    def resume_writing(self) -> None:
        self.is_write_paused = False
        self._wake_drained()
        self._note_delivered()

    # cycle.Connection

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    async def drain(self) -> None:
        if self._drained is None or self._drained.done():
            self._drained = self.server_state.loop.create_future()
        await self._drained

    def resume_reading(self) -> None:
        if self.is_read_paused and self._transport is not None and not self._transport.is_closing():
            self.is_read_paused = False
            self._transport.resume_reading()

    def note_fault(self, client: str, what: str) -> None:
        self._behaves = self._is_in_vain = False
        self.server_state.note_fault(client, what)

    def finished(self, cycle: RequestCycle) -> None:
        """Go on with the next request, or close."""
        self._cycle = None
        self._is_in_vain = False
        self._since = self.server_state.loop.time()
        if self._received:
            self._forget_body()
            self._count_reading()
        if self._has_sent_all() and not self._is_half_closed:
            cycle.set_delivered(True)
        else:
            self._unflushed.append(cycle)
        if not cycle.is_complete or not cycle.keeps_alive or self._is_half_closed or self.server_state.is_stopping:
            self._close(cycle.is_complete)
            self._note_delivered()
        elif self._held:
            held = bytes(self._held)
            self._held.clear()
            self.resume_reading()
            self._read_request(held)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # state.ServedConnection

    @property
    def address(self) -> str:
        return "" if self._is_proxied else self._client[0]

    @property
    def client(self) -> str:
        return self._counts_for or self._client[0]

    @property
    def is_reading(self) -> bool:
        return bool(self._counted) and (self._cycle is None or not self._cycle.is_complete)

    def slowness_s(self, now: float) -> float:
        return now - self._since - self._received / self._limits.body_octets_s

    def waits_s(self, now: float) -> tuple[bool, float] | None:
        if self._linger_until:
            return True, now - self._since
        if self.is_write_paused:
            return True, now - self._paused_since
        if self._cycle is not None:
            return None if self._cycle.is_complete or self.is_read_paused else (True, self.slowness_s(now))
        if self._held or not self._requests:
            return None if self._is_proxied and not self._held else (True, now - self._since)
        return None if self._is_proxied else (False, now - self._since)

    def close_for_memory(self) -> None:
        if self._cycle is not None:
            self._abandon(self._cycle, 503, "the server is too busy")
        else:
            self._refuse(503, "the server is too busy")

    def check(self, now: float) -> None:
        limits = self._limits
        self._note_delivered()
        if self._transport is None:
            return
        if self._linger_until:
            if now > self._linger_until:
                self.abort()
        elif self.is_write_paused:
            if now - self._paused_since > limits.write_timeout_s:
                self.abort()
        elif self._cycle is not None:
            self._check_body(self._cycle, now)
        elif self._held or not self._requests:
            if now - self._since > limits.head_timeout_s:
                self._refuse(408, "the request did not arrive in time")
        elif now - self._since > limits.idle_timeout_s:
            self._transport.close()

    def stop(self) -> None:
        if self._cycle is None:
            self._close(is_complete=True)

    # Inside: requests

    def _with_held(self, data: bytes) -> bytes:
        """Return what is held of a head with what came now, once the head may be complete; until then hold it and return b"".

        Only the new octets are searched: a head may come one octet at a time.
        """
        fresh = max(len(self._held) - 3, 0)
        self._held += data
        if not _EMPTY_LINE.search(self._held, fresh) and len(self._held) <= self._limits.head_octets:
            return b""
        whole = bytes(self._held)
        self._held.clear()
        return whole

    def _read_request(self, data: bytes) -> None:
        """Read a request from the start of `data`, or hold an unfinished head."""
        if data[:1] in (b"\r", b"\n"):  # line breaks that old clients put after a body
            data = data.lstrip(b"\r\n")
        data = in_crlf(data)
        end = data.find(b"\r\n\r\n") + 4
        if (end if end >= 4 else len(data)) > self._limits.head_octets:
            self._refuse(431, "the request head is too long")
        elif end >= 4:
            self._open(data, end)
        elif b"\n\n" in data:  # lines that end in LF alone beside others that end in CR LF
            self._refuse(400, "this is not an HTTP request")
        elif data:
            self._since = self.server_state.loop.time()
            self._held += data

    def _open(self, data: bytes, end: int) -> None:
        """Begin the request whose head ends at `end`.

        The method stands before the first blank of the line and the version after the last: a target may hold blanks too.
        """
        line_end = data.find(b"\r\n")
        method, _, rest = data[:line_end].partition(b" ")
        target, _, version = rest.rpartition(b" ")
        is_line = method in _METHODS and version in _VERSIONS and not (b"\n" in target or b"\r" in target or b"\0" in target)
        head = _head(version, data[line_end:end]) if is_line else None
        if head is None:
            self._refuse(400, "this is not an HTTP request")
            return
        length = head.length
        if length > self._limits.body_octets:
            self._refuse(413, "the request body is too large")
            return
        self._requests += 1
        cycle = self._cycle = RequestCycle(self, self._request(_METHODS[method], target, _VERSIONS[version], head))
        if length == len(data) - end:  # all of it came in one read: nearly every request
            cycle.body, cycle.is_complete = data[end:], True
        else:
            self._begin_body(cycle, cycle.request.client[0], length, data[end:])
        if cycle.is_abandoned:
            return
        if self._behaves and not self._is_proxied:  # one connection of a proxy of ours has many clients
            cycle.start()
        else:
            self._start_in_turn(cycle)

    def _start_in_turn(self, cycle: RequestCycle) -> None:
        """Start a request whose client did not prove anything yet: later, if others of its address prove nothing again and again."""
        wait_s = self.server_state.turn_s(cycle.request.client[0])
        self._behaves = True  # unless it is a fault
        if wait_s == inf:
            self._abandon(cycle, 429, "too many refused requests come from this address")
        elif wait_s:
            self.server_state.loop.call_later(wait_s, cycle.start)
        else:
            cycle.start()

    def _request(self, method: str, target: bytes, version: str, head: Head) -> HttpRequest:
        path, _, query = target.strip().partition(b"?")
        if not path.startswith(b"/"):
            path = b"/" + path.partition(b"://")[2].partition(b"/")[2]  # a client that takes us for a proxy
        client, scheme = self._believed(head) if self._is_proxied else (self._client, self._scheme)
        return HttpRequest(
            method=method,
            raw_path=path,
            query=query,
            version=version,
            head=head,
            client=client,
            scheme=scheme,
            server=self._server,
        )

    def _believed(self, head: Head) -> tuple[tuple[str, int], str]:
        """Client and scheme as a proxy of ours reports them."""
        address = forwarded_for(head.given.get(b"x-forwarded-for", b""), self.server_state.trusted)
        scheme = head.given.get(b"x-forwarded-proto", b"").decode("latin-1")
        return (address, 0) if address else self._client, scheme if scheme in ("http", "https") else self._scheme

    def _begin_body(self, cycle: RequestCycle, client: str, length: int, rest: bytes) -> None:
        """`rest` is what was read beyond the head."""
        if length == 0:
            cycle.end_body()
            self._hold(rest)
            return
        if self._is_proxied and not self._count_for(client):
            self._abandon(cycle, 503, "too many connections")
            return
        self._since = self.server_state.loop.time()
        self._remaining, self._received = length, 0
        self._chunks = Chunks(self._add_body) if length == UNKNOWN_LENGTH else None
        if rest:
            self._read_body(cycle, rest)

    def _read_body(self, cycle: RequestCycle, data: bytes) -> None:
        self._received += len(data)
        if self._chunks is not None:
            self._read_chunks(cycle, self._chunks, data)
        elif len(data) < self._remaining:
            self._remaining -= len(data)
            self._add_body(data)
        else:
            self._add_body(data[: self._remaining])
            cycle.end_body()
            if len(data) > self._remaining:
                self._hold(data[self._remaining :])

    def _read_chunks(self, cycle: RequestCycle, chunks: Chunks, data: bytes) -> None:
        try:
            chunks.feed(data)
        except BadRequest:
            self._abandon(cycle, 400, "the request body is malformed")
            return
        if self._received > self._limits.body_octets:
            self._abandon(cycle, 413, "the request body is too large")
        elif chunks.is_ended:
            cycle.keeps_alive = cycle.keeps_alive and not chunks.is_overrun
            cycle.end_body()

    def _add_body(self, data: bytes) -> None:
        if self._cycle is not None and self._cycle.add_body(data) > self._limits.held_octets:
            self._pause_reading()

    def _hold(self, data: bytes) -> None:
        self._held += data
        if len(self._held) > self._limits.held_octets:
            self._pause_reading()

    def _count_for(self, client: str) -> bool:
        """Count a body for the client behind a proxy of ours; returns False when that has too many."""
        if not self.server_state.shares.may_begin(client):
            return False
        self._counts_for = client
        self.server_state.shares.count(client, 1)
        return True

    def _forget_body(self) -> None:
        self._received = 0
        if self._counts_for:
            self.server_state.shares.count(self._counts_for, -1)
            self._counts_for = ""

    def _count_reading(self) -> None:
        """Count what was read ahead, and the body so far: the part that the application has already is in memory too."""
        octets = len(self._held) + self._received
        if octets != self._counted:
            change, self._counted = octets - self._counted, octets
            self.server_state.count_reading(change)

    def _pause_reading(self) -> None:
        if not self.is_read_paused and self._transport is not None and not self._transport.is_closing():
            self.is_read_paused = True
            self._transport.pause_reading()

    def _check_body(self, cycle: RequestCycle, now: float) -> None:
        limits = self._limits
        allowed_s = limits.body_grace_s + self._received / limits.body_octets_s
        if not cycle.is_complete and not self.is_read_paused and now - self._since > allowed_s:
            self._abandon(cycle, 408, "the request did not arrive in time")

    # Inside: answers

    def _abandon(self, cycle: RequestCycle, status: int, why: str) -> None:
        """Refuse a request that cannot be read to its end."""
        is_begun = cycle.is_begun
        cycle.abandon()
        if is_begun:
            self.abort()
        else:
            self._refuse(status, why)

    def _turn_away(self) -> None:
        """Answer 503, since there is no room; when many are being answered so, just abort."""
        if self.server_state.turned_away >= TURNED_AWAY_MOST:
            self.abort()
            return
        self.server_state.turned_away += 1
        self._is_turned_away = True
        self._refuse(503, "too many connections")

    def _refuse(self, status: int, why: str) -> None:
        """Answer a request that never reaches the application, and close."""
        text = why.encode() + b"\n"
        self._is_in_vain = False
        if status < 500:
            self.note_fault(self._charged_address(), "turned_away" if status == 429 else "unreadable")
        self._cycle = None
        self.write(
            b"%b%bcontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
            % (STATUS_LINES[status], self.server_state.date, len(text), text)
        )
        self._close(is_complete=False)
        self._forget_body()
        self._count_reading()

    def _charged_address(self) -> str:
        """Returns the address that is charged for what is refused; "" behind a proxy of ours before the head was read."""
        if self._cycle is not None:
            return self._cycle.request.client[0]
        return "" if self._is_proxied else self._client[0]

    def _close(self, is_complete: bool) -> None:
        """Close once everything is written.

        is_complete: whether the client sent its whole request. If not, it may still be sending. Closing at once would reset
                     the connection, and the client would lose the answer. So we shut down our side and wait for it to close.
        """
        transport = self._transport
        if transport is None or self._linger_until:
            return
        self._held.clear()
        has_sent_all = self._has_sent_all()
        if is_complete and has_sent_all and not self._is_half_closed:
            transport.close()
            return
        limits = self._limits
        patience_s = limits.linger_timeout_s if has_sent_all else limits.write_timeout_s
        self._linger_until = self.server_state.loop.time() + patience_s
        self.resume_reading()
        transport.write_eof()

    def _rest(self) -> None:
        """Read a little at a time of what is ignored: a client that pours it would take as much of our time as it gets."""
        self._pause_reading()
        self.server_state.loop.call_later(REST_S, self.resume_reading)

    def _has_sent_all(self) -> bool:
        """Whether the kernel took every octet. A transport that is closing by itself found the connection lost while writing."""
        transport = self._transport
        return transport is not None and not transport.get_write_buffer_size() and not transport.is_closing()

    def _note_delivered(self) -> None:
        """Once the octets of answers left our write buffer, set them delivered.

        A client that shut its side down before the answer may be gone, and the kernel still takes octets for it. So for
        such a client its acknowledgement counts.
        """
        transport = self._transport
        if not self._unflushed or transport is None or not self._has_sent_all():
            return
        is_delivered = is_acknowledged(transport.get_extra_info("socket")) if self._is_half_closed else True
        if is_delivered is None:
            return
        for cycle in self._unflushed:
            cycle.set_delivered(is_delivered)
        self._unflushed.clear()
        if self._is_half_closed:
            transport.close()

    def _wake_drained(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)


def _head(version: bytes, block: bytes) -> Head | None:
    try:
        return read_head(version, block)
    except BadRequest:
        return None
