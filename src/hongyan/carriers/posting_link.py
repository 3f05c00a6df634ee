"""A link that sends each segment in an HTTP request of its own, as many at once as its windows hold."""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence

import structlog

from hongyan.carriers.queued_link import QueuedLink
from hongyan.model.channel import Channel, OnDoubt
from hongyan.model.message import SegmentResult
from hongyan.model.traffic import Answered, OutSegment
from hongyan.ports.clock import Clock
from hongyan.ports.link import LinkEvents

log = structlog.get_logger(__name__)


class PostingLink(QueuedLink):
    """HTTP has no login: such a link is up while its requests are answered, and down otherwise."""

    LEAST_QUEUED = 2  # a request takes a round trip

    def __init__(self, channel: Channel, events: LinkEvents, clock: Clock) -> None:
        super().__init__(channel, events, clock)
        self._requests: dict[asyncio.Task[None], OutSegment] = {}
        self._is_up = False

    @abstractmethod
    def _unfit(self, segment: OutSegment) -> str:
        """Returns the code of a segment that the interface cannot carry; "" for one that it can."""

    @abstractmethod
    async def _post(self, segment: OutSegment) -> None:
        """Send one segment, and act on its answer."""

    @property
    def is_up(self) -> bool:
        return self._is_up and not self._is_closing

    @property
    def in_air(self) -> int:
        return len(self._requests)

    def _free(self) -> int:
        return self._windows if self._is_up else 0

    def _write(self, segments: Sequence[OutSegment], now: float) -> None:  # noqa: ARG002 - the clock's time is in the segment
        now_ms = self._clock()
        for segment in segments:
            if code := self._unfit(segment):
                self._answered([Answered(segment, SegmentResult.REFUSED, "", code, now_ms)])
                continue
            segment.submitted_ms = now_ms
            self.counts.submits += 1
            request = asyncio.create_task(self._post(segment), name=f"post-{self.channel.name}")
            self._requests[request] = segment
            request.add_done_callback(self._over)

    def _over(self, request: "asyncio.Task[None]") -> None:
        """A request that a bug ended has no answer, as one that was lost: its segment is not forgotten."""
        segment = self._requests.pop(request, None)
        if segment is not None and not request.cancelled() and (bug := request.exception()) is not None:
            log.error("carrier_request_failed", channel=self.channel.name, exc_info=bug, limit_by=("channel",))
            self._take_unanswered([segment])
        self._pump()

    async def _drain(self, drain_s: float) -> None:
        """Wait for answers. Requests without one by then are broken off, and reported if the channel holds what is in doubt."""
        if self._requests and drain_s > 0:
            await asyncio.wait(list(self._requests), timeout=drain_s)
        left = dict(self._requests)
        for request in left:
            request.cancel()
        if left and self.channel.on_doubt is OnDoubt.HOLD:
            self._give_up(list(left.values()))
