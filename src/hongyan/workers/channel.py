"""One channel under its owner: claim → link → record, receipts → commit → confirm.

The worker and its link live on the event loop. Everything that must survive is stored before it is answered or passed on.
"""

import asyncio
from asyncio import Future
from collections.abc import Callable, Sequence
from math import inf
from time import monotonic

import structlog

from hongyan.model.channel import Channel, ChannelState
from hongyan.model.rows import PageCursor
from hongyan.model.traffic import Answered, OutSegment, Receipt, ReplyPart
from hongyan.ports.lane import Lane
from hongyan.ports.link import LinkMaker
from hongyan.services.steps.dispatch import Claim, Record, Recorded, StrayParcels
from hongyan.services.steps.report_sweeps import UnreportedPage
from hongyan.services.steps.reroute import HandedOver, HandOver
from hongyan.workers.deliveries import Deliveries
from hongyan.workers.failures import log_failure
from hongyan.workers.signals import Signals
from hongyan.workers.steps import Steps
from hongyan.workers.task_pace import TaskPace
from hongyan.workers.waiting import wait_or_timeout

log = structlog.get_logger(__name__)

POLL_S = 0.2
"""A claim is tried this often without a signal, since another process may have queued."""

BATCH = 200
"""About how many messages one claim takes. Between claims the loop reads the carriers' answers and customers' requests."""

BATCH_ALONE = 500
"""The same while no customer waits."""

AGAIN_S = 1.0
"""Pause before answers are offered again to a store that did not take them."""

HAND_OVER_S = 5.0
"""Pause before what a dead channel's link holds is judged again, if some of it found another way; else its `reroute_after_s`.
"""

STRAYS_S = 60.0
"""How often it looks for parcels that were claimed for it and never reached it."""

_SENDS = {ChannelState.RUNNING, ChannelState.DRAINING}


class ChannelWorker:
    """Implements ports.LinkEvents for one channel and one epoch of its lease."""

    def __init__(
        self,
        channel: Channel,
        owner: str,
        epoch: int,
        lane: Lane,
        steps: Steps,
        signals: Signals,
        deliveries: Deliveries,
        make_link: LinkMaker,
        pace: TaskPace,
    ) -> None:
        self.channel = channel
        self.epoch = epoch
        self.owner = owner
        self._lane = lane
        self._steps = steps
        self._signals = signals
        self._pace = pace
        self._receipts, self._replies = deliveries.receipts_of(channel), deliveries.replies_of(channel)
        self._wake = asyncio.Event()
        self._in_hand: dict[int, int] = {}  # parcel → its segments without an answer
        self._unrecorded = 0
        self._done: set[int] = set()  # parcels whose last answers are not committed yet
        self._strays_at = monotonic() + STRAYS_S
        self._is_closing = False
        self._judge_again_at = inf  # when what the link holds is judged again while it is down
        self._loop: asyncio.Task[None] | None = None
        self.link = make_link(channel, self)
        self.room = 0
        self.unmatched = 0

    async def open(self) -> None:
        self._signals.on_queued(self.channel.id, self._queued)
        self._signals.on_stored(self.channel.id, self)
        await self.link.open()
        self._loop = asyncio.create_task(self._claim_loop(), name=f"claim-{self.channel.name}")

    async def close(self, drain_s: float) -> None:
        """Claim nothing more, let the link drain, and record the last answers."""
        self._is_closing, self.room = True, 0
        self._signals.on_queued(self.channel.id, None)
        self._signals.on_stored(self.channel.id, None)
        self._wake.set()
        if self._loop is not None:
            await asyncio.wait([self._loop], timeout=drain_s)  # a claim may hang with its store
            self._loop.cancel()
        await self.link.close(drain_s)
        for _ in range(round(drain_s * 20)):
            if not self._unrecorded:
                break
            await asyncio.sleep(0.05)

    def retune(self, channel: Channel) -> None:
        self.channel, self.room = channel, 0
        self.link.retune(channel)
        self._wake.set()

    # --- out ------------------------------------------------------------------------------------------------------

    def _queued(self) -> None:
        """Messages wait in the store. Until they are claimed, newer ones wait behind them."""
        self.room = 0
        self._wake.set()

    def take(self, segments: Sequence[OutSegment]) -> None:
        """Send segments that were claimed as they were stored."""
        self._offer(segments)
        self.room = min(self.room, self.link.room)

    async def _claim_loop(self) -> None:
        while not self._is_closing:
            self._wake.clear()
            if self._is_dead():
                await self._hand_over()
            if monotonic() >= self._strays_at:
                await self._give_back_strays()
            if not (self._may_claim() and await self._claim()):
                await wait_or_timeout(self._wake, POLL_S)

    def _may_claim(self) -> bool:
        return self.channel.state in _SENDS and self.link.is_up and self.link.room > 0

    async def _claim(self) -> bool:
        """Claim what the link has room for; returns whether there was anything, even if it was nothing to send."""
        asked = Claim(self.channel, self.owner, self.epoch, min(self.link.room, BATCH_ALONE if self._pace.is_alone else BATCH))
        segments: list[OutSegment] | None = None
        is_away = False
        try:
            segments = await self._lane.ask(self._steps.claim, asked)
        except Exception as error:  # the store is away: the lane logged it, and the poll tries again
            log_failure("claim_failed", error, channel=self.channel.name)
            is_away = True
        if is_away:
            await asyncio.sleep(AGAIN_S)
        elif segments:
            self._offer(segments)
        elif segments is None and not self._wake.is_set():
            self.room = self.link.room if self._may_claim() else 0
            if self.room:
                self._signals.has_room.set()
        return segments is not None

    def _offer(self, segments: Sequence[OutSegment]) -> None:
        for segment in segments:
            self._in_hand[segment.parcel_id] = self._in_hand.get(segment.parcel_id, 0) + 1
        self.link.offer(segments)

    async def _give_back_strays(self) -> None:
        self._strays_at = monotonic() + STRAYS_S
        asked = StrayParcels(self.channel.id, self.owner, self.epoch, frozenset(self._in_hand) | self._done)
        try:
            count = await self._lane.ask(self._steps.strays, asked)
        except Exception as error:  # the store is away
            log_failure("strays_not_sought", error, channel=self.channel.name)
            return
        if count:
            log.warning("parcels_given_back", channel=self.channel.name, parcels=count)

    def _is_dead(self) -> bool:
        return self.channel.state is ChannelState.RUNNING and not self.link.is_up and monotonic() >= self._judge_again_at

    async def _hand_over(self) -> None:
        """Send what the link holds another way if there is one; the link gets back the rest.

        Either all parts of a long text go or none: if one was answered, or may be at the carrier, the others stay here.
        """
        whole: dict[int, list[OutSegment]] = {}
        withdrawn = self.link.withdraw()
        for segment in withdrawn:
            whole.setdefault(segment.message_id, []).append(segment)
        asked = [message_id for message_id, parts in whole.items() if len(parts) == parts[0].parts]
        gone: set[int] = set()
        for start in range(0, len(asked), BATCH):
            batch = asked[start : start + BATCH]
            gone |= set(batch) - await self._kept(batch, {segment.parcel_id for i in batch for segment in whole[i]})
        for segment in withdrawn:
            if segment.message_id in gone:
                self._count_off(segment)
        self.link.offer([segment for segment in withdrawn if segment.message_id not in gone])
        self._judge_again_at = monotonic() + (HAND_OVER_S if gone else self.channel.reroute_after_s)
        if gone:
            log.info("messages_handed_over", channel=self.channel.name, messages=len(gone))

    async def _kept(self, message_ids: Sequence[int], parcels: set[int]) -> set[int]:
        """Returns which of them have no other way. It asks until the store answers, since nobody may send what may have gone
        another way.
        """
        asked = HandOver(self.channel.id, self.owner, self.epoch, message_ids, parcels)
        while (handed := await self._try_to_hand_over(asked)) is None:  # noqa: ASYNC110 - nothing reports when a store is back
            await asyncio.sleep(AGAIN_S)
        self._signals.queued(handed.queued)
        return handed.kept

    async def _try_to_hand_over(self, asked: HandOver) -> HandedOver | None:
        try:
            return await self._lane.ask(self._steps.hand_over, asked)
        except Exception as error:  # the store is away, and may have done it
            log_failure("hand_over_failed", error, channel=self.channel.name)
            return None

    # --- what the link reports --------------------------------------------------------------------------------------

    def ready(self) -> None:
        """Claim, if something may wait in the store."""
        if self.room:
            self.room = self.link.room
        else:
            self._wake.set()

    def changed(self) -> None:
        self.room = 0
        log.info("channel_up" if self.link.is_up else "channel_down", channel=self.channel.name)
        self._judge_again_at = inf if self.link.is_up else monotonic() + self.channel.reroute_after_s
        self._wake.set()

    def answered(self, answers: Sequence[Answered]) -> None:
        done = [parcel for a in answers if (parcel := self._count_off(a.segment)) is not None]
        self._unrecorded += len(answers)
        self._done.update(done)
        self._record(Record(self.channel, self.epoch, answers, done))

    def _count_off(self, segment: OutSegment) -> int | None:
        """Count the segment off; returns its parcel if it was the last one."""
        left = self._in_hand.get(segment.parcel_id, 1) - 1
        if left > 0:
            self._in_hand[segment.parcel_id] = left
            return None
        self._in_hand.pop(segment.parcel_id, None)
        return segment.parcel_id

    def _record(self, record: Record) -> None:
        """Record answers. It is urgent once no more than half a window may leave before they are committed: then the link soon
        stands still.
        """
        windows = self.channel.window * self.channel.connections
        is_urgent = 2 * (2 * windows - self._unrecorded - self.link.in_air) <= windows
        recorded = self._lane.ask(self._steps.record, record, is_urgent=is_urgent)
        recorded.add_done_callback(lambda done: self._recorded(record, done))

    def _recorded(self, record: Record, done: "Future[Recorded]") -> None:
        """After the commit, let the link go on and wake the next steps. A store that is away is asked again."""
        if done.cancelled():
            return
        if done.exception() is not None:
            asyncio.get_running_loop().call_later(AGAIN_S, self._record, record)
            return
        recorded = done.result()
        self._unrecorded -= len(record.answers)
        self._done.difference_update(record.parcels_done)
        self.link.settled(len(record.answers))
        self._signals.owed(recorded.owed)
        self._signals.queued(recorded.queued)

    def received(self, receipts: Sequence[Receipt], confirm: Callable[[bool], None]) -> None:
        self._receipts.take(receipts, confirm)

    def replied(self, parts: Sequence[ReplyPart], confirm: Callable[[bool], None]) -> None:
        self._replies.take(parts, confirm)

    def answer_lost(self, parts: Sequence[ReplyPart]) -> None:
        self._replies.expect(parts)

    async def unreported(self, after: PageCursor, since_ms: int, until_ms: int) -> tuple[list[str], PageCursor | None]:
        return await self._lane.ask(self._steps.unreported, UnreportedPage(self.channel.id, after, since_ms, until_ms))
