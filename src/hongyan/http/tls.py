"""TLS between a protocol of ours and the TCP transport, by an `ssl.SSLObject`.

The event loop's own TLS hides the TCP transport. But a door must know when its answer left the TCP write buffer, and a client
must bound the octets of a server, those of the handshake too. Here is no second buffer: encrypted octets go to the TCP
transport at once.
"""

import asyncio
import ssl
from contextlib import suppress
from math import inf
from typing import Any, Protocol, cast

from hongyan.http.address import socket_address
from hongyan.http.connection_shares import Peer

_READ_OCTETS = 256 * 1024
_HANDSHAKE_OCTETS = 128 * 1024  # a server's certificates are some 5 KB; OpenSSL takes 100 KB of them


class Tls(asyncio.Protocol, asyncio.Transport):
    """A protocol on the TCP transport, and itself the transport of the inner protocol, which begins after the handshake."""

    def __init__(
        self, protocol: asyncio.Protocol, context: ssl.SSLContext, *, is_server: bool, server_name: str | None = None
    ) -> None:
        super().__init__()
        self._protocol = protocol
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=is_server, server_hostname=server_name)
        self._is_open = False  # the handshake is done
        self._is_shut = False  # we sent close_notify: we write no more, and ignore what comes

    # The protocol of the TCP transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._raw = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._is_shut:
            return
        self._incoming.write(data)
        try:
            if self._is_open or self._continue_handshake():
                self._read()
        except ssl.SSLError as fault:  # the other side speaks no TLS, or no longer
            self._break(fault)

    def eof_received(self) -> bool:
        return self._is_open and bool(self._protocol.eof_received())

    def connection_lost(self, error: Exception | None) -> None:
        if self._is_open:
            self._protocol.connection_lost(error)

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()

    # The transport of the inner protocol

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        if not self._is_shut:
            self._object.write(data)
            self._flush()

    def write_eof(self) -> None:
        """Send close_notify and shut our side down; what still comes from the other side is ignored."""
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

    def is_reading(self) -> bool:
        return self._raw.is_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._object if name == "ssl_object" else self._raw.get_extra_info(name, default)

    # Inside

    def _continue_handshake(self) -> bool:
        """Returns whether the handshake is done."""
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        self._flush()
        self._is_open = True
        self._opened()
        return True

    def _opened(self) -> None:
        self._protocol.connection_made(self)

    def _break(self, _fault: ssl.SSLError) -> None:
        self._is_shut = True
        self._flush()
        self._raw.abort()

    def _read(self) -> None:
        try:
            while not self._is_shut:
                data = self._object.read(_READ_OCTETS)
                if not data:  # close_notify of the other side
                    self._end()
                    return
                self._protocol.data_received(data)
        except ssl.SSLWantReadError:
            self._flush()  # what TLS itself had to answer
        except ssl.SSLZeroReturnError:
            self._end()

    def _end(self) -> None:
        if not self._protocol.eof_received():
            self.close()

    def _shut(self) -> None:
        self._is_shut = True
        with suppress(ssl.SSLError):  # it would wait for the close_notify of the other side
            self._object.unwrap()
        self._flush()

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._raw.write(self._outgoing.read())


class Handshake(Peer, Protocol):
    """A TLS handshake, as its listener sees it."""

    def check(self, now: float) -> None:
        """Abort when it takes too long. Called once a second."""
        ...


class ConnectionGuard(Protocol):
    """Who may connect to a listener, and who is in."""

    loop: asyncio.AbstractEventLoop
    handshakes: set[Handshake]

    @property
    def handshake_s(self) -> float:
        """How long a handshake may take."""
        ...

    def trusts(self, address: str) -> bool:
        """Whether the address is a proxy of ours."""
        ...

    def may_connect(self, address: str) -> bool:
        """Whether an address may connect; asked before anything is counted."""
        ...

    def turn_s(self, address: str) -> float:
        """Returns for how many seconds a handshake has to wait; inf if it is turned away."""
        ...

    def note_fault(self, address: str, what: str) -> None:
        """Count a handshake that failed."""
        ...

    def enter(self, peer: Peer) -> bool:
        """Count a peer in; returns False when there is no room."""
        ...

    def leave(self, peer: Peer) -> None: ...


class ServerTls(Tls):
    """TLS of a listener. Implements Handshake: the listener counts handshakes, and ends those that take too long."""

    def __init__(self, protocol: asyncio.Protocol, context: ssl.SSLContext, connection_guard: ConnectionGuard) -> None:
        super().__init__(protocol, context, is_server=True)
        self._connection_guard = connection_guard
        self._since = connection_guard.loop.time()
        self.client = self.address = ""
        self._is_waiting = False  # for its turn

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        connection_guard = self._connection_guard
        self.client = socket_address(transport.get_extra_info("peername"))[0]
        self.address = "" if connection_guard.trusts(self.client) else self.client
        if not (connection_guard.may_connect(self.client) and connection_guard.enter(self)):
            self._raw.abort()
            return
        self._raw.set_write_buffer_limits(high=0)
        connection_guard.handshakes.add(self)
        if wait_s := connection_guard.turn_s(self.address):
            self._wait(wait_s)

    def connection_lost(self, error: Exception | None) -> None:
        """The inner protocol gets the end of a handshake that failed too: its owner has it from the start."""
        if self in self._connection_guard.handshakes:
            self._connection_guard.note_fault(self.address, "handshake")
        self._leave()
        self._protocol.connection_lost(error)

    def check(self, now: float) -> None:
        if now - self._since > self._connection_guard.handshake_s:
            self.abort()

    def waits_s(self, now: float) -> tuple[bool, float] | None:
        return True, now - self._since

    def _opened(self) -> None:
        self._leave()  # from here on the connection is counted
        super()._opened()

    def _wait(self, seconds: float) -> None:
        """Begin the handshake later; what comes meanwhile is kept, and no more is read."""
        if seconds == inf:
            self._connection_guard.handshakes.discard(self)
            self._connection_guard.note_fault(self.address, "turned_away")
            self._raw.abort()
            return
        self._is_waiting = True
        self._connection_guard.loop.call_later(seconds, self._begin)

    def _begin(self) -> None:
        self._is_waiting = False
        if not self._raw.is_closing():
            self._raw.resume_reading()
            self.data_received(b"")

    def _continue_handshake(self) -> bool:
        if self._is_waiting:
            self._raw.pause_reading()
            return False
        return super()._continue_handshake()

    def _leave(self) -> None:
        self._connection_guard.handshakes.discard(self)
        self._connection_guard.leave(self)


class ClientTls(Tls):
    """TLS of a connection that we opened. It begins the handshake, and reads no more octets than `allowance`.

    `opened` is done after the handshake. It raises OSError when that fails: a wrong certificate, no TLS, too many octets.
    """

    def __init__(self, protocol: asyncio.Protocol, context: ssl.SSLContext, server_name: str) -> None:
        super().__init__(protocol, context, is_server=False, server_name=server_name)
        self.allowance = _HANDSHAKE_OCTETS
        """Octets that may still come; set anew for each answer."""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._continue_handshake()

    def data_received(self, data: bytes) -> None:
        self.allowance -= len(data)
        if self.allowance < 0:
            self._break(ssl.SSLError("too many octets"))
        else:
            super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(error or ConnectionResetError("the connection ended in the handshake"))
        super().connection_lost(error)

    def _opened(self) -> None:
        super()._opened()
        if not self.opened.done():
            self.opened.set_result(None)

    def _break(self, fault: ssl.SSLError) -> None:
        self._fail(fault)
        super()._break(fault)

    def _fail(self, error: Exception) -> None:
        if not self.opened.done():
            self.opened.set_exception(error)
            self.opened.exception()  # marks it as retrieved: nobody may be waiting any more
