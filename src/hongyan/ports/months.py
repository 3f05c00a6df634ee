"""A store that keeps rows by months, if it does."""

from collections.abc import Callable
from typing import Protocol


class Months(Protocol):
    def make_partitions(self, now_ms: int) -> object:
        """Make the partitions of the months to come."""
        ...

    def forget_months(self, before_ms: int, now_ms: int, take_ids: Callable[[int], list[int]]) -> object:
        """Drop the partitions of months that ended before."""
        ...

    def kept_from_ms(self, before_ms: int) -> int:
        """Returns the moment from which on everything is kept, if what was made before the given moment may go."""
        ...
