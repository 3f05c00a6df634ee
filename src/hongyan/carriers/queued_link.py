"""What every link does in the same way, whatever its protocol: it queues segments, sends them, and accounts for their answers.

    offer ─▶ queue ─▶ _write, as windows, commits and rate allow ─▶ in the air ─▶ _answered ─▶ uncommitted ─▶ settled
               ▲                                                        │
               └────── refused for the moment (_defer), or in doubt where the channel resends (_take_unanswered)

Conditions, in the order in which they keep a segment from leaving: the channel's state; the windows, which shrink while answers
are late; segments in the air and those answered and not committed yet (never more than two windows together, since a crash
leaves them in doubt); what the protocol's half can write now (`_free`); a pause after "too fast"; the rate. Every offered
segment comes back once: in `answered`, in `withdraw`, or, when the link closes, through the store, which still has its parcel.

Everything runs on one event loop, and nothing here waits.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from hongyan.adapters.answers import AnswerFault
from hongyan.adapters.options import senders
from hongyan.carriers.deferrals import Deferral, Deferrals
from hongyan.carriers.pace import AdaptiveWindow
from hongyan.carriers.retry_tracker import RetryTracker
from hongyan.carriers.send_gate import SendGate
from hongyan.model.channel import Channel, ChannelState, OnDoubt
from hongyan.model.link_counts import LinkCounts
from hongyan.model.message import SegmentResult
from hongyan.model.traffic import Answered, OutSegment
from hongyan.ports.clock import Clock
from hongyan.ports.link import LinkEvents

THROTTLED = "THROTTLED"
"""The code of a segment that the carrier answered with "too fast" for ten minutes."""

EXPIRED = "EXPIRED"
"""The code of a segment that became too old while it was queued here; it was never sent."""

_SENDS = frozenset({ChannelState.RUNNING, ChannelState.DRAINING})
_CONGESTION = AnswerFault.CONGESTION
_ACCEPTED, _REFUSED, _UNANSWERED = SegmentResult.ACCEPTED, SegmentResult.REFUSED, SegmentResult.UNANSWERED


class QueuedLink(ABC):
    """Implements the half of ports.Link that is the same for all protocols. A protocol adds how to write, and what an answer
    means.
    """

    LEAST_QUEUED = 1
    """How many windows of segments a link wants queued at least."""

    def __init__(self, channel: Channel, events: LinkEvents, clock: Clock) -> None:
        self.counts = LinkCounts()
        self._tune(channel)
        self._events, self._clock = events, clock
        self._now = asyncio.get_running_loop().time
        self._queue: deque[OutSegment] = deque()
        self._uncommitted = 0  # answers
        self._send_gate = SendGate(self._pump)
        self._window = AdaptiveWindow()
        self._retries = RetryTracker()
        self._deferrals = Deferrals(self._retries, self._put_back)
        self._overdue = 0  # the last message that became too old here before any part of it was sent
        self._is_closing = False

    # --- what a protocol adds --------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def in_air(self) -> int: ...

    @abstractmethod
    def _free(self) -> int:
        """Returns how many segments could be written now; 0 while the link is down."""

    @abstractmethod
    def _write(self, segments: Sequence[OutSegment], now: float) -> None:
        """Write segments, no more than `_free`. Each comes back in `_answered`, `_defer`, `_take_unanswered` or `_put_back`."""

    def _note_accepted(self) -> None:  # noqa: B027 - most protocols do nothing about it
        """The carrier accepted a segment."""

    def _own_name(self, segment: OutSegment) -> str:  # noqa: ARG002
        """Returns the name that we gave a segment; "" if carriers name segments."""
        return ""

    # --- ports.Link ------------------------------------------------------------------------------------------------------

    @property
    def room(self) -> int:
        return 0 if self._is_closing else max(0, self._wanted() - len(self._queue))

    def connections(self) -> Sequence[Mapping[str, Any]]:
        return ()

    def pdus(self, *, clear: bool = False) -> Sequence[Mapping[str, Any]] | None:  # noqa: ARG002  most protocols have them
        return None

    def offer(self, segments: Sequence[OutSegment]) -> None:
        self._queue.extend(segments)
        self._pump()

    def settled(self, count: int) -> None:
        self._uncommitted -= count
        self._pump()

    def withdraw(self) -> list[OutSegment]:
        """Segments in doubt stay: they were sent once, so no other link may send them."""
        queued = [*self._deferrals.take_all(), *self._queue]
        self._queue = deque(segment for segment in queued if self._retries.may_be_there(segment))
        return [segment for segment in queued if not self._retries.may_be_there(segment)]

    def _tune(self, channel: Channel) -> None:
        """Look up, once, what every burst needs to know of a channel."""
        self.channel = channel
        self._windows = channel.window * max(1, senders(channel))  # of all its connections
        self._rate = channel.rate
        self._may_leave = channel.state in _SENDS

    def _adopt(self, channel: Channel) -> None:
        """Use a changed channel. Any change may mend what was wrong, so running pauses end."""
        self._tune(channel)
        self._send_gate.forget()
        self._queue.extendleft(reversed(self._deferrals.take_all()))

    def _stop_sending(self) -> None:
        """Stop sending for good, since the link closes."""
        self._is_closing = True
        self._send_gate.close()
        self._deferrals.take_all()

    # --- sending ---------------------------------------------------------------------------------------------------------

    def _wanted(self) -> int:
        return self._send_gate.wanted(self._windows * self.LEAST_QUEUED, self._rate, self._now())

    def _pump(self) -> None:
        """Write all segments that may leave now."""
        if not (self._queue and self._may_leave) or self._is_closing:
            return
        windows = self._windows
        room = min(self._window.of(windows), 2 * windows - self._uncommitted) - self.in_air
        free = min(len(self._queue), room, self._free()) if room > 0 else 0
        if not free:
            return
        now = self._now()
        crowded = windows if len(self._queue) > windows else 0
        count = self._send_gate.let_pass(free, self._rate, now, crowded)
        if not count:
            return
        self._write(self._take(count), now)
        self._send_gate.written(monotonic())
        if not self._queue or len(self._queue) <= self._wanted() // 2:
            self._events.ready()

    def _take(self, count: int) -> list[OutSegment]:
        """Returns the first segments of the queue. Those of them that became too old here are refused instead."""
        take, now_ms = self._queue.popleft, self._clock()
        taken: list[OutSegment] = []
        too_old: list[Answered] = []
        for _ in range(count):
            segment = take()
            if 0 < segment.valid_until_ms < now_ms:
                if self._is_overdue(segment):
                    too_old.append(Answered(segment, _REFUSED, "", EXPIRED, now_ms))
                    continue
                segment.valid_until_ms = 0  # a carrier refuses an end that has passed
            taken.append(segment)
        if too_old:
            self._answered(too_old)
        return taken

    def _is_overdue(self, segment: OutSegment) -> bool:
        """Returns whether a segment that is too old stays unsent. Once a part of a long text was sent, all its parts are sent.

        Parts are queued in their order, so the first one decides.
        """
        if segment.part == 1 and not self._retries.holds(segment):
            self._overdue = segment.message_id
        return segment.message_id == self._overdue

    def _put_back(self, segments: Sequence[OutSegment]) -> None:
        """Put segments to the front of the queue: the carrier does not have them, or their pause is over."""
        self._queue.extendleft(reversed(segments))
        self._pump()

    # --- answers ---------------------------------------------------------------------------------------------------------

    def _answered(self, answers: Sequence[Answered]) -> None:
        """Pass answers to the worker. Until it has committed them they count against what may be in the air."""
        now, counts = self._now(), self.counts
        self._uncommitted += len(answers)
        self._send_gate.answered(len(answers), now)
        counts.delays.expect(answers[0].carrier_id, answers[0].segment.submitted_ms)
        accepted = 0
        for answer in answers:
            if answer.result is _ACCEPTED:
                accepted += 1
            elif answer.result is _REFUSED:
                counts.refuse(answer.code)
        if accepted:
            counts.accepted += accepted
            self._send_gate.note_accepted(now)
            self._deferrals.accepted(accepted, now)
            self._note_accepted()
        if self._retries:
            for answer in answers:
                self._retries.forget(answer.segment)
        self._events.answered(answers)

    def _note_delay(self, segment: OutSegment, answers: int, now_ms: int) -> float:
        """Note how long the answers of one read took, measured by the last of them; returns it in seconds."""
        delay_s = max(0, now_ms - segment.submitted_ms) / 1000
        self.counts.durations.add(delay_s, answers)
        self._window.note(delay_s, self.channel.answer_timeout_s, self._now())
        return delay_s

    def _defer(self, deferrals: Sequence[Deferral]) -> Mapping[AnswerFault, str]:
        """Keep segments that were refused for the moment. Those refused alone wait by themselves, the others go back to the
        front.

        Segments that were tried for long enough are answered as refused; after "too fast" the link slows down.
        Returns the other faults of all of them, with a code each: SESSION, CHANNEL.
        """
        now = self._now()
        self.counts.throttled += sum(one.fault is _CONGESTION for one in deferrals)
        found = self._deferrals.sort(deferrals, now)
        self._queue.extendleft(one.segment for one in reversed(found.common))
        common = {one.fault: one.code for one in found.common}
        if common.pop(_CONGESTION, None) is not None:
            self._send_gate.slow_down(now)
        if found.expired:
            now_ms = self._clock()
            codes = [(one.segment, THROTTLED if one.fault is _CONGESTION else one.code) for one in found.expired]
            self._answered([Answered(segment, _REFUSED, "", code, now_ms) for segment, code in codes])
        return common

    def _take_unanswered(self, segments: Sequence[OutSegment]) -> int:
        """Handle segments without an answer in time, or whose connection was lost; returns how many go back to the front, to be
        sent again.
        """
        again: list[OutSegment] = []
        given_up: list[OutSegment] = []
        may_resend, now = self.channel.on_doubt is OnDoubt.RESEND, self._now()
        for segment in segments:
            (again if may_resend and self._retries.unanswered(segment, now) else given_up).append(segment)
        self._queue.extendleft(reversed(again))
        self.counts.resubmits += len(again)
        if given_up:
            self.counts.unanswered += len(given_up)
            self._give_up(given_up)
        return len(again)

    def _give_up(self, segments: Sequence[OutSegment]) -> None:
        """Report segments that will get no answer. If we named them they keep their names, since a receipt may still come."""
        now_ms = self._clock()
        self._answered([Answered(segment, _UNANSWERED, self._own_name(segment), "", now_ms) for segment in segments])
