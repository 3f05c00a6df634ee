"""Makes SQLite's commits durable: a thread syncs the write-ahead log, while the event loop goes on.

The lane's connection commits without waiting for the disk (`synchronous = NORMAL`), and the callers are answered after the sync
that follows. One sync serves all commits before it. Each of the lane's commits stands behind the one before in the log, so a
loss of power takes only the newest ones, and those are not answered yet.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import structlog

from hongyan.store.engine.drain import drain

log = structlog.get_logger(__name__)

Callback = Callable[[OSError | None], None]
"""Called on the event loop once the commit is durable, or with the error that prevented it."""


class Syncer:
    """Started on the event loop. After one sync has failed nobody knows what the disk holds, so all later ones fail with it."""

    def __init__(self, path: Path, broken: Callable[[], None] = lambda: None) -> None:
        """path: of the database. broken: called once, on the event loop, when the disk refused"""
        self._path = Path(f"{path}-wal")
        self._broken = broken
        self._inbox: SimpleQueue[Callback | None] = SimpleQueue()
        self._log: int | None = None
        self._error: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="sync", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Answer all waiting callers, then end the thread."""
        if self._thread is None:
            return
        self._inbox.put(None)
        await asyncio.to_thread(self._thread.join)

    def then(self, callback: Callback) -> None:
        """Call this when everything that is committed by now is on the disk."""
        self._inbox.put(callback)

    # --- the thread -----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        is_open = True
        while is_open:
            waiting, is_open = drain(self._inbox, self._inbox.get())
            if waiting:
                error = self._sync()
                assert self._loop is not None
                self._loop.call_soon_threadsafe(_call_all, waiting, error)
        if self._log is not None:
            os.close(self._log)

    def _sync(self) -> OSError | None:
        if self._error is None:
            try:
                os.fdatasync(self._opened())
            except OSError as error:
                self._error = error
                log.critical("store_not_synced", path=str(self._path), error=str(error))
                assert self._loop is not None
                self._loop.call_soon_threadsafe(self._broken)
        return self._error

    def _opened(self) -> int:
        """Open the log anew if needed: SQLite deletes it with the last connection and makes another with the next one."""
        if self._log is not None and not os.fstat(self._log).st_nlink:
            os.close(self._log)
            self._log = None
        if self._log is None:
            self._log = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        return self._log


def _call_all(waiting: list[Callback], error: OSError | None) -> None:
    for callback in waiting:
        callback(error)
