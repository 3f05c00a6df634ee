"""The loops of a process: started one by one, and stopped in that order."""

import asyncio
from collections.abc import Awaitable, Callable


class Loops:
    """Each has its own signal to stop, so that the next still runs while one ends its work."""

    def __init__(self, failed: Callable[[], None]) -> None:
        """failed: called when a loop ends by an error, which is a bug"""
        self._failed = failed
        self._running: list[tuple[asyncio.Event, asyncio.Task[None]]] = []

    def start(self, run: Callable[[asyncio.Event], Awaitable[None]], name: str) -> None:
        stopping = asyncio.Event()

        async def guarded() -> None:
            await run(stopping)

        task = asyncio.create_task(guarded(), name=name)
        task.add_done_callback(self._ended)
        self._running.append((stopping, task))

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self._failed()

    async def stop(self) -> None:
        for stopping, task in self._running:
            stopping.set()
            await asyncio.gather(task, return_exceptions=True)
