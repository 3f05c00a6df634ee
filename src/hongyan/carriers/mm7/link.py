"""The link of an MM7 channel: MMS leave as HTTP posts, window times connections at once, each on a connection of its own.

HTTP knows no login: the link is up when the relay/server's port can be reached, and down from the first post that does not reach it, or
whose user it refuses, until the next look. What did not leave goes back to the front of the queue.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from hongyan.adapters.answers import MM7, Blame, blame_of
from hongyan.adapters.carrier_ids import bounded, stand_in
from hongyan.adapters.mm7.client import Account, read_account, submit_of
from hongyan.carriers.counts import LinkCounts
from hongyan.carriers.dialer import Timing
from hongyan.carriers.link import EXPIRED
from hongyan.carriers.mm7.client import Failure, Mm7Client, Posted
from hongyan.carriers.mm7.listener import Mm7Listener
from hongyan.carriers.pace import Backoff
from hongyan.carriers.retry_tracker import RetryTracker
from hongyan.carriers.send_gate import SendGate
from hongyan.carriers.setback import Setback, Setbacks
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.model.channel import Channel, ChannelState, OnDoubt
from hongyan.model.message import SegmentResult
from hongyan.model.mms import NO_MEDIA
from hongyan.model.traffic import Answered, OutSegment
from hongyan.ports import Clock, LinkEvents
from hongyan.wire.mm7.pdu import Answer

log = structlog.get_logger(__name__)

ROOM_MOST = 64
"""MMS that a link wants queued: each has its media in memory."""

AT_ONCE_MOST = 64

_SENDS = frozenset({ChannelState.RUNNING, ChannelState.DRAINING})
_ACCEPTED, _REFUSED, _UNANSWERED = SegmentResult.ACCEPTED, SegmentResult.REFUSED, SegmentResult.UNANSWERED
_LOOK_S = 0.01


class Mm7Link:
    """Implements ports.Link."""

    def __init__(
        self, channel: Channel, events: LinkEvents, clock: Clock, timing: Timing | None = None,
        chance: Callable[[], float] = random.random, budget: ConnectionBudget | None = None,
    ) -> None:  # fmt: skip
        """budget: that all channels' listeners share"""
        self.channel = channel
        self.counts = LinkCounts()
        self._trouble = ""
        self._events, self._clock, self._budget = events, clock, budget
        self._timing, self._chance = timing or Timing(), chance
        self._account: Account | None = None
        self._client: Mm7Client | None = None
        self._listener: Mm7Listener | None = None
        self._queue: deque[OutSegment] = deque()
        self._posts: set[asyncio.Task[None]] = set()
        self._unsettled = 0
        self._send_gate, self._retries = SendGate(self._pump), RetryTracker()
        self._setbacks = Setbacks(self._retries, self._back)
        self._backoff = Backoff(self._timing.first_pause_s, self._timing.most_pause_s, self._timing.refused_pause_s)
        self._is_up = self._is_closing = False
        self._watch: asyncio.Task[None] | None = None

    # --- ports.Link ------------------------------------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        return self._is_up and not self._is_closing

    @property
    def trouble(self) -> str:
        return self._trouble or (self._listener.trouble if self._listener else "")

    @property
    def room(self) -> int:
        if not self.is_up:
            return 0
        return max(0, min(ROOM_MOST, 2 * self._at_once) - len(self._queue) - len(self._posts) - self._unsettled)

    @property
    def in_air(self) -> int:
        return len(self._posts)

    @property
    def listens_on(self) -> int:
        """The port of the listener; 0 while there is none."""
        return self._listener.port if self._listener else 0

    def offer(self, segments: Sequence[OutSegment]) -> None:
        self._queue.extend(segments)
        self._pump()

    def settled(self, count: int) -> None:
        self._unsettled -= count
        self._pump()

    def retune(self, channel: Channel) -> None:
        """Rate, window and state take effect at once; a change of where, as whom or how begins anew.

        Any change may mend what was wrong: no pause that runs is waited for.
        """
        before, self.channel = self.channel, channel
        self._send_gate.forget()
        self._queue.extendleft(reversed(self._setbacks.take_all()))
        self._backoff.after_success()
        if _place(before) == _place(channel):
            self._look_again(0.0)
        else:
            task = asyncio.create_task(self._begin_anew(), name=f"mm7-{channel.name}")
            self._posts.add(task)
            task.add_done_callback(self._posts.discard)
        self._pump()

    def withdraw(self) -> list[OutSegment]:
        """Segments in doubt stay: their octets left once."""
        queued = [*self._setbacks.take_all(), *self._queue]
        self._queue = deque(segment for segment in queued if self._retries.may_be_there(segment))
        return [segment for segment in queued if not self._retries.may_be_there(segment)]

    async def open(self) -> None:
        self._begin()

    async def close(self, drain_s: float) -> None:
        self._is_closing = True
        until = self._now() + drain_s
        while self._posts and self._now() < until:  # noqa: ASYNC110 - once in a link's life
            await asyncio.sleep(_LOOK_S)
        await self._end()

    # --- being up --------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Without settings that make sense the link stays down, and says why."""
        try:
            self._account = read_account(self.channel)
            self._listener = Mm7Listener(self.channel, self._events, self.counts, self._clock, self._budget)
        except ValueError as unfit:
            self._trouble = str(unfit)
            log.error("channel_settings_unfit", channel=self.channel.name, what=self._trouble)  # noqa: TRY400 - no bug of ours
            return
        self._client = Mm7Client(self.channel, self._account, self._at_once)
        self._listener.open()
        self._watch = asyncio.create_task(self._come_up(0.0), name=f"mm7-{self.channel.name}")

    async def _end(self) -> None:
        for task in (self._watch, *self._posts):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
        self._send_gate.close()
        self._setbacks.take_all()
        if self._listener is not None:
            await self._listener.close()
        if self._client is not None:
            await self._client.close()
        self._show(False)

    async def _begin_anew(self) -> None:
        """What is in the air is answered, or in doubt, before the old session goes."""
        own = asyncio.current_task()
        self._show(False)
        await asyncio.wait([task for task in self._posts if task is not own] or [asyncio.create_task(asyncio.sleep(0))])
        if self._watch is not None:
            self._watch.cancel()
        if self._listener is not None:
            await self._listener.close()
        if self._client is not None:
            await self._client.close()
        self._begin()

    async def _come_up(self, pause_s: float) -> None:
        """Look whether the port can be reached, until it can."""
        await asyncio.sleep(pause_s)
        while True:
            try:
                async with asyncio.timeout(self._timing.connect_s):
                    _, writer = await asyncio.open_connection(self.channel.host, self.channel.port)
                writer.close()
            except (OSError, TimeoutError) as error:
                self.counts.connects_failed += 1
                self._trouble = f"{Failure.UNREACHED.value}: {error}"
                await asyncio.sleep(self._backoff.next_s(self._chance(), is_refused=False))
            else:
                break
        self._trouble = ""
        self._show(True)
        self._pump()

    def _go_down(self, trouble: str, *, is_refused: bool) -> None:
        """Of several posts that fail together the first speaks for all."""
        if not self._is_up or self._is_closing:
            return
        self._show(False)
        self._trouble = trouble
        pause_s = self._backoff.next_s(self._chance(), is_refused=is_refused)
        log.warning("carrier_unreached", channel=self.channel.name, what=trouble, again_in_s=round(pause_s, 1))
        self._look_again(pause_s)

    def _look_again(self, pause_s: float) -> None:
        """Come up after so long, if the link is down."""
        if self._is_up or self._is_closing or self._client is None:
            return
        if self._watch is not None:
            self._watch.cancel()
        self._watch = asyncio.create_task(self._come_up(pause_s), name=f"mm7-{self.channel.name}")

    def _show(self, is_up: bool) -> None:
        if is_up is not self._is_up:
            self._is_up = is_up
            self.counts.connections_up = int(is_up)
            if not self._is_closing:
                self._events.changed()

    # --- sending ---------------------------------------------------------------------------------------------------------

    @property
    def _at_once(self) -> int:
        return min(AT_ONCE_MOST, self.channel.window * self.channel.connections)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _pump(self) -> None:
        """Post what state, answers not yet committed, pauses, rate and connections allow."""
        if not (self.is_up and self._queue and self.channel.state in _SENDS):
            return
        now, free = self._now(), self._at_once - len(self._posts) - max(0, self._unsettled - self._at_once)
        if free <= 0:
            return
        for _ in range(self._send_gate.let_pass(min(free, len(self._queue)), self.channel.rate, now)):
            self._post(self._queue.popleft())
        if self.room:
            self._events.hungry()

    def _post(self, segment: OutSegment) -> None:
        now_ms = self._clock()
        if segment.valid_until_ms and now_ms > segment.valid_until_ms:
            self._give(Answered(segment, _REFUSED, "", EXPIRED, now_ms))
        elif not (segment.media and all(media.data for media in segment.media)):
            self._give(Answered(segment, _REFUSED, "", NO_MEDIA, now_ms))
        else:
            task = asyncio.create_task(self._submit(segment), name="mm7-submit")
            self._posts.add(task)
            task.add_done_callback(self._posted)

    def _posted(self, task: "asyncio.Task[None]") -> None:
        self._posts.discard(task)
        self._pump()

    async def _submit(self, segment: OutSegment) -> None:
        assert self._client is not None
        assert self._account is not None
        segment.submitted_ms = self._clock()
        self.counts.submits += 1
        posted = await self._client.ask(submit_of(segment, self._account, segment.submitted_ms))
        if posted.answer is None:
            self._take_failure(segment, posted)
        else:
            self._take_answer(segment, posted.answer)

    def _take_answer(self, segment: OutSegment, answer: Answer) -> None:
        if answer.is_success:
            self._backoff.after_success()
            self._send_gate.went_well(self._now())
            self._setbacks.passed(1, self._now())
            # without an id no report can come; a name it needs all the same
            self._give(Answered(segment, _ACCEPTED, bounded(answer.message_id) or stand_in(segment), "", self._clock()))
            return
        code = str(answer.code)
        blame = blame_of(self.channel, MM7, answer.code, code)
        if blame is Blame.MESSAGE:
            self._give(Answered(segment, _REFUSED, "", code, self._clock()))
        else:
            self._set_back(Setback(segment, blame, code))

    def _take_failure(self, segment: OutSegment, posted: Posted) -> None:
        if posted.failure is Failure.BUSY:
            self._set_back(Setback(segment, Blame.MOMENT, f"HTTP {posted.status}"))
        elif posted.failure is Failure.SILENT:
            self._take_silence(segment)
        else:
            assert posted.failure is not None
            is_refused = posted.failure is Failure.REFUSED
            self._queue.appendleft(segment)
            self.counts.disconnects += self._is_up and not is_refused
            self.counts.logins_refused += self._is_up and is_refused
            self._go_down(posted.failure.value, is_refused=is_refused)

    def _set_back(self, setback: Setback) -> None:
        """It was not taken, and may be later. Alone it waits by itself; else the link slows down, or is down."""
        now, is_slow = self._now(), setback.blame is Blame.MOMENT
        self.counts.throttled += is_slow
        told = self._setbacks.sort([setback], now)
        for one in told.over:
            self._give(Answered(one.segment, _REFUSED, "", one.code, self._clock()))
        for one in told.common:
            self._queue.appendleft(one.segment)
            if is_slow:
                self._send_gate.slow_down(now)
            else:
                self._go_down(f"the carrier refuses all that this channel sends: {one.code}", is_refused=False)

    def _back(self, segments: Sequence[OutSegment]) -> None:
        """Their pause is over."""
        self._queue.extendleft(reversed(segments))
        self._pump()

    def _take_silence(self, segment: OutSegment) -> None:
        """It may have been taken. Sent again under its own TransactionID, by which the relay/server knows it, where the channel resends."""
        is_held = self.channel.on_doubt is OnDoubt.HOLD
        if not is_held and self._retries.unanswered(segment, self._now()):
            self.counts.doubts += 1
            self._queue.appendleft(segment)
            return
        self.counts.unanswered += 1
        self._give(Answered(segment, _UNANSWERED, "", "", self._clock()))

    def _give(self, answer: Answered) -> None:
        self._unsettled += 1
        self._send_gate.answered(1, self._now())
        if answer.result is _ACCEPTED:
            self.counts.accepted += 1
        elif answer.result is _REFUSED:
            self.counts.refuse(answer.code)
        self._retries.forget(answer.segment)
        self._events.answered([answer])


def _place(channel: Channel) -> tuple[object, ...]:
    """What a session and a listener are made of."""
    return channel.host, channel.port, channel.user, channel.secret, channel.window, channel.connections, dict(channel.options)
