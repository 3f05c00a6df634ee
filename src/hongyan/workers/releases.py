"""The loop of releases: tasks that waited for their time, or are large, are expanded slice by slice."""

import asyncio
from collections.abc import Sequence

from hongyan.ports.lane import Lane
from hongyan.services.steps.release import Released
from hongyan.workers.failures import log_failure
from hongyan.workers.process_state import ProcessState
from hongyan.workers.signals import Signals
from hongyan.workers.steps import Steps
from hongyan.workers.waiting import wait_any_or_timeout, wait_or_timeout

RELEASE_POLL_S = 0.5
"""How often it looks for a task without a signal."""

SLICES_ALONE = 3
"""Slices that one commit releases while no customer waits."""

ROOM_S = 0.05
"""The longest that a release waits for room in a channel of this process. Then it goes on, with 4,000 numbers a second at the least."""


class Releases:
    """Expands waiting tasks as long as there are any, then waits for a signal or the poll."""

    def __init__(self, process_state: ProcessState, lane: Lane, steps: Steps, signals: Signals) -> None:
        self._process_state, self._lane, self._steps, self._signals = process_state, lane, steps, signals

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self._signals.released.clear()
            released = await self._try_to_release()
            if released is None:
                await wait_or_timeout(stopping, 1)
                continue
            self._signals.has_room.clear()
            for slice_ in released:
                self._signals.queued(slice_.queued)
                self._signals.owed(slice_.owed)
            await self._rest(released, stopping)

    async def _rest(self, released: Sequence[Released], stopping: asyncio.Event) -> None:
        """Rest behind a release: while customers wait, or until a channel has claimed what it could not take at once."""
        if not released[0].count:
            await wait_any_or_timeout((self._signals.released, stopping), RELEASE_POLL_S)
        elif rest_s := self._process_state.task_pace.rest_s():
            await asyncio.sleep(rest_s)
        elif any(self._signals.outlet(channel_id) for slice_ in released for channel_id in slice_.queued):
            await wait_or_timeout(self._signals.has_room, ROOM_S)

    async def _try_to_release(self) -> Sequence[Released] | None:
        """Release the slices of one commit, in order; an empty one has no numbers. Returns None if the store did not take it."""
        count = SLICES_ALONE if self._process_state.task_pace.is_alone else 1
        try:
            return await asyncio.gather(*(self._lane.ask(self._steps.release, None) for _ in range(count)))
        except Exception as error:  # a store that is away comes back, and no slice was released
            log_failure("release_failed", error)
            return None
