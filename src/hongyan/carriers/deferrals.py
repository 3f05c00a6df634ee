"""Segments that were refused for the moment: each waits with a pause of its own, or all are put back if all are refused alike.

A link that slowed down, logged in anew or stopped because of one number would harm all others. So a segment that is refused
alone is set aside, twice as long each time, while the others go on. It is refused alone if others were accepted since it was
last refused, or if hardly any other is refused at the moment. If others are refused too, it is a matter of the whole link.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hongyan.adapters.answers import AnswerFault
from hongyan.carriers.pace import Meter
from hongyan.carriers.retry_tracker import RetryTracker, SegmentTrouble
from hongyan.model.traffic import OutSegment

ASIDE_MOST = 1_000
"""The most segments of a link that are set aside. If more are refused, single numbers are not the reason."""

_PAUSE_FIRST_S, _PAUSE_MOST_S = 0.1, 30.0
_FEW = 0.1  # of all answers of the last second
_CONGESTION = AnswerFault.CONGESTION


@dataclass(frozen=True, slots=True)
class Deferral:
    """An answer that refuses a segment for a reason that is not in the message."""

    segment: OutSegment
    fault: AnswerFault
    code: str  # as the protocol's people write it


@dataclass(slots=True)
class SortedDeferrals:
    common: list[Deferral] = field(default_factory=list)  # to be sent again as soon as the link has done its part
    expired: list[Deferral] = field(default_factory=list)  # tried for long enough: they count as refused


class Deferrals:
    def __init__(self, retries: RetryTracker, put_back: Callable[[Sequence[OutSegment]], None]) -> None:
        """put_back: takes segments whose pause is over"""
        self._retries, self._put_back = retries, put_back
        self._refused, self._accepted = Meter(), Meter()
        self._accepted_at = 0.0
        self._aside: dict[tuple[int, int], tuple[OutSegment, asyncio.TimerHandle]] = {}

    def accepted(self, count: int, now: float) -> None:
        """Count segments that were accepted."""
        self._accepted.add(count, now)
        self._accepted_at = now

    def sort(self, deferrals: Sequence[Deferral], now: float) -> SortedDeferrals:
        """Set aside segments that are refused alone, and return the others, in their order."""
        troubles = [self._retries.of(one.segment, now) for one in deferrals]
        # a segment that waits by itself does not slow the link
        counted = sum(
            not (trouble.pause_s and one.fault is _CONGESTION) for one, trouble in zip(deferrals, troubles, strict=True)
        )
        if counted:
            self._refused.add(counted, now)
        found = SortedDeferrals()
        for one, trouble in zip(deferrals, troubles, strict=True):
            is_alone = self._stands_alone(one.fault, trouble, now)
            trouble.refused_at = now
            if trouble.is_over(now) and (is_alone or one.fault is _CONGESTION):
                found.expired.append(one)
            elif is_alone and len(self._aside) < ASIDE_MOST:
                self._set_aside(one.segment, trouble)
            else:
                found.common.append(one)
        return found

    def _stands_alone(self, fault: AnswerFault, trouble: SegmentTrouble, now: float) -> bool:
        if trouble.refused_at and self._accepted_at > trouble.refused_at:
            return True
        if fault is _CONGESTION and trouble.pause_s:
            return True
        refused = self._refused.within(now)
        least = 2 if fault is _CONGESTION else 1  # one answer says nothing about the pace, but may say that a login is gone
        return refused < least or refused < _FEW * (refused + self._accepted.within(now))

    def _set_aside(self, segment: OutSegment, trouble: SegmentTrouble) -> None:
        trouble.pause_s = min(_PAUSE_MOST_S, trouble.pause_s * 2 or _PAUSE_FIRST_S)
        timer = asyncio.get_running_loop().call_later(trouble.pause_s, self._end_pause, segment)
        self._aside[segment.message_id, segment.part] = segment, timer

    def _end_pause(self, segment: OutSegment) -> None:
        del self._aside[segment.message_id, segment.part]
        self._put_back([segment])

    def take_all(self) -> list[OutSegment]:
        """End all pauses, and return what was set aside."""
        taken = []
        for segment, timer in self._aside.values():
            timer.cancel()
            taken.append(segment)
        self._aside.clear()
        return taken
