"""The numbers of a day's tasks, taken in blocks."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from hongyan.model.ids import DAY_MS, china_day

TASK_BLOCK = 10_000
"""Task numbers that are taken from a day's counter at once."""

LOW_WATER = TASK_BLOCK // 2
_CHINA = timedelta(hours=8)


class TaskNumbers:
    """The numbers of a day's tasks, from the day's counter, taken in blocks after their commit. `model.ids` makes ids of them."""

    def __init__(self, take_block: Callable[[str], Awaitable[int]]) -> None:
        """take_block: returns the first number of a block of a day, after its commit"""
        self._take_block = take_block
        self._day = ""
        self._day_ends_ms = 0
        self._next = 0
        self._ends: list[tuple[int, int]] = []  # blocks: first number, number after the last
        self._refill: asyncio.Task[None] | None = None

    def next(self, now_ms: int) -> tuple[str, int] | None:
        """Returns the day and the next number of its tasks; None if the lane must be asked first."""
        if now_ms >= self._day_ends_ms or not self._ends:
            return None
        start, end = self._ends[0]
        number = max(self._next, start)
        self._next = number + 1
        if self._next >= end:
            self._ends.pop(0)
            self._next = 0
        if len(self._ends) < 2 and end - number < LOW_WATER:
            self._more()
        return self._day, number

    async def take(self, now_ms: int) -> tuple[str, int]:
        """The same; waits for the first block of a process and of a day."""
        while (taken := self.next(now_ms)) is None:
            if now_ms >= self._day_ends_ms:
                await self._begin(china_day(now_ms))
                self._day_ends_ms = next_day_ms(now_ms)
            else:
                await self._more()
        return taken

    async def _begin(self, day: str) -> None:
        first = await self._take_block(day)
        if day != self._day:  # another request may have begun the day while we waited
            self._day, self._ends, self._next = day, [], 0
        self._ends.append((first, first + TASK_BLOCK))

    def _more(self) -> "asyncio.Task[None]":
        if self._refill is None or self._refill.done():
            self._refill = asyncio.ensure_future(self._add_block(self._day))
        return self._refill

    async def _add_block(self, day: str) -> None:
        first = await self._take_block(day)
        if day == self._day:  # otherwise the day ended meanwhile, and the block with it
            self._ends.append((first, first + TASK_BLOCK))


def next_day_ms(now_ms: int) -> int:
    """Returns when the next day begins in China."""
    shift = _CHINA // timedelta(milliseconds=1)
    return ((now_ms + shift) // DAY_MS + 1) * DAY_MS - shift
