"""Makes SQLite's commits durable: the write-ahead log is synced while the event loop goes on.

The lane's connection commits without waiting for the disk (`synchronous = NORMAL`), and the callers are answered after the sync
that follows. One sync serves all commits before it. Each of the lane's commits stands behind the one before in the log, so a
loss of power takes only the newest ones, and those are not answered yet.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import structlog

from hongyan.store.engine.file_sync import Done, FileSync, file_sync

log = structlog.get_logger(__name__)


class Syncer:
    """Used on the event loop. After one sync has failed nobody knows what the disk holds, so all later ones fail with it."""

    def __init__(
        self, path: Path, broken: Callable[[], None] = lambda: None, make: Callable[[Path], FileSync] = file_sync
    ) -> None:
        """path: of the database. broken: called once, when the disk refused. make: returns the way to sync, tried with a folder"""
        self._path = Path(f"{path}-wal")
        self._broken, self._make = broken, make
        self._waiting: list[Done] = []
        self._under_way: list[Done] = []  # those whom the present sync serves
        self._is_due = False  # the next sync begins as soon as the present one ends
        self._log: int | None = None
        self._error: OSError | None = None
        self._file_sync: FileSync | None = None

    def start(self) -> None:
        self._file_sync = self._make(self._path.parent)

    async def stop(self) -> None:
        """Answer all waiting callers, then close the log."""
        if self._under_way or self._waiting:
            last = asyncio.get_running_loop().create_future()
            self.then(lambda _: last.set_result(None))
            self.begin()
            await last
        if self._file_sync is not None:
            self._file_sync.close()
        if self._log is not None:
            os.close(self._log)

    def then(self, callback: Done, *, is_new: bool = True) -> None:
        """Call this when everything that is committed by now is on the disk. It begins no sync: see `begin`.

        is_new: something was committed since the last call of this
        """
        if is_new or self._waiting:
            self._waiting.append(callback)
        elif self._under_way:
            self._under_way.append(callback)
        else:
            asyncio.get_running_loop().call_soon(callback, self._error)

    def begin(self) -> None:
        """Have a sync for all who wait: now, or behind the one that is under way."""
        self._is_due = bool(self._waiting)
        if self._is_due and not self._under_way:
            self._begin()

    def _begin(self) -> None:
        self._under_way, self._waiting, self._is_due = self._waiting, [], False
        assert self._file_sync is not None, "the syncer is not started"
        try:
            if self._error is None:
                self._file_sync.sync(self._opened(), self._done)
                return
        except OSError as error:  # there is no log any more
            self._note(error)
        asyncio.get_running_loop().call_soon(self._done, self._error)

    def _done(self, error: OSError | None) -> None:
        """The next sync begins before these are answered, so that the disk does not wait for the loop."""
        if error is not None:
            self._note(error)
        served, self._under_way = self._under_way, []
        if self._is_due:
            self._begin()
        for callback in served:
            callback(error)

    def _note(self, error: OSError) -> None:
        if self._error is None:
            self._error = error
            log.critical("store_not_synced", path=str(self._path), error=str(error))
            asyncio.get_running_loop().call_soon(self._broken)

    def _opened(self) -> int:
        """Open the log anew if needed: SQLite deletes it with the last connection and makes another with the next one."""
        if self._log is not None and not os.fstat(self._log).st_nlink:
            os.close(self._log)
            self._log = None
        if self._log is None:
            self._log = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        return self._log
