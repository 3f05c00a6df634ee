"""What strangers cause goes into the log now and then: nobody fills it, however many they are."""

import asyncio

AGAIN_S = 60.0
"""Between two lines about the same address."""

ADDRESSES_MOST = 64
"""About which there are lines at a time; while there are so many, others wait."""


class LogPace:
    def __init__(self) -> None:
        self._told_at: dict[str, float] = {}  # in the order of their times

    def passes(self, address: str) -> bool:
        """Whether something about this address is told now."""
        now = asyncio.get_running_loop().time()
        while self._told_at and now - next(iter(self._told_at.values())) >= AGAIN_S:
            del self._told_at[next(iter(self._told_at))]
        if address in self._told_at or len(self._told_at) >= ADDRESSES_MOST:
            return False
        self._told_at[address] = now
        return True
