"""What all connections of a listener share: the application, the limits, and who is at work."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

from hongyan.http.asgi import App
from hongyan.http.connection_budget import Places
from hongyan.http.connection_shares import Guest, Guests
from hongyan.model.address import Network, is_within

if TYPE_CHECKING:
    from hongyan.http.connection import Connection
    from hongyan.http.cycle import RequestCycle
    from hongyan.http.tls import ServerTls


TOLD_MOST = 64
"""Connections beyond the limit that are being told so."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one listener takes from the outside; octets and seconds."""

    connections: int = 10_000
    head_octets: int = 64 * 1024  # request line and headers
    body_octets: int = 32 * 1024 * 1024  # of any request; each door has its own, smaller limit
    reading_octets: int = 256 * 1024 * 1024  # of all requests that are being read or worked at; beyond it the slowest are cut
    held_octets: int = 256 * 1024  # read ahead of the application; then the socket is not read
    head_timeout_s: float = 15.0  # from its first octet, or from the connection
    body_grace_s: float = 30.0  # a body may take so long, and besides
    body_octets_s: int = 8 * 1024  # a second for every so many octets
    idle_timeout_s: float = 75.0  # between two requests
    write_timeout_s: float = 60.0  # an answer that the client does not read
    linger_timeout_s: float = 5.0  # after our last octet, for the client to read it and close


def _ignore(_address: str) -> None:
    """Nobody is told."""


@dataclass(slots=True)
class ServerState:
    app: App
    limits: Limits
    trusted: tuple[Network, ...]  # proxies whose X-Forwarded-For is believed
    loop: asyncio.AbstractEventLoop
    allowed: tuple[Network, ...] | None = None  # who may connect; None: everybody
    stranger: Callable[[str], None] = _ignore  # is told of an address that may not
    places: Places = field(default_factory=Places)  # shared with other listeners of the process
    guests: Guests = field(default_factory=lambda: Guests(Limits().connections))
    connections: set["Connection"] = field(default_factory=set)
    handshakes: set["ServerTls"] = field(default_factory=set)
    running: set["RequestCycle"] = field(default_factory=set)  # also keeps their tasks from being collected
    told: int = 0  # connections for which there is no room, and which are being told so
    reading: int = 0  # octets of requests that are being read or worked at
    is_stopping: bool = False
    date: bytes = b""  # the Date header, a line

    def trusts(self, address: str) -> bool:
        """Whether it is a proxy of ours."""
        return bool(self.trusted and address) and is_within(address, self.trusted)

    def is_welcome(self, address: str) -> bool:
        """Whether an address may connect; asked before anything is counted."""
        if self.allowed is None or (address and is_within(address, self.allowed)):
            return True
        self.stranger(address)
        return False

    def enter(self, guest: Guest) -> bool:
        """Count a guest in; False where there is no room."""
        if self.is_stopping or not self.places.take(guest):
            return False
        if self.guests.enter(guest, self.loop.time()):
            return True
        self.places.give_back(guest)
        return False

    def leave(self, guest: Guest) -> None:
        self.guests.leave(guest)
        self.places.give_back(guest)

    def weigh(self, octets: int) -> None:
        """So many octets more are held for requests, or fewer; beyond the limit those who read slowest go."""
        self.reading += octets
        if octets > 0 and self.reading > self.limits.reading_octets:
            self._relieve()

    def _relieve(self) -> None:
        now = self.loop.time()
        reading = [one for one in self.connections if one.is_reading]
        reading.sort(key=lambda one: (self.guests.knows(one.client), -one.slowness_s(now)))
        for connection in reading:
            if self.reading <= self.limits.reading_octets * 7 // 8:
                return
            connection.give_way()

    def tick(self, now: float, wall_s: float) -> None:
        """Once a second: the Date header, and every connection's time-outs."""
        self.date = b"date: %b\r\n" % formatdate(wall_s, usegmt=True).encode()
        for connection in list(self.connections):
            connection.check(now)
        for handshake in list(self.handshakes):
            handshake.check(now)
