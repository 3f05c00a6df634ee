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
        self._refill_day = ""

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
            self._more(now_ms)
        return self._day, number

    async def take(self, now_ms: int) -> tuple[str, int]:
        """The same; waits for the first block of a process and of a day. Those who wait are served in their order."""
        while (taken := self.next(now_ms)) is None:
            await asyncio.shield(self._more(now_ms))
        return taken

    def _more(self, now_ms: int) -> "asyncio.Task[None]":
        """Returns what takes the next block: the same for all who wait for it."""
        day = max(china_day(now_ms), self._day)  # a clock may step back over midnight
        if self._refill is None or self._refill.done() or self._refill_day != day:
            self._refill, self._refill_day = asyncio.ensure_future(self._add_block(day, next_day_ms(now_ms))), day
            self._refill.add_done_callback(_hear)
        return self._refill

    async def _add_block(self, day: str, day_ends_ms: int) -> None:
        first = await self._take_block(day)
        if day > self._day:
            self._day, self._day_ends_ms, self._ends, self._next = day, day_ends_ms, [], 0
        if day == self._day:  # otherwise the day ended meanwhile, and the block with it
            self._ends.append((first, first + TASK_BLOCK))


def _hear(done: "asyncio.Task[None]") -> None:
    """Take note of a failure, also where nobody waits for the block: the lane logged it, and the next number asks again."""
    if not done.cancelled():
        done.exception()


def next_day_ms(now_ms: int) -> int:
    """Returns when the next day begins in China."""
    shift = _CHINA // timedelta(milliseconds=1)
    return ((now_ms + shift) // DAY_MS + 1) * DAY_MS - shift
