"""Counts of what the doors of a process answered, and how long it took."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from hongyan.model.histogram import Histogram

Observed = tuple[Sequence[tuple[str, str, int]], Sequence[tuple[str, Sequence[int], float]]]
"""Answers by door and code, and how long they took by door: counts and their sum."""


@dataclass(slots=True)
class DoorCounts:
    """Counts every answer of a door."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)  # by door and code
    durations: dict[str, Histogram] = field(default_factory=lambda: defaultdict(Histogram))

    def observe(self, door: str, code: str, seconds: float) -> None:
        self.answers[door, code] += 1
        self.durations[door].add(seconds)

    def taken(self) -> Observed:
        """Returns what was counted since the last call, and begins anew."""
        answers, self.answers = self.answers, Counter()
        durations, self.durations = self.durations, defaultdict(Histogram)
        return (
            [(door, code, number) for (door, code), number in answers.items()],
            [(door, histogram.counts, histogram.total) for door, histogram in durations.items()],
        )

    def add(self, observed: Observed) -> None:
        """Add what another process counted."""
        answers, durations = observed
        for door, code, number in answers:
            self.answers[door, code] += number
        for door, counts, total in durations:
            self.durations[door].add_counts(counts, total)
