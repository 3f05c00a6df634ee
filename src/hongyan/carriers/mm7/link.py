"""The link of an MM7 channel: MMS leave as HTTP posts, window times connections at once, each on a connection of its own.

It is up when the relay/server's port can be reached. After the first post that does not reach it, or whose user is refused, it
is down until the port is tried again. What did not leave goes back to the front of the queue.
"""

import asyncio
import random
from collections.abc import Callable

import structlog

from hongyan.adapters.answers import MM7, AnswerFault, fault_of
from hongyan.adapters.carrier_ids import bounded, unnamed_id
from hongyan.adapters.mm7.client import Account, read_account, submit_of
from hongyan.adapters.options import WrongOption
from hongyan.carriers.deferrals import Deferral
from hongyan.carriers.dialer import Timing
from hongyan.carriers.mm7.client import Failure, Mm7Client, PostResult
from hongyan.carriers.mm7.listener import Mm7Listener
from hongyan.carriers.pace import Backoff
from hongyan.carriers.posting_link import PostingLink
from hongyan.carriers.system_reason import reason_of
from hongyan.carriers.wrong_settings import wrong_settings
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.model.channel import Channel
from hongyan.model.message import SegmentResult
from hongyan.model.mms import NO_MEDIA
from hongyan.model.traffic import Answered, OutSegment
from hongyan.model.translatable import Translatable
from hongyan.ports.clock import Clock
from hongyan.ports.link import LinkEvents
from hongyan.wire.mm7.pdu import Answer

log = structlog.get_logger(__name__)

IN_MEMORY_MOST = 64
"""The most MMS that a link has queued, sent or uncommitted: each has its media in memory."""

AT_ONCE_MOST = 64

_ACCEPTED, _REFUSED = SegmentResult.ACCEPTED, SegmentResult.REFUSED


class Mm7Link(PostingLink):
    """Implements ports.Link."""

    def __init__(
        self,
        channel: Channel,
        events: LinkEvents,
        clock: Clock,
        timing: Timing | None = None,
        chance: Callable[[], float] = random.random,
        budget: ConnectionBudget | None = None,
    ) -> None:
        """budget: shared with all channels' listeners"""
        super().__init__(channel, events, clock)
        self._trouble: str = ""
        self._budget = budget
        self._timing, self._chance = timing or Timing(), chance
        self._account: Account | None = None
        self._client: Mm7Client | None = None
        self._listener: Mm7Listener | None = None
        self._backoff = Backoff(self._timing.first_pause_s, self._timing.most_pause_s, self._timing.refused_pause_s)
        self._coming_up: asyncio.Task[None] | None = None
        self._beginning_anew: asyncio.Task[None] | None = None

    def _tune(self, channel: Channel) -> None:
        super()._tune(channel)
        self._windows = min(AT_ONCE_MOST, self._windows)

    # --- ports.Link ------------------------------------------------------------------------------------------------------

    @property
    def trouble(self) -> str:
        return self._trouble or (self._listener.trouble if self._listener else "")

    @property
    def room(self) -> int:
        in_memory = len(self._queue) + self.in_air + self._uncommitted
        return max(0, min(super().room, IN_MEMORY_MOST - in_memory)) if self._is_up else 0

    @property
    def listens_on(self) -> int:
        """Returns the port of the listener; 0 if there is none."""
        return self._listener.port if self._listener else 0

    def retune(self, channel: Channel) -> None:
        """Apply rate, window and state at once. Another address, login or protocol setting begins a new session."""
        before = self.channel
        self._adopt(channel)
        self._backoff.after_success()
        if _session_settings(before) == _session_settings(channel):
            self._look_again(0.0)
        else:
            self._beginning_anew = asyncio.create_task(self._begin_anew(self._beginning_anew), name=f"mm7-{channel.name}")
        self._pump()

    async def open(self) -> None:
        self._begin()

    async def close(self, drain_s: float) -> None:
        self._stop_sending()
        await self._drain(drain_s)
        await self._end()

    # --- being up --------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Begin. With wrong settings the link stays down, and says why."""
        try:
            self._account = read_account(self.channel)
            self._listener = Mm7Listener(self.channel, self._events, self.counts, self._clock, self._budget)
        except WrongOption as wrong:
            self._trouble = wrong_settings(self.channel, wrong)
            return
        self._client = Mm7Client(self.channel, self._account, self._windows)
        self._listener.open()
        self._coming_up = asyncio.create_task(self._come_up(0.0), name=f"mm7-{self.channel.name}")

    async def _end(self) -> None:
        for task in filter(None, (self._coming_up, self._beginning_anew)):
            task.cancel()
        if self._listener is not None:
            await self._listener.close()
        if self._client is not None:
            await self._client.close()
        self._show(False)

    async def _begin_anew(self, earlier: "asyncio.Task[None] | None") -> None:
        """Begin anew. Requests on their way are answered, or in doubt, before the old session ends. earlier: the change before,
        if it still runs
        """
        self._show(False)
        if under_way := [*self._requests, *filter(None, (earlier,))]:
            await asyncio.wait(under_way)
        if self._coming_up is not None:
            self._coming_up.cancel()
        if self._listener is not None:
            await self._listener.close()
        if self._client is not None:
            await self._client.close()
        self._begin()

    async def _come_up(self, pause_s: float) -> None:
        """Try the port until it can be reached."""
        await asyncio.sleep(pause_s)
        while not await self._reaches():  # noqa: ASYNC110 - nothing reports when a port is open
            await asyncio.sleep(self._backoff.next_s(self._chance(), is_refused=False))
        self._trouble = ""
        self._show(True)
        self._pump()

    async def _reaches(self) -> bool:
        """Returns whether the port can be reached; if not, it is counted, and why is noted."""
        try:
            async with asyncio.timeout(self._timing.connect_s):
                _, writer = await asyncio.open_connection(self.channel.host, self.channel.port)
        except OSError as error:
            self.counts.connects_failed += 1
            self._trouble = Translatable("{what}: {reason}", what=Failure.UNREACHED.value, reason=reason_of(error))
            return False
        writer.close()
        return True

    def _go_down(self, trouble: str, *, is_refused: bool) -> None:
        """Go down. Of several posts that fail together only the first is noted."""
        if not self._is_up or self._is_closing:
            return
        self._show(False)
        self._trouble = trouble
        pause_s = self._backoff.next_s(self._chance(), is_refused=is_refused)
        log.warning("carrier_unreached", channel=self.channel.name, what=trouble, again_in_s=round(pause_s, 1))
        self._look_again(pause_s)

    def _look_again(self, pause_s: float) -> None:
        """Try the port again after this pause, if the link is down."""
        if self._is_up or self._is_closing or self._client is None:
            return
        if self._coming_up is not None:
            self._coming_up.cancel()
        self._coming_up = asyncio.create_task(self._come_up(pause_s), name=f"mm7-{self.channel.name}")

    def _show(self, is_up: bool) -> None:
        if is_up is not self._is_up:
            self._is_up = is_up
            self.counts.connections_up = int(is_up)
            if not self._is_closing:
                self._events.changed()

    # --- sending ---------------------------------------------------------------------------------------------------------

    def _unfit(self, segment: OutSegment) -> str:
        return "" if segment.media and all(media.data for media in segment.media) else NO_MEDIA

    async def _post(self, segment: OutSegment) -> None:
        assert self._client is not None
        assert self._account is not None
        posted = await self._client.ask(submit_of(segment, self._account, segment.submitted_ms))
        if posted.answer is None:
            self._take_failure(segment, posted)
        else:
            self._note_delay(segment, 1, self._clock())
            self._take_answer(segment, posted.answer)

    def _take_answer(self, segment: OutSegment, answer: Answer) -> None:
        code = str(answer.code)
        if answer.is_success:
            # without an id no report can come, but the segment needs a name
            self._answered([Answered(segment, _ACCEPTED, bounded(answer.message_id) or unnamed_id(segment), "", self._clock())])
        elif (fault := fault_of(self.channel, MM7, answer.code, code)) is AnswerFault.MESSAGE:
            self._answered([Answered(segment, _REFUSED, "", code, self._clock())])
        else:
            self._take_deferral(Deferral(segment, fault, code))

    def _note_accepted(self) -> None:
        self._backoff.after_success()

    def _take_failure(self, segment: OutSegment, posted: PostResult) -> None:
        if posted.failure is Failure.BUSY:
            self._take_deferral(Deferral(segment, AnswerFault.CONGESTION, f"HTTP {posted.status}"))
        elif posted.failure is Failure.SILENT:
            # sent again under its own TransactionID, by which the relay/server recognises it, but not at once: who resets connections, or
            # answers with a page for people, would get all that waits in no time
            self._take_unanswered([segment])
            self._go_down(posted.failure.value, is_refused=False)
        else:
            assert posted.failure is not None
            is_refused = posted.failure is Failure.REFUSED
            self.counts.disconnects += self._is_up and not is_refused
            self.counts.logins_refused += self._is_up and is_refused
            self._go_down(posted.failure.value, is_refused=is_refused)
            self._put_back([segment])

    def _take_deferral(self, deferral: Deferral) -> None:
        """Refuse or keep a segment. If all are refused alike for more than congestion, the link is down."""
        for code in self._defer([deferral]).values():
            self._go_down(Translatable("the carrier refuses all that this channel sends: {code}", code=code), is_refused=False)


def _session_settings(channel: Channel) -> tuple[object, ...]:
    """Returns the settings that a session and a listener are made of."""
    return channel.host, channel.port, channel.user, channel.secret, channel.window, channel.connections, dict(channel.options)
