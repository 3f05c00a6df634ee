"""What a simulated carrier does later: answers, reports, tries again."""

import asyncio
import heapq
from collections.abc import Callable
from itertools import count
from math import inf
from typing import Any


class DelayedCalls:
    """Calls in the order of their times, on one timer of the event loop."""

    def __init__(self, settle: Callable[[], None]) -> None:
        """settle: called after those that were due at the same time"""
        self._settle = settle
        self._calls: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._turn = count(1)
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = inf

    def __len__(self) -> int:
        return len(self._calls)

    def after(self, seconds: float, call: Callable[..., None], *facts: Any) -> None:
        """Call it after some seconds; at once for none."""
        if seconds <= 0:
            call(*facts)
            return
        due = asyncio.get_running_loop().time() + seconds
        heapq.heappush(self._calls, (due, next(self._turn), call, facts))
        if self._calls[0][0] < self._timer_due:
            self._set_timer()

    def clear(self) -> None:
        """Forget what was to come."""
        self._calls.clear()
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_due = self._calls[0][0] if self._calls else inf
        self._timer = asyncio.get_running_loop().call_at(self._timer_due, self._call_due) if self._calls else None

    def _call_due(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._calls and self._calls[0][0] <= now:
            _, _, call, facts = heapq.heappop(self._calls)
            call(*facts)
        self._settle()
        self._timer = None
        self._set_timer()
