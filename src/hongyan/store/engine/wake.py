"""Waking other processes on PostgreSQL: a NOTIFY for many, after the commit and never inside it, and a LISTEN.

A poll finds what is lost here: a wake-up only makes things faster. A NOTIFY inside the steps' transactions would make all
commits of the database queue for one lock.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping

from hongyan.store.engine.outage import Outage
from hongyan.store.engine.postgres_connection import PostgresConnection
from hongyan.store.engine.statement import Single

GATHER_S = 0.02
"""Pause between two NOTIFYs, in which more names gather."""

NAMED_MOST = 300
"""Ids in one NOTIFY, whose payload PostgreSQL bounds at 8,000 octets."""

CHANNELS, ACCOUNTS = "channels", "accounts"
"""What is named: channels that got messages, and accounts that are owed something for their sessions."""

AGAIN_S = 1.0
LISTEN_S = 0.5

_LISTEN = "LISTEN hongyan"
_NOTIFY = Single("SELECT pg_notify('hongyan', :named)")


class Waker:
    """Two threads with a connection each. `announce…` and `heard` are called on the event loop."""

    def __init__(self, url: str, heard: Mapping[str, Callable[[Iterable[int]], None]]) -> None:
        """heard: called by CHANNELS and ACCOUNTS"""
        self._url, self._heard = url, heard
        self._loop = asyncio.get_running_loop()
        self._outage = Outage("wake")
        self._announced: dict[str, set[int]] = {kind: set() for kind in (CHANNELS, ACCOUNTS)}
        self._lock = threading.Lock()
        self._is_due = threading.Event()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._until_stopped, args=(work,), name=f"wake-{work.__name__}", daemon=True)
            for work in (self._notify, self._listen)
        ]
        for thread in self._threads:
            thread.start()

    def announce(self, channel_ids: Iterable[int]) -> None:
        """Wake the processes that have these channels, which got messages."""
        self._announce(CHANNELS, channel_ids)

    def announce_owed(self, account_ids: Iterable[int]) -> None:
        """Wake the processes that hold sessions of these accounts, which are owed something."""
        self._announce(ACCOUNTS, account_ids)

    def _announce(self, kind: str, ids: Iterable[int]) -> None:
        with self._lock:
            self._announced[kind].update(ids)
        self._is_due.set()

    def stop(self) -> None:
        self._stopping.set()
        self._is_due.set()
        for thread in self._threads:
            thread.join()

    def _until_stopped(self, work: Callable[[PostgresConnection], None]) -> None:
        while not self._stopping.is_set():
            try:
                connection = PostgresConnection(self._url)
                try:
                    work(connection)
                finally:
                    connection.close()
            except Exception as error:  # the poll serves until it is back
                self._outage.failed(work.__name__, error)
                self._stopping.wait(AGAIN_S)

    def _notify(self, connection: PostgresConnection) -> None:
        while not self._stopping.is_set():
            self._is_due.wait()
            self._is_due.clear()
            for named in self._take():
                connection.run(_NOTIFY, named=named)
                self._outage.worked()
            self._stopping.wait(GATHER_S)

    def _take(self) -> list[str]:
        with self._lock:
            announced, self._announced = self._announced, {kind: set() for kind in self._announced}
        return [
            f"{kind} {','.join(map(str, ids[first : first + NAMED_MOST]))}"
            for kind, found in announced.items()
            for ids in [sorted(found)]
            for first in range(0, len(ids), NAMED_MOST)
        ]

    def _listen(self, connection: PostgresConnection) -> None:
        connection.plain(_LISTEN)
        while not self._stopping.is_set():
            self._outage.worked()
            for note in connection.raw.notifies(timeout=LISTEN_S, stop_after=1):
                kind, _, ids = note.payload.partition(" ")
                if kind in self._heard:
                    self._loop.call_soon_threadsafe(self._heard[kind], [int(number) for number in ids.split(",")])
