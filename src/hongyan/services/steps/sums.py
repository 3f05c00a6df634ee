"""The summing step: hourly counters that are over are added to the sums that statistics read, some hundred at a time.

Each counter is added once: the transaction that adds it moves the place up to which the sums reach. What changes a counter later changes
the sums too (store/sql/hourly.py). If the clock was put back, what follows from the day before on is summed up anew.
"""

from collections.abc import Sequence

from hongyan.model.hourly import SETTLED_HOURS, day_of
from hongyan.model.ids import HOUR_MS
from hongyan.ports.tx.sums import SumsTx


def sum_up(tx: SumsTx, asked: Sequence[None], *, now_ms: int) -> list[int]:
    """Sum up some hundred for each that asks; returns of how many hours counters are left."""
    return [_next(tx, now_ms // HOUR_MS) for _ in asked]


def _next(tx: SumsTx, hour: int) -> int:
    if tx.lock_summed_up()[0] >= hour:
        tx.reopen_sums(day_of(hour) - 1)
    place = tx.lock_summed_up()
    to = tx.next_place(place, hour - SETTLED_HOURS)
    if to > place:
        tx.sum_up(place, to)
    return max(0, hour - SETTLED_HOURS - to[0])
