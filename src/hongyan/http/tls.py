"""TLS beneath a connection: between its octets and the TCP transport stands an `ssl.SSLObject`.

The event loop's own TLS hides the TCP transport, and its buffer with it; a door must know when its answer left that one too.
Here there is no second buffer: what is encrypted goes to the TCP transport at once.
"""

import asyncio
import ssl
from contextlib import suppress
from typing import Any, cast

from hongyan.http.connection import Connection

_READ_OCTETS = 256 * 1024


class Tls(asyncio.Protocol, asyncio.Transport):
    """The protocol of the TCP transport, and the transport of a Connection, which begins after the handshake."""

    def __init__(self, connection: Connection, context: ssl.SSLContext) -> None:
        super().__init__()
        self._connection = connection
        self._hub = connection.hub
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._is_open = False  # the handshake is done
        self._is_shut = False  # we said that we write no more, and read no more either
        self._until = self._hub.loop.time() + self._hub.limits.head_timeout_s  # for the handshake

    # The protocol of the TCP transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._raw = cast("asyncio.Transport", transport)
        if self._hub.is_full:
            self._raw.abort()
            return
        self._raw.set_write_buffer_limits(high=0)
        self._hub.handshakes.add(self)

    def data_received(self, data: bytes) -> None:
        if self._is_shut:
            return
        self._incoming.write(data)
        try:
            if self._is_open or self._shake():
                self._read()
        except ssl.SSLError:  # the other side speaks no TLS, or no longer
            self._is_shut = True
            self._flush()
            self._raw.abort()

    def eof_received(self) -> bool:
        return self._is_open and self._connection.eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        self._hub.handshakes.discard(self)
        if self._is_open:
            self._connection.connection_lost(error)

    def pause_writing(self) -> None:
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        self._connection.resume_writing()

    def check(self, now: float) -> None:
        """Once a second during the handshake."""
        if now > self._until:
            self.abort()

    # The transport of the connection

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        if not self._is_shut:
            self._object.write(data)
            self._flush()

    def write_eof(self) -> None:
        """Say that nothing more comes, and shut our side down; what still comes from the other side is dropped."""
        if not self._is_shut:
            self._shut()
            self._raw.write_eof()

    def can_write_eof(self) -> bool:
        return self._raw.can_write_eof()

    def close(self) -> None:
        if not self._is_shut:
            self._shut()
        self._raw.close()

    def abort(self) -> None:
        self._raw.abort()

    def is_closing(self) -> bool:
        return self._raw.is_closing()

    def get_write_buffer_size(self) -> int:
        return self._raw.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._raw.set_write_buffer_limits(high, low)

    def pause_reading(self) -> None:
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        self._raw.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._object if name == "ssl_object" else self._raw.get_extra_info(name, default)

    # Inside

    def _shake(self) -> bool:
        """Take the handshake further; returns whether it is done."""
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        self._flush()
        self._is_open = True
        self._hub.handshakes.discard(self)
        self._connection.connection_made(self)
        return True

    def _read(self) -> None:
        try:
            while not self._is_shut:
                data = self._object.read(_READ_OCTETS)
                if not data:  # the other side says that nothing more comes
                    self._end()
                    return
                self._connection.data_received(data)
        except ssl.SSLWantReadError:
            self._flush()  # what TLS itself had to answer
        except ssl.SSLZeroReturnError:
            self._end()

    def _end(self) -> None:
        if not self._connection.eof_received():
            self.close()

    def _shut(self) -> None:
        self._is_shut = True
        with suppress(ssl.SSLError):  # it would wait for the other side to say the same
            self._object.unwrap()
        self._flush()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._raw.write(self._outgoing.read())
