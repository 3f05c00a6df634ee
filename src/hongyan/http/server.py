"""A listener: one port, plain or TLS, run inside the caller's event loop. It touches no signals.

    listener = Listener(app, "127.0.0.1", 8080)
    await listener.open()       # raises CannotListen when the port is taken; clients can connect, and wait
    await listener.start()      # clients are answered
    cut = await listener.stop(drain_s=10)

Plain HTTP beside TLS is two listeners with one application.
"""

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hongyan.http.address import Network, networks
from hongyan.http.asgi import App
from hongyan.http.connection import Connection
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.http.connection_shares import ConnectionShares
from hongyan.http.direct import Direct
from hongyan.http.port_guard import BACKLOG, PortGuard
from hongyan.http.state import Limits, ServerState
from hongyan.http.strangers import Strangers
from hongyan.http.tls import ServerTls

_TICK_S = 1.0
_AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]  # as getaddrinfo gives it
_REASONS = {
    errno.EADDRINUSE: "the port is in use",
    errno.EACCES: "the port needs more rights (below 1024)",
    errno.EADDRNOTAVAIL: "this machine has no such address",
}


_ABSENT = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class CannotListen(OSError):
    """The port cannot be opened; its text is one clear line."""

    def __init__(self, host: str, port: int, cause: OSError, reason: str = "") -> None:
        reason = reason or _REASONS.get(cause.errno or 0) or cause.strerror or str(cause)
        super().__init__(cause.errno, f"cannot listen on {host or '*'}:{port}: {reason}")
        self.host, self.port, self.reason = host, port, reason

    def __str__(self) -> str:
        return str(self.args[1])


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files of a certificate with its chain, and of its key."""

    certificate: Path
    key: Path

    def load_into(self, context: ssl.SSLContext) -> None:
        """Use the files from now on. raises: OSError if they are no certificate with its key; the context then keeps what it has"""
        # A context that refuses a key has lost its old one: another one tries the files first.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.key)
        context.load_cert_chain(self.certificate, self.key)


class Listener:
    """Serves one ASGI application on one port.

    direct:      answers requests without ASGI, as far as it can
    trusted:     addresses and networks of our own proxies, whose X-Forwarded-For and X-Forwarded-Proto are believed
    allowed:     networks that may connect; other connections are aborted before anything is counted
    on_refused:  called with the address of each connection aborted so
    shares:      one object for all listeners that count their connections together
    strangers:   one object for all listeners that hold the same addresses back
    budget:      one object for all listeners that share file descriptors
    sockets:     that listen on the port already (see `listening`); without any, `open` makes them
    """

    def __init__(
        self,
        app: App,
        host: str,
        port: int,
        *,
        direct: Direct | None = None,
        tls: TlsFiles | None = None,
        trusted: Sequence[str] = (),
        limits: Limits | None = None,
        reuse_port: bool = False,
        allowed: Sequence[Network] | None = None,
        on_refused: Callable[[str], None] = lambda _: None,
        shares: ConnectionShares | None = None,
        strangers: Strangers | None = None,
        budget: ConnectionBudget | None = None,
        sockets: Sequence[socket.socket] = (),
    ) -> None:
        self._app, self._direct, self._host, self._port = app, direct, host, port
        self._tls, self._trusted, self._limits = tls, networks(trusted), limits or Limits()
        self._reuse_port = reuse_port
        self._allowed, self._on_refused = None if allowed is None else tuple(allowed), on_refused
        self._shares = ConnectionShares(self._limits.connections) if shares is None else shares
        self._strangers = Strangers(time.monotonic) if strangers is None else strangers
        self._budget = ConnectionBudget() if budget is None else budget
        self._context: ssl.SSLContext | None = None
        self._sockets = list(sockets)
        self._port_guards: list[PortGuard] = []
        self._server_state: ServerState | None = None
        self._ticker: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port in use; differs from the one asked for when that was 0."""
        return int(self._sockets[0].getsockname()[1])

    @property
    def connections(self) -> int:
        return len(self._server_state.connections) if self._server_state else 0

    async def open(self) -> None:
        """Open the port; clients that connect wait for `start`. Raises CannotListen, also for TLS files that cannot be used."""
        if self._tls is not None:
            self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            try:
                self._tls.load_into(self._context)
            except OSError as cause:
                reason = f"{self._tls.certificate} and {self._tls.key} are no certificate and key ({cause.strerror or cause})"
                raise CannotListen(self._host, self._port, cause, reason) from cause
        if not self._sockets:
            self._sockets = await open_sockets(self._host, self._port, reuse_port=self._reuse_port)

    async def start(self) -> None:
        """Begin to answer. Opens the port if `open` was not called, and raises what that raises.

        A start that is cancelled leaves no port open.
        """
        if not self._sockets or (self._tls is not None and self._context is None):
            await self.open()
        loop = asyncio.get_running_loop()
        server_state = self._server_state = ServerState(
            app=self._app,
            direct=self._direct,
            limits=self._limits,
            trusted=self._trusted,
            loop=loop,
            allowed=self._allowed,
            on_refused=self._on_refused,
            budget=self._budget,
            shares=self._shares,
            strangers=self._strangers,
        )
        server_state.tick(loop.time(), time.time())
        try:
            for one in self._sockets:
                port_guard = PortGuard(one, self._protocol, server_state)
                await port_guard.open()
                self._port_guards.append(port_guard)
        except BaseException:
            self._close_ports()
            raise
        self._ticker = loop.create_task(self._tick(server_state))

    def _close_ports(self) -> None:
        for port_guard in self._port_guards:
            port_guard.close()
        for one in self._sockets:
            one.close()
        self._port_guards, self._sockets = [], []

    def reload_certificate(self) -> None:
        """Read the TLS files again; connections made from now on get the new certificate.

        Raises OSError for files that cannot be used; the old certificate then stays.
        """
        if self._tls is not None and self._context is not None:
            self._tls.load_into(self._context)

    async def stop(self, drain_s: float) -> int:
        """Close the port, let running requests end for at most `drain_s`; returns how many connections had to be cut."""
        self._close_ports()
        if self._server_state is None or self._ticker is None:
            return 0
        server_state = self._server_state
        server_state.is_stopping = True
        for connection in list(server_state.connections):
            connection.stop()
        await _until(lambda: not server_state.connections and not server_state.tasks, drain_s)
        cut = len(server_state.connections)
        for connection in list(server_state.connections):
            connection.abort()
        for handshake in list(server_state.handshakes):
            handshake.abort()
        # A second for applications to take back what the lost clients did not get.
        await _until(lambda: not server_state.connections and not server_state.tasks, 1.0)
        for task in list(server_state.tasks):
            task.cancel()
        self._ticker.cancel()
        self._ticker = None
        return cut

    def _protocol(self) -> asyncio.Protocol:
        assert self._server_state is not None
        connection = Connection(self._server_state)
        return connection if self._context is None else ServerTls(connection, self._context, self._server_state)

    async def _tick(self, server_state: ServerState) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            server_state.tick(server_state.loop.time(), time.time())
            is_guarded = bool(server_state.strangers.held())
            for port_guard in list(self._port_guards):
                await port_guard.guard(is_guarded)


async def open_sockets(host: str, port: int, *, reuse_port: bool = False) -> list[socket.socket]:
    """A listening socket for each address of a host; "" means all addresses of this machine. raises: CannotListen

    If it is cancelled meanwhile, no port stays open: nothing is awaited once there is one.
    """
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as cause:
        raise CannotListen(host, port, cause) from cause
    return _bound(host, port, found, reuse_port=reuse_port)


def listening(host: str, port: int, *, reuse_port: bool = False) -> list[socket.socket]:
    """The same, before there is an event loop. Blocks. raises: CannotListen"""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as cause:
        raise CannotListen(host, port, cause) from cause
    return _bound(host, port, found, reuse_port=reuse_port)


def _bound(host: str, port: int, found: Sequence[_AddressInfo], *, reuse_port: bool) -> list[socket.socket]:
    """found: the addresses of the host; those that this machine lacks are passed over as long as it has another, since `localhost` is
    ::1 too where IPv6 is switched off. raises: CannotListen
    """
    opened: list[socket.socket] = []
    faults: list[OSError] = []
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            opened.append(socket.create_server(address[:2], family=family, backlog=BACKLOG, reuse_port=reuse_port))
            opened[-1].setblocking(False)
        except OSError as fault:
            faults.append(fault)
    faults.sort(key=lambda fault: fault.errno in _ABSENT)
    if faults and not (opened and faults[0].errno in _ABSENT):
        for one in opened:
            one.close()
        raise CannotListen(host, port, faults[0]) from faults[0]
    return opened


async def _until(is_so: Callable[[], bool], most_s: float) -> None:
    """Wait until a condition holds, or for `most_s`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + most_s
    while not is_so() and loop.time() < end:  # noqa: ASYNC110 - only at the end, of many parts that come and go
        await asyncio.sleep(0.01)
