"""One link at a carrier that allows 100 a second, for several round trips: how much of that it uses, how often it is too fast."""

import asyncio
import time
from collections.abc import Callable, Sequence

from hongyan.carriers.factory import adapter_of
from hongyan.carriers.link import CarrierLink
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.model.rows import PageCursor
from hongyan.model.traffic import Answered, OutSegment, Receipt, ReplyPart
from hongyan.sim.carrier import CarrierSim
from hongyan.sim.script import read_script

LIMIT, WINDOW = 100, 50
ROUND_TRIPS_MS = (5, 50, 200)


class _Counting:
    """Implements ports.LinkEvents: commits at once, and counts."""

    def __init__(self) -> None:
        self.link: CarrierLink | None = None
        self.accepted = 0

    def answered(self, answers: Sequence[Answered]) -> None:
        assert self.link is not None
        self.accepted += len(answers)
        asyncio.get_running_loop().call_soon(self.link.settled, len(answers))

    def received(self, receipts: Sequence[Receipt], confirm: Callable[[bool], None]) -> None:  # noqa: ARG002 - none is looked at
        asyncio.get_running_loop().call_soon(confirm, True)

    replied: Callable[[Sequence[ReplyPart], Callable[[bool], None]], None] = received  # type: ignore[assignment]

    def answer_lost(self, parts: Sequence[ReplyPart]) -> None: ...

    async def unreported(self, after: PageCursor, since_ms: int, until_ms: int) -> tuple[list[str], PageCursor | None]:
        raise AssertionError(after, since_ms, until_ms)  # only links over HTTP ask

    def ready(self) -> None: ...

    def changed(self) -> None: ...


def at_limit(seconds: float) -> dict[str, float]:
    """Figures by round trip: segments a second, throttle answers in percent, and the most in any second."""
    figures: dict[str, float] = {}
    for round_trip_ms in ROUND_TRIPS_MS:
        rate, throttled, most = asyncio.run(_one(round_trip_ms, seconds))
        figures |= {
            f"{round_trip_ms} ms: sent/s": rate,
            f"{round_trip_ms} ms: throttled %": throttled,
            f"{round_trip_ms} ms: most in a second": most,
        }
    return figures


async def _one(round_trip_ms: int, seconds: float) -> tuple[float, float, float]:
    script = f'[[rule]]\ndo = "throttle"\nrate = {LIMIT}\n[[rule]]\ndo = "delay"\nseconds = {round_trip_ms / 1000}'
    sim = CarrierSim("cmpp2", script=read_script(script))
    await sim.start()
    events = _Counting()
    channel = Channel(1, "up", Protocol.CMPP2, "127.0.0.1", sim.port, "901234", "p", window=WINDOW, rate=LIMIT)
    events.link = link = CarrierLink(channel, adapter_of, events, lambda: time.time_ns() // 1_000_000)
    await link.open()
    while not link.is_up:  # noqa: ASYNC110 - once a run
        await asyncio.sleep(0.005)
    link.offer([OutSegment(n, 1, 1, 8613800000000 + n, "您好", "10690000123", 1) for n in range(round(LIMIT * seconds * 1.2))])
    await asyncio.sleep(1)  # past the first bucket
    began, before = time.monotonic(), events.accepted
    await asyncio.sleep(seconds)
    rate = (events.accepted - before) / (time.monotonic() - began)
    moments = [submit.at for submit in sim.submits]
    throttled = 100 * sim.counts.refused / max(1, sim.counts.submits)
    await link.close(0)
    await sim.stop()
    return rate, throttled, float(_most(moments))


def _most(moments: Sequence[float]) -> int:
    """The most in any second, as the carrier sees it."""
    first, most = 0, 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 1:
            first += 1
        most = max(most, last - first + 1)
    return most
