"""Work that time brings: verdicts without a receipt, sweeps, pruning. Every job is bounded and safe to repeat."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic

import structlog

from hongyan.model.channel import ChannelState
from hongyan.model.ids import first_id
from hongyan.model.job import KEPT_MS
from hongyan.model.owed import OwedKind
from hongyan.ports.lane import Lane
from hongyan.ports.months import Months
from hongyan.services.admin.command_counts import CommandCounts
from hongyan.services.queries.backlog import Backlog
from hongyan.services.steps.cancelled import CancelPage
from hongyan.services.steps.pausing import PausePage
from hongyan.services.steps.pruning import FIRST_REF, Prune, Pruned, PruneRefs
from hongyan.services.steps.report_sweeps import OpenPage
from hongyan.services.steps.reroute import BEGINNING, QueueCursor, Reroute
from hongyan.services.steps.retention import RetainedKind, RetentionBatch
from hongyan.workers.process_state import ProcessState
from hongyan.workers.releases import Releases
from hongyan.workers.scheduler import Scheduler
from hongyan.workers.signals import Signals
from hongyan.workers.steps import Steps

log = structlog.get_logger(__name__)

BACKLOG_S = 15.0
SPELLINGS_S = 5.0
MINUTE_MS = 60_000
SETTLED_MS = 5_000
"""Younger messages are still being handled by the steps; sweeps leave them alone."""

DOOR_REFERENCES_MS = 30 * MINUTE_MS
"""How long a reference is kept that a door made itself: a Text64 can come again for twenty minutes."""

LISTED_MS = 7 * 24 * 60 * MINUTE_MS
"""How long an entry of a black list is kept after its end. A process that was without the store for longer reads all black
lists anew.
"""

COMMIT_MARKS_MS = 24 * 60 * MINUTE_MS
"""How long the mark of a commit is kept; it is asked for within seconds."""

SESSIONS_MS = 31 * 24 * 60 * MINUTE_MS
COUNTERS_MS = 3 * 366 * 24 * 60 * MINUTE_MS
"""How long the hourly counters of messages are kept, if not as long as the messages, and the makers of entries by hand."""

LOG_EACH_S = 10.0
"""How often the log says how far long work has come."""

IN_VAIN_MOST = 20
"""The most batches of a dead channel's backlog in one round that may move nothing: such a backlog must not fill the lane."""


@dataclass(frozen=True, slots=True)
class RetentionTimes:
    """How long things are kept."""

    references_ms: int
    carrier_refs_ms: int
    media_ms: int  # after the due time of the last task that shows them
    messages_ms: int


class Sweeps:
    def __init__(
        self,
        process_state: ProcessState,
        lane: Lane,
        steps: Steps,
        signals: Signals,
        keep: RetentionTimes,
        months: Months,
        look: Callable[[], Backlog],
    ) -> None:
        """look: reads what waits, from a snapshot of its own; called in a thread"""
        self._process_state, self._lane, self._steps, self._signals, self._keep = process_state, lane, steps, signals, keep
        self._months, self._look_at_backlog = months, look
        self._releases = Releases(process_state, lane, steps, signals)
        self.backlog: Backlog | None = None
        self._first_backlog: Backlog | None = None
        self.scheduler = Scheduler()
        self.hours_not_summed = 0
        self._swept_ms = 0
        self._minute = deque([process_state.clock() - MINUTE_MS], round(MINUTE_MS / 1000 / SPELLINGS_S))  # what the clock said
        self._pruned_to = FIRST_REF
        self._cancelled_to: dict[int, CancelPage] = {}  # task → where something was still leaving
        self._rerouted_to: dict[int, QueueCursor] = {}  # dead channel → up to where its backlog was read

    async def run(self, stopping: asyncio.Event) -> None:
        jobs = [
            self.scheduler.every(1, "end_silent", self._end_silent, stopping),
            self.scheduler.every(1, "reroute_dead", self._reroute_dead, stopping),
            self.scheduler.every(1, "cancel", self._cancel, stopping),
            self.scheduler.every(1, "pause", self._pause, stopping),
            self.scheduler.every(SPELLINGS_S, "try_spellings", self._try_spellings, stopping),
            self.scheduler.every(600, "conclude_slipped", self._conclude_slipped, stopping),
            self.scheduler.every(30, "hand_on_parts", self._hand_on_parts, stopping),
            self.scheduler.every(60, "prune", self._prune, stopping),
            self.scheduler.every(2, "prune_carrier_refs", self._prune_carrier_refs, stopping),
            self.scheduler.every(3600, "partition", self._partition, stopping),
            self.scheduler.every(3600, "forget", self._forget, stopping),
            self.scheduler.every(300, "close_days", self._close_days, stopping),
            self.scheduler.every(60, "sum_up", partial(self._sum_up, stopping), stopping),
            self.scheduler.every(BACKLOG_S, "look", self._look, stopping),
            self._releases.run(stopping),
        ]
        await asyncio.gather(*jobs)

    async def _end_silent(self) -> None:
        count = 1
        while count:
            count, owed = await self._lane.ask(self._steps.silent, None)
            self._signals.owed(owed)

    async def _reroute_dead(self) -> None:
        """Judge again the unclaimed messages of channels that are stopped, or down for too long, a few parcels at a time."""
        snapshot = self._process_state.snapshot
        for channel_id in [*snapshot.down, *(c.id for c in snapshot.channels.values() if c.state is ChannelState.STOPPED)]:
            await self._reroute(channel_id)

    async def _reroute(self, channel_id: int) -> None:
        """Go through the backlog. After IN_VAIN_MOST batches that moved nothing the next round goes on from there."""
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
        return since is not None and channel is not None and monotonic() - since > channel.reroute_after_s

    async def _cancel(self) -> None:
        """Go on with tasks that are being cancelled. Some of what was leaving may have been returned by its channel."""
        for task_id in await self._lane.ask(self._steps.cancelling, None):
            page: CancelPage | None = self._cancelled_to.pop(task_id, CancelPage(task_id))
            while page is not None:
                cancelled = await self._lane.ask(self._steps.cancel, page)
                self._signals.owed(cancelled.owed)
                page = cancelled.next_page
                if cancelled.later is not None:
                    self._cancelled_to[task_id] = cancelled.later

    async def _pause(self) -> None:
        """Go on with tasks that are being paused or resumed."""
        for page in await self._lane.ask(self._steps.unfinished_pauses, None):
            place: PausePage | None = page
            while place is not None:
                place = (await self._lane.ask(self._steps.pause, place)).next_page

    async def _conclude_slipped(self) -> None:
        """Conclude all open messages once after the start, later those of the last hour."""
        now = self._process_state.clock()
        place: tuple[int, int] | None = (first_id(self._swept_ms), 0)
        while place is not None:
            swept = await self._lane.ask(self._steps.slipped, OpenPage(place, SETTLED_MS))
            self._signals.owed(swept.owed)
            place = swept.next_cursor
        self._swept_ms = now - 60 * MINUTE_MS

    async def _try_spellings(self) -> None:
        """Try the spellings of receipts of the last minute, also by the times that the clock showed before it was put forward
        or back.
        """
        self._minute.append(self._process_state.clock())
        owed = await self._lane.ask(self._steps.parked, (min(self._minute), max(self._minute) - 1000))
        self._signals.owed(owed)

    async def _hand_on_parts(self) -> None:
        owed = await self._lane.ask(self._steps.parts, None)
        self._signals.owed(owed, OwedKind.REPLY)

    async def _prune(self) -> None:
        """Drop each kind in batches, so that messages pass between them."""
        now = self._process_state.clock()
        kept_ms = {
            Pruned.REFERENCES: self._keep.references_ms,
            Pruned.DOOR_REFERENCES: DOOR_REFERENCES_MS,
            Pruned.TICKETS: self._keep.carrier_refs_ms,
            Pruned.MEDIA: self._keep.media_ms,
            Pruned.LISTED: LISTED_MS,
            Pruned.USAGE: 0,
            Pruned.COMMIT_MARKS: COMMIT_MARKS_MS,
            Pruned.COUNTERS: max(COUNTERS_MS, self._keep.messages_ms),  # they find the messages of an account
            Pruned.ENTRY_NOTES: COUNTERS_MS,
            Pruned.DONE_ONCE: self._keep.references_ms,
            Pruned.JOBS: KEPT_MS,
            Pruned.SESSIONS: SESSIONS_MS,
            Pruned.SESSION_PARTS: self._keep.carrier_refs_ms,
        }
        for what, age_ms in kept_ms.items():
            while await self._lane.ask(self._steps.prune, Prune(what, now - age_ms)):
                pass

    async def _prune_carrier_refs(self) -> None:
        """Look at one page of the table, in key order, beginning anew at the end. An index by age would cost every message."""
        before = self._process_state.clock() - self._keep.carrier_refs_ms
        reached = await self._lane.ask(self._steps.prune_refs, PruneRefs(self._pruned_to, before))
        self._pruned_to = reached or FIRST_REF

    async def _look(self) -> None:
        self.backlog = await asyncio.to_thread(self._look_at_backlog)
        self._first_backlog = self._first_backlog or self.backlog

    @property
    def command_counts(self) -> CommandCounts:
        """Returns what commands have sent since this process began to look."""
        if self.backlog is None or self._first_backlog is None:
            return CommandCounts()
        return self.backlog.command_counts.since(self._first_backlog.command_counts)

    async def _close_days(self) -> None:
        while await self._lane.ask(self._steps.close_days, None):
            pass

    async def _sum_up(self, stopping: asyncio.Event) -> None:
        """Sum up what is over. An older release may have left millions of counters: the log says how far this has come."""
        logged_s = monotonic()
        while not stopping.is_set():
            self.hours_not_summed = await self._lane.ask(self._steps.sum_up, None)
            if not self.hours_not_summed:
                return
            if monotonic() - logged_s >= LOG_EACH_S:
                logged_s = monotonic()
                log.info("counters_being_summed", hours_left=self.hours_not_summed)

    async def _partition(self) -> None:
        await asyncio.to_thread(self._months.make_partitions, self._process_state.clock())

    async def _forget(self) -> None:
        """Drop what is old enough: whole months first, then batches, so that messages pass between them."""
        now = self._process_state.clock()
        before = self._months.kept_from_ms(now - self._keep.messages_ms)
        take_ids = partial(self._process_state.ids.take, now_ms=now)
        await asyncio.to_thread(self._months.forget_months, before, now, take_ids)
        for kind in RetainedKind:
            while await self._lane.ask(self._steps.forget, RetentionBatch(kind, before)):
                pass
