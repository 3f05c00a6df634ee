"""How fast a link may go: rate, pauses after a carrier's "slow down", pauses between attempts to connect. Pure.

Times are seconds of a clock that only moves forward.
"""

from collections import deque
from dataclasses import dataclass, field

_GRAIN_S = 0.005  # what happens within it is counted as one moment, the last one: a rate is never exceeded by rounding
_SOON_S = 0.001
_ROUNDING = 1e-6  # of a token: a sum of fractions is not kept waiting for its last bit


@dataclass(slots=True)
class Meter:
    """How many within the last second."""

    _moments: deque[list[float]] = field(default_factory=deque)  # [first, last, count]
    _sum: int = 0

    def add(self, count: int, now: float) -> None:
        self._sum += count
        if self._moments and now - self._moments[-1][0] < _GRAIN_S:
            self._moments[-1][1] = now
            self._moments[-1][2] += count
        else:
            self._moments.append([now, now, count])

    def within(self, now: float) -> int:
        while self._moments and self._moments[0][1] <= now - 1:
            self._sum -= int(self._moments.popleft()[2])
        return self._sum

    def next_gone_at(self, now: float) -> float:
        """When `within` will be less than it is now."""
        return self._moments[0][1] + 1 if self._moments else now


class Rate:
    """Lets at most `limit` pass in any second, evenly: a bucket of 50 ms worth of tokens, and a count of the last second."""

    def __init__(self) -> None:
        self._passed = Meter()
        self._tokens = 0.0
        self._filled_at: float | None = None

    def take(self, most: int, limit: float, now: float) -> int:
        """How many of `most` may pass now; they count as passed. limit: a second, above 0."""
        burst = _burst(limit)
        since = now - self._filled_at if self._filled_at is not None else burst / limit
        self._tokens = min(burst, self._tokens + since * limit)
        self._filled_at = now
        taken = min(most, int(self._tokens + _ROUNDING), max(0, int(max(1, limit)) - self._passed.within(now)))
        if taken:
            self._tokens -= taken
            self._passed.add(taken, now)
        return taken

    def ready_at(self, limit: float, now: float) -> float:
        """When `take` is worth another try: a fifth of the bucket is there, and the last second has room."""
        wanted = max(1.0, _burst(limit) / 5)
        filled = now + max(_SOON_S, (wanted - self._tokens) / limit)
        if self._passed.within(now) < int(max(1, limit)):
            return filled
        return max(filled, self._passed.next_gone_at(now))


def _burst(limit: float) -> float:
    return max(1.0, limit / 20)


_PAUSE_FIRST_S, _PAUSE_MOST_S = 0.1, 1.0
_CAP_LEAST = 10.0  # a second: what is slower is held by the pauses
_CAP_GROWTH = 1.1  # a second
_CAP_FORGOTTEN_S = 60.0


@dataclass(slots=True)
class Throttle:
    """What a link does about answers that say "too fast": it pauses, and then keeps below what the carrier last took.

    Pauses grow from 100 ms to 1 s as long as each is followed by another such answer. The cap begins at nine tenths of
    what was accepted in the last second and grows by a tenth a second until it no longer matters.
    """

    until: float = 0.0
    _pause_s: float = 0.0
    _cap: float = 0.0
    _capped_at: float = 0.0

    def slow_down(self, now: float, accepted_lately: int) -> None:
        """A submit was throttled. Answers to the same burst, which come while we pause already, change nothing."""
        if now < self.until:
            return
        self._pause_s = min(_PAUSE_MOST_S, self._pause_s * 2 or _PAUSE_FIRST_S)
        self.until = now + self._pause_s
        self._cap = max(_CAP_LEAST, accepted_lately * 0.9)
        self._capped_at = now

    def went_well(self, now: float) -> None:
        """A submit was accepted."""
        if now >= self.until:
            self._pause_s = 0.0

    def limit(self, configured: int, now: float) -> float:
        """Segments a second now; 0 is no limit."""
        if self._cap:
            quiet_s = now - self._capped_at
            cap = self._cap * float(_CAP_GROWTH ** min(quiet_s, _CAP_FORGOTTEN_S))
            if quiet_s < _CAP_FORGOTTEN_S and (not configured or cap < configured):
                return cap
            self._cap = 0.0
        return float(configured)


@dataclass(slots=True)
class Backoff:
    """Pauses between attempts to connect: doubling, with jitter, so that many links do not knock at once."""

    first_s: float = 1.0
    most_s: float = 60.0
    refused_s: float = 60.0
    _failures: int = 0

    def after_success(self) -> None:
        self._failures = 0

    def next_s(self, chance: float, *, is_refused: bool) -> float:
        """chance: 0 to 1; is_refused: the credentials were, and knocking on would lock the account"""
        pause = min(self.most_s, self.first_s * 2.0 ** min(self._failures, 30))
        self._failures += 1
        jittered = pause * (0.5 + chance / 2)
        return max(jittered, self.refused_s * (1 + chance / 4)) if is_refused else jittered
