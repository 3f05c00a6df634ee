"""A customer's connection on its socket: the listener's guard admits it, and it counts there until it ends.

Customers that are held back, or have not logged in yet, are read a little at a time.
"""

import asyncio

from hongyan.http.address import socket_address
from hongyan.sessions.conduct import Conduct
from hongyan.sessions.connection_guard import ConnectionGuard
from hongyan.sockets.connection import Connection, Owner
from hongyan.wire.session import Limits
from hongyan.wire.state import ProtocolState, Role

_WRITE_OCTETS = 64 * 1024
"""The most octets that are written and not taken by the customer. Beyond that nothing is sent and nothing is read."""

TURNED_AWAY_S = 1.0
"""How long a connection that is not admitted stays open, so that a program that reconnects at once does not do so faster."""

_PIECE_OCTETS, _HELD_OCTETS = 4 * 1024, 1024
"""Octets that are handled in one turn of the loop: some thirty submits. All other work waits meanwhile."""


class CustomerConnection(Connection):
    """Implements http.connection_shares.Peer."""

    def __init__(self, owner: Owner, protocol_state: ProtocolState, limits: Limits, connection_guard: ConnectionGuard) -> None:
        super().__init__(owner, protocol_state, limits, role=Role.CENTRE)
        self._connection_guard = connection_guard
        self._since = connection_guard.loop.time()
        self.client = self.address = ""
        self._is_turned_away = False
        self.conduct: Conduct | None = None
        """The conduct of its account, once it is logged in."""

    @property
    def piece_octets(self) -> int:
        return _HELD_OCTETS if self.conduct is None or self.conduct.is_held else _PIECE_OCTETS

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.client = self.address = socket_address(transport.get_extra_info("peername"))[0]
        if not (self._connection_guard.may_connect(self.client) and self._connection_guard.enter(self)):
            self._turn_away()
            return
        self.over.add_done_callback(lambda _: self._connection_guard.leave(self))
        assert self._transport is not None
        self._transport.set_write_buffer_limits(high=_WRITE_OCTETS)

    def _turn_away(self) -> None:
        if not self._connection_guard.may_stay_open():
            self.abort()
            return
        self._is_turned_away = True
        self.over.add_done_callback(lambda _: self._connection_guard.is_gone())
        self._loop.call_later(TURNED_AWAY_S, self.abort)

    def data_received(self, data: bytes) -> None:
        """Who is not let in is not heard. It is read until it says something, so that one which leaves leaves its place to others."""
        if not self._is_turned_away:
            super().data_received(data)
        elif self._transport is not None:
            self._transport.pause_reading()

    def connection_lost(self, error: Exception | None) -> None:
        is_held = self.conduct is not None and self.conduct.is_held
        self._unhandled = b"" if is_held else self._unhandled[: self.piece_octets]  # a connection that broke may have left much
        super().connection_lost(error)

    def waits_s(self, now: float) -> tuple[bool, float] | None:
        """Returns None once it is logged in: then it is never closed to make room."""
        return None if self.has_been_up else (True, now - self._since)
