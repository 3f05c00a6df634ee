"""How many connections each address and each network may have, and which are closed if there is no room for another.

While less than half of all connections are taken, an address may have any number of them. Beyond that, no address and no
network gets more than its share. When all are taken, unknown and slow peers are closed: first those that take longest over a
request, then those that are idle longest. An address is known if it lately proved a secret. One of our own proxies carries
many clients: it has no share, and is not closed while it is idle.
"""

from collections import Counter
from functools import lru_cache
from ipaddress import ip_address
from typing import Protocol

from hongyan.http.address import address_block

SLOW_S = 1.0
"""By default a peer that waits for less is not closed to make room."""

KNOWN_MOST = 20_000
"""The most known addresses; the oldest one is forgotten first."""

_CLOSED_PART = 64  # so that not every new connection has to look at all others, one of 64 connections is closed at once
_RETRY_S = 0.25  # after a search that found nobody to close


class KnownAddresses:
    """Addresses that lately proved a secret."""

    def __init__(self) -> None:
        self._blocks: dict[str, None] = {}

    def add(self, address: str) -> None:
        block = address_block(address)
        if block not in self._blocks:
            self._blocks[block] = None
            if len(self._blocks) > KNOWN_MOST:
                del self._blocks[next(iter(self._blocks))]

    def __contains__(self, address: str) -> bool:
        return address_block(address) in self._blocks


class Peer(Protocol):
    """The other side of a connection, or of the TLS handshake before it."""

    @property
    def address(self) -> str:
        """The address whose share the connection takes from; "" for a proxy of ours, which has none."""
        ...

    @property
    def client(self) -> str:
        """The address of the client, behind a proxy of ours too."""
        ...

    def waits_s(self, now: float) -> tuple[bool, float] | None:
        """Whether it is slow over a request (else it is idle), and for how many seconds; None when it may not be closed."""
        ...

    def abort(self) -> None: ...


class ConnectionShares:
    """The connections of one listener, or of several that share them."""

    def __init__(
        self,
        most: int,
        per_address: int = 0,
        per_network: int = 0,
        known: KnownAddresses | None = None,
        closable_s: float | None = None,
    ) -> None:
        """per_address, per_network: their shares; 0 for no limit. closable_s: a peer that waits for less is not closed; None: SLOW_S"""
        self.most, self._per_address, self._per_network = most, per_address, per_network
        self._known = known or KnownAddresses()
        self._closable_s = SLOW_S if closable_s is None else closable_s
        self._peers: set[Peer] = set()
        self._counts: Counter[str] = Counter()  # by address block and by network
        self._searched_at = -_RETRY_S

    def __len__(self) -> int:
        return len(self._peers)

    def knows(self, address: str) -> bool:
        return address in self._known

    def enter(self, peer: Peer, now: float) -> bool:
        """Count a peer in; returns False when there is no room for it."""
        if not self.has_room(peer.address, now):
            return False
        self._peers.add(peer)
        self.count(peer.address, 1)
        return True

    def has_room(self, address: str, now: float) -> bool:
        """Returns whether a peer of this address may enter. If all are taken, others are closed for it."""
        return not self._has_its_share(address) and (len(self._peers) < self.most or self._make_room(now))

    def leave(self, peer: Peer) -> None:
        if peer in self._peers:
            self._peers.discard(peer)
            self.count(peer.address, -1)

    def may_begin(self, address: str) -> bool:
        """Whether a client behind a proxy may begin another body; the caller then counts it."""
        return not self._has_its_share(address)

    def count(self, address: str, change: int) -> None:
        for key in _keys(address):
            self._counts[key] += change
            if not self._counts[key]:
                del self._counts[key]

    def _has_its_share(self, address: str) -> bool:
        if not address or 2 * len(self._peers) < self.most:
            return False
        block, network = _keys(address)
        shares = (self._counts[block], self._per_address), (self._counts[network], self._per_network)
        return any(0 < most <= count for count, most in shares)

    def _make_room(self, now: float) -> bool:
        """Close unknown peers that wait; returns whether there were any."""
        if now - self._searched_at < _RETRY_S:
            return False
        waiting = [
            (not is_slow, -seconds, peer)
            for peer in self._peers
            if (waits := peer.waits_s(now)) is not None and peer.client not in self._known
            for is_slow, seconds in [waits]
            if seconds >= self._closable_s
        ]
        waiting.sort(key=lambda one: one[:2])
        for _, _, peer in waiting[: max(1, self.most // _CLOSED_PART)]:
            self.leave(peer)
            peer.abort()
        if not waiting:
            self._searched_at = now
        return bool(waiting)


@lru_cache(maxsize=8_192)
def _keys(address: str) -> tuple[str, ...]:
    """The block of an address and its network: the /24 of IPv4; for IPv6 both are the /64."""
    if not address:
        return ()
    try:
        version = ip_address(address).version
    except ValueError:
        return address, f"{address}/"
    return address_block(address), f"{address.rpartition('.')[0]}.0/24" if version == 4 else f"{address_block(address)}/"
