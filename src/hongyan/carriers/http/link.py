"""A channel to another platform of the same interfaces: `sms.aspx` out, reports and replies by pull or by push.

As many requests run at once as window and connections say, one message each. An answer that refuses every message alike
(balance, login, product) is trouble of the channel: no message is refused, the channel counts as down, and the balance is asked
for until the answer is good. Meanwhile its messages may go another way. A request without an answer is in doubt. If the channel
resends, it is made again under the same name, which a platform that knows `clientref` takes once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog

from hongyan.adapters.answers import AnswerFault
from hongyan.adapters.aspx.client import STATUSES, AspxClient
from hongyan.adapters.carrier_ids import unnamed_id
from hongyan.adapters.options import WrongOption
from hongyan.carriers.deferrals import Deferral
from hongyan.carriers.http.client import HttpClient, Response
from hongyan.carriers.http.pull import Puller
from hongyan.carriers.http.push import Receiver, read_push_endpoint
from hongyan.carriers.http.reconcile import Reconciler
from hongyan.carriers.posting_link import PostingLink
from hongyan.carriers.wrong_settings import wrong_settings
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.model.binary import NO_BINARY
from hongyan.model.channel import Channel, ChannelNeed
from hongyan.model.message import SegmentResult
from hongyan.model.traffic import NO_FLASH, Answered, OutSegment, Receipt, ReplyPart
from hongyan.model.translatable import Translatable
from hongyan.ports.clock import Clock
from hongyan.ports.link import LinkEvents
from hongyan.wire.aspx import codec as aspx_codec
from hongyan.wire.aspx import pdu as aspx

log = structlog.get_logger(__name__)

PROBE_S = 2.0
"""How often a channel in trouble asks for its balance."""

AGAIN_S = 1.0
"""Pause before items are offered again to a store that did not take them."""

PIECE = 500
"""The most items that are passed on in one turn of the event loop."""

_ACCEPTED, _REFUSED = SegmentResult.ACCEPTED, SegmentResult.REFUSED


class HttpLink(PostingLink):
    """Implements ports.Link."""

    def __init__(self, channel: Channel, events: LinkEvents, clock: Clock, budget: ConnectionBudget | None = None) -> None:
        """budget: shared with all channels' listeners"""
        super().__init__(channel, events, clock)
        self.receiver = Receiver(channel.name, self._keep, budget)
        self._client = HttpClient()
        self._puller = Puller(self._client, self._take_items)
        self._reconciler = Reconciler(channel.name, self._client, events, clock, self._take_items)
        self._adapter: AspxClient | None = None
        self._changed = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []
        self._pulling: asyncio.Task[None] | None = None
        self._trouble: str = Translatable("not asked yet")
        self._read(channel)

    def _read(self, channel: Channel) -> None:
        try:
            self._adapter, self._endpoint = AspxClient(channel), read_push_endpoint(channel)
        except WrongOption as wrong:
            self._trouble = wrong_settings(channel, wrong)
            self._adapter = self._endpoint = None

    # --- ports.Link ------------------------------------------------------------------------------------------------------

    @property
    def trouble(self) -> str:
        pulls = self._puller.trouble if self._pulling is not None else ""
        return Translatable.joined(self._trouble, pulls, self.receiver.trouble)

    def retune(self, channel: Channel) -> None:
        self._adopt(channel)
        self._read(channel)
        self._changed.set()
        self._loops = [loop for loop in self._loops if not loop.done()]
        self._loops.append(asyncio.create_task(self._listen(), name=f"retune-{channel.name}"))
        self._pump()

    async def open(self) -> None:
        await self._client.open()
        await self._listen()
        self._loops.append(asyncio.create_task(self._probe(), name=f"probe-{self.channel.name}"))
        reconciling = self._reconciler.run(lambda: self.channel, lambda: self._adapter)
        self._loops.append(asyncio.create_task(reconciling, name=f"reconcile-{self.channel.name}"))

    async def close(self, drain_s: float) -> None:
        self._stop_sending()
        for loop in (*self._loops, *filter(None, (self._pulling,))):
            loop.cancel()
        await self._drain(drain_s)
        await self.receiver.close()
        await self._client.close()

    async def _listen(self) -> None:
        """Receive by push if the channel listens, else by pull."""
        await self.receiver.listen(self._endpoint)
        if self._endpoint is None and self._adapter is not None and self._pulling is None:
            self._pulling = asyncio.create_task(self._pull(), name=f"pull-{self.channel.name}")
        elif self._endpoint is not None and self._pulling is not None:
            self._pulling.cancel()
            self._pulling = None

    async def _pull(self) -> None:
        def adapter() -> AspxClient:
            assert self._adapter is not None
            return self._adapter

        await self._puller.run(lambda: self.channel, adapter)

    # --- up or down ------------------------------------------------------------------------------------------------------

    async def _probe(self) -> None:
        """Ask for the balance until the answer is good, and whenever there is trouble."""
        while True:
            if not self._is_up and self._adapter is not None:
                self._show(await self._balance(self._adapter))
            with suppress(TimeoutError):
                async with asyncio.timeout(PROBE_S):
                    await self._changed.wait()
            self._changed.clear()

    async def _balance(self, adapter: AspxClient) -> str:
        """Returns what is wrong with our account there; "" if nothing is."""
        response = await self._client.post(adapter.url("sms.aspx"), adapter.question("overage"), self.channel.answer_timeout_s)
        if not response.is_good:
            return response.trouble
        try:
            balance = aspx_codec.read_overage(response.body)
        except aspx_codec.BadAnswer as bad:
            return Translatable("the answer cannot be read: {what}", what=Translatable.of(bad))
        return "" if balance.is_success else balance.message or Translatable("the balance was refused")

    def _show(self, trouble: str) -> None:
        """Set whether it is up: it is without trouble, and is not with it."""
        self._trouble = trouble
        if self._is_up is not (not trouble):
            self._is_up = not trouble
            self.counts.connections_up = int(self._is_up)
            self.counts.logins += self._is_up
            self.counts.disconnects += not self._is_up
            self._events.changed()
            self._pump()

    # --- sending ---------------------------------------------------------------------------------------------------------

    def _free(self) -> int:
        return 0 if self._adapter is None else super()._free()

    def _unfit(self, segment: OutSegment) -> str:
        if self.channel.carries(self.channel.product, segment.need):
            return ""
        return NO_FLASH if segment.need is ChannelNeed.FLASH else NO_BINARY

    async def _post(self, segment: OutSegment) -> None:
        adapter = self._adapter
        if adapter is None:  # the settings no longer fit
            self._put_back([segment])
            return
        response = await self._client.post(adapter.url("sms.aspx"), adapter.submission(segment), self.channel.answer_timeout_s)
        try:
            sent = aspx_codec.read_sent(response.body) if response.is_good else None
        except aspx_codec.BadAnswer as bad:
            response, sent = (
                Response(
                    response.body,
                    response.status,
                    trouble=Translatable("the answer cannot be read: {what}", what=Translatable.of(bad)),
                ),
                None,
            )
        if response.status:
            self._note_delay(segment, 1, self._clock())
        if sent is not None:
            self._take_answer(segment, adapter, sent)
        elif fault := STATUSES.get(response.status):
            self._take_deferral(Deferral(segment, fault, str(response.status)), response.trouble)
        elif response.was_sent:
            self._take_silence(segment, response.trouble)
        else:
            self._go_down(response.trouble)
            self._put_back([segment])

    def _take_answer(self, segment: OutSegment, adapter: AspxClient, sent: aspx.Sent) -> None:
        now_ms = self._clock()
        if sent.is_success:  # without a task too: the platform has it, and no report will name it
            named = adapter.name(sent.task_id, segment.phone) if sent.task_id else ""
            name = named or unnamed_id(segment)
            self._answered([Answered(segment, _ACCEPTED, name, "", now_ms)])
        elif (fault := adapter.fault(sent.message)) is AnswerFault.MESSAGE:
            self._answered([Answered(segment, _REFUSED, "", adapter.code(sent.message), now_ms)])
        else:
            self._take_deferral(Deferral(segment, fault, adapter.code(sent.message)), sent.message)

    def _take_deferral(self, deferral: Deferral, trouble: str) -> None:
        """Refuse or keep a segment. If all are refused alike for more than congestion, the link is down."""
        if self._defer([deferral]):
            self._go_down(trouble)

    def _take_silence(self, segment: OutSegment, trouble: str) -> None:
        """Note a request without an answer, which the platform may have. Nothing more is sent until it answers for our balance: what is
        held in doubt would all go to who answers nothing.
        """
        log.info("carrier_silent", channel=self.channel.name, what=trouble, limit_by=("channel",))
        self._take_unanswered([segment])
        self._show(trouble)

    def _go_down(self, trouble: str) -> None:
        self.counts.connects_failed += 1
        self._show(trouble)

    # --- what comes back ---------------------------------------------------------------------------------------------------

    async def _take_items(self, items: Sequence[aspx.Item]) -> None:
        """Keep items until the store takes them, however long that is: the platform hands them out once."""
        while not await self._keep(items):  # noqa: ASYNC110 - nothing reports when a store is back
            await asyncio.sleep(AGAIN_S)

    async def _keep(self, items: Sequence[aspx.Item]) -> bool:
        """Pass on reports and replies; returns, after the store has answered, whether all are stored."""
        adapter = self._adapter
        if adapter is None:
            return False
        waiting: list[Awaitable[bool]] = []
        for begin in range(0, len(items), PIECE):
            waiting += self._pass_on(adapter, items[begin : begin + PIECE])
            await asyncio.sleep(0)
        return all(await asyncio.gather(*waiting))

    def _pass_on(self, adapter: AspxClient, items: Sequence[aspx.Item]) -> list[Awaitable[bool]]:
        now_ms = self._clock()
        read = [adapter.receipt(item, now_ms) for item in items if isinstance(item, aspx.Status)]
        receipts: list[Receipt] = [receipt for receipt in read if receipt is not None]
        self.counts.unreadable += len(read) - len(receipts)
        parts: list[ReplyPart] = [adapter.reply(item, now_ms) for item in items if isinstance(item, aspx.Reply)]
        self.counts.note_receipts(receipts)
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
        return waiting


def _confirmer() -> tuple[Callable[[bool], None], asyncio.Future[bool]]:
    done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def confirm(is_stored: bool) -> None:
        if not done.done():
            done.set_result(is_stored)

    return confirm, done
