"""A list of numbers in memory: it holds millions, is searched in half a microsecond, and can be changed without a rebuild.

Numbers are E.164 integers, times are whole seconds since 1970. The numbers, sorted, and their ends stand in two arrays, 12
octets a number. Changes stand in a small dict over the arrays. When the dict has grown it is merged: a few thousand slices are
copied, however long the list is.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

FOREVER_S = 0xFFFF_FFFF
"""The end of a number that stays listed for ever."""

OVER_S = 0
"""The end of a number that was taken off the list."""

RECENT_MOST = 4_096
"""Changes that stand beside the arrays before they are merged."""


def _numbers() -> "array[int]":
    return array("q")


def _ends() -> "array[int]":
    return array("I")


@dataclass(frozen=True, slots=True)
class NumberList:
    """An immutable list. `with_changes` returns the next one, which shares the arrays."""

    numbers: "array[int]" = field(default_factory=_numbers, repr=False)
    ends: "array[int]" = field(default_factory=_ends, repr=False)  # the end of each number, in the same order
    recent: Mapping[int, int] = field(default_factory=dict, repr=False)  # number → end; goes before the arrays

    @classmethod
    def of(cls, ordered: Iterable[tuple[int, int]]) -> "NumberList":
        """Make a list of pairs (number, end), sorted by number, each number once."""
        numbers, ends = _numbers(), _ends()
        for number, end in ordered:
            numbers.append(number)
            ends.append(end)
        return cls(numbers, ends)

    def __len__(self) -> int:
        """Returns how many numbers are kept, including those that were taken off or have ended."""
        return len(self.numbers) + len(self.recent)

    def has(self, number: int, now_s: int) -> bool:
        end = self.recent.get(number)
        if end is None:
            place = bisect_left(self.numbers, number)
            if place == len(self.numbers) or self.numbers[place] != number:
                return False
            end = self.ends[place]
        return end > now_s

    def with_changes(self, changes: Iterable[tuple[int, int]], now_s: int) -> "NumberList":
        """Returns the list after setting these pairs (number, end) in order; OVER_S takes a number off."""
        recent = {**self.recent, **dict(changes)}
        if len(recent) <= RECENT_MOST:
            return NumberList(self.numbers, self.ends, recent)
        return self._merged(recent, now_s)

    def _merged(self, recent: Mapping[int, int], now_s: int) -> "NumberList":
        """Returns the list with its changes in the arrays, without numbers that have ended."""
        numbers, ends = _numbers(), _ends()
        begin = 0
        for number, end, place, is_there in self._edits(recent, now_s):
            numbers.extend(self.numbers[begin:place])
            ends.extend(self.ends[begin:place])
            if end > now_s:
                numbers.append(number)
                ends.append(end)
            begin = place + is_there
        numbers.extend(self.numbers[begin:])
        ends.extend(self.ends[begin:])
        return NumberList(numbers, ends)

    def _edits(self, recent: Mapping[int, int], now_s: int) -> Iterator[tuple[int, int, int, bool]]:
        """Returns the changes and what has ended, sorted: (number, end, place in the arrays, whether it stands there)."""
        ended = {self.numbers[place]: OVER_S for place, end in enumerate(self.ends) if end <= now_s}
        for number, end in sorted({**ended, **recent}.items()):
            place = bisect_left(self.numbers, number)
            yield number, end, place, place < len(self.numbers) and self.numbers[place] == number
