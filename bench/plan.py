"""The sizes of a run, and a line of the benchmark."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one run."""

    folder: Path  # on the disk to be measured; emptied after each run
    messages: int = 100_000  # single-number requests
    numbers: int = 100_000  # of one task
    memory_messages: int = 1_000_000
    stored: int = 10_000_000  # messages of the last three months
    connections: int = 64  # that the requests come on
    rate_s: float = 10.0  # how long a fixed rate is kept
    python: str = ""  # of the line `pythons`; empty: the newest on PATH
    kinds: Sequence[str] = ()  # of the line `hostile-in`; none: all
    pairs: int = 8  # of each of these kinds
    half_rate: float = 4_000.0  # requests a second; half of what the line `end` reached, when it ran before


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    title: str
    measure: Callable[[Plan], Figures]
    then: str = ""  # the line of an older revision that it is compared with; empty: the one of this name
