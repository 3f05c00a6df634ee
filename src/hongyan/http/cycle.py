"""One request and its answer: the ASGI calls of an application, and whether the answer left.

An exchange begins when the head of its request is read. Its connection feeds it the body (`take`, `end`) and learns from
it, by `Connection.finished`, that the last octet of the answer is written. The task that runs the application may live on.
"""

import asyncio
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

import structlog

from hongyan.http.asgi import DELIVERED, Message, Scope
from hongyan.http.heads import Head
from hongyan.http.trouble import places

if TYPE_CHECKING:
    from hongyan.http.connection import Connection

_log = structlog.get_logger("hongyan.doors")

STATUS_LINES = {s.value: b"HTTP/1.1 %d %b\r\n" % (s.value, s.phrase.encode()) for s in HTTPStatus}
_BODILESS = (204, 304)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

Headers = Iterable[tuple[bytes, bytes]]


class RequestCycle:
    """The application side of one request on a connection."""

    # These stand at the class until they change: most requests never touch them.
    is_whole = False  # the request was read to its end
    is_gone = False  # the client is, or the request was given up: nothing more is written
    is_deserted = False  # the client sends no more; it may still read, and old clients do
    is_begun = False  # the first octet of the answer is written
    is_answered = False  # and the last
    task: asyncio.Task[None] | None = None
    _has_end = False  # the application has the end of the body
    _waiter: asyncio.Future[None] | None = None
    _answer: Message | None = None  # http.response.start
    _is_chunked = False
    _left: bool | None = None
    _left_waiter: asyncio.Future[bool] | None = None

    def __init__(self, connection: "Connection", scope: Scope, head: Head) -> None:
        self.keeps_alive = head.keeps_alive
        self._connection = connection
        self._expects_continue = head.expects_continue
        self._method: str = scope["method"]
        self._version: str = scope["http_version"]
        self.body = b""  # what the application has not asked for yet
        self._due = -1  # octets that the answer's Content-Length still promises; -1: none was given
        scope["extensions"] = {DELIVERED: self.delivered}

    # What the connection tells

    def take(self, data: bytes) -> int:
        """Add to the body; returns how many octets the application has not asked for yet."""
        self.body = self.body + data if self.body else data
        self._wake()
        return len(self.body)

    def end(self) -> None:
        self.is_whole = True
        self._wake()

    def start(self, scope: Scope) -> None:
        """Run the application. The exchange keeps no reference to the scope, which has one to it: no cycle to collect."""
        loop = self._connection.server_state.loop
        self.task = asyncio.Task(self._run(scope), loop=loop, name="request")  # a name of its own would cost a microsecond

    def desert(self) -> None:
        """The client shut its side down after a whole request: for who waits for that it is gone, and yet it is answered."""
        self.is_deserted = True
        self._wake()

    def give_up(self) -> None:
        """The client is gone, or its request cannot be taken to the end."""
        self.is_gone = True
        self._wake()

    def settle(self, left: bool) -> None:
        """Every octet of the answer left our buffer, or none will any more."""
        self._left = left
        if self._left_waiter is not None and not self._left_waiter.done():
            self._left_waiter.set_result(left)

    # What the application calls

    async def receive(self) -> Message:
        """A part of the body; after its end `http.disconnect`, once the client left or the answer is complete."""
        if self._expects_continue:
            self._expects_continue = False
            if not (self.body or self.is_whole or self.is_gone or self.is_begun):
                self._connection.write(_CONTINUE)
        while not (self.is_gone or self.is_answered or (self.is_deserted and self._has_end)):
            if (self.body or self.is_whole) and not self._has_end:
                return self._part()
            self._waiter = self._connection.server_state.loop.create_future()
            await self._waiter
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a part of the answer. After the client left it is dropped in silence; `delivered` tells."""
        if message["type"] == "http.response.start":
            if self._answer is not None:
                raise RuntimeError("the answer was already started")
            self._answer = message
            return
        if self._answer is None or self.is_answered:
            raise RuntimeError("a body belongs between the start and the end of an answer")
        body, more = message.get("body", b""), message.get("more_body", False)
        if not self.is_gone:
            self._connection.write(self._rendered(self._answer, body, more))
        if more:
            if self._connection.is_write_paused:
                await self._connection.drain()
            return
        self.is_answered = True
        if self._waiter is not None:
            self._wake()
        if not self.is_gone:
            self._connection.finished(self)

    async def delivered(self) -> bool:
        """Whether the whole answer left our write buffer; see asgi.DELIVERED."""
        if self._left is None and not self.is_gone:
            self._left_waiter = self._connection.server_state.loop.create_future()
            return await self._left_waiter
        return bool(self._left)

    # Inside

    async def _run(self, scope: Scope) -> None:
        server_state = self._connection.server_state
        server_state.running.add(self)
        try:
            await server_state.app(scope, self.receive, self.send)
        except Exception as error:  # noqa: BLE001 - whatever an application does, the connection goes on or ends in order
            _log.error("application_failed", error=type(error).__name__, at=places(error), limit_by=("error",))
        finally:
            server_state.running.discard(self)
        if not (self.is_answered or self.is_gone):
            await self._fail()

    def _part(self) -> Message:
        body, self.body = self.body, b""
        self._has_end = self.is_whole
        if self._connection.is_read_paused:
            self._connection.resume_reading()
        return {"type": "http.request", "body": body, "more_body": not self.is_whole}

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _rendered(self, answer: Message, body: bytes, more: bool) -> bytes:
        """A part of the answer as it is written, before the first one the head."""
        status = answer["status"]
        head = b"" if self.is_begun else self._begin(status, answer.get("headers", ()), len(body), more)
        if self._method == "HEAD" or status in _BODILESS:
            return head
        if self._is_chunked:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            return head + chunk if more else head + chunk + b"0\r\n\r\n"
        if self._due >= 0:
            self._due -= len(body)
            if self._due < 0 or (self._due and not more):
                raise RuntimeError("the answer is not as long as its Content-Length")
        return head + body

    def _begin(self, status: int, headers: Headers, size: int, more: bool) -> bytes:
        """The head of the answer, with the length that it lacks, or chunks where no length is known."""
        fixed = _fixed(headers) if type(headers) is tuple else _fixed.__wrapped__(headers)
        server_state = self._connection.server_state
        if (
            not self.is_whole or fixed.closes or server_state.is_stopping
        ):  # the rest of a request would be taken for the next one
            self.keeps_alive = False
        self._due = fixed.length
        frame = self._frame(size, more) if fixed.length < 0 and status not in _BODILESS else b""
        close = b"\r\n" if self.keeps_alive else b"connection: close\r\n\r\n"
        line = STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
        self.is_begun = True
        return b"".join((line, server_state.date, fixed.lines, frame, close))

    def _frame(self, size: int, more: bool) -> bytes:
        if not more:
            self._due = size
            return b"content-length: %d\r\n" % size
        if self._version == "1.0":  # knows no chunks: the end of the connection is the end of the body
            self.keeps_alive = False
            return b""
        self._is_chunked = True
        return b"transfer-encoding: chunked\r\n"

    async def _fail(self) -> None:
        """The application ended without a whole answer."""
        if self.is_begun:
            self._connection.abort()
            return
        self._answer = None
        headers = ((b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"))
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": b"Internal Server Error\n"})


class _Fixed(NamedTuple):
    lines: bytes
    length: int  # -1: not given
    closes: bool


@lru_cache(maxsize=256)
def _fixed(headers: Headers) -> _Fixed:
    """Headers as they are written; doors give the same tuple of them again and again."""
    lines, length, closes = [], -1, False
    for name, value in headers:
        lower = name.lower()
        if lower == b"connection":
            closes = closes or value.lower() == b"close"
            continue
        if lower == b"content-length":
            length = int(value)
        if b"\n" in value or b"\r" in value:
            raise RuntimeError("a header of the answer holds a line break")
        lines.append(b"%b: %b\r\n" % (name, value))
    return _Fixed(b"".join(lines), length, closes)
