"""How fast accounts may submit over all their sessions of this process."""

from collections.abc import Callable
from dataclasses import dataclass

from hongyan.model.account import Account

_BURST_S = 1.0
"""An account that paused may make up for so much."""


@dataclass(slots=True)
class _AccountRate:
    tokens: float
    filled_at: float


class SubmitRate:
    def __init__(self, clock: Callable[[], float]) -> None:
        """clock: seconds of a clock that only moves forward"""
        self._clock = clock
        self._buckets: dict[int, _AccountRate] = {}  # as many as accounts with a rate

    def take(self, account: Account) -> bool:
        """Count one submit in; returns False when the account is too fast."""
        rate = account.session_rate
        if not rate:
            return True
        now, most = self._clock(), rate * _BURST_S
        bucket = self._buckets.setdefault(account.id, _AccountRate(most, now))
        bucket.tokens = min(most, bucket.tokens + (now - bucket.filled_at) * rate)
        bucket.filled_at = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True
