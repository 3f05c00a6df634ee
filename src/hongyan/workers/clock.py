"""What time brings: releases, verdicts on silence, sweeps, pruning. Every job is bounded and safe to repeat."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Protocol

from hongyan.model.channel import ChannelState
from hongyan.model.histogram import Histogram
from hongyan.model.ids import first_id
from hongyan.ports import Lane
from hongyan.ports.tx import Tx
from hongyan.services.admin.command_counts import Commanded
from hongyan.services.queries.reading import Backlog
from hongyan.services.steps.report import Page
from hongyan.services.steps.reroute import BEGINNING, QueueCursor, Reroute
from hongyan.services.steps.retention import Batch, Past
from hongyan.workers.failures import log_failure
from hongyan.workers.process_state import ProcessState, Signals
from hongyan.workers.steps import Steps
from hongyan.workers.waiting import wait_or_timeout

RELEASE_POLL_S = 0.5
BACKLOG_S = 15.0
MINUTE_MS = 60_000
SETTLED_MS = 5_000
"""Younger messages are still in the hands of the steps; sweeps leave them alone."""

BRIEF_MS = 30 * MINUTE_MS
"""How long a reference is kept that a door made itself: a Text64 can come again for twenty minutes."""

LISTED_MS = 7 * 24 * 60 * MINUTE_MS
"""How long an entry of a black list is kept after its end: a process that was without the store so long starts anew anyway."""

MARKS_MS = 24 * 60 * MINUTE_MS
"""How long the mark of a commit is kept: it is asked for within seconds."""

IN_VAIN_MOST = 20
"""Bites of a dead channel's backlog that move nothing, in one round: a backlog with nowhere to go must not fill the lane."""

RefKey = tuple[int, str]
FIRST_REF: RefKey = (0, "")


@dataclass(frozen=True, slots=True)
class Keep:
    """How long things are kept."""

    references_ms: int
    carrier_refs_ms: int
    media_ms: int  # after the last task that shows them was due
    messages_ms: int


class Months(Protocol):
    """What a store keeps by months, if it does."""

    def make_partitions(self, now_ms: int) -> object:
        """Make those of the months to come."""
        ...

    def forget_months(self, before_ms: int, now_ms: int, take_ids: Callable[[int], list[int]]) -> object:
        """Drop those of months that ended by then."""
        ...

    def kept_from_ms(self, before_ms: int) -> int:
        """From when on is kept what must be kept from this moment on."""
        ...


class Timekeeper:
    def __init__(
        self,
        process_state: ProcessState,
        lane: Lane,
        steps: Steps,
        signals: Signals,
        keep: Keep,
        months: Months,
        look: Callable[[], Backlog],
    ) -> None:
        """look: reads what waits from a snapshot of its own; called in a thread"""
        self._process_state, self._lane, self._steps, self._signals, self._keep = process_state, lane, steps, signals, keep
        self._months, self._look_at_backlog = months, look
        self.backlog: Backlog | None = None
        self._first_backlog: Backlog | None = None
        self.jobs: Counter[tuple[str, str]] = Counter()  # by name and result
        self.durations: defaultdict[str, Histogram] = defaultdict(Histogram)  # by name, whatever the result
        self._swept_ms = 0
        self._pruned_to = FIRST_REF
        self._rerouted_to: dict[int, QueueCursor] = {}  # dead channel → how far its backlog was looked at
        self.unknown = 0

    async def run(self, stopping: asyncio.Event) -> None:
        jobs = [
            self._every(1, self._end_silent, stopping),
            self._every(1, self._reroute_dead, stopping),
            self._every(5, self._try_spellings, stopping),
            self._every(600, self._conclude_slipped, stopping),
            self._every(30, self._hand_on_parts, stopping),
            self._every(60, self._prune, stopping),
            self._every(2, self._prune_carrier_refs, stopping),
            self._every(3600, self._partition, stopping),
            self._every(3600, self._forget, stopping),
            self._every(BACKLOG_S, self._look, stopping),
            self._release(stopping),
        ]
        await asyncio.gather(*jobs)

    async def _every(self, seconds: float, job: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
        name = job.__name__.strip("_")
        while not stopping.is_set():
            began = monotonic()
            try:
                await job()
                self.jobs[name, "done"] += 1
            except Exception as error:  # a store that is away comes back; the job repeats safely
                self.jobs[name, "failed"] += 1
                log_failure("job_failed", error, job=job.__name__)
            self.durations[name].add(monotonic() - began)
            await wait_or_timeout(stopping, seconds)

    async def _release(self, stopping: asyncio.Event) -> None:
        """Expand waiting tasks as long as there are any, then wait for a signal or the poll."""
        while not stopping.is_set():
            self._signals.released.clear()
            try:
                released = await self._lane.ask(self._steps.release, None)
            except Exception as error:  # as above
                log_failure("release_failed", error)
                await wait_or_timeout(stopping, 1)
                continue
            self._signals.queued(released.queued)
            self._signals.owed(released.owed)
            if not released.count:
                await wait_or_timeout(self._signals.released, RELEASE_POLL_S)

    async def _end_silent(self) -> None:
        count = 1
        while count:
            count, owed = await self._lane.ask(self._steps.silent, None)
            self.unknown += count
            self._signals.owed(owed)

    async def _reroute_dead(self) -> None:
        """Stopped channels, and those down longer than they may: their unclaimed messages are judged again, a few parcels a bite."""
        snapshot = self._process_state.snapshot
        for channel_id in [*snapshot.down, *(c.id for c in snapshot.channels.values() if c.state is ChannelState.STOPPED)]:
            await self._reroute(channel_id)

    async def _reroute(self, channel_id: int) -> None:
        """Go through the backlog; after some bites in vain the next round goes on from there."""
        place, in_vain = self._rerouted_to.pop(channel_id, BEGINNING), 0
        while self._is_dead(channel_id):
            rerouted = await self._lane.ask(self._steps.reroute, Reroute(channel_id, place))
            self._signals.queued(rerouted.queued)
            if rerouted.next_cursor is None:
                return
            place = rerouted.next_cursor
            in_vain += not rerouted.moved
            if in_vain == IN_VAIN_MOST:
                self._rerouted_to[channel_id] = place
                return

    def _is_dead(self, channel_id: int) -> bool:
        since = self._process_state.down_since.get(channel_id)
        channel = self._process_state.snapshot.channels.get(channel_id)
        if channel is not None and channel.state is ChannelState.STOPPED:
            return True
        return (
            since is not None and channel is not None and self._process_state.clock() - since > channel.reroute_after_s * 1000
        )

    async def _conclude_slipped(self) -> None:
        """All open messages once after the start, later those of the last hour."""
        now = self._process_state.clock()
        place: tuple[int, int] | None = (first_id(self._swept_ms), 0)
        while place is not None:
            swept = await self._lane.ask(self._steps.slipped, Page(place, SETTLED_MS))
            self._signals.owed(swept.owed)
            place = swept.next_cursor
        self._swept_ms = now - 60 * MINUTE_MS

    async def _try_spellings(self) -> None:
        now = self._process_state.clock()
        owed = await self._lane.ask(self._steps.parked, (now - MINUTE_MS, now - 1000))
        self._signals.owed(owed)

    async def _hand_on_parts(self) -> None:
        owed = await self._lane.ask(self._steps.parts, None)
        self._signals.owed(owed)

    async def _prune(self) -> None:
        now = self._process_state.clock()

        def references(tx: Tx) -> int:
            return tx.prune_references(now - self._keep.references_ms)

        def brief_references(tx: Tx) -> int:
            return tx.prune_brief_references(now - BRIEF_MS)

        def tickets(tx: Tx) -> int:
            return tx.prune_tickets(first_id(now - self._keep.carrier_refs_ms))

        def media(tx: Tx) -> int:
            return tx.prune_media(now - self._keep.media_ms)

        def listed(tx: Tx) -> int:
            return tx.prune_listed((now - LISTED_MS) // 1000)

        def marks(tx: Tx) -> int:
            return tx.prune_marks(now - MARKS_MS)

        for batch in (references, brief_references, tickets, media, listed, marks):
            while await self._lane.ask(self._steps.prune, batch):
                pass  # bite by bite, so that messages pass between them

    async def _prune_carrier_refs(self) -> None:
        """One bite of the table a round, in key order and round again: an index by age would cost every message."""
        before = self._process_state.clock() - self._keep.carrier_refs_ms

        def batch(tx: Tx) -> RefKey | None:
            return tx.prune_carrier_refs(self._pruned_to, before)

        reached = await self._lane.ask(self._steps.prune_refs, batch)
        self._pruned_to = reached or FIRST_REF

    async def _look(self) -> None:
        self.backlog = await asyncio.to_thread(self._look_at_backlog)
        self._first_backlog = self._first_backlog or self.backlog

    @property
    def commanded(self) -> Commanded:
        """What commands have sent since this process began to look."""
        if self.backlog is None or self._first_backlog is None:
            return Commanded()
        return self.backlog.commanded.since(self._first_backlog.commanded)

    async def _partition(self) -> None:
        await asyncio.to_thread(self._months.make_partitions, self._process_state.clock())

    async def _forget(self) -> None:
        """Let go what is old enough: whole months first, then bites, so that messages pass between them."""
        now = self._process_state.clock()
        before = self._months.kept_from_ms(now - self._keep.messages_ms)
        take_ids = partial(self._process_state.ids.take, now_ms=now)
        await asyncio.to_thread(self._months.forget_months, before, now, take_ids)
        for past in Past:
            while await self._lane.ask(self._steps.forget, Batch(past, before)):
                pass
