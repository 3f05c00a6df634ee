"""Stores the figures of this process's links every few seconds, if the console that shows them may be another process's."""

import asyncio
from collections.abc import Callable

from hongyan.ports.lane import Lane
from hongyan.services.steps.link_figures import Figures
from hongyan.workers.failures import log_failure
from hongyan.workers.steps import Steps
from hongyan.workers.waiting import wait_or_timeout

OFTEN_S = 5.0


class LinkFigures:
    def __init__(self, lane: Lane, steps: Steps, read: Callable[[], Figures]) -> None:
        """read: returns the figures at this moment"""
        self._lane, self._steps, self._read = lane, steps, read

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            await wait_or_timeout(stopping, OFTEN_S)
            owned = {name: figures for name, figures in self._read().items() if "connections_up" in figures}
            try:
                if owned:
                    await self._lane.ask(self._steps.keep_link_figures, owned)
            except Exception as error:
                log_failure("link_figures_not_kept", error)
