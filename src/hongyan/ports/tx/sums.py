"""What the summing step does inside its transactions. Hours and days are counted since 1970; days are those of China."""

from typing import Protocol

from hongyan.model.hourly import Place


class SumsTx(Protocol):
    def lock_summed_up(self) -> Place:
        """Returns up to where counters are in the sums. Until the end of the transaction nobody changes a counter before it."""
        ...

    def next_place(self, place: Place, before: int) -> Place:
        """Returns the place behind some hundred counters that follow a place; at most the beginning of the hour `before`."""
        ...

    def sum_up(self, place: Place, to: Place) -> None:
        """Add the counters between two places to the sums, which reach to the second one then."""
        ...

    def reopen_sums(self, day: int) -> None:
        """Drop the sums of this day and of all later ones: their counters are to be summed up anew."""
        ...
