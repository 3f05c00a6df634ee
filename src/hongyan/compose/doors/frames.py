"""The protocol between the doors' process and the writer: frames on a stream, each the length of its body in four octets and
the body.

A body is a list of messages in JSON. Messages of one round of the event loop go in one frame.
"""

import asyncio
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, cast

import orjson

FRAME_MOST = 64 * 1024 * 1024
"""The most octets of a body. The largest message is a task with all the numbers that a request may have."""

GATHERED_OCTETS = 1024 * 1024
"""A frame with so many octets takes no further message."""

MESSAGE_MOST = FRAME_MOST - 2 * GATHERED_OCTETS
"""The most octets of a message, so that it still fits a frame behind what was gathered before it."""

Message = list[Any]

_LENGTH = Struct(">I")


class BadFrame(Exception):
    """The other side sends something else; the connection cannot be used any more."""


class FrameReader:
    """Cuts a stream into messages."""

    def __init__(self) -> None:
        self._octets = bytearray()

    def feed(self, octets: bytes) -> list[Message]:
        """Returns the messages of all complete frames. raises: BadFrame"""
        self._octets += octets
        messages: list[Message] = []
        start = 0
        while (body := self._body(start)) is not None:
            messages += _messages(body)
            start += _LENGTH.size + len(body)
        del self._octets[:start]
        return messages

    def _body(self, start: int) -> bytes | None:
        """Returns the body of the frame that begins there; None while it is incomplete."""
        body = start + _LENGTH.size
        if len(self._octets) < body:
            return None
        (length,) = _LENGTH.unpack_from(self._octets, start)
        if length > FRAME_MOST:
            raise BadFrame(f"{length} octets")
        return bytes(self._octets[body : body + length]) if len(self._octets) >= body + length else None


def _messages(body: bytes) -> list[Message]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadFrame("no JSON") from error
    if not isinstance(found, list) or not all(isinstance(one, list) and one for one in found):
        raise BadFrame("no list of messages")
    return found


def frame(messages: Sequence[bytes]) -> bytes:
    """Returns a frame of messages that are encoded already."""
    body = b"[%b]" % b",".join(messages)
    return _LENGTH.pack(len(body)) + body


class FrameConnection(asyncio.Protocol):
    """One end of the stream."""

    def __init__(self, take: Callable[[Message], None], lost: Callable[[], None]) -> None:
        """take: called with each message; if it raises BadFrame, the connection ends. lost: called once, at its end"""
        self._take, self._lost = take, lost
        self._reader = FrameReader()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._outbox: list[bytes] = []
        self._outbox_octets = 0

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def say(self, message: bytes) -> None:
        """Write a message, together with others of this round of the loop. Dropped if the connection is closed, which the caller
        notices.
        """
        if not self._outbox:
            self._loop.call_soon(self._flush)
        self._outbox.append(message)
        self._outbox_octets += len(message)
        if self._outbox_octets >= GATHERED_OCTETS:
            self._flush()

    def close(self) -> None:
        """Write what is waiting, then end."""
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End now."""
        if self._transport is not None:
            self._transport.abort()

    def _flush(self) -> None:
        messages, self._outbox, self._outbox_octets = self._outbox, [], 0
        if messages and self._transport is not None and not self._transport.is_closing():
            self._transport.write(frame(messages))

    # --- asyncio.Protocol -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if not self.is_open:  # closed by us: what was not handled by now never will be
            return
        try:
            for message in self._reader.feed(data):
                self._take(message)
        except BadFrame:
            assert self._transport is not None
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  whatever it was, it is over
        self._transport = None
        self._lost()
