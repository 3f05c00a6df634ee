"""Counts of what the doors of a process answered, and how long it took."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hongyan.model.histogram import Histogram

Observed = tuple[Sequence[tuple[str, str, int]], Sequence[tuple[str, Sequence[int], float]], Mapping[str, int]]
"""Answers by door and code, how long they took by door: counts and their sum, and faults by what was wrong."""


@dataclass(slots=True)
class DoorCounts:
    """Counts every answer of a door."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)  # by door and code
    durations: dict[str, Histogram] = field(default_factory=lambda: defaultdict(Histogram))
    faults: Counter[str] = field(default_factory=Counter)  # of strangers, by what was wrong

    def observe(self, door: str, code: str, seconds: float) -> None:
        self.answers[door, code] += 1
        self.durations[door].add(seconds)

    def count_fault(self, what: str) -> None:
        self.faults[what] += 1

    def taken(self) -> Observed:
        """Returns what was counted since the last call, and begins anew."""
        answers, self.answers = self.answers, Counter()
        durations, self.durations = self.durations, defaultdict(Histogram)
        faults, self.faults = self.faults, Counter()
        return (
            [(door, code, number) for (door, code), number in answers.items()],
            [(door, histogram.counts, histogram.total) for door, histogram in durations.items()],
            faults,
        )

    def add(self, observed: Observed) -> None:
        """Add what another process counted."""
        answers, durations, faults = observed
        for door, code, number in answers:
            self.answers[door, code] += number
        for door, counts, total in durations:
            self.durations[door].add_counts(counts, total)
        self.faults.update(faults)
