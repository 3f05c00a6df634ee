"""A link, what it reports to, and the simulated carrier at the other end of real sockets on loopback."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from tests.carriers.upstream import Upstream, UpstreamTrial

from hongyan.carriers.dialer import Timing
from hongyan.carriers.factory import adapter_of
from hongyan.carriers.http.link import HttpLink
from hongyan.carriers.link import CarrierLink
from hongyan.model.channel import Channel
from hongyan.model.message import SegmentResult
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import Answered, OutSegment, Receipt, ReplyPart
from hongyan.sim.carrier import CarrierSim
from hongyan.sim.script import read_script

SECRET = "s3cr3t"
PATIENCE_S = 20.0
FAST = Timing(connect_s=20, login_s=20, leave_s=1, first_pause_s=0.01, most_pause_s=0.05, refused_pause_s=60, healthy_s=0.5)


def clock() -> int:
    return time.time_ns() // 1_000_000


class RecordedEvents:
    """Implements ports.LinkEvents: keeps everything that a link reports. It commits at once unless a test says otherwise."""

    def __init__(self) -> None:
        self.link: CarrierLink | None = None
        self.answers: list[Answered] = []
        self.receipts: list[Receipt] = []
        self.parts: list[ReplyPart] = []
        self.lost: list[ReplyPart] = []  # of which the carrier may not have our answer
        self.confirms: list[Callable[[bool], None]] = []
        self.ups: list[bool] = []
        self.batches: list[int] = []
        self.ready_calls = 0
        self.settles = True
        self.stores: bool | None = True  # None: does not say yet
        self.silent: dict[str, int] = {}  # name of a message without a report → when it was sent

    def answered(self, answers: Sequence[Answered]) -> None:
        self.answers += answers
        self.batches.append(len(answers))
        if self.settles:
            asyncio.get_running_loop().call_soon(self.link.settled, len(answers))

    def received(self, receipts: Sequence[Receipt], confirm: Callable[[bool], None]) -> None:
        self.receipts += receipts
        self._confirm(confirm)

    def answer_lost(self, parts: Sequence[ReplyPart]) -> None:
        self.lost += parts

    def replied(self, parts: Sequence[ReplyPart], confirm: Callable[[bool], None]) -> None:
        self.parts += parts
        self._confirm(confirm)

    def _confirm(self, confirm: Callable[[bool], None]) -> None:
        if self.stores is None:
            self.confirms.append(confirm)
        else:
            asyncio.get_running_loop().call_soon(confirm, self.stores)

    async def unreported(
        self, after: tuple[int, int], since_ms: int, until_ms: int
    ) -> tuple[list[str], tuple[int, int] | None]:
        """One name a page."""
        names = [name for name, at_ms in self.silent.items() if since_ms < at_ms <= until_ms]
        place = after[0]
        return names[place : place + 1], (place + 1, 0) if place + 1 < len(names) else None

    def ready(self) -> None:
        self.ready_calls += 1

    def changed(self) -> None:
        self.ups.append(self.link.is_up)

    def results(self) -> dict[int, SegmentResult]:
        """Message → what became of it; every one at most once."""
        assert len({(a.segment.message_id, a.segment.part) for a in self.answers}) == len(self.answers)
        return {answer.segment.message_id: answer.result for answer in self.answers}


async def until(claim: Callable[[], object], within_s: float = PATIENCE_S) -> None:
    """Wait for a claim to become true."""
    async with asyncio.timeout(within_s):
        while not claim():  # noqa: ASYNC110 - any claim: there is no event that stands for all
            await asyncio.sleep(0.002)


def segments(count: int, first: int = 1, text: str = "你好") -> list[OutSegment]:
    return [OutSegment(n, 1, 1, 8613800000000 + n, text, "10690000123", 1) for n in range(first, first + count)]


class Trial:
    """One channel at one simulated carrier."""

    def __init__(self, sim: CarrierSim, link: CarrierLink, events: RecordedEvents) -> None:
        self.sim, self.link, self.events = sim, link, events

    async def accepted(self, count: int) -> None:
        await until(lambda: len(self.events.answers) >= count)
        assert set(self.events.results().values()) == {SegmentResult.ACCEPTED}
        assert len(self.events.answers) == count


def make_channel(protocol: str, port: int, **settings: object) -> Channel:
    facts = {"window": 10, "heartbeat_s": 5.0, "answer_timeout_s": 30.0} | settings
    return Channel(7, "up", Protocol(protocol), "127.0.0.1", port, "901234", SECRET, **facts)


@asynccontextmanager
async def on_trial(
    protocol: str = "smpp",
    script: str = "",
    *,
    timing: Timing = FAST,
    window: int = 100,
    report_delay_s: float = 0.0,
    **settings: object,
) -> AsyncIterator[Trial]:
    """A running carrier and an opened link, logged in unless the script forbids it."""
    sim = CarrierSim(
        protocol, user="901234", secret=SECRET, script=read_script(script), window=window, report_delay_s=report_delay_s
    )
    await sim.start()
    events = RecordedEvents()
    events.link = link = CarrierLink(
        make_channel(protocol, sim.port, **settings), adapter_of, events, clock, timing, lambda: 1.0
    )
    await link.open()
    try:
        if "login" not in script:
            await until(lambda: sim.counts.logins >= settings.get("connections", 1))
            await until(lambda: link.is_up)
        yield Trial(sim, link, events)
    finally:
        await link.close(0)
        await sim.stop()


@pytest.fixture
def trial():
    """`async with trial(protocol, script, …) as t`: t.link at t.sim; t.events has what the link reported."""
    return on_trial


@pytest.fixture
def wait():
    return until


@pytest.fixture
def some():
    """`some(5)`: segments of five messages."""
    return segments


@pytest.fixture
def fast():
    return FAST


@pytest.fixture
def recorded_events():
    return RecordedEvents


@pytest.fixture
def a_channel():
    return make_channel


@pytest.fixture
def now_ms():
    return clock


@pytest.fixture
def upstream(wait, recorded_events, now_ms, monkeypatch):
    """`async with upstream() as t`: a channel of kind http at a platform that the test plays."""
    monkeypatch.setattr("hongyan.carriers.http.link.PROBE_S", 0.05)
    monkeypatch.setattr("hongyan.carriers.http.link.AGAIN_S", 0.02)
    monkeypatch.setattr("hongyan.carriers.http.reconcile.ROUND_S", 0.05)
    monkeypatch.setattr("hongyan.carriers.http.reconcile.QUESTION_S", 0.02)
    monkeypatch.setattr("hongyan.carriers.http.unanswered.FIRST_PAUSE_S", 0.05)

    @asynccontextmanager
    async def run(is_up=True, up=None, options=None, silent=None, stores=True, **settings):
        up = up or Upstream()
        await up.start()
        options = {"userid": "77", "poll_s": "1"} | (options or {})
        facts = {"window": 4, "answer_timeout_s": 2.0, "access": "106558"} | settings
        channel = Channel(7, "up", Protocol.HTTP, "127.0.0.1", up.port, "acc", "abc123", options=options, **facts)
        events = recorded_events()
        events.silent, events.stores = silent or {}, stores
        events.link = link = HttpLink(channel, events, now_ms)
        await link.open()
        try:
            if is_up:
                await wait(lambda: link.is_up)
            yield UpstreamTrial(up, link, events)
        finally:
            await link.close(0)
            await up.runner.cleanup()

    return run
