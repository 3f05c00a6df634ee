"""A customer's connection on its socket. It counts at the listener's guard until it ends.

Customers that are held back, or have not logged in yet, are read a little at a time.
"""

import asyncio

from hongyan.http.penalty import Penalty
from hongyan.sessions.connection_guard import ConnectionGuard
from hongyan.sockets.connection import Connection, Owner
from hongyan.wire.session import Limits
from hongyan.wire.state import ProtocolState, Role

_WRITE_OCTETS = 64 * 1024
"""The most octets that are written and not taken by the customer. Beyond that nothing is sent and nothing is read."""

_PIECE_OCTETS, _HELD_OCTETS = 4 * 1024, 1024
"""Octets that are handled in one turn of the loop: some thirty submits. All other work waits meanwhile."""


class CustomerConnection(Connection):
    """Implements http.connection_shares.Peer."""

    def __init__(
        self, owner: Owner, protocol_state: ProtocolState, limits: Limits, connection_guard: ConnectionGuard, client: str
    ) -> None:
        """client: its IP address"""
        super().__init__(owner, protocol_state, limits, role=Role.CENTRE)
        self._connection_guard = connection_guard
        self._since = connection_guard.loop.time()
        self.client = self.address = client
        self.session.answers_first = True
        self.over.add_done_callback(lambda _: connection_guard.count_ended(client))
        self.penalty: Penalty | None = None
        """The penalty of its account, once it is logged in."""

    @property
    def piece_octets(self) -> int:
        return _HELD_OCTETS if self.penalty is None or self.penalty.is_held else _PIECE_OCTETS

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if not self._connection_guard.enter(self):
            self.abort()
            return
        self.over.add_done_callback(lambda _: self._connection_guard.leave(self))
        assert self._transport is not None
        self._transport.set_write_buffer_limits(high=_WRITE_OCTETS)

    def flush(self) -> None:
        """Write what is ready. A customer who wants to leave goes with its last answer, or when its time for that is up."""
        super().flush()
        if not self.session.is_left:
            return
        if self.session.may_go:
            self._report(self.session.let_go())
        else:
            self._set_timer()

    def connection_lost(self, error: Exception | None) -> None:
        is_held = self.penalty is not None and self.penalty.is_held
        reader = self._reader
        reader.octets = b"" if is_held else reader.octets[: self.piece_octets]  # a connection that broke may have left much
        super().connection_lost(error)

    def waits_s(self, now: float) -> tuple[bool, float] | None:
        """Returns None once it is logged in: then it is never closed to make room."""
        return None if self.has_been_up else (True, now - self._since)
