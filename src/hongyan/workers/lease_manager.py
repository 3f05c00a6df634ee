"""The lease manager: owns channels by lease, and keeps one worker for each that it owns.

It renews twice a second, so that others soon see if it died (`lease_watch`). When ten seconds have passed since the last
successful renewal began, another process may soon own the channel: the worker stops at once, without waiting for answers. A
process that is alone with its store goes on, and renews for people only. A worker that is no longer wanted drains beside
everything else, and its lease is renewed until it has drained.
"""

import asyncio
from time import monotonic
from typing import TypeVar

import structlog

from hongyan.model.channel import ChannelState
from hongyan.ports.lane import Lane, Step
from hongyan.ports.link import LinkMaker
from hongyan.services.steps.leases import PUSHING, ChannelHold, NodeHold
from hongyan.workers.channel import ChannelWorker
from hongyan.workers.deliveries import Deliveries
from hongyan.workers.failures import log_failure
from hongyan.workers.lease_watch import LeaseWatch
from hongyan.workers.process_state import ProcessState
from hongyan.workers.signals import Signals
from hongyan.workers.steps import Steps
from hongyan.workers.waiting import wait_or_timeout

log = structlog.get_logger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")

RENEW_S = 0.5
"""How often a process renews its leases, and reads those of others."""

RENEW_ALONE_S = 5.0
NODE_RENEW_S = 15.0
ABANDON_S = 10.0
WATCH_S = 0.2
"""How often the lease manager looks at the ConfigSnapshot, at links that came up or went down, and at its renewals."""


class LeaseManager:
    def __init__(
        self,
        process_state: ProcessState,
        lane: Lane,
        steps: Steps,
        signals: Signals,
        make_link: LinkMaker,
        owner: str,
        drain_s: float,
        watch: LeaseWatch,
        *,
        is_alone: bool,
        owns: bool,
        pushes: bool,
    ) -> None:
        """What this process owns. Without either duty it only watches which channels are up.

        watch:  the view of all leases
        owns:   whether it owns channels (duty `link`)
        pushes: whether it may hold the lease on pushing (duty `push`)
        """
        self._process_state, self._lane, self._steps, self._signals = process_state, lane, steps, signals
        self._deliveries = Deliveries(lane, steps, signals)
        self._make_link, self._owner, self._drain_s, self._watch = make_link, owner, drain_s, watch
        self._is_alone, self._owns, self._pushes = is_alone, owns, pushes
        self._push_epoch: int | None = None
        self.unowned: frozenset[int] = frozenset()
        """Channels that should run and that no process has."""
        self.workers: dict[int, ChannelWorker] = {}
        self._leaving: dict[int, tuple[ChannelWorker, asyncio.Task[None]]] = {}  # with the task that drains it
        self._renewed_at = monotonic()  # when the last successful renewal began
        self._noted_states: dict[int, tuple[bool, str]] = {}
        """The state of our channels as their leases say it: whether they are up, and their trouble."""
        self._last_hold = 0.0
        self._has_read = False  # whether it has read all leases
        self._node_renewed_at = monotonic()

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            await self._round()
            await wait_or_timeout(stopping, WATCH_S)
        self._owns = self._pushes = False
        await self._let_all_go()
        self._deliveries.close()

    async def _round(self) -> None:
        self._retune()
        self._close_unwanted()
        if self._is_due():
            await self._hold()
        if self._has_read:
            self._note_down()
        if monotonic() - self._node_renewed_at >= NODE_RENEW_S:
            await self._hold_node()
        if monotonic() - self._renewed_at > ABANDON_S and not self._is_alone:
            await self._abandon([*self.workers, *self._leaving, PUSHING])

    def _is_due(self) -> bool:
        often_s = RENEW_ALONE_S if self._is_alone and not self._missing() else RENEW_S
        is_drained = any(task.done() for _, task in self._leaving.values())
        return monotonic() - self._last_hold >= often_s or self._states() != self._noted_states or is_drained

    def _missing(self) -> list[int]:
        """Returns leases that we want and do not hold. One that is draining is not taken again before it is dropped."""
        push = {PUSHING} if self._pushes and self._push_epoch is None else set()
        return sorted((self._wanted() - set(self.workers) - set(self._leaving)) | push)

    def _wanted(self) -> set[int]:
        if not self._owns:
            return set()
        return {c.id for c in self._process_state.snapshot.channels.values() if c.state is not ChannelState.STOPPED}

    async def _hold(self) -> None:
        """Renew what we hold, drop what has drained, take what is free, and read what others hold."""
        began = self._last_hold = monotonic()
        states = self._states()
        asked = self._asked()
        try:
            held = await self._ask(self._steps.hold_channels, asked)
        except Exception as error:  # the store is away: the leases hold until ABANDON_S
            log_failure("lease_not_renewed", error)
            return
        self._renewed_at, self._noted_states = began, states
        for channel_id in asked.drop:
            self._leaving.pop(channel_id, None)
        await self._abandon(held.lost)
        for channel_id, epoch in held.taken.items():
            if channel_id == PUSHING:
                self._push_epoch, self._process_state.may_push = epoch, True
            else:
                await self._start(channel_id, epoch)
        self._watch.see(held.leases, began)
        self._has_read = True

    def _asked(self) -> ChannelHold:
        renew = {i: (worker.epoch, worker.link.is_up) for i, worker in self.workers.items()}
        renew |= {i: (worker.epoch, worker.link.is_up) for i, (worker, task) in self._leaving.items() if not task.done()}
        drop = {i: worker.epoch for i, (worker, task) in self._leaving.items() if task.done()}
        if self._push_epoch is not None and self._pushes:
            renew[PUSHING] = (self._push_epoch, True)
        elif self._push_epoch is not None:
            drop[PUSHING] = self._push_epoch
        troubles = {i: worker.link.trouble for i, worker in self.workers.items()}
        missing, watch = self._missing(), self._watch
        take = [i for i in missing if self._is_alone or watch.is_free(i)]
        take_over = {i: watch.renewals(i) for i in missing if watch.is_over(i)}
        return ChannelHold(
            owner=self._owner,
            renew=renew,
            take=take,
            take_over=take_over,
            drop=drop,
            is_alone=self._is_alone,
            troubles=troubles,
        )

    def _states(self) -> dict[int, tuple[bool, str]]:
        return {i: (worker.link.is_up, worker.link.trouble) for i, worker in self.workers.items()}

    async def _ask(self, step: Step[Item, Result], item: Item) -> Result:
        """Ask the store, which may hang. The answer is waited for no longer than the leases may be kept."""
        left_s = self._renewed_at + ABANDON_S - monotonic()
        async with asyncio.timeout(left_s if left_s > 0 else RENEW_S):
            return await self._lane.ask(step, item)

    async def _hold_node(self) -> None:
        """Renew our node number, which makes our ids unique. Without it this process must not go on."""
        asked = NodeHold(self._owner, self._process_state.ids.node, self._is_alone)
        try:
            held = await self._ask(self._steps.hold_node, asked)
        except Exception as error:  # the store is away, and so nothing gets an id
            log_failure("node_not_renewed", error)
            return
        assert held == self._process_state.ids.node, "another process has our node number: stop, or ids collide"
        self._node_renewed_at = monotonic()

    async def _start(self, channel_id: int, epoch: int) -> None:
        channel = self._process_state.snapshot.channels.get(channel_id)
        if channel is None:
            return
        steps, pace = self._steps, self._process_state.task_pace
        worker = ChannelWorker(
            channel=channel,
            owner=self._owner,
            epoch=epoch,
            lane=self._lane,
            steps=steps,
            signals=self._signals,
            deliveries=self._deliveries,
            make_link=self._make_link,
            pace=pace,
        )
        self.workers[channel_id] = worker
        await worker.open()
        log.info("channel_owned", channel=channel.name, epoch=epoch)

    def _retune(self) -> None:
        for channel_id, worker in self.workers.items():
            channel = self._process_state.snapshot.channels.get(channel_id)
            if channel is not None and channel is not worker.channel and channel != worker.channel:
                worker.retune(channel)

    def _close_unwanted(self) -> None:
        for channel_id in set(self.workers) - self._wanted():
            worker = self.workers.pop(channel_id)
            drain = asyncio.create_task(worker.close(self._drain_s), name=f"drain-{worker.channel.name}")
            self._leaving[channel_id] = worker, drain

    async def _abandon(self, channel_ids: "set[int] | list[int]") -> None:
        """Stop workers whose channels another process owns, or may own, without logging out."""
        for channel_id in channel_ids:
            if channel_id == PUSHING:
                self._push_epoch, self._process_state.may_push = None, False
                continue
            if channel_id in self.workers:
                worker = self.workers.pop(channel_id)
            else:
                worker, drain = self._leaving.pop(channel_id)
                drain.cancel()
            log.warning("channel_abandoned", channel=worker.channel.name, epoch=worker.epoch)
            await worker.close(0)

    async def _let_all_go(self) -> None:
        """Drain all channels, keeping their leases meanwhile, then drop every lease."""
        self._close_unwanted()
        while draining := [task for _, task in self._leaving.values() if not task.done()]:
            await asyncio.wait(draining, timeout=WATCH_S)
            await self._round()
        await self._hold()

    def _note_down(self) -> None:
        """Note for routing which channels are not up, here or in other processes."""
        running = {c.id for c in self._process_state.snapshot.channels.values() if c.state is ChannelState.RUNNING}
        self.unowned = frozenset(i for i in running if not self._watch.is_held(i))
        self._process_state.down_since = self._watch.down_since(running)
        down = frozenset(self._process_state.down_since)
        if down != self._process_state.snapshot.down:
            self._process_state.note_down(down)
            self._signals.down(down)
