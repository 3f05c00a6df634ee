"""How fast any link sends what it has queued: by the carrier's answers and the rate, with an alarm for the next try."""

import asyncio
from collections.abc import Callable
from math import ceil

from hongyan.carriers.pace import SPREAD_GRAIN_S, BurstSmoother, Meter, Rate, Throttle

ROOM_MOST = 10_000
"""The most segments that a link wants queued, however fast it is."""

_AHEAD_S = 2  # seconds of its rate that a link wants queued


class SendGate:
    """Times are seconds of the event loop; `configured` is the channel's rate in segments a second, 0 for none."""

    def __init__(self, ring: Callable[[], None]) -> None:
        """ring: called when more may pass than at the last try"""
        self._call = ring
        self._rate = Rate()
        self._smoother = BurstSmoother()
        self._throttle = Throttle()
        self._answers = Meter()
        self._alarm: asyncio.Handle | None = None
        self._alarm_at = 0.0  # uvloop's handles do not show it: one that is due at once is no timer

    def let_pass(self, count: int, configured: int, now: float, crowded: int = 0) -> int:
        """Returns how many of so many may pass by the carrier's answers and the rate; an alarm is set for the others.

        crowded: the window of a link with more queued than it holds, so that it is filled again and again
        """
        if now < self._throttle.until:
            self._wake_at(self._throttle.until)
            return 0
        if crowded:
            let_go = self._smoother.take(count, crowded, now)
            if let_go < count:
                self._wake_at(now + SPREAD_GRAIN_S)
            count = let_go
        limit = self._throttle.limit(configured, now)
        if not limit:
            return count
        passed = self._rate.take(count, limit, now)
        if passed < count:
            self._wake_at(self._rate.ready_at(limit, now))
        return passed

    def written(self, now: float) -> None:
        """What passed last has left; now: the clock's, not the loop's, which stands still while it works."""
        self._rate.written(now)

    def wanted(self, least: int, configured: int, now: float) -> int:
        """Returns how many segments to have queued: what two seconds take at the current speed, but at least so many."""
        wanted = max(least, _AHEAD_S * self._answers.within(now))
        limit = self._throttle.limit(configured, now)
        return min(ROOM_MOST, wanted, ceil(limit * _AHEAD_S) if limit else wanted)

    def answered(self, count: int, now: float) -> None:
        """Count segments that were answered, accepted or not."""
        self._answers.add(count, now)

    def delayed(self, delay_s: float, now: float) -> None:
        """Note how long an answer took."""
        self._smoother.note(delay_s, now)

    def note_accepted(self, now: float) -> None:
        """The carrier accepted a segment."""
        self._throttle.note_accepted(now)

    def forget(self) -> None:
        """Forget that the carrier said "too fast", since the channel was changed."""
        self._throttle = Throttle()

    def slow_down(self, now: float) -> None:
        """The carrier said "too fast"."""
        self._throttle.slow_down(now, self._answers.within(now))

    def close(self) -> None:
        """Cancel the alarm."""
        if self._alarm is not None:
            self._alarm.cancel()

    def _wake_at(self, when: float) -> None:
        if self._alarm is not None:
            if self._alarm_at <= when:
                return
            self._alarm.cancel()
        self._alarm, self._alarm_at = asyncio.get_running_loop().call_at(when, self._on_alarm), when

    def _on_alarm(self) -> None:
        self._alarm = None
        self._call()
