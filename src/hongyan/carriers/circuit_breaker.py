"""Stops a link whose carrier refuses everything: our account there is suspended, has no balance, or is configured otherwise."""

import asyncio
from collections.abc import Callable

from hongyan.carriers.dialer import Timing
from hongyan.carriers.pace import Backoff


class CircuitBreaker:
    """Nothing is sent while it is open. Each time it stays open for longer, until something is accepted."""

    def __init__(self, timing: Timing, chance: Callable[[], float], closed: Callable[[], None]) -> None:
        """closed: called when it closes by itself, not after `reset`. chance: 0 to 1, for jitter"""
        self.trouble: str = ""
        """What the carrier answered, until it accepts something."""
        self._backoff = Backoff(timing.first_pause_s, timing.most_pause_s)
        self._chance, self._closed = chance, closed
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        return self._timer is not None

    def trip(self, trouble: str) -> None:
        """Open it. While it is open, answers to what was sent before change nothing."""
        if self._timer is None:
            self.trouble = trouble
            pause_s = self._backoff.next_s(self._chance(), is_refused=False)
            self._timer = asyncio.get_running_loop().call_later(pause_s, self._close)

    def reset(self) -> None:
        """Close it, since a change may have mended the cause."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._backoff.after_success()

    def note_success(self) -> None:
        """The carrier accepted a segment."""
        if self.trouble:
            self.trouble = ""
            self._backoff.after_success()

    def _close(self) -> None:
        self._timer = None
        self._closed()
