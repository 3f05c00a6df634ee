"""A token bucket: how much may pass at a rate. Pure; times are seconds of a clock that only moves forward."""

from dataclasses import dataclass

_ROUNDING = 1e-6  # of a token: fractions need not add up to the last bit


@dataclass(slots=True)
class TokenBucket:
    """It is filled evenly, up to a bound, and everything that passes takes a token."""

    tokens: float = 0.0
    filled_at: float = 0.0

    def fill(self, rate: float, most: float, now: float) -> None:
        """Add what came since it was last filled. rate: tokens a second; most: the bound"""
        self.tokens = min(most, self.tokens + (now - self.filled_at) * rate)
        self.filled_at = now

    def take(self, most: int) -> int:
        """Take up to so many whole tokens; returns how many there were."""
        taken = min(most, int(self.tokens + _ROUNDING))
        self.tokens -= taken
        return taken
