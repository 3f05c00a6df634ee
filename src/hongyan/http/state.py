"""What all connections of a listener share: the application, the limits, and which connections there are."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from time import monotonic
from typing import Protocol

from hongyan.http.address import Network, is_within
from hongyan.http.asgi import App
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.http.connection_shares import ConnectionShares, Peer
from hongyan.http.direct import Direct
from hongyan.http.strangers import Strangers
from hongyan.http.tls import Handshake

TURNED_AWAY_MOST = 64
"""Connections beyond the limit that are answered 503 at a time; more are cut without an answer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one listener, in octets and seconds."""

    connections: int = 10_000
    head_octets: int = 64 * 1024  # request line and headers
    body_octets: int = 32 * 1024 * 1024  # of any request; each door has its own, smaller limit
    reading_octets: int = 256 * 1024 * 1024  # of all unanswered requests together; beyond it the slowest are closed
    held_octets: int = 256 * 1024  # read ahead of the application; beyond it the socket is not read
    head_timeout_s: float = 15.0  # from its first octet, or from the connection
    body_grace_s: float = 30.0  # every body may take this long, and longer by its size:
    body_octets_s: int = 8 * 1024  # one more second for every so many octets
    idle_timeout_s: float = 75.0  # between two requests
    write_timeout_s: float = 60.0  # for the client to read an answer
    linger_timeout_s: float = 5.0  # after our last octet, for the client to read it and close


class ServedConnection(Peer, Protocol):
    """A connection, as its listener sees it."""

    @property
    def is_reading(self) -> bool:
        """Whether octets of a request are here that is not complete yet."""
        ...

    def slowness_s(self, now: float) -> float:
        """How much longer its request takes than one that comes at the least rate."""
        ...

    def close_for_memory(self) -> None:
        """Close the connection: there is no memory for its request."""
        ...

    def check(self, now: float) -> None:
        """Close what takes too long. Called once a second."""
        ...

    def stop(self) -> None:
        """Close now, or as soon as the running request is answered."""
        ...


def _ignore(_address: str) -> None:
    """Default of `on_refused`."""


@dataclass(slots=True)
class ServerState:
    """Implements tls.ConnectionGuard."""

    app: App
    limits: Limits
    trusted: tuple[Network, ...]  # proxies whose X-Forwarded-For is believed
    loop: asyncio.AbstractEventLoop
    direct: Direct | None = None  # answers what needs no ASGI
    allowed: tuple[Network, ...] | None = None  # networks that may connect; None: all
    on_refused: Callable[[str], None] = _ignore  # called with each address that may not connect
    budget: ConnectionBudget = field(default_factory=ConnectionBudget)  # shared with other listeners of the process
    shares: ConnectionShares = field(default_factory=lambda: ConnectionShares(Limits().connections))
    strangers: Strangers = field(default_factory=lambda: Strangers(monotonic))
    connections: set[ServedConnection] = field(default_factory=set)
    handshakes: set[Handshake] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)  # running requests; keeps them from garbage collection
    turned_away: int = 0  # connections that are being answered 503, since there is no room for them
    reading: int = 0  # octets of all unanswered requests
    is_stopping: bool = False
    date: bytes = b""  # the Date header, a line

    @property
    def handshake_s(self) -> float:
        return self.limits.head_timeout_s

    def trusts(self, address: str) -> bool:
        """Whether the address is a proxy of ours."""
        return bool(self.trusted and address) and is_within(address, self.trusted)

    def may_connect(self, address: str) -> bool:
        """Whether an address may connect; asked before anything is counted."""
        if self.allowed is None or (address and is_within(address, self.allowed)):
            return True
        self.on_refused(address)
        return False

    def turn_s(self, address: str) -> float:
        return self.strangers.turn_s(address) if address else 0.0

    def note_fault(self, address: str, what: str) -> None:
        self.strangers.note_fault(address, what)

    def enter(self, peer: Peer) -> bool:
        """Count a peer in; returns False when there is no room."""
        if self.is_stopping or not self.budget.take(peer):
            return False
        if self.shares.enter(peer, self.loop.time()):
            return True
        self.budget.give_back(peer)
        return False

    def leave(self, peer: Peer) -> None:
        self.shares.leave(peer)
        self.budget.give_back(peer)

    def count_reading(self, change: int) -> None:
        """Add to the octets of unanswered requests; beyond the limit the slowest connections are closed."""
        self.reading += change
        if change > 0 and self.reading > self.limits.reading_octets:
            self._free_memory()

    def _free_memory(self) -> None:
        now = self.loop.time()
        reading = [one for one in self.connections if one.is_reading]
        reading.sort(key=lambda one: (self.shares.knows(one.client), -one.slowness_s(now)))
        for connection in reading:
            if self.reading <= self.limits.reading_octets * 7 // 8:
                return
            connection.close_for_memory()

    def tick(self, now: float, wall_s: float) -> None:
        """Once a second: write the Date header anew, and check every connection's time-outs."""
        self.date = b"date: %b\r\n" % formatdate(wall_s, usegmt=True).encode()
        for connection in list(self.connections):
            connection.check(now)
        for handshake in list(self.handshakes):
            handshake.check(now)
