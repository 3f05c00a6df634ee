"""Moving SQLite's write-ahead log into the database beside the lane, so that no commit waits for it.

A thread copies pages once a second (PASSIVE: it blocks nobody). But a log that is written all the time never becomes empty that
way. So once the log is long and nearly copied, the lane itself copies the short rest between two commits, and its next commit
begins the log anew.
"""

import threading
from pathlib import Path

import structlog

from hongyan.store.engine.connection import Connection
from hongyan.store.engine.sqlite_connection import SqliteConnection

log = structlog.get_logger(__name__)

EVERY_S = 1.0
LONG_PAGES = 8_000
"""32 MiB: a longer log is begun anew when little of it is left to copy. Only then the lane waits for the disk."""

NEARLY_PAGES = 1_000
"""The most pages that may be left, of a log that readers keep from being copied completely."""

_PASSIVE = "PRAGMA wal_checkpoint(PASSIVE)"


class Checkpointer:
    """Started with the lanes of a process, stopped after them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stopping = threading.Event()
        self._is_due = threading.Event()
        self._thread = threading.Thread(target=self._work, name="checkpoint", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def after_commit(self, connection: Connection) -> None:
        """Called by the lane between commits."""
        if self._is_due.is_set():
            self._is_due.clear()
            connection.plain(_PASSIVE)

    def _work(self) -> None:
        connection = SqliteConnection(self._path)
        try:
            while not self._stopping.wait(EVERY_S):
                self._copy(connection)
        finally:
            connection.close()

    def _copy(self, connection: SqliteConnection) -> None:
        try:
            _, pages, copied = connection.plain(_PASSIVE)[0]
            is_nearly_copied = pages >= LONG_PAGES and pages - copied <= NEARLY_PAGES
            if is_nearly_copied:
                connection.plain(_PASSIVE)  # copy what came meanwhile, so that hardly any is left for the lane
        except Exception as error:  # a full disk, for example: the next round tries again
            log.warning("checkpoint_failed", error=type(error).__name__, detail=str(error)[:200])
            return
        if is_nearly_copied:
            self._is_due.set()
