"""A channel without a carrier: it accepts everything, and makes receipts and replies by the last four digits of the number.

For trials and for sandbox accounts: whatever a customer's program must be able to handle can be had by choosing a number.
Channel option `report_delay_s`: seconds from the answer to the receipt, 2 by default.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from hongyan.adapters.options import seconds_of
from hongyan.carriers.queued_link import QueuedLink
from hongyan.model.account import Product
from hongyan.model.channel import Channel
from hongyan.model.message import ReceiptState, SegmentResult
from hongyan.model.mms import NO_MEDIA
from hongyan.model.traffic import Answered, OutSegment, Receipt, ReplyPart
from hongyan.ports.clock import Clock
from hongyan.ports.link import LinkEvents

ROOM = 10_000
"""The most segments that are queued, or answered and not yet committed."""

MMS_ROOM = 32
"""The same for MMS, each of which has its media in memory."""

_REPORT_DELAY_S = 2.0
_AGAIN_S = 1.0  # before a receipt that could not be stored comes again


@dataclass(frozen=True, slots=True)
class NumberBehaviour:
    """What happens to a message to a number."""

    stat: str = "DELIVRD"
    state: ReceiptState = ReceiptState.DELIVERED
    receipts: int = 1
    delay_s: float | None = None  # instead of the channel's
    is_early: bool = False  # the receipt comes before the answer
    refusal: str = ""
    reply: str = ""


BEHAVIOURS = {
    1: NumberBehaviour("UNDELIV", ReceiptState.FAILED),
    2: NumberBehaviour("EXPIRED", ReceiptState.FAILED),
    3: NumberBehaviour(receipts=0),
    4: NumberBehaviour(delay_s=60.0),
    5: NumberBehaviour(is_early=True),
    7: NumberBehaviour(reply="你好，我不需要"),
    8: NumberBehaviour(reply="TD"),
    9: NumberBehaviour(refusal="REJECTD"),
    10: NumberBehaviour(receipts=2),
}
"""By the last four digits; a message to any other number is delivered."""

_USUAL = NumberBehaviour()


class LoopbackLink(QueuedLink):
    """Implements ports.Link without a socket; rate and window do not apply."""

    def __init__(self, channel: Channel, events: LinkEvents, clock: Clock) -> None:
        super().__init__(channel, events, clock)
        self._ids = count(clock() << 12)  # a later start makes later ids
        self._is_up = False
        self._in_air = 0  # segments, each for one turn of the loop
        self._turns: deque[asyncio.Handle] = deque()  # that will answer
        self._due: list[tuple[float, int, Receipt | ReplyPart]] = []
        self._order = count()
        self._alarm: asyncio.Handle | None = None
        self._alarm_at = 0.0  # uvloop's handles do not show it: one that is due at once is no timer

    def _tune(self, channel: Channel) -> None:
        super()._tune(channel)
        self._windows, self._rate = ROOM, 0

    # --- ports.Link ------------------------------------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        return self._is_up

    @property
    def trouble(self) -> str:
        return ""

    @property
    def room(self) -> int:
        most = ROOM if self.channel.product is Product.SMS else MMS_ROOM
        return max(0, most - len(self._queue) - self._in_air - self._uncommitted) if self._is_up else 0

    @property
    def in_air(self) -> int:
        return self._in_air

    def settled(self, count: int) -> None:
        super().settled(count)
        self._events.ready()

    def retune(self, channel: Channel) -> None:
        self._adopt(channel)
        self._pump()

    async def open(self) -> None:
        self._is_up = True
        self.counts.connections_up = 1
        self._events.changed()

    async def close(self, drain_s: float) -> None:  # noqa: ARG002 - nothing is ever in the air
        """Stop. Receipts that were to come are lost, as at a carrier that stops."""
        self._stop_sending()
        self._is_up = False
        self.counts.connections_up = 0
        for handle in (*self._turns, *filter(None, (self._alarm,))):
            handle.cancel()
        self._due.clear()

    # --- answers ---------------------------------------------------------------------------------------------------------

    def _free(self) -> int:
        return ROOM if self._is_up else 0

    def _write(self, segments: Sequence[OutSegment], now: float) -> None:  # noqa: ARG002 - nothing is written
        """Answer in the loop's next turn, since nobody expects an answer before `offer` has returned."""
        if segments:
            self._in_air += len(segments)
            self._turns.append(asyncio.get_running_loop().call_soon(self._answer, segments))

    def _answer(self, segments: Sequence[OutSegment]) -> None:
        self._turns.popleft()
        self._in_air -= len(segments)
        now_ms = self._clock()
        answers, early = [], []
        for segment in segments:
            segment.submitted_ms = now_ms
            behaviour = BEHAVIOURS.get(segment.phone % 10_000, _USUAL)
            answer = self._answer_of(segment, behaviour, now_ms)
            answers.append(answer)
            if answer.carrier_id:
                early += self._plan(answer, behaviour)
        if early:
            self._deliver(early)
        self.counts.submits += len(segments)
        self._answered(answers)

    def _answer_of(self, segment: OutSegment, behaviour: NumberBehaviour, now_ms: int) -> Answered:
        if refusal := behaviour.refusal or (NO_MEDIA if self._lacks_media(segment) else ""):
            return Answered(segment, SegmentResult.REFUSED, "", refusal, now_ms)
        return Answered(segment, SegmentResult.ACCEPTED, str(next(self._ids)), "", now_ms)

    def _lacks_media(self, segment: OutSegment) -> bool:
        return self.channel.product is Product.MMS and not (segment.media and all(one.data for one in segment.media))

    # --- receipts and replies ----------------------------------------------------------------------------------------------

    def _plan(self, answer: Answered, behaviour: NumberBehaviour) -> list[Receipt | ReplyPart]:
        """Plan what follows an acceptance, and return what comes at once."""
        segment, now_ms = answer.segment, answer.at_ms
        delay_s = self._delay_s() if behaviour.delay_s is None else behaviour.delay_s
        done_ms = now_ms if behaviour.is_early else now_ms + round(delay_s * 1000)
        receipt = Receipt(
            channel_id=self.channel.id,
            carrier_ids=(answer.carrier_id,),
            phone=segment.phone,
            state=behaviour.state,
            code=behaviour.stat,
            done_ms=done_ms,
            received_ms=done_ms,
        )
        coming: list[Receipt | ReplyPart] = [receipt] * behaviour.receipts
        if behaviour.reply and segment.part == segment.parts:
            body = behaviour.reply.encode("utf-16-be")
            coming.append(ReplyPart(self.channel.id, segment.phone, segment.source, body, answer.carrier_id, done_ms))
        if behaviour.is_early:
            return coming
        for one in coming:
            self._at(delay_s, one)
        return []

    def _delay_s(self) -> float:
        return seconds_of(self.channel, "report_delay_s", _REPORT_DELAY_S)

    def _at(self, delay_s: float, one: Receipt | ReplyPart) -> None:
        loop = asyncio.get_running_loop()
        heapq.heappush(self._due, (loop.time() + delay_s, next(self._order), one))
        if self._alarm is None or self._due[0][0] < self._alarm_at:
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._due:
            self._alarm_at = self._due[0][0]
            self._alarm = asyncio.get_running_loop().call_at(self._alarm_at, self._on_alarm)

    def _on_alarm(self) -> None:
        now, come = asyncio.get_running_loop().time(), []
        while self._due and self._due[0][0] <= now:
            come.append(heapq.heappop(self._due)[2])
        self._alarm = None
        self._deliver(come)
        self._set_alarm()

    def _deliver(self, come: Sequence[Receipt | ReplyPart]) -> None:
        receipts = [one for one in come if isinstance(one, Receipt)]
        parts = [one for one in come if isinstance(one, ReplyPart)]
        self.counts.note_receipts(receipts)
        self.counts.replies += len(parts)
        if receipts:
            self._events.received(receipts, self._confirmer(receipts))
        if parts:
            self._events.replied(parts, self._confirmer(parts))

    def _confirmer(self, delivered: Sequence[Receipt | ReplyPart]) -> Callable[[bool], None]:
        def confirm(is_stored: bool) -> None:
            if not is_stored and self._is_up:
                for one in delivered:
                    self._at(_AGAIN_S, one)

        return confirm
