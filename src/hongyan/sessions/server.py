"""All listeners of a process for customers' sessions: they follow their rows, which change while it runs."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping

import structlog

from hongyan.adapters.cmpp.server import CmppServer
from hongyan.adapters.server import ServerAdapter
from hongyan.adapters.smpp.server import SmppServer
from hongyan.http.connection_shares import ConnectionShares
from hongyan.http.penalty import Penalties
from hongyan.http.server import TlsFiles
from hongyan.model.listener import Listener
from hongyan.model.session_settings import SessionProtocol
from hongyan.ports.clock import Clock
from hongyan.ports.customer_sessions import CustomerSessions
from hongyan.sessions.connection_guard import ConnectionGuard
from hongyan.sessions.rate import SubmitRate
from hongyan.sessions.reconnect_limit import ReconnectLimit
from hongyan.sessions.served import ServedSession, Shared
from hongyan.sessions.session_listener import SessionListener
from hongyan.wire.describe import Described

log = structlog.get_logger(__name__)

_TICK_S = 1.0


class SessionServer:
    def __init__(
        self,
        api: CustomerSessions,
        clock: Clock,
        shares: ConnectionShares,
        tls: TlsFiles | None = None,
        *,
        reuse_port: bool = False,
    ) -> None:
        """shares: of all listeners together. tls: the certificate. reuse_port: other processes listen on the same ports"""
        self._api, self._shares, self._tls, self._reuse_port = api, shares, tls, reuse_port
        now = asyncio.get_running_loop().time
        self._shared = Shared(api, SubmitRate(now), Penalties("account", now), clock)
        self._reconnects = ReconnectLimit(now)
        self._adapters: Mapping[SessionProtocol, ServerAdapter] = {
            SessionProtocol.SMPP: SmppServer(),
            SessionProtocol.CMPP: CmppServer(),
        }
        self._listeners: dict[int, SessionListener] = {}
        self._leaving: set[SessionListener] = set()
        self._ticker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open what the rows say. A port that cannot be opened does not stop the start: it is tried again."""
        self._api.on_listeners(self._follow)
        self._follow()
        for one in list(self._listeners.values()):
            await one.opened()
        self._ticker = asyncio.create_task(self._tick(), name="sessions")

    @property
    def listeners(self) -> Mapping[int, SessionListener]:
        """Returns the open listeners by the id of their row."""
        return self._listeners

    def session(self, session_id: int) -> ServedSession | None:
        """Returns a session that is up in this process."""
        return next((one for one in self._served() if one.session is not None and one.session.id == session_id), None)

    def pdus(self, session_id: int) -> list[Described] | None:
        """Returns the last PDUs of a session; None if it is not in this process."""
        found = self.session(session_id)
        return None if found is None else found.pdus()

    def reload_certificates(self) -> None:
        for one in self._listeners.values():
            one.reload_certificate()

    def totals(self) -> Counter[tuple[str, str]]:
        """Returns the counts of all sessions of this process since its start, and of connections that became none: by protocol
        and what was counted.
        """
        totals = Counter(self._shared.ended)
        for port in self._listeners.values():
            totals[str(port.listener.protocol), "connections_refused"] += port.connection_guard.refused
        for served in self._served():
            totals.update(served.totals())
        return totals

    def up(self) -> Counter[str]:
        """Returns the sessions that are up, by protocol; 0 for one with a listener and no session."""
        up = Counter({str(port.listener.protocol): 0 for port in self._listeners.values()})
        sessions = (served.session for served in self._served())
        up.update(str(one.protocol) for one in sessions if one is not None)
        return up

    async def stop(self, drain_s: float) -> int:
        """Stop; returns how many connections had to be cut."""
        self._api.on_listeners(lambda: None)
        if self._ticker is not None:
            self._ticker.cancel()
        listeners = [*self._listeners.values(), *self._leaving]
        self._listeners.clear()
        return sum(await asyncio.gather(*(one.stop(drain_s) for one in listeners)))

    def _follow(self) -> None:
        """Open, change and close ports as the rows say."""
        rows = self._api.listeners
        for listener_id, port in list(self._listeners.items()):
            row = rows.get(listener_id)
            if row is None or not port.retune(row):
                self._close(listener_id, port)
        for listener_id, row in rows.items():
            if listener_id not in self._listeners:
                self._open(row)

    def _open(self, row: Listener) -> None:
        try:
            connection_guard = ConnectionGuard(row, self._shares, self._reconnects)
            port = SessionListener(
                self._shared, row, self._adapters[row.protocol], connection_guard, self._tls, reuse_port=self._reuse_port
            )
        except ValueError as unfit:
            log.error("listener_unfit", listener=row.name, what=str(unfit))  # noqa: TRY400  no bug of ours
            return
        self._listeners[row.id] = port
        port.open()

    def _close(self, listener_id: int, port: SessionListener) -> None:
        del self._listeners[listener_id]
        port.close()
        port.leave()
        self._shared.ended[str(port.listener.protocol), "connections_refused"] += port.connection_guard.refused
        self._leaving.add(port)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            for one in [*self._listeners.values(), *self._leaving]:
                one.check()
            self._leaving = {one for one in self._leaving if one.sessions}

    def _served(self) -> Iterator[ServedSession]:
        return (served for one in [*self._listeners.values(), *self._leaving] for served in one.sessions)
