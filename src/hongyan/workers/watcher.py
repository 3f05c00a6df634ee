"""The watcher: loads the ConfigSnapshot again when its version has grown, here or by a command in another process, or when it
is stale.
"""

import asyncio
from collections.abc import Callable

import structlog

from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.clock import Clock
from hongyan.workers.failures import log_failure
from hongyan.workers.process_state import Configuration
from hongyan.workers.waiting import wait_or_timeout

log = structlog.get_logger(__name__)

POLL_S = 0.25


class Watcher:
    """version and load block, so they run in a thread. `load` gets the current ConfigSnapshot, to reuse what did not change."""

    def __init__(
        self,
        configuration: Configuration,
        clock: Clock,
        version: Callable[[], int],
        load: Callable[[ConfigSnapshot], ConfigSnapshot],
    ) -> None:
        self._configuration, self._clock, self._version, self._load = configuration, clock, version, load

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await self._look()
            except Exception as error:  # the store is away: the old ConfigSnapshot stays in use
                log_failure("snapshot_not_loaded", error, detail=str(error)[:200])
            await wait_or_timeout(stopping, POLL_S)

    async def _look(self) -> None:
        snapshot = self._configuration.snapshot
        is_stale = 0 < snapshot.stale_ms <= self._clock()
        if await asyncio.to_thread(self._version) != snapshot.version or is_stale:
            fresh = await asyncio.to_thread(self._load, snapshot)
            self._configuration.turn(fresh)
            log.info("configuration_loaded", version=fresh.version, accounts=len(fresh.accounts), channels=len(fresh.channels))
