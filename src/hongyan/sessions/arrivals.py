"""How often an address may come: its connections that are over are counted, and one that comes too often is refused at once."""

from collections.abc import Callable

from hongyan.http.address import address_block
from hongyan.sockets.token_bucket import TokenBucket

FREE_ARRIVALS = 200
"""As many sessions may break off and come again at once."""

ARRIVALS_A_SECOND = 1
"""Of an address that used these up."""

ADDRESSES_MOST = 10_000
"""Remembered; the oldest is forgotten first."""


class Arrivals:
    """Of all listeners of a process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """clock: seconds of a clock that only moves forward"""
        self._clock = clock
        self._free: dict[str, TokenBucket] = {}

    def may_come(self, address: str) -> bool:
        free = self._free.get(address_block(address))
        if free is None:
            return True
        free.fill(ARRIVALS_A_SECOND, FREE_ARRIVALS, self._clock())
        return free.tokens >= 1

    def left(self, address: str) -> None:
        """A connection of this address is over."""
        block = address_block(address)
        if block not in self._free and len(self._free) >= ADDRESSES_MOST:
            del self._free[next(iter(self._free))]
        free = self._free.setdefault(block, TokenBucket(FREE_ARRIVALS, self._clock()))
        free.fill(ARRIVALS_A_SECOND, FREE_ARRIVALS, self._clock())
        free.tokens = max(0.0, free.tokens - 1)
