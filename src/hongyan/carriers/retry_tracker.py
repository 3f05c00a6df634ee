"""Segments in trouble: refused for the moment, or without an answer. Such a segment is tried again, unchanged, within bounds."""

from dataclasses import dataclass

from hongyan.model.traffic import OutSegment

TROUBLE_MOST_S = 600.0
"""For how long a segment is tried again, from its first trouble on."""

COPIES_MOST = 3
"""How often it is sent without getting an answer: in silence, or because the connection was lost (N of CMPP 3.0, 6.1)."""


@dataclass(slots=True)
class SegmentTrouble:
    since: float
    copies: int = 0  # copies that were sent and have no answer
    refused_at: float = 0.0  # when it was last refused for the moment; 0: never
    pause_s: float = 0.0  # the length of its last own pause; see `carriers/deferrals`

    def is_over(self, now: float) -> bool:
        return now - self.since >= TROUBLE_MOST_S


class RetryTracker:
    """Tracks the segments in trouble; empty while nothing goes wrong. It outlives connections."""

    __slots__ = ("_troubles",)

    def __init__(self) -> None:
        self._troubles: dict[tuple[int, int], SegmentTrouble] = {}

    def __bool__(self) -> bool:
        return bool(self._troubles)

    def of(self, segment: OutSegment, now: float) -> SegmentTrouble:
        """Returns the segment's trouble, which begins now if it had none."""
        return self._troubles.setdefault((segment.message_id, segment.part), SegmentTrouble(now))

    def unanswered(self, segment: OutSegment, now: float) -> bool:
        """Count a copy without an answer; returns False if the segment is not to be sent again."""
        trouble = self.of(segment, now)
        trouble.copies += 1
        if trouble.copies < COPIES_MOST and not trouble.is_over(now):
            return True
        self.forget(segment)
        return False

    def may_be_there(self, segment: OutSegment) -> bool:
        """Returns whether the carrier may have it: it was sent, and has no answer."""
        trouble = self._troubles.get((segment.message_id, segment.part))
        return trouble is not None and trouble.copies > 0

    def holds(self, segment: OutSegment) -> bool:
        """Returns whether it was sent before, whatever the outcome."""
        return (segment.message_id, segment.part) in self._troubles

    def forget(self, segment: OutSegment) -> None:
        """The segment has its answer."""
        self._troubles.pop((segment.message_id, segment.part), None)
