"""One request and its answer: the direct call or the ASGI calls of an application, and whether the answer left our write buffer.

A cycle begins when the head of its request is read. Its connection adds the body (`add_body`, `end_body`). The cycle calls
`finished` on the connection once the last octet of the answer is written. The task that runs the application may run longer.
"""

import asyncio
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple, Protocol

import structlog

from hongyan.http.asgi import DELIVERED, FAULT, Message
from hongyan.http.direct import Headers
from hongyan.http.request import HttpRequest
from hongyan.http.state import ServerState
from hongyan.http.trouble import source_lines

_log = structlog.get_logger("hongyan.doors")

STATUS_LINES = {s.value: b"HTTP/1.1 %d %b\r\n" % (s.value, s.phrase.encode()) for s in HTTPStatus}
_BODILESS = (204, 304)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(Protocol):
    """What a cycle asks of its connection."""

    server_state: ServerState
    is_write_paused: bool  # the client does not read as fast as we write
    is_read_paused: bool

    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None:
        """Wait until the kernel took everything, or the connection is lost."""
        ...

    def resume_reading(self) -> None: ...

    def note_fault(self, client: str, what: str) -> None:
        """The client made a fault; see `strangers`."""
        ...

    def finished(self, cycle: "RequestCycle") -> None:
        """The last octet of the answer is written."""
        ...

    def abort(self) -> None: ...


class RequestCycle:
    """The application side of one request on a connection."""

    # Class attributes until they change: most requests never change them.
    is_complete = False  # the request was read to its end
    is_abandoned = False  # the client left, or its request cannot be read to the end: nothing more is written
    is_half_closed = False  # the client sends no more; it may still read, and old clients do
    is_begun = False  # the first octet of the answer is written
    is_answered = False  # and the last
    _task: asyncio.Task[None]
    _has_end = False  # the application has the end of the body
    _receiver: asyncio.Future[None] | None = None  # `receive` waits on it
    _answer: Message | None = None  # http.response.start
    _is_chunked = False
    _is_delivered: bool | None = None  # None: not yet known
    _delivery: asyncio.Future[bool] | None = None  # `delivered` waits on it

    def __init__(self, connection: Connection, request: HttpRequest) -> None:
        self.request = request
        self.keeps_alive = request.head.keeps_alive
        self._connection = connection
        self._expects_continue = request.head.expects_continue
        self.body = b""  # what the application has not asked for yet
        self._remaining = -1  # octets still to come of the answer's Content-Length; -1: it has none

    # Called by the connection

    def add_body(self, data: bytes) -> int:
        """Add to the body; returns how many octets the application has not asked for yet."""
        self.body = self.body + data if self.body else data
        self._wake()
        return len(self.body)

    def end_body(self) -> None:
        self.is_complete = True
        self._wake()

    def start(self) -> None:
        """Have the request answered: directly, where the application does that with one that is here in whole, or by `run`."""
        if self.is_abandoned:  # while it waited for its turn
            return
        direct = self._connection.server_state.direct
        if direct is None or not self.is_complete or not direct(self):
            self.run()

    def run(self) -> None:
        """Run the ASGI application. The scope refers to this cycle, so the cycle keeps no reference to the scope: no garbage."""
        loop = self._connection.server_state.loop
        self._task = asyncio.Task(self._run(), loop=loop, name="request")  # a name of its own would cost a microsecond

    def half_close(self) -> None:
        """The client shut its side down after a complete request. It is answered; `receive` returns `http.disconnect`."""
        self.is_half_closed = True
        self._wake()

    def abandon(self) -> None:
        """The client left, or its request cannot be read to the end."""
        self.is_abandoned = True
        self._wake()

    def set_delivered(self, is_delivered: bool) -> None:
        """Every octet of the answer left our write buffer, or the connection was lost before."""
        self._is_delivered = is_delivered
        if self._delivery is not None and not self._delivery.done():
            self._delivery.set_result(is_delivered)

    # Called by any application

    def note_fault(self) -> None:
        """Note that the request is refused and proved nothing; see `strangers`."""
        self._connection.note_fault(self.request.client[0], "refused")

    # Called by an application that answers directly

    def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """Write the whole answer. After the client left it is dropped."""
        self.is_answered = True
        if not self.is_abandoned:
            self._connection.write(self._rendered(status, headers, body, more=False))
            self._connection.finished(self)

    def fail(self, error: Exception) -> None:
        """A bug of the application."""
        _log.error("application_failed", error=type(error).__name__, at=source_lines(error), limit_by=("error",))
        self._end_unanswered()

    # Called by an ASGI application

    async def receive(self) -> Message:
        """Return a part of the body; after its end `http.disconnect`, once the client left or the answer is complete."""
        if self._expects_continue:
            self._expects_continue = False
            if not (self.body or self.is_complete or self.is_abandoned or self.is_begun):
                self._connection.write(_CONTINUE)
        while not (self.is_abandoned or self.is_answered or (self.is_half_closed and self._has_end)):
            if (self.body or self.is_complete) and not self._has_end:
                return self._part()
            self._receiver = self._connection.server_state.loop.create_future()
            await self._receiver
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Write a part of the answer. After the client left it is dropped without an error; `delivered` returns False."""
        if message["type"] == "http.response.start":
            if self._answer is not None:
                raise RuntimeError("the answer was already started")
            self._answer = message
            return
        if self._answer is None or self.is_answered:
            raise RuntimeError("a body belongs between the start and the end of an answer")
        body, more = message.get("body", b""), message.get("more_body", False)
        if not self.is_abandoned:
            self._connection.write(self._rendered(self._answer["status"], self._answer.get("headers", ()), body, more))
        if more:
            if self._connection.is_write_paused:
                await self._connection.drain()
            return
        self.is_answered = True
        if self._receiver is not None:
            self._wake()
        if not self.is_abandoned:
            self._connection.finished(self)

    async def delivered(self) -> bool:
        """Whether the whole answer left our write buffer; see asgi.DELIVERED."""
        if self._is_delivered is None and not self.is_abandoned:
            self._delivery = self._connection.server_state.loop.create_future()
            return await self._delivery
        return bool(self._is_delivered)

    # Inside

    async def _run(self) -> None:
        scope = self.request.scope()
        scope["extensions"] = {DELIVERED: self.delivered, FAULT: self.note_fault}
        server_state = self._connection.server_state
        server_state.tasks.add(self._task)
        try:
            await server_state.app(scope, self.receive, self.send)
        except Exception as error:  # noqa: BLE001 - whatever an application does, the connection goes on or ends in order
            self.fail(error)
        else:
            self._end_unanswered()
        finally:
            server_state.tasks.discard(self._task)

    def _part(self) -> Message:
        body, self.body = self.body, b""
        self._has_end = self.is_complete
        if self._connection.is_read_paused:
            self._connection.resume_reading()
        return {"type": "http.request", "body": body, "more_body": not self.is_complete}

    def _wake(self) -> None:
        if self._receiver is not None and not self._receiver.done():
            self._receiver.set_result(None)

    def _rendered(self, status: int, headers: Headers, body: bytes, more: bool) -> bytes:
        """Returns a part of the answer as it is written; the first part begins with the head."""
        head = b"" if self.is_begun else self._begin(status, headers, len(body), more)
        if self.request.method == "HEAD" or status in _BODILESS:
            return head
        if self._is_chunked:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            return head + chunk if more else head + chunk + b"0\r\n\r\n"
        if self._remaining >= 0:
            self._remaining -= len(body)
            if self._remaining < 0 or (self._remaining and not more):
                raise RuntimeError("the answer is not as long as its Content-Length")
        return head + body

    def _begin(self, status: int, headers: Headers, size: int, more: bool) -> bytes:
        """Returns the head of the answer, with its length if that is missing, or chunks if no length is known."""
        fixed = _fixed(headers) if type(headers) is tuple else _fixed.__wrapped__(headers)
        server_state = self._connection.server_state
        if (
            not self.is_complete or fixed.closes or server_state.is_stopping
        ):  # the rest of a request would be taken for the next one
            self.keeps_alive = False
        self._remaining = fixed.length
        frame = self._frame(size, more) if fixed.length < 0 and status not in _BODILESS else b""
        close = b"\r\n" if self.keeps_alive else b"connection: close\r\n\r\n"
        line = STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
        self.is_begun = True
        return b"".join((line, server_state.date, fixed.lines, frame, close))

    def _frame(self, size: int, more: bool) -> bytes:
        if not more:
            self._remaining = size
            return b"content-length: %d\r\n" % size
        if self.request.version == "1.0":  # knows no chunks: the end of the connection is the end of the body
            self.keeps_alive = False
            return b""
        self._is_chunked = True
        return b"transfer-encoding: chunked\r\n"

    def _end_unanswered(self) -> None:
        """The application ended, maybe without a whole answer."""
        if self.is_answered or self.is_abandoned:
            return
        if self.is_begun:
            self._connection.abort()
        else:
            headers = ((b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"))
            self.answer(500, headers, b"Internal Server Error\n")


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
