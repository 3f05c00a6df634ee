"""An outage of the store in a few lines of the log: its beginning, every some seconds what failed since, and its end."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import psycopg
import structlog

from hongyan.ports.lane import StoreAway
from hongyan.store.engine.commit_outcome import CommitUnknown

log = structlog.get_logger(__name__)

LOG_S = 10.0
QUIET_S = 1.0
"""How long nothing may have failed before an outage is over. A disk that is nearly full takes one write and refuses the next.
"""

_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, sqlite3.OperationalError, CommitUnknown)
"""Errors of drivers for a store that does not answer, or cannot be written now; no step is at fault."""


def is_away(error: BaseException) -> bool:
    return isinstance(error, _AWAY)


class Outage:
    """The outage of one way to the store, such as a lane. The user of the way reports what failed and what worked."""

    def __init__(self, way: str) -> None:
        self._way = way
        self._lock = threading.Lock()
        self._since: float | None = None
        self._failed_at = self._logged_at = 0.0
        self._unlogged = self._failed = 0

    @contextmanager
    def watching(self, step: str) -> Iterator[None]:
        """Run a call to the store. Raises StoreAway if the store is away, after logging it; other errors as they are."""
        try:
            yield
        except Exception as error:
            if not is_away(error):
                raise
            self.failed(step, error)
            raise StoreAway(str(error)) from error
        self.worked()

    def failed(self, step: str, error: Exception) -> None:
        with self._lock:
            now = self._failed_at = monotonic()
            self._failed += 1
            self._unlogged += 1
            if self._since is None:
                self._since, self._logged_at, self._unlogged = now, now, 0
                log.error("store_away", way=self._way, step=step, error=type(error).__name__, detail=str(error)[:200])
            elif now - self._logged_at >= LOG_S:
                log.error("store_still_away", way=self._way, seconds=round(now - self._since), failed=self._unlogged)
                self._logged_at, self._unlogged = now, 0

    def worked(self) -> None:
        """Note that the store works: after an answer, or a commit if much is written."""
        if not self._failed:
            return
        with self._lock:
            now = monotonic()
            if self._since is not None and now - self._failed_at >= QUIET_S:
                log.warning("store_back", way=self._way, seconds=round(now - self._since, 1), failed=self._failed)
                self._since, self._failed = None, 0
