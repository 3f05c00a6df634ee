"""The watcher: loads the Book again when its version has grown, here or by a command in another process, or when it is stale."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from hongyan.model.book import Book
from hongyan.workers.naps import nap
from hongyan.workers.shelf import Shelf

log = structlog.get_logger(__name__)

POLL_S = 0.25


class Watcher:
    """version and load block, and so run in a thread. `load` is given the Book that holds now, to keep what did not change."""

    def __init__(self, shelf: Shelf, version: Callable[[], int], load: Callable[[Book], Book]) -> None:
        self._shelf, self._version, self._load = shelf, version, load

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await self._look()
            except Exception as error:  # the store is away: the old Book serves on
                log.warning("book_not_loaded", error=type(error).__name__, detail=str(error)[:200])
            await nap(stopping, POLL_S)

    async def _look(self) -> None:
        book = self._shelf.book
        is_stale = 0 < book.stale_ms <= self._shelf.clock()
        if await asyncio.to_thread(self._version) != book.version or is_stale:
            fresh = await asyncio.to_thread(self._load, book)
            self._shelf.turn(replace(fresh, down=self._shelf.book.down))
            log.info("book_loaded", version=fresh.version, accounts=len(fresh.accounts), channels=len(fresh.channels))
