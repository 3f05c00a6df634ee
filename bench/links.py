"""Links of one process at the message centre in C, fed from memory: how fast they go, and whether they keep a rate.

No store and no doors: what is measured is a segment's way out and the way in of its answer and its receipt, through codec,
session, window and link. Every answer and every receipt is compared with what was offered, after the clock has stopped.
"""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import uvloop

from bench.flood import link_ceiling
from bench.tools import MessageCentre
from hongyan.carriers.factory import adapter_of
from hongyan.carriers.link import CarrierLink
from hongyan.compose.process_start import settle_memory
from hongyan.model.channel import Channel
from hongyan.model.message import SegmentResult
from hongyan.model.protocol import Protocol
from hongyan.model.rows import PageCursor
from hongyan.model.traffic import Answered, OutSegment, Receipt, ReplyPart

LINKS, RATE, WINDOW = 4, 10_000, 100
_BATCH = 500  # segments offered at a time, as a worker does
_STEP_S = 0.005  # of the timetable
_WARM_UP = 500  # segments a link
_LATE_S = 30.0
_TEXT = "【测试】您的验证码是123456，五分钟内有效。"
_MAINLAND = 8613800000000


class LostError(RuntimeError):
    """An answer or a receipt did not come, or came twice."""


class _Feed:
    """Implements ports.LinkEvents: commits at once, keeps what is reported, and offers more when the link has room."""

    def __init__(self, name: int, port: int, segments: Sequence[OutSegment], *, is_timed: bool) -> None:
        """is_timed: segments are offered by the clock, not when the link has room"""
        self.segments = segments
        self.offered, self.answers, self.receipts = 0, 0, 0
        self.seen: list[Sequence[Answered]] = []
        self.taken: list[Sequence[Receipt]] = []
        self.last_at = 0.0
        self._is_timed = is_timed
        self._is_called = False
        self._loop = asyncio.get_running_loop()
        channel = Channel(name, f"up{name}", Protocol.SMPP, "127.0.0.1", port, f"link{name}", "bench", window=WINDOW)
        self.link = CarrierLink(channel, adapter_of, self, lambda: time.time_ns() // 1_000_000)

    def offer(self, upto: int) -> None:
        """Offer the segments up to this one."""
        more = self.segments[self.offered : upto]
        self.offered += len(more)
        if more:
            self.link.offer(more)

    def answered(self, answers: Sequence[Answered]) -> None:
        self.answers += len(answers)
        self.seen.append(answers)
        self.last_at = self._loop.time()
        self._loop.call_soon(self.link.settled, len(answers))

    def received(self, receipts: Sequence[Receipt], confirm: Callable[[bool], None]) -> None:
        self.receipts += len(receipts)
        self.taken.append(receipts)
        self._loop.call_soon(confirm, True)

    def answer_lost(self, parts: Sequence[ReplyPart]) -> None: ...

    def replied(self, parts: Sequence[ReplyPart], confirm: Callable[[bool], None]) -> None:
        raise AssertionError(parts, confirm)  # the centre has no handsets

    async def unreported(self, after: PageCursor, since_ms: int, until_ms: int) -> tuple[list[str], PageCursor | None]:
        raise AssertionError(after, since_ms, until_ms)  # only links over HTTP ask

    def ready(self) -> None:
        if not self._is_timed and not self._is_called and self.offered < len(self.segments):
            self._is_called = True
            self._loop.call_soon(self._more)

    def _more(self) -> None:
        self._is_called = False
        self.offer(self.offered + _BATCH)

    def changed(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Run:
    """What one load came to."""

    rates: Sequence[float]  # segments a second, by link
    cpu_us: float  # of this process for a segment, its receipt included
    late_s: float  # from when the last segment was due to the last answer


def links(seconds: float) -> dict[str, float]:
    """Four links: as fast as they go and at a fixed rate each, without receipts and with; one link at a slow centre."""
    with MessageCentre() as centre, _as_served():
        figures: dict[str, float] = {}
        for receipts, word in ((0, ""), (1, ", receipts")):
            centre.configure(dlr=receipts)
            full = _load(centre, LINKS, round(RATE * seconds / 2), has_receipts=bool(receipts))
            kept = _load(centre, LINKS, round(RATE * seconds), rate=RATE, has_receipts=bool(receipts))
            figures |= {
                f"full{word}: slowest link/s": min(full.rates),
                f"full{word}: CPU µs/segment": full.cpu_us,
                f"kept{word}: slowest link/s": min(kept.rates),
                f"kept{word}: CPU µs/segment": kept.cpu_us,
                f"kept{word}: behind at the end ms": kept.late_s * 1e3,
            }
        return figures


def round_trip_s(centre: MessageCentre) -> float:
    """How long this centre takes to answer, as a client in C sees it: of one submit at a time."""
    return 1 / link_ceiling(centre.port, messages=200, window=1)


def slow_share(answer_ms: int, seconds: float) -> float:
    """Percent of window ÷ round trip that a link alone carries at a centre which takes its time."""
    with MessageCentre(answer_ms=answer_ms) as centre, _as_served():
        ideal = WINDOW / round_trip_s(centre)
        centre.configure(dlr=0)
        return 100 * _load(centre, 1, round(ideal * seconds)).rates[0] / ideal


@contextmanager
def _as_served() -> Iterator[None]:
    """The collector set as a process that serves has it."""
    usual = gc.get_threshold()
    settle_memory()
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _load(centre: MessageCentre, count: int, segments: int, *, rate: float = 0, has_receipts: bool = False) -> _Run:
    """So many links with so many segments each. raises: LostError"""
    return uvloop.run(_loaded(centre, count, segments, rate, has_receipts))


async def _loaded(centre: MessageCentre, count: int, segments: int, rate: float, has_receipts: bool) -> _Run:
    await _put_through(centre, count, _WARM_UP, 0, has_receipts)
    return await _put_through(centre, count, segments, rate, has_receipts)


async def _put_through(centre: MessageCentre, count: int, segments: int, rate: float, has_receipts: bool) -> _Run:
    centre.reset()
    feeds = [_Feed(n, centre.port, _segments(n * segments, segments), is_timed=bool(rate)) for n in range(count)]
    for feed in feeds:
        await feed.link.open()
    while not all(feed.link.is_up for feed in feeds):  # noqa: ASYNC110 - once a run
        await asyncio.sleep(0.005)
    gc.collect()
    cpu, began = time.process_time(), asyncio.get_running_loop().time()
    if rate:
        await _by_the_clock(feeds, segments, rate, began)
    else:
        for feed in feeds:
            feed.offer(_BATCH)
    await _all_in(feeds, count * segments if has_receipts else 0)
    cpu = time.process_time() - cpu
    due_s = segments / rate if rate else 0.0
    _compare(feeds, centre, has_receipts)
    for feed in feeds:
        await feed.link.close(1)
    last_at = max(feed.last_at for feed in feeds)
    return _Run([segments / (feed.last_at - began) for feed in feeds], cpu / (count * segments) * 1e6, last_at - began - due_s)


def _segments(first: int, count: int) -> list[OutSegment]:
    return [OutSegment(tag, 1, 1, _MAINLAND + tag, _TEXT, "10690000123", 1) for tag in range(first, first + count)]


async def _by_the_clock(feeds: Sequence[_Feed], segments: int, rate: float, began: float) -> None:
    """Offer each link what is due, in small steps; a step that came late catches up."""
    loop = asyncio.get_running_loop()
    while (due := round((loop.time() - began) * rate)) < segments:
        for feed in feeds:
            feed.offer(due)
        await asyncio.sleep(_STEP_S)
    for feed in feeds:
        feed.offer(segments)


async def _all_in(feeds: Sequence[_Feed], receipts: int) -> None:
    """raises: LostError"""
    limit = time.monotonic() + _LATE_S
    while any(feed.answers < len(feed.segments) for feed in feeds) or sum(feed.receipts for feed in feeds) < receipts:
        if time.monotonic() > limit:
            raise LostError(f"answers {[feed.answers for feed in feeds]}, receipts {[feed.receipts for feed in feeds]}")
        await asyncio.sleep(0.01)


def _compare(feeds: Sequence[_Feed], centre: MessageCentre, has_receipts: bool) -> None:
    """Every segment accepted once, under an id that one receipt named; each arrived once. raises: LostError"""
    offered = sorted(segment.message_id for feed in feeds for segment in feed.segments)
    answers = [answer for feed in feeds for seen in feed.seen for answer in seen]
    accepted = {answer.carrier_id: answer.segment for answer in answers if answer.result is SegmentResult.ACCEPTED}
    receipts = [receipt for feed in feeds for taken in feed.taken for receipt in taken]
    named = {receipt.carrier_ids[0]: receipt.phone for receipt in receipts}
    stats = centre.stats()
    if sorted(segment.message_id for segment in accepted.values()) != offered or len(answers) != len(offered):
        raise LostError(f"{len(answers)} answers, {len(accepted)} of them good, to {len(offered)} segments")
    if has_receipts and named != {carrier_id: segment.phone for carrier_id, segment in accepted.items()}:
        raise LostError(f"{len(receipts)} receipts of {len(named)} segments, for {len(offered)}")
    if stats["uniq"] != len(offered) or stats["dup"]:
        raise LostError(f"{stats['uniq']} segments of {len(offered)} arrived, {stats['dup']} repeated")
