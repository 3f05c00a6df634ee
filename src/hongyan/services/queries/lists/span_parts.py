"""Looking through rows for the few that fit: in the hours that the counters name, the newest first, and so many a page."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hongyan.model.columns import Facts
from hongyan.model.ids import HOUR_MS
from hongyan.services.queries.lists.listing import FoundRows

HOURS_MOST = 24
"""The most hours that are named at once: where they lie apart, PostgreSQL takes 5 ms for each. What is older than these is looked
through as a whole.
"""


@dataclass(frozen=True, slots=True)
class SpanPart:
    """A part of a span, which is looked through as a whole."""

    since_ms: int
    until_ms: int

    @property
    def hours(self) -> range:
        """Returns its hours, since 1970 in UTC."""
        return range(self.since_ms // HOUR_MS, -(-self.until_ms // HOUR_MS))


def parts_of(span: SpanPart, hours: Sequence[int]) -> list[SpanPart]:
    """Returns the parts of a span that these hours cover, the newest first.

    hours: those in which something fits, the newest first. If there are HOURS_MOST, what is older is a part, too
    """
    parts = list[SpanPart]()
    for hour in hours:
        end = (hour + 1) * HOUR_MS
        if parts and parts[-1].since_ms == end:
            end = parts.pop().until_ms
        parts.append(SpanPart(hour * HOUR_MS, end))
    if len(hours) == HOURS_MOST:
        parts.append(SpanPart(span.since_ms, parts[-1].since_ms))
    return [SpanPart(max(one.since_ms, span.since_ms), min(one.until_ms, span.until_ms)) for one in parts]


def look_through(
    parts: Iterable[SpanPart],
    most: int,
    looked_most: int,
    find: Callable[[SpanPart, int, int], list[Facts]],
    looked_at: Callable[[SpanPart, int], tuple[int, Any]],
) -> FoundRows:
    """Returns the `most` first rows that fit, of at most `looked_most` that are looked through.

    find:      returns so many of a part's rows that fit, and looks through so many
    looked_at: returns how many of a part's rows these are, and the place of the last one if more follow
    """
    rows, looked = list[Facts](), 0
    for part in parts:
        rows += find(part, most - len(rows), looked_most - looked)
        if len(rows) >= most:
            break
        count, place = looked_at(part, looked_most - looked)
        looked += count
        if place is not None:
            return FoundRows(rows, looked, place)
    return FoundRows(rows, looked, None)
