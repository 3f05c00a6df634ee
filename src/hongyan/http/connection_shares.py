"""Who is connected, by address and network, and who has to go when room is short.

While less than half of all connections are taken, anybody may have as many as they like. Beyond it nobody gets more than a
share, and when all are taken those make room that nobody knows and that are slow: first who takes long over a request, longest
first, then who rests between two. Known is an address that lately proved who it is. A proxy of ours stands for many: it has no
share, and does not make room while it rests.
"""

from collections import Counter
from functools import lru_cache
from ipaddress import ip_address
from typing import Protocol

from hongyan.model.address import place_of

SLOW_S = 1.0
"""What takes less is never cut to make room."""

_AT_ONCE = 64  # of all: so much room is made at once, so that not everybody who comes looks at all connections
_AGAIN_S = 0.25  # after a look that found nobody


KNOWN_MOST = 20_000
"""Addresses that are remembered; the first of them makes room."""


class Known:
    """Addresses that proved who they are."""

    def __init__(self) -> None:
        self._places: dict[str, None] = {}

    def add(self, address: str) -> None:
        place = place_of(address)
        if place not in self._places:
            self._places[place] = None
            if len(self._places) > KNOWN_MOST:
                del self._places[next(iter(self._places))]

    def __contains__(self, address: str) -> bool:
        return place_of(address) in self._places


class Guest(Protocol):
    """A connection, or the handshake before it."""

    @property
    def address(self) -> str:
        """Whom it counts for; "" for a proxy, whose address has no share."""
        ...

    @property
    def client(self) -> str:
        """Whose request this is, behind a proxy too."""
        ...

    def waits_s(self, now: float) -> tuple[bool, float] | None:
        """Whether it takes long over a request, and for how long it waits; None for one that may not be cut."""
        ...

    def abort(self) -> None: ...


class Guests:
    def __init__(self, most: int, per_address: int = 0, per_network: int = 0, known: Known | None = None) -> None:
        """Shared by the listeners that have them together. per_address, per_network: shares; 0 for none"""
        self._most, self._per_address, self._per_network = most, per_address, per_network
        self._known = known or Known()
        self._all: set[Guest] = set()
        self._of: Counter[str] = Counter()
        self._looked_at = -_AGAIN_S

    def __len__(self) -> int:
        return len(self._all)

    def knows(self, address: str) -> bool:
        return address in self._known

    def enter(self, guest: Guest, now: float) -> bool:
        """Count one in, unless there is no room for it."""
        if self._has_too_many(guest.address) or (len(self._all) >= self._most and not self._make_room(now)):
            return False
        self._all.add(guest)
        self.count(guest.address, 1)
        return True

    def leave(self, guest: Guest) -> None:
        if guest in self._all:
            self._all.discard(guest)
            self.count(guest.address, -1)

    def may_begin(self, address: str) -> bool:
        """Whether a body that comes through a proxy may be begun for this client; then it counts for it."""
        return not self._has_too_many(address)

    def count(self, address: str, change: int) -> None:
        for key in _keys(address):
            self._of[key] += change
            if not self._of[key]:
                del self._of[key]

    def _has_too_many(self, address: str) -> bool:
        if not address or 2 * len(self._all) < self._most:
            return False
        place, network = _keys(address)
        shares = (self._of[place], self._per_address), (self._of[network], self._per_network)
        return any(0 < most <= count for count, most in shares)

    def _make_room(self, now: float) -> bool:
        if now - self._looked_at < _AGAIN_S:
            return False
        waiting = [
            (not is_slow, -seconds, guest)
            for guest in self._all
            if (waits := guest.waits_s(now)) is not None and guest.client not in self._known
            for is_slow, seconds in [waits]
            if seconds >= SLOW_S
        ]
        waiting.sort(key=lambda one: one[:2])
        for _, _, guest in waiting[: max(1, self._most // _AT_ONCE)]:
            self.leave(guest)
            guest.abort()
        if not waiting:
            self._looked_at = now
        return bool(waiting)


@lru_cache(maxsize=8_192)
def _keys(address: str) -> tuple[str, ...]:
    """An address as it is counted, and its network: /24 of IPv4, /64 of IPv6, where both are one."""
    if not address:
        return ()
    try:
        version = ip_address(address).version
    except ValueError:
        return address, f"{address}/"
    return place_of(address), f"{address.rpartition('.')[0]}.0/24" if version == 4 else f"{place_of(address)}/"
