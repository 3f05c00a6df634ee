"""The closing step: once a day of China's has ended, the balance of each wallet at its end is kept, for the statements to begin from.

Days are closed in order, each once, those too that ended while no server ran. Safe to repeat. Where the clock was put back, days that
have not ended any more are open again: what is posted on them is in their closing once they end.
"""

from collections.abc import Sequence

from hongyan.model.hourly import CHINA_HOURS, hours_of
from hongyan.model.ids import HOUR_MS
from hongyan.ports.tx.statements import ClosingTx

CLOSED = "closed_day"
"""The counter that holds the last day that was closed."""

_SETTLED_MS = 600_000
"""How long after its end a day is closed: another process's clock may be behind."""


def close_days(tx: ClosingTx, asked: Sequence[None], *, now_ms: int) -> list[int]:
    """Close the next day that has ended, for each that asks; returns 1 for a day that was closed, 0 where there is none."""
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
    moved = tx.moved_in(hours_of(day) if before else range(hours_of(day).stop))  # the first time: all that was before, in one
    tx.add_closings([(*key, day, before.get(key, 0) + points) for key, points in sorted(moved.items())])
    tx.take_count(CLOSED, day - closed)
    return 1
