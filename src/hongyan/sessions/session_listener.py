"""One listener as its row says. Its port is opened, repeatedly if another program has it, and closed together with its
connections.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace

import structlog

from hongyan.adapters.server import ServerAdapter
from hongyan.http.acceptor import Acceptor
from hongyan.http.address import socket_address
from hongyan.http.server import CannotListen, TlsFiles, open_sockets
from hongyan.http.tls import ServerTls
from hongyan.model.listener import Listener
from hongyan.model.translatable import Translatable
from hongyan.sessions.connection_guard import ConnectionGuard
from hongyan.sessions.served import ServedSession, Shared

log = structlog.get_logger(__name__)

AGAIN_S = 2.0
"""Pause before a port that another program had is tried again."""

_UNCERTIFIED = Translatable("it wants TLS, and there is no certificate: set tls_cert and tls_key")


class SessionListener:
    def __init__(
        self,
        shared: Shared,
        listener: Listener,
        adapter: ServerAdapter,
        connection_guard: ConnectionGuard,
        tls: TlsFiles | None,
        *,
        reuse_port: bool,
    ) -> None:
        """tls: the certificate; None if none is configured"""
        self.listener = listener
        self.trouble = ""
        """Why it is closed, for people; "" while it is open."""
        self.sessions: set[ServedSession] = set()
        self._shared, self._adapter, self._tls, self._reuse_port = shared, adapter, tls, reuse_port
        self.connection_guard = connection_guard
        self._context: ssl.SSLContext | None = None
        self._acceptor: Acceptor | None = None
        self._opening: asyncio.Task[None] | None = None

    @property
    def number(self) -> int:
        """Returns the port in use; 0 while it is closed."""
        return self._acceptor.port if self._acceptor is not None else 0

    def open(self) -> None:
        if not self.listener.is_stopped:
            self._opening = asyncio.create_task(self._open(), name=f"listen-{self.listener.name}")

    async def opened(self) -> None:
        """Wait until it is open, or found that it cannot be opened."""
        while self._opening is not None and not (self._opening.done() or self.trouble):  # noqa: ASYNC110  once a start
            await asyncio.sleep(0.005)

    async def _open(self) -> None:
        listener = self.listener
        while True:
            try:
                self._acceptor = await self._listen(listener)
            except (OSError, ValueError) as error:
                trouble = _trouble(listener, error)
                if trouble != self.trouble:  # it may last for days
                    log.error("listener_closed", listener=listener.name, what=trouble, limit_by=("listener",))  # noqa: TRY400
                self.trouble = trouble
                await asyncio.sleep(AGAIN_S)
                continue
            self.trouble = ""
            log.info(
                "listener_open", listener=listener.name, protocol=listener.protocol.value, port=self.number, tls=listener.tls
            )
            return

    async def _listen(self, listener: Listener) -> Acceptor:
        self._context = self._certified() if listener.tls else None
        sockets = await open_sockets(listener.address, listener.port, reuse_port=self._reuse_port)
        return Acceptor(sockets, self._make_connection, self._admits)

    def _certified(self) -> ssl.SSLContext:
        if self._tls is None:
            raise ValueError(_UNCERTIFIED)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_into(context)
        return context

    def reload_certificate(self) -> None:
        """Use the new certificate for new connections. raises: OSError for files that cannot be used; then the old one stays"""
        if self._tls is not None and self._context is not None:
            self._tls.load_into(self._context)

    def _admits(self, name: object) -> bool:
        return self.connection_guard.admits(socket_address(name)[0])

    def _make_connection(self, name: object) -> asyncio.Protocol:
        client = socket_address(name)[0]
        served = ServedSession(self._shared, self.listener, self._adapter, self.connection_guard, client)
        self.sessions.add(served)
        served.gone.add_done_callback(lambda _: self.sessions.discard(served))
        return (
            served.connection if self._context is None else ServerTls(served.connection, self._context, self.connection_guard)
        )

    def retune(self, listener: Listener) -> bool:
        """Use the row's new values; returns False if it has to be closed and opened anew."""
        before, self.listener = self.listener, listener
        self.connection_guard.retune(listener)
        kept = ("protocol", "address", "port", "tls", "is_stopped")
        return all(getattr(before, name) == getattr(listener, name) for name in kept)

    def check(self) -> None:
        """Called once a second."""
        self.connection_guard.check()

    def close(self) -> None:
        """Close the port; connections stay."""
        if self._opening is not None:
            self._opening.cancel()
        if self._acceptor is not None:
            self._acceptor.close()
            self._acceptor = None
        self.listener = replace(self.listener, is_stopped=True)

    def leave(self) -> None:
        """Log all sessions out."""
        for served in list(self.sessions):
            served.leave()

    async def stop(self, drain_s: float) -> int:
        """Close, answer what was submitted within so many seconds, log out; returns how many connections had to be cut."""
        self.close()
        await self._until(lambda: not any(one.session and one.session.counts.waiting_in for one in self.sessions), drain_s)
        self.leave()
        await self._until(lambda: not self.sessions, min(drain_s, 2.0))
        cut = list(self.sessions)
        for served in cut:
            served.connection.abort()
        await self._until(lambda: not self.sessions, 1.0)
        return len(cut)

    async def _until(self, is_so: Callable[[], bool], most_s: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + most_s
        while not is_so() and loop.time() < end:  # noqa: ASYNC110  only at the end, of many parts that come and go
            await asyncio.sleep(0.01)


def _trouble(listener: Listener, error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and not isinstance(error, CannotListen):
        error = CannotListen(listener.address, listener.port, error)
    reason = error.reason if isinstance(error, CannotListen) else error.args[0]
    return Translatable("cannot listen on {host}:{port}: {reason}", host=listener.address, port=listener.port, reason=reason)
