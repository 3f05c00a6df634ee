"""The closing step: when a day of China has ended, the balance of each wallet at its end is stored. Statements begin from it.

Days are closed in order, each once, including those that ended while no server ran. Safe to repeat. If the clock was put back,
days that have not ended by the new time are open again, and are closed again once they end.
"""

from collections.abc import Sequence

from hongyan.model.hourly import CHINA_HOURS, hours_of
from hongyan.model.ids import HOUR_MS
from hongyan.ports.tx.statements import ClosingTx

CLOSED = "closed_day"
"""The counter that holds the last closed day."""

_SETTLED_MS = 600_000
"""How long after its end a day is closed: another process's clock may be slow."""


def close_days(tx: ClosingTx, asked: Sequence[None], *, now_ms: int) -> list[int]:
    """Close the next day that has ended, for each that asks; returns 1 if a day was closed, else 0."""
    return [_close_next(tx, now_ms) for _ in asked]


def _close_next(tx: ClosingTx, now_ms: int) -> int:
    ended = ((now_ms - _SETTLED_MS) // HOUR_MS + CHINA_HOURS) // 24 - 1
    closed = tx.read_count(CLOSED)
    if closed > ended:
        tx.drop_closings_after(ended)
        tx.take_count(CLOSED, ended - closed)
    if closed >= ended:
        return 0
    day = closed + 1 if closed else ended
    before = tx.closings_before(day)
    moved = tx.moved_in(hours_of(day) if before else range(hours_of(day).stop))  # the first time: all hours before, as one day
    tx.add_closings([(*key, day, before.get(key, 0) + points) for key, points in sorted(moved.items())])
    tx.take_count(CLOSED, day - closed)
    return 1
