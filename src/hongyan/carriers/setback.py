"""Answers that refuse a segment for the moment: is it this segment, or are all refused alike?

A link that slowed down, logged in anew or rested for the sake of one number would harm everybody else. So a segment that
stands alone is set aside with a pause of its own, twice as long each time, while the others go on. It stands alone if others
passed since it was last refused, or if hardly any other is refused at the moment. What is refused in common is the link's to mend.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hongyan.adapters.answers import Blame
from hongyan.carriers.pace import Meter
from hongyan.carriers.retry_tracker import RetryTracker, Trouble
from hongyan.model.traffic import OutSegment

ASIDE_MOST = 1_000
"""Segments of a link that are set aside; beyond that refusals are no matter of single numbers."""

_PAUSE_FIRST_S, _PAUSE_MOST_S = 0.1, 30.0
_FEW = 0.1  # of all answers of the last second
_MOMENT = Blame.MOMENT


@dataclass(frozen=True, slots=True)
class Setback:
    """An answer that refuses a segment, but is not the message's fault."""

    segment: OutSegment
    blame: Blame
    code: str  # as the protocol's people write it


@dataclass(slots=True)
class Sorted:
    common: list[Setback] = field(default_factory=list)  # to be sent again as soon as the link has done its part
    over: list[Setback] = field(default_factory=list)  # tried long enough: refused


class Setbacks:
    def __init__(self, doubts: RetryTracker, back: Callable[[Sequence[OutSegment]], None]) -> None:
        """back: takes segments whose pause is over"""
        self._retries, self._back = doubts, back
        self._refused, self._passed = Meter(), Meter()
        self._passed_at = 0.0
        self._aside: dict[tuple[int, int], tuple[OutSegment, asyncio.TimerHandle]] = {}

    def passed(self, count: int, now: float) -> None:
        """So many segments were accepted."""
        self._passed.add(count, now)
        self._passed_at = now

    def sort(self, setbacks: Sequence[Setback], now: float) -> Sorted:
        """Set aside what stands alone, and give the rest, in its order."""
        troubles = [self._retries.of(one.segment, now) for one in setbacks]
        # one that waits by itself says nothing of the link's pace
        told = sum(not (trouble.pause_s and one.blame is _MOMENT) for one, trouble in zip(setbacks, troubles, strict=True))
        if told:
            self._refused.add(told, now)
        found = Sorted()
        for one, trouble in zip(setbacks, troubles, strict=True):
            is_alone = self._stands_alone(one.blame, trouble, now)
            trouble.refused_at = now
            if trouble.is_over(now) and (is_alone or one.blame is _MOMENT):
                found.over.append(one)
            elif is_alone and len(self._aside) < ASIDE_MOST:
                self._set_aside(one.segment, trouble)
            else:
                found.common.append(one)
        return found

    def _stands_alone(self, blame: Blame, trouble: Trouble, now: float) -> bool:
        if trouble.refused_at and self._passed_at > trouble.refused_at:
            return True
        if blame is _MOMENT and trouble.pause_s:
            return True
        refused = self._refused.within(now)
        least = 2 if blame is _MOMENT else 1  # one answer says nothing of the pace, but may say that a login is gone
        return refused < least or refused < _FEW * (refused + self._passed.within(now))

    def _set_aside(self, segment: OutSegment, trouble: Trouble) -> None:
        trouble.pause_s = min(_PAUSE_MOST_S, trouble.pause_s * 2 or _PAUSE_FIRST_S)
        timer = asyncio.get_running_loop().call_later(trouble.pause_s, self._ring, segment)
        self._aside[segment.message_id, segment.part] = segment, timer

    def _ring(self, segment: OutSegment) -> None:
        del self._aside[segment.message_id, segment.part]
        self._back([segment])

    def take_all(self) -> list[OutSegment]:
        """End all pauses; gives what was set aside."""
        given = []
        for segment, timer in self._aside.values():
            timer.cancel()
            given.append(segment)
        self._aside.clear()
        return given
