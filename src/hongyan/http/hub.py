"""What all connections of a listener share: the application, the limits, and who is at work."""

import asyncio
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

from hongyan.http.asgi import App
from hongyan.model.address import Network

if TYPE_CHECKING:
    from hongyan.http.connection import Connection
    from hongyan.http.exchange import Exchange
    from hongyan.http.tls import ServerTls


@dataclass(frozen=True, slots=True)
class Limits:
    """What one listener takes from the outside; octets and seconds."""

    connections: int = 10_000
    head_octets: int = 64 * 1024  # request line and headers
    body_octets: int = 32 * 1024 * 1024  # of any request; each door has its own, smaller limit
    held_octets: int = 256 * 1024  # read ahead of the application; then the socket is not read
    head_timeout_s: float = 15.0  # from its first octet, or from the connection
    body_grace_s: float = 30.0  # a body may take so long, and besides
    body_octets_s: int = 8 * 1024  # a second for every so many octets
    idle_timeout_s: float = 75.0  # between two requests
    write_timeout_s: float = 60.0  # an answer that the client does not read
    linger_timeout_s: float = 5.0  # after our last octet, for the client to read it and close


@dataclass(slots=True)
class Hub:
    app: App
    limits: Limits
    trusted: tuple[Network, ...]  # proxies whose X-Forwarded-For is believed
    loop: asyncio.AbstractEventLoop
    connections: set["Connection"] = field(default_factory=set)
    handshakes: set["ServerTls"] = field(default_factory=set)
    running: set["Exchange"] = field(default_factory=set)  # also keeps their tasks from being collected
    is_stopping: bool = False
    date: bytes = b""  # the Date header, a line

    @property
    def is_full(self) -> bool:
        return self.is_stopping or len(self.connections) + len(self.handshakes) >= self.limits.connections

    def tick(self, now: float, wall_s: float) -> None:
        """Once a second: the Date header, and every connection's time-outs."""
        self.date = b"date: %b\r\n" % formatdate(wall_s, usegmt=True).encode()
        for connection in list(self.connections):
            connection.check(now)
        for handshake in list(self.handshakes):
            handshake.check(now)
