"""A channel to another platform of the same interfaces: `sms.aspx` out, reports and replies by pull or by push.

As many requests at once as window and connections say, one message each. What answers badly for every message alike (balance,
login, product) is trouble of the channel: nothing is refused for it, the channel counts as down, the balance is asked for
again and again, and as soon as that is answered well it goes on; meanwhile its messages may go another way. A request without
an answer is in doubt: where the channel resends, it is made again under the same name, which a platform that knows `clientref`
takes once.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog

from hongyan.adapters.answers import Blame
from hongyan.adapters.aspx.client import STATUSES, AspxClient
from hongyan.adapters.carrier_ids import stand_in
from hongyan.carriers.counts import LinkCounts
from hongyan.carriers.http.client import Came, HttpClient
from hongyan.carriers.http.pull import Puller
from hongyan.carriers.http.push import Receiver, read_postbox
from hongyan.carriers.http.reconcile import Reconciler
from hongyan.carriers.link import EXPIRED, THROTTLED
from hongyan.carriers.retry_tracker import RetryTracker
from hongyan.carriers.send_gate import SendGate
from hongyan.carriers.setback import Setback, Setbacks
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.model.binary import NO_BINARY
from hongyan.model.channel import Channel, ChannelState, OnDoubt
from hongyan.model.message import SegmentResult
from hongyan.model.traffic import NO_FLASH, Answered, OutSegment, Receipt, ReplyPart
from hongyan.ports import Clock, LinkEvents
from hongyan.wire.aspx import codec as aspx

log = structlog.get_logger(__name__)

PROBE_S = 2.0
"""How often a channel in trouble asks for its balance."""

AGAIN_S = 1.0
"""Pause before what could not be stored is stored again."""

_LEAST_AHEAD = 2  # windows queued at least: a request takes a round trip
_SENDS = frozenset({ChannelState.RUNNING, ChannelState.DRAINING})
_ACCEPTED, _REFUSED, _UNANSWERED = SegmentResult.ACCEPTED, SegmentResult.REFUSED, SegmentResult.UNANSWERED


class HttpLink:
    """Implements ports.Link."""

    def __init__(self, channel: Channel, events: LinkEvents, clock: Clock, budget: ConnectionBudget | None = None) -> None:
        """budget: that all channels' listeners share"""
        self.channel = channel
        self.counts = LinkCounts()
        self.receiver = Receiver(channel.name, self._keep, budget)
        self._events, self._clock = events, clock
        self._client = HttpClient()
        self._puller = Puller(self._client, self._take)
        self._reconciler = Reconciler(channel.name, self._client, events, clock, self._take)
        self._words: AspxClient | None = None
        self._queue: deque[OutSegment] = deque()
        self._flying: dict[asyncio.Task[None], OutSegment] = {}
        self._unsettled = 0
        self._send_gate, self._retries = SendGate(self._pump), RetryTracker()
        self._setbacks = Setbacks(self._retries, self._back)
        self._changed = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []
        self._pulling: asyncio.Task[None] | None = None
        self._is_up = False
        self._is_closing = False
        self._said = "not asked yet"
        self._read(channel)

    def _read(self, channel: Channel) -> None:
        try:
            self._words, self._box = AspxClient(channel), read_postbox(channel)
        except ValueError as unfit:
            self._said = str(unfit)
            log.error("channel_settings_unfit", channel=channel.name, what=str(unfit))  # noqa: TRY400 - no bug of ours
            self._words = self._box = None

    # --- ports.Link ------------------------------------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        return self._is_up and not self._is_closing

    @property
    def trouble(self) -> str:
        pulls = self._puller.trouble if self._pulling is not None else ""
        return "; ".join(filter(None, (self._said, pulls, self.receiver.trouble)))

    @property
    def room(self) -> int:
        return 0 if self._is_closing else max(0, self._wanted() - len(self._queue))

    @property
    def in_air(self) -> int:
        return len(self._flying)

    def offer(self, segments: Sequence[OutSegment]) -> None:
        self._queue.extend(segments)
        self._pump()

    def settled(self, count: int) -> None:
        self._unsettled -= count
        self._pump()

    def withdraw(self) -> list[OutSegment]:
        """Segments in doubt stay: the platform may have them."""
        queued = [*self._setbacks.take_all(), *self._queue]
        self._queue = deque(segment for segment in queued if self._retries.may_be_there(segment))
        return [segment for segment in queued if not self._retries.may_be_there(segment)]

    def retune(self, channel: Channel) -> None:
        """Any change may mend what was wrong: no pause that runs is waited for."""
        self.channel = channel
        self._read(channel)
        self._send_gate.forget()
        self._queue.extendleft(reversed(self._setbacks.take_all()))
        self._changed.set()
        self._loops = [loop for loop in self._loops if not loop.done()]
        self._loops.append(asyncio.create_task(self._listen(), name=f"retune-{channel.name}"))
        self._pump()

    async def open(self) -> None:
        await self._client.open()
        await self._listen()
        self._loops.append(asyncio.create_task(self._probe(), name=f"probe-{self.channel.name}"))
        seeking = self._reconciler.run(lambda: self.channel, lambda: self._words)
        self._loops.append(asyncio.create_task(seeking, name=f"seek-{self.channel.name}"))

    async def close(self, drain_s: float) -> None:
        self._is_closing = True
        self._send_gate.close()
        self._setbacks.take_all()
        for loop in (*self._loops, *filter(None, (self._pulling,))):
            loop.cancel()
        if self._flying:
            await asyncio.wait(list(self._flying), timeout=drain_s)
        left = dict(self._flying)
        for task in left:
            task.cancel()
        if left and self.channel.on_doubt is OnDoubt.HOLD:
            self._give([Answered(segment, _UNANSWERED, "", "", self._clock()) for segment in left.values()])
        await self.receiver.close()
        await self._client.close()

    async def _listen(self) -> None:
        """By push where the channel listens, else by pull."""
        await self.receiver.listen(self._box)
        if self._box is None and self._words is not None and self._pulling is None:
            self._pulling = asyncio.create_task(self._pull(), name=f"pull-{self.channel.name}")
        elif self._box is not None and self._pulling is not None:
            self._pulling.cancel()
            self._pulling = None

    async def _pull(self) -> None:
        def words() -> AspxClient:
            assert self._words is not None
            return self._words

        await self._puller.run(lambda: self.channel, words)

    # --- up or down ------------------------------------------------------------------------------------------------------

    async def _probe(self) -> None:
        """Ask for the balance until the answer is good, and whenever there is trouble."""
        while True:
            if not self._is_up and self._words is not None:
                self._note(await self._balance(self._words))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), PROBE_S)
            self._changed.clear()

    async def _balance(self, words: AspxClient) -> str:
        """What is wrong with our account there; "" when nothing is."""
        came = await self._client.post(words.url("sms.aspx"), words.question("overage"), self.channel.answer_timeout_s)
        if not came.is_good:
            return came.trouble
        try:
            told = aspx.read_overage(came.body)
        except aspx.BadAnswer as bad:
            return str(bad)
        return "" if told.is_success else told.message or "the balance was refused"

    def _note(self, trouble: str) -> None:
        """Up without trouble, down with it."""
        self._said = trouble
        if self._is_up is not (not trouble):
            self._is_up = not trouble
            self.counts.connections_up = int(self._is_up)
            self.counts.logins += self._is_up
            self.counts.disconnects += not self._is_up
            self._events.changed()
            self._pump()

    # --- sending ---------------------------------------------------------------------------------------------------------

    def _most(self) -> int:
        """Requests at once."""
        return self.channel.window * max(1, self.channel.connections)

    def _wanted(self) -> int:
        return self._send_gate.wanted(self._most() * _LEAST_AHEAD, self.channel.rate, self._now())

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _pump(self) -> None:
        """Begin whatever requests may begin now."""
        if not (self._queue and self.is_up and self._words is not None and self.channel.state in _SENDS):
            return
        now = self._now()
        free = min(len(self._queue), self._most() - max(self._unsettled, len(self._flying)))
        for _ in range(self._send_gate.let_pass(free, self.channel.rate, now) if free > 0 else 0):
            self._begin(self._queue.popleft(), self._words)
        if len(self._queue) <= self._wanted() // 2:
            self._events.hungry()

    def _begin(self, segment: OutSegment, words: AspxClient) -> None:
        now_ms = self._clock()
        is_over = 0 < segment.valid_until_ms < now_ms and not self._retries.holds(segment)
        unfit = EXPIRED if is_over else NO_BINARY if segment.binary is not None else self._no_flash(segment)
        if unfit:
            self._give([Answered(segment, _REFUSED, "", unfit, now_ms)])
            return
        segment.submitted_ms = now_ms
        self.counts.submits += 1
        task = asyncio.create_task(self._ask(segment, words))
        self._flying[task] = segment
        task.add_done_callback(self._landed)

    def _no_flash(self, segment: OutSegment) -> str:
        return NO_FLASH if segment.is_flash and not self.channel.carries_flash else ""

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.pop(task, None)
        self._pump()

    async def _ask(self, segment: OutSegment, words: AspxClient) -> None:
        came = await self._client.post(words.url("sms.aspx"), words.submission(segment), self.channel.answer_timeout_s)
        try:
            sent = aspx.read_sent(came.body) if came.is_good else None
        except aspx.BadAnswer as bad:
            came, sent = Came(came.body, came.status, trouble=str(bad)), None
        if sent is not None:
            self._answered(segment, words, sent)
        elif blame := STATUSES.get(came.status):
            self._set_back(Setback(segment, blame, str(came.status)), came.trouble)
        elif came.was_sent:
            self._doubt(segment, came)
        else:
            self._put_back(segment, came.trouble)

    def _answered(self, segment: OutSegment, words: AspxClient, sent: aspx.Sent) -> None:
        now_ms = self._clock()
        if sent.is_success and sent.task_id:
            name = words.name(sent.task_id, segment.phone) or stand_in(segment)
            self._give([Answered(segment, _ACCEPTED, name, "", now_ms)])
        elif sent.is_success or (blame := words.blame(sent.message)) is Blame.MESSAGE:
            self._give([Answered(segment, _REFUSED, "", words.code(sent.message), now_ms)])
        else:
            self._set_back(Setback(segment, blame, words.code(sent.message)), sent.message)

    def _set_back(self, setback: Setback, trouble: str) -> None:
        """It was not taken, and that is not the message's fault. Alone it waits by itself; else the link slows down, or is down."""
        now, is_slow = self._now(), setback.blame is Blame.MOMENT
        self.counts.throttled += is_slow
        told = self._setbacks.sort([setback], now)
        for one in told.over:
            self._give([Answered(one.segment, _REFUSED, "", THROTTLED if is_slow else one.code, self._clock())])
        if told.common and is_slow:
            self._send_gate.slow_down(now)
            self._queue.appendleft(setback.segment)
        elif told.common:
            self._put_back(setback.segment, trouble)

    def _back(self, segments: Sequence[OutSegment]) -> None:
        """Their pause is over."""
        self._queue.extendleft(reversed(segments))
        self._pump()

    def _put_back(self, segment: OutSegment, trouble: str) -> None:
        """The platform does not have it: it waits, here or for another channel."""
        self._queue.appendleft(segment)
        self.counts.connects_failed += 1
        self._note(trouble)

    def _doubt(self, segment: OutSegment, came: Came) -> None:
        """The platform may have it."""
        log.info("carrier_silent", channel=self.channel.name, what=came.trouble, limit_by=("channel",))
        if self.channel.on_doubt is OnDoubt.RESEND and self._retries.unanswered(segment, self._now()):
            self.counts.doubts += 1
            self._queue.appendleft(segment)
            self._note(came.trouble)
        else:
            self.counts.unanswered += 1
            self._give([Answered(segment, _UNANSWERED, "", "", self._clock())])

    def _give(self, answers: Sequence[Answered]) -> None:
        now = self._now()
        self._unsettled += len(answers)
        self._send_gate.answered(len(answers), now)
        for answer in answers:
            self._retries.forget(answer.segment)
            if answer.result is _ACCEPTED:
                self.counts.accepted += 1
                self._send_gate.went_well(now)
                self._setbacks.passed(1, now)
            elif answer.result is _REFUSED:
                self.counts.refuse(answer.code)
        self._events.answered(answers)

    # --- what comes back ---------------------------------------------------------------------------------------------------

    async def _take(self, items: Sequence[aspx.Item]) -> None:
        """Keep what was asked for, however long the store is away: nobody says it again."""
        while not await self._keep(items):  # noqa: ASYNC110 - nothing tells when a store is back
            await asyncio.sleep(AGAIN_S)

    async def _keep(self, items: Sequence[aspx.Item]) -> bool:
        """Hand on reports and replies; gives, after the store has answered, whether all are kept."""
        words, now_ms = self._words, self._clock()
        if words is None:
            return False
        told = [words.receipt(item, now_ms) for item in items if isinstance(item, aspx.Status)]
        receipts: list[Receipt] = [receipt for receipt in told if receipt is not None]
        self.counts.unreadable += len(told) - len(receipts)
        parts: list[ReplyPart] = [words.reply(item, now_ms) for item in items if isinstance(item, aspx.Reply)]
        self.counts.receipts += len(receipts)
        self.counts.replies += len(parts)
        waiting: list[Awaitable[bool]] = []
        if receipts:
            confirm, done = _confirmer()
            self._events.received(receipts, confirm)
            waiting.append(done)
        if parts:
            confirm, done = _confirmer()
            self._events.replied(parts, confirm)
            waiting.append(done)
        return all(await asyncio.gather(*waiting))


def _confirmer() -> tuple[Callable[[bool], None], asyncio.Future[bool]]:
    done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def confirm(is_stored: bool) -> None:
        if not done.done():
            done.set_result(is_stored)

    return confirm, done
