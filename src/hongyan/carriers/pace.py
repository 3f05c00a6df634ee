"""How fast a link may send: its rate, pauses after a carrier's "slow down", pauses between attempts to connect. Pure.

Times are seconds of a clock that only moves forward.
"""

from collections import deque
from dataclasses import dataclass, field
from math import inf

from hongyan.http.token_bucket import TokenBucket

_GRAIN_S = 0.005  # events within it are counted at one moment, the last one: so rounding never exceeds a rate
_SOON_S = 0.001
_SQUEEZED_S = 0.015
_MADE_UP_S = 0.25


@dataclass(slots=True)
class Meter:
    """Counts events of the last second, or of another span."""

    span_s: float = 1.0
    _moments: deque[list[float]] = field(default_factory=deque)  # [first, last, count]
    _sum: int = 0

    def add(self, count: int, now: float) -> None:
        self._sum += count
        if self._moments and now - self._moments[-1][0] < _GRAIN_S:
            self.extend_last(now)
            self._moments[-1][2] += count
        else:
            self._moments.append([now, now, count])

    def extend_last(self, now: float) -> None:
        """The events added last happened until now: what was about to be written then is written."""
        if self._moments:
            self._moments[-1][1] = max(self._moments[-1][1], now)

    def within(self, now: float) -> int:
        while self._moments and self._moments[0][1] <= now - self.span_s:
            self._sum -= int(self._moments.popleft()[2])
        return self._sum

    def next_gone_at(self, now: float) -> float:
        """Returns when `within` will be less than now."""
        return self._moments[0][1] + self.span_s if self._moments else now


class Rate:
    """Lets at most `limit` pass in any second, evenly: 50 ms worth at a time, and with a count of the last second.

    If the loop was late, up to a quarter of a second is made up for. The carrier counts what arrives, and the network may squeeze
    it together: so the second is a little longer here than there.
    """

    def __init__(self) -> None:
        self._passed = Meter(1 + _SQUEEZED_S)
        self._bucket: TokenBucket | None = None  # until it is first used

    def take(self, most: int, limit: float, now: float) -> int:
        """Returns how many of `most` may pass now; they count as passed. limit: a second, above 0"""
        burst = _burst(limit)
        if self._bucket is None:
            self._bucket = TokenBucket(burst, now)
        self._bucket.fill(limit, max(1.0, limit * _MADE_UP_S), now)
        has_room = max(0, int(max(1, limit)) - self._passed.within(now))
        taken = self._bucket.take(min(most, int(burst), has_room))
        if taken:
            self._passed.add(taken, now)
        return taken

    def written(self, now: float) -> None:
        """What the last `take` let pass has left. It counts from now: the process may have been stopped between the two."""
        self._passed.extend_last(now)

    def ready_at(self, limit: float, now: float) -> float:
        """Returns when to call `take` again: a fifth of a burst is there, and the last second has room."""
        wanted = max(1.0, _burst(limit) / 5)
        tokens = self._bucket.tokens if self._bucket else 0.0
        filled = now + max(_SOON_S, (wanted - tokens) / limit)
        if self._passed.within(now) < int(max(1, limit)):
            return filled
        return max(filled, self._passed.next_gone_at(now))


def _burst(limit: float) -> float:
    return max(1.0, limit / 20)


_PAUSE_FIRST_S, _PAUSE_MOST_S = 0.1, 1.0
_CAP_LEAST = 10.0  # segments a second: slower rates are kept by the pauses
_CAP_GROWTH = 1.1  # a second
_CAP_FORGOTTEN_S = 60.0


@dataclass(slots=True)
class Throttle:
    """What a link does about answers that say "too fast": it pauses, and then sends more slowly than the carrier last took.

    Pauses grow from 100 ms to 1 s as long as each is followed by another such answer. The cap begins at nine tenths of what was
    accepted in the last second, and grows by a tenth a second until it no longer matters.
    """

    until: float = 0.0
    _pause_s: float = 0.0
    _cap: float = 0.0
    _capped_at: float = 0.0

    def slow_down(self, now: float, accepted_lately: int) -> None:
        """A submit was throttled. Further such answers during the pause belong to the same burst and change nothing."""
        if now < self.until:
            return
        self._pause_s = min(_PAUSE_MOST_S, self._pause_s * 2 or _PAUSE_FIRST_S)
        self.until = now + self._pause_s
        self._cap = max(_CAP_LEAST, accepted_lately * 0.9)
        self._capped_at = now

    def note_accepted(self, now: float) -> None:
        """A submit was accepted."""
        if now >= self.until:
            self._pause_s = 0.0

    def limit(self, configured: int, now: float) -> float:
        """Returns the segments a second that may be sent now; 0: no limit."""
        if self._cap:
            quiet_s = now - self._capped_at
            cap = self._cap * float(_CAP_GROWTH ** min(quiet_s, _CAP_FORGOTTEN_S))
            if quiet_s < _CAP_FORGOTTEN_S and (not configured or cap < configured):
                return cap
            self._cap = 0.0
        return float(configured)


_LATE, _PROMPT = 0.5, 0.25  # shares of the patience for an answer
_WIDENED_A_S = 0.1  # of the whole window, a second


@dataclass(slots=True)
class AdaptiveWindow:
    """How much of its windows a link uses: all, unless answers come so late that some segments are about to be given up.

    An answer that took half of the time-out halves what may be sent without answers, once a round trip. While answers are
    prompt again, it grows by a tenth of the window a second. So a carrier in distress gets less, and not everything twice.
    """

    _share: float = 1.0
    _changed_at: float = 0.0

    def of(self, windows: int) -> int:
        """Returns how many segments may be sent and unanswered."""
        return windows if self._share >= 1 else max(1, int(windows * self._share))

    def note(self, delay_s: float, patience_s: float, now: float) -> None:
        """Note how long an answer took; patience_s if none came in time."""
        if delay_s >= patience_s * _LATE:
            if now - self._changed_at >= min(delay_s, patience_s):
                self._share = max(self._share / 2, 0.001)
                self._changed_at = now
        elif self._share < 1 and delay_s <= patience_s * _PROMPT:
            self._share = min(1.0, self._share + (now - self._changed_at) * _WIDENED_A_S)
            self._changed_at = now


SPREAD_GRAIN_S = 0.001
"""How many segments leave together when a window is spread, and how often: what the timers of a loop can do."""

_SPREAD_FROM_S = 0.004  # a clock of milliseconds shows nothing shorter
_SPREAD_OVER = 0.4  # of a round trip
_ROUND_TRIP_KEPT_S = 10.0


@dataclass(slots=True)
class BurstSmoother:
    """Lets a window leave over two fifths of a round trip instead of at once, if answers take long.

    A burst of segments is answered as a burst, and the line is idle while each end works through it. When they are spread, both
    ends work while other segments are on their way. The round trip is the shortest one of the last ten seconds or so.
    """

    _round_trip_s: float = inf
    _shortest_s: float = inf  # of the round trips that are noted now
    _since: float = 0.0
    _bucket: TokenBucket = field(default_factory=TokenBucket)

    def note(self, delay_s: float, now: float) -> None:
        """Note how long an answer took."""
        self._shortest_s = min(self._shortest_s, delay_s)
        self._round_trip_s = min(self._round_trip_s, delay_s)
        if now - self._since > _ROUND_TRIP_KEPT_S:
            self._round_trip_s, self._shortest_s, self._since = self._shortest_s, inf, now

    def take(self, most: int, window: int, now: float) -> int:
        """Returns how many of `most` may leave now. window: segments that may be unanswered"""
        if not _SPREAD_FROM_S <= self._round_trip_s < inf:
            return most
        rate = window / (self._round_trip_s * _SPREAD_OVER)
        self._bucket.fill(rate, max(1.0, rate * SPREAD_GRAIN_S), now)
        return self._bucket.take(most)


@dataclass(slots=True)
class Backoff:
    """Pauses between attempts to connect: they double, with jitter, so that many links do not connect at once."""

    first_s: float = 1.0
    most_s: float = 60.0
    refused_s: float = 60.0
    _failures: int = 0

    def after_success(self) -> None:
        self._failures = 0

    def next_s(self, chance: float, *, is_refused: bool) -> float:
        """chance: 0 to 1; is_refused: the login was refused, and more attempts would lock the account"""
        pause = min(self.most_s, self.first_s * 2.0 ** min(self._failures, 30))
        self._failures += 1
        jittered = pause * (0.5 + chance / 2)
        return max(jittered, self.refused_s * (1 + chance / 4)) if is_refused else jittered
