"""How fast accounts may submit over all their sessions of this process."""

from collections.abc import Callable

from hongyan.http.token_bucket import TokenBucket
from hongyan.model.account import Account

_BURST_S = 1.0
"""How much time without submits an account may make up for."""


class SubmitRate:
    def __init__(self, clock: Callable[[], float]) -> None:
        """clock: seconds of a clock that only moves forward"""
        self._clock = clock
        self._buckets: dict[int, TokenBucket] = {}  # one for each account with a rate

    def take(self, account: Account) -> bool:
        """Count one submit; returns False if the account is too fast."""
        rate = account.session_rate
        if not rate:
            return True
        now, most = self._clock(), rate * _BURST_S
        bucket = self._buckets.setdefault(account.id, TokenBucket(most, now))
        bucket.fill(rate, most, now)
        return bucket.take(1) == 1
