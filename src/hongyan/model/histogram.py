"""Histograms: counts by upper bound and their sum, cheap enough for every message."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Bounds for the time that programs take to answer, in seconds."""

WAITS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)
"""Bounds for the time that handsets and customers take, in seconds."""


@dataclass(slots=True)
class Histogram:
    bounds: tuple[float, ...] = SECONDS
    counts: list[int] = field(init=False)  # one for each bound, and one for values beyond the last bound
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float, times: int = 1) -> None:
        self.counts[bisect_left(self.bounds, value)] += times
        self.total += value * times

    def add_counts(self, counts: Sequence[int], total: float) -> None:
        """Add the counts of another histogram with the same bounds."""
        self.counts = [own + more for own, more in zip(self.counts, counts, strict=True)]
        self.total += total
