"""The rest of a link whose carrier refuses everything: our account there is suspended, spent, or told otherwise than we think."""

import asyncio
from collections.abc import Callable

from hongyan.carriers.dialer import Timing
from hongyan.carriers.pace import Backoff


class Rest:
    """Nothing is sent while it is on; each is longer than the last one, until something is accepted."""

    def __init__(self, timing: Timing, chance: Callable[[], float], over: Callable[[], None]) -> None:
        """over: called when the time is over; not when the rest is ended. chance: 0 to 1, for jitter"""
        self.trouble = ""
        """What the carrier said, until it accepts something."""
        self._backoff = Backoff(timing.first_pause_s, timing.most_pause_s)
        self._chance, self._over = chance, over
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def is_on(self) -> bool:
        return self._alarm is not None

    def begin(self, trouble: str) -> None:
        """Answers to what had left before change nothing."""
        if self._alarm is None:
            self.trouble = trouble
            pause_s = self._backoff.next_s(self._chance(), is_refused=False)
            self._alarm = asyncio.get_running_loop().call_later(pause_s, self._ring)

    def end(self) -> None:
        """Something was changed that may mend it."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._backoff.after_success()

    def went_well(self) -> None:
        """The carrier accepted a segment."""
        if self.trouble:
            self.trouble = ""
            self._backoff.after_success()

    def _ring(self) -> None:
        self._alarm = None
        self._over()
