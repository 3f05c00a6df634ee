"""How often an address may connect: its ended connections are counted, and an address that comes too often is refused at once."""

from collections.abc import Callable

from hongyan.http.address import address_block
from hongyan.http.token_bucket import TokenBucket

FREE_RECONNECTS = 200
"""So many sessions may break off and connect again at once."""

RECONNECTS_A_SECOND = 1
"""The rate at which an address that used these up may connect."""

ADDRESSES_MOST = 10_000
"""Addresses that are remembered; the oldest one is forgotten first."""


class ReconnectLimit:
    """The counts of all listeners of a process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """clock: seconds of a clock that only moves forward"""
        self._clock = clock
        self._free: dict[str, TokenBucket] = {}

    def may_come(self, address: str) -> bool:
        free = self._free.get(address_block(address))
        if free is None:
            return True
        free.fill(RECONNECTS_A_SECOND, FREE_RECONNECTS, self._clock())
        return free.tokens >= 1

    def left(self, address: str) -> None:
        """Count a connection of this address that has ended."""
        block = address_block(address)
        if block not in self._free and len(self._free) >= ADDRESSES_MOST:
            del self._free[next(iter(self._free))]
        free = self._free.setdefault(block, TokenBucket(FREE_RECONNECTS, self._clock()))
        free.fill(RECONNECTS_A_SECOND, FREE_RECONNECTS, self._clock())
        free.tokens = max(0.0, free.tokens - 1)
