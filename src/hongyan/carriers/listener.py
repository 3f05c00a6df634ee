"""Connections that a carrier opens to us, as SGIP's gateways do to deliver: one port for a channel, with its addresses and its
login.

A connection from another address is closed before anything of it is counted or read. A login that is refused is answered. Both
are shown in the channel's state, and logged now and then. If there is no room, the oldest connection that has not logged in is
closed.
"""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from hongyan.adapters.options import WrongOption
from hongyan.adapters.sgip.client import SgipClient
from hongyan.carriers.inbox import Inbox
from hongyan.carriers.listen_endpoint import NOT_LISTED, ListenEndpoint, read_endpoint
from hongyan.carriers.open_port import open_port
from hongyan.carriers.wrong_settings import wrong_settings
from hongyan.http.acceptor import Acceptor
from hongyan.http.address import plain_address, socket_address
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.http.connection_shares import ConnectionShares
from hongyan.http.server import open_sockets
from hongyan.model.channel import Channel
from hongyan.model.link_counts import LinkCounts
from hongyan.model.translatable import Translatable
from hongyan.ports.clock import Clock
from hongyan.sockets.connection import Connection, Record
from hongyan.wire.events import Asked, Event, Heartbeat, LoggedIn, LoginAsked, Unexpected
from hongyan.wire.session import Limits
from hongyan.wire.sgip.pdu import Bind, LoginType, Result
from hongyan.wire.sgip.state import SgipState
from hongyan.wire.state import Pdu, ProtocolState, Role

log = structlog.get_logger(__name__)

VISITORS_MOST = 64
"""The most connections, including those that have not logged in yet."""

LOGIN_S = 5.0
"""A connection that has not logged in by then is closed."""


class Listener:
    """Implements sockets.connection.Owner for connections of the carrier."""

    def __init__(
        self,
        channel: Channel,
        inbox: Inbox,
        counts: LinkCounts,
        clock: Clock,
        record: Callable[[ProtocolState], Record],
        budget: ConnectionBudget | None = None,
    ) -> None:
        """record: returns a recorder for one connection. budget: shared with all channels' listeners"""
        self.trouble: str = ""
        """What last went wrong; "" once a login was accepted."""
        self.port = 0
        """The port that it listens on; 0 if none."""
        self._inbox, self._counts, self._clock, self._record = inbox, counts, clock, record
        self._budget = ConnectionBudget() if budget is None else budget
        self._shares = ConnectionShares(VISITORS_MOST, closable_s=0.0)
        self._incoming: set[IncomingConnection] = set()
        self._acceptor: Acceptor | None = None
        self._opening: asyncio.Task[None] | None = None
        self._read(channel)

    def _read(self, channel: Channel) -> None:
        self._channel = channel
        self._endpoint: ListenEndpoint | None = None
        try:
            self._adapter = SgipClient(channel)
            self._endpoint = read_endpoint(channel)
        except WrongOption as wrong:
            self.trouble = wrong_settings(channel, wrong)

    # --- its life --------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        if self._endpoint is not None:
            self._opening = asyncio.create_task(self._listen(self._endpoint), name=f"listen-{self._channel.name}")

    async def _listen(self, endpoint: ListenEndpoint) -> None:
        """Open the port as soon as no other program has it."""
        self._acceptor = await open_port(
            lambda: self._accept(endpoint),
            self._channel.name,
            endpoint.host,
            endpoint.port,
            self._note_trouble,
        )
        self.trouble, self.port = "", endpoint.port
        log.info("carrier_listener_open", channel=self._channel.name, host=endpoint.host, port=endpoint.port)

    async def _accept(self, endpoint: ListenEndpoint) -> Acceptor:
        return Acceptor(await open_sockets(endpoint.host, endpoint.port), self._make_connection, self._admits)

    def _note_trouble(self, trouble: str) -> None:
        self.trouble = trouble

    def retune(self, channel: Channel) -> None:
        """Apply who may log in to new logins at once. Another port closes all connections."""
        before = self._endpoint
        self._read(channel)
        if before != self._endpoint:
            self._shut()
            self.open()

    async def close(self) -> None:
        """Log all connections out."""
        self._shut()
        left = [one.over for one in self._incoming]
        if left:
            await asyncio.wait(left, timeout=1.0)
        for connection in list(self._incoming):
            connection.abort()

    def _shut(self) -> None:
        self.port = 0
        if self._opening is not None:
            self._opening.cancel()
        if self._acceptor is not None:
            self._acceptor.close()
            self._acceptor = None
        for connection in list(self._incoming):
            connection.logout()

    # --- who comes -------------------------------------------------------------------------------------------------------

    def _admits(self, name: object) -> bool:
        peer = socket_address(name)[0]
        if self._endpoint is not None and self._endpoint.is_allowed(peer):
            return True
        self._refuse(peer, NOT_LISTED)
        return False

    def _make_connection(self, name: object) -> Connection:
        endpoint = self._endpoint
        assert endpoint is not None
        limits = Limits(login_timeout_s=LOGIN_S, idle_s=endpoint.idle_s)
        return IncomingConnection(self, SgipState(self._adapter.node, LoginType.SMG), limits, socket_address(name)[0])

    def takes(self, connection: "IncomingConnection") -> bool:
        """Returns whether a new connection may stay; then it counts until it ends."""
        if not self._enter(connection):
            self._refuse(connection.client, Translatable("there are {count} connections already", count=len(self._shares)))
            return False
        self._incoming.add(connection)
        connection.over.add_done_callback(lambda _: self.leave(connection))
        connection.record = self._record(connection.session.protocol_state)
        return True

    def _enter(self, connection: "IncomingConnection") -> bool:
        if not self._shares.enter(connection, asyncio.get_running_loop().time()):
            return False
        if self._budget.take(connection):
            return True
        self._shares.leave(connection)
        return False

    def leave(self, connection: "IncomingConnection") -> None:
        self._incoming.discard(connection)
        self._shares.leave(connection)
        self._budget.give_back(connection)

    def take_events(self, connection: Connection, events: Sequence[Event]) -> None:
        deliveries: list[Pdu] = []
        for event in events:
            match event:
                case Asked(pdu):
                    deliveries.append(pdu)
                case LoginAsked(login):
                    assert isinstance(login, Bind)
                    self._judge(connection, login)
                case LoggedIn():
                    self.trouble = ""
                    log.info("carrier_logged_in", channel=self._channel.name, peer=connection.peer, limit_by=("channel",))
                case Unexpected(what):
                    self._counts.odd += 1
                    log.debug("carrier_odd", channel=self._channel.name, what=what)
                case Heartbeat():
                    pass
                case _:
                    log.debug("carrier_left", channel=self._channel.name, peer=connection.peer)
        if deliveries:
            self._inbox.take(connection, self._adapter, deliveries, self._clock())

    def writable(self) -> None:
        """Nothing of ours waits to be written on these connections."""

    def _judge(self, connection: Connection, login: Bind) -> None:
        endpoint, peer = self._endpoint, plain_address(connection.peer)
        if endpoint is None:
            connection.admit(Result.BUSY)
            return
        result, why = endpoint.judge(login, peer)
        if result:
            self._refuse(peer, why, int(result))
        connection.admit(result)

    def _refuse(self, peer: str, why: str, result: int = 0) -> None:
        """Log a refusal, and show it in the channel's state. result: the answer; 0 for none"""
        self._counts.logins_refused += 1
        self.trouble = (
            Translatable("a login from {peer} was refused, result {result}: {why}", peer=peer, result=result, why=why)
            if result
            else Translatable("a login from {peer} was refused: {why}", peer=peer, why=why)
        )
        log.warning("carrier_login_refused", channel=self._channel.name, peer=peer, why=why, limit_by=("channel", "why"))


class IncomingConnection(Connection):
    """A connection that the carrier opened. Implements http.connection_shares.Peer."""

    def __init__(self, listener: Listener, protocol_state: SgipState, limits: Limits, client: str) -> None:
        """client: its IP address"""
        super().__init__(listener, protocol_state, limits, role=Role.CENTRE)
        self._listener = listener
        self._since = asyncio.get_running_loop().time()
        self.client = self.address = client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if not self._listener.takes(self):
            self.abort()

    def waits_s(self, now: float) -> tuple[bool, float] | None:
        """Returns None once it has logged in: then it is never closed to make room."""
        return None if self.has_been_up else (True, now - self._since)

    def abort(self) -> None:
        """Break it off. It no longer counts at once, since another one waits for its room."""
        self._listener.leave(self)
        super().abort()
