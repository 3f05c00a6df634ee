"""A furnished store with a working lane, links without a carrier, and a lane that loses or breaks what a test wants."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from math import inf

import pytest
from tests.scene import Scene

from hongyan.model.link_counts import LinkCounts
from hongyan.model.message import SegmentResult
from hongyan.model.traffic import Answered
from hongyan.store.engine import loop_lane
from hongyan.store.engine.loop_lane import LoopLane
from hongyan.store.engine.sqlite_connection import SqliteConnection
from hongyan.store.engine.syncer import Syncer
from hongyan.store.engine.thread_lane import ThreadLane
from hongyan.store.sql.tx import SqlTx
from hongyan.workers.deliveries import Deliveries

PATIENCE_S = 20.0


class Away(Exception):
    """The store cannot be reached, says a test."""


class FickleLane:
    """A lane in front of the real one.

    fails:  step → how many of its next items fail before they reach the store
    loses:  step → how many of its next answers are lost after their commit
    deaf:   steps that nobody answers any more
    """

    def __init__(self, lane):
        self._lane = lane
        self.fails, self.loses, self.deaf = Counter(), Counter(), set()
        self.asked, self.urgent = defaultdict(list), defaultdict(list)

    def ask(self, step, item, *, is_urgent=False):
        self.asked[step.name].append(item)
        self.urgent[step.name].append(is_urgent)
        if step.name in self.deaf:
            return asyncio.get_running_loop().create_future()
        if self.fails[step.name]:
            self.fails[step.name] -= 1
            return asyncio.ensure_future(_fail())
        if self.loses[step.name]:
            self.loses[step.name] -= 1
            return asyncio.ensure_future(_lose(self._lane.ask(step, item)))
        return self._lane.ask(step, item, is_urgent=is_urgent)


async def _fail():
    raise Away


async def _lose(future):
    await future
    raise Away


class FakeLink:
    """Implements ports.Link: keeps what it is offered until a test answers it."""

    def __init__(self, channel, events, now):
        self.channel, self.events, self._now = channel, events, now
        self.is_up, self.trouble, self.capacity = True, "", 1_000
        self.offered, self.queue = [], []
        self.settlements, self.retunes, self.closings = [], [], []
        self.closing = asyncio.Event()
        self.closing.set()
        self.is_open = False
        self.counts = LinkCounts()

    @property
    def in_air(self):
        return len(self.queue)

    def connections(self):
        return []

    def pdus(self, *, clear=False):
        return None

    @property
    def room(self):
        return self.capacity - len(self.queue)

    def offer(self, segments):
        self.offered += segments
        self.queue += segments

    def settled(self, count):
        self.settlements.append(count)

    def retune(self, channel):
        self.channel = channel
        self.retunes.append(channel)

    def withdraw(self):
        given, self.queue = self.queue, []
        return given

    async def open(self):
        self.is_open = True

    async def close(self, drain_s):
        """Ends when `closing` is set."""
        self.closings.append(drain_s)
        await self.closing.wait()
        self.is_up = self.is_open = False

    def go(self, is_up):
        self.is_up = is_up
        self.events.changed()

    def answer(self, count=None, result=SegmentResult.ACCEPTED, code=""):
        """Answer what was offered, oldest first; carrier ids are those of the messages."""
        taken, self.queue = self.queue[:count], self.queue[count:] if count else []
        accepted = result is SegmentResult.ACCEPTED
        self.events.answered(
            [Answered(s, result, f"{s.message_id}.{s.part}" if accepted else "", code, self._now()) for s in taken]
        )
        return taken


@pytest.fixture(autouse=True)
def _whole_turns(monkeypatch):
    """A scene writes on the loop's thread with a connection of its own: it would wait for a turn that pauses for it, until it fails."""
    monkeypatch.setattr(loop_lane, "SLICE_S", inf)


class Rig:
    """What the loops of a process share, on a scene's store."""

    def __init__(self, scene: Scene, lane: FickleLane) -> None:
        self.scene, self.lane = scene, lane
        self.process_state, self.steps = scene.process_state, scene.steps
        self.signals = scene.process_state.signals
        self.deliveries = Deliveries(lane, self.steps, self.signals)
        self.links = {}
        self.owed = []
        self.owed_kinds = []
        self.signals.on_owed(self._note_owed)

    def _note_owed(self, accounts, kinds):
        self.owed.append(set(accounts))
        self.owed_kinds.append(tuple(kinds))

    def make_link(self, channel, events):
        self.links[channel.id] = FakeLink(channel, events, lambda: self.scene.now)
        return self.links[channel.id]


async def until(claim: Callable[[], object], within_s: float = PATIENCE_S) -> None:
    """Wait for a claim to become true."""
    async with asyncio.timeout(within_s):
        while not claim():  # noqa: ASYNC110  any claim: no event stands for all
            await asyncio.sleep(0.005)


async def a_while() -> None:
    """Long enough for loops that should do nothing to have done it."""
    for _ in range(20):
        await asyncio.sleep(0.005)


def _connect(scene):
    connection = SqliteConnection(scene.database.path, busy_s=0)
    connection.plain("PRAGMA synchronous = OFF")
    return connection


@asynccontextmanager
async def rigged(scene: Scene):
    database = scene.database
    lane = (
        LoopLane("test", lambda: _connect(scene), SqlTx, Syncer(database.path))
        if database.is_sqlite
        else ThreadLane("test", database.connect, SqlTx)
    )
    lane.start()
    rig = Rig(scene, FickleLane(lane))
    try:
        yield rig
    finally:
        rig.deliveries.close()
        await lane.stop()


@pytest.fixture
def on_rig(scene):
    """`on_rig(go)`: runs the async function with a rig, on either engine in turn."""

    def run(go: Callable[[Rig], Awaitable[object]]) -> object:
        async def inside():
            async with rigged(scene) as rig:
                return await go(rig)

        return asyncio.run(inside())

    return run


@pytest.fixture
def on_sqlite_rig(furnished_sqlite_store):
    """The same on SQLite alone: for what does not touch SQL that the other tests do not."""

    def run(go: Callable[[Rig], Awaitable[object]]) -> object:
        async def inside():
            scene = Scene(furnished_sqlite_store)
            try:
                async with rigged(scene) as rig:
                    return await go(rig)
            finally:
                scene.close()

        return asyncio.run(inside())

    return run


@pytest.fixture
def away():
    """What a lane raises that a test made fail."""
    return Away


@pytest.fixture
def wait():
    return until


@pytest.fixture
def pause():
    return a_while


@pytest.fixture
def rig_of():
    """`async with rig_of(scene) as rig`: where a test needs several."""
    return rigged
