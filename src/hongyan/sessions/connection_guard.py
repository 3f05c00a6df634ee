"""Who may connect to one listener: addresses first, then the bounds of the listener and of all listeners together.

A connection that has not logged in is closed if there is no place for another one, the oldest first.
"""

import asyncio

import structlog

from hongyan.http.address import is_within, networks
from hongyan.http.connection_shares import ConnectionShares, Peer
from hongyan.http.tls import Handshake
from hongyan.model.listener import Listener
from hongyan.sessions.reconnect_limit import ReconnectLimit

log = structlog.get_logger(__name__)

_FULL = "there are too many connections"


class ConnectionGuard:
    """Implements http.tls.ConnectionGuard."""

    def __init__(self, listener: Listener, shares: ConnectionShares, reconnects: ReconnectLimit) -> None:
        """shares, reconnects: of all listeners together. raises: ValueError for a wrong address list"""
        self.loop = asyncio.get_running_loop()
        self.handshakes: set[Handshake] = set()
        self.refused = 0
        self._unlogged: dict[str, tuple[int, str]] = {}  # by reason: how many were refused, and the last address
        self._shares, self._reconnects = shares, reconnects
        self._own = ConnectionShares(listener.connections_most)
        self.retune(listener)

    def retune(self, listener: Listener) -> None:
        """Use this row from now on."""
        self._listener = listener
        self._allowed = networks(listener.ip_list)
        self._own.most = listener.connections_most

    @property
    def handshake_s(self) -> float:
        return self._listener.login_within_s

    def trusts(self, address: str) -> bool:  # noqa: ARG002  no proxy of ours speaks these protocols
        return False

    def admits(self, address: str) -> bool:
        """Returns whether another connection of this address may come; asked before anything is made for it."""
        return self.may_connect(address) and self._has_room(address)

    def may_connect(self, address: str) -> bool:
        if self._allowed and not (address and is_within(address, self._allowed)):
            self._refuse(address, "its address is not listed")
            return False
        if not self._allowed and not self._reconnects.may_come(address):  # an address on the list may stand for many customers
            self._refuse(address, "it comes too often")
            return False
        return True

    def _has_room(self, address: str) -> bool:
        now = self.loop.time()
        if self._own.has_room(address, now) and self._shares.has_room(address, now):
            return True
        self._refuse(address, _FULL)
        return False

    def turn_s(self, address: str) -> float:  # noqa: ARG002  who comes too often is refused
        return 0.0

    def note_fault(self, address: str, what: str) -> None:
        """A connection that ended in its handshake is counted like any other, by `count_ended`."""

    def enter(self, peer: Peer) -> bool:
        now = self.loop.time()
        if self._own.enter(peer, now):
            if self._shares.enter(peer, now):
                return True
            self._own.leave(peer)
        self._refuse(peer.address, _FULL)
        return False

    def leave(self, peer: Peer) -> None:
        self._own.leave(peer)
        self._shares.leave(peer)

    def count_ended(self, address: str) -> None:
        """Count a connection that has ended, also in its TLS handshake: an address may not come too often."""
        self._reconnects.left(address)

    def check(self) -> None:
        """End handshakes that take too long, and log who was refused. Called once a second."""
        now = self.loop.time()
        for handshake in list(self.handshakes):
            handshake.check(now)
        self._log_refused()

    def _log_refused(self) -> None:
        """One line for many: to write one takes longer than to refuse a connection."""
        listener = self._listener.name
        for why, (count, address) in self._unlogged.items():
            log.warning("session_refused", listener=listener, peer=address, count=count, why=why, limit_by=("listener", "why"))
        self._unlogged.clear()

    def _refuse(self, address: str, why: str) -> None:
        self.refused += 1
        self._unlogged[why] = (self._unlogged.get(why, (0, ""))[0] + 1, address)
