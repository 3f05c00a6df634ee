"""Segments in trouble: throttled, or without an answer. Such a segment is tried again, unchanged, but not for ever."""

from dataclasses import dataclass

from hongyan.model.traffic import OutSegment

TROUBLE_MOST_S = 600.0
"""How long a segment is tried again, from its first trouble on."""

SILENCES_MOST = 3
"""How often it is sent to a peer that takes it and never answers (N of CMPP 3.0, 6.1)."""


@dataclass(slots=True)
class _Trouble:
    since: float
    silences: int = 0


class Doubts:
    """Keeps count of them; empty, and free of cost, as long as all goes well."""

    __slots__ = ("_troubles",)

    def __init__(self) -> None:
        self._troubles: dict[tuple[int, int], _Trouble] = {}

    def __bool__(self) -> bool:
        return bool(self._troubles)

    def note(self, segment: OutSegment, now: float, *, is_silence: bool) -> bool:
        """One more trouble; False when it was the last one that is put up with. is_silence: sent, and not answered in time"""
        trouble = self._troubles.setdefault((segment.message_id, segment.part), _Trouble(now))
        trouble.silences += is_silence
        if trouble.silences < SILENCES_MOST and now - trouble.since < TROUBLE_MOST_S:
            return True
        self.forget(segment)
        return False

    def holds(self, segment: OutSegment) -> bool:
        return (segment.message_id, segment.part) in self._troubles

    def forget(self, segment: OutSegment) -> None:
        """The segment has its answer."""
        self._troubles.pop((segment.message_id, segment.part), None)
