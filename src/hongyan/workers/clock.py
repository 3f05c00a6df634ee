"""What time brings: releases, verdicts on silence, sweeps, pruning. Every job is bounded and safe to repeat."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from hongyan.ports import Lane
from hongyan.ports.tx import Tx
from hongyan.workers.shelf import Shelf, Signals
from hongyan.workers.steps import Steps

log = structlog.get_logger(__name__)

RELEASE_POLL_S = 0.5
SLIPPED_BACK_MS = 15 * 60 * 1000
SLIPPED_AFTER_MS = 5_000
DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Keep:
    """How long things are kept."""

    references_ms: int
    carrier_refs_ms: int


class Timekeeper:
    def __init__(
        self, shelf: Shelf, lane: Lane, steps: Steps, signals: Signals, keep: Keep, make_partitions: Callable[[], object]
    ) -> None:
        self._shelf, self._lane, self._steps, self._signals, self._keep = shelf, lane, steps, signals, keep
        self._make_partitions = make_partitions
        self.unknown = 0

    async def run(self, stopping: asyncio.Event) -> None:
        jobs = [
            self._every(1, self._end_silent, stopping),
            self._every(5, self._reroute_dead, stopping),
            self._every(20, self._conclude_slipped, stopping),
            self._every(30, self._hand_on_parts, stopping),
            self._every(60, self._prune, stopping),
            self._every(3600, self._partition, stopping),
            self._release(stopping),
        ]
        await asyncio.gather(*jobs)

    async def _every(self, seconds: float, job: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await job()
            except Exception as error:  # a store that is away comes back; the job repeats safely
                log.warning("job_failed", job=job.__name__, error=type(error).__name__)
            await _wait(stopping, seconds)

    async def _release(self, stopping: asyncio.Event) -> None:
        """Expand waiting tasks as long as there are any, then wait for a signal or the poll."""
        while not stopping.is_set():
            self._signals.released.clear()
            try:
                released = await self._lane.ask(self._steps.release, None)
            except Exception as error:  # as above
                log.warning("release_failed", error=type(error).__name__)
                await _wait(stopping, 1)
                continue
            self._signals.queued(released.queued)
            self._signals.owed(released.owed)
            if not released.count:
                await _wait(self._signals.released, RELEASE_POLL_S)

    async def _end_silent(self) -> None:
        count = 1
        while count:
            count, owed = await self._lane.ask(self._steps.silent, None)
            self.unknown += count
            self._signals.owed(owed)

    async def _reroute_dead(self) -> None:
        """Channels that are down longer than they may: their unclaimed messages are judged again, a few parcels a bite."""
        for channel_id in list(self._shelf.book.down):
            moved = 1
            while moved and self._is_dead(channel_id):
                rerouted = await self._lane.ask(self._steps.reroute, channel_id)
                self._signals.queued(rerouted.queued)
                moved = rerouted.moved

    def _is_dead(self, channel_id: int) -> bool:
        since = self._shelf.down_since.get(channel_id)
        channel = self._shelf.book.channels.get(channel_id)
        return since is not None and channel is not None and self._shelf.clock() - since > channel.reroute_after_s * 1000

    async def _conclude_slipped(self) -> None:
        now = self._shelf.clock()
        owed = await self._lane.ask(self._steps.slipped, (now - SLIPPED_BACK_MS, now - SLIPPED_AFTER_MS))
        self._signals.owed(owed)

    async def _hand_on_parts(self) -> None:
        self._signals.owed(await self._lane.ask(self._steps.parts, None))

    async def _prune(self) -> None:
        now = self._shelf.clock()

        def references(tx: Tx) -> int:
            return tx.prune_references(now - self._keep.references_ms)

        def carrier_refs(tx: Tx) -> int:
            return tx.prune_carrier_refs(now - self._keep.carrier_refs_ms)

        for bite in (references, carrier_refs):
            while await self._lane.ask(self._steps.prune, bite):
                await asyncio.sleep(0.05)

    async def _partition(self) -> None:
        await asyncio.to_thread(self._make_partitions)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        pass
