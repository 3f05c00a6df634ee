"""Waking other processes on PostgreSQL: a coalesced NOTIFY after the commit, never inside it, and a LISTEN.

What is lost here a poll finds: a wake-up is for speed, never for truth. A NOTIFY inside the steps' transactions would make
all commits of the database queue for one lock.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable

from hongyan.store.engine.connection import PostgresConnection
from hongyan.store.engine.outage import Outage
from hongyan.store.engine.statement import Single

GATHER_S = 0.02
"""Pause between two NOTIFYs, in which their channels gather."""

AGAIN_S = 1.0
LISTEN_S = 0.5

_LISTEN = "LISTEN hongyan"
_NOTIFY = Single("SELECT pg_notify('hongyan', :channels)")


class Waker:
    """Two threads with a connection each; `announce` and `heard` are called on the event loop."""

    def __init__(self, url: str, heard: Callable[[Iterable[int]], None]) -> None:
        self._url, self._heard = url, heard
        self._loop = asyncio.get_running_loop()
        self._outage = Outage("wake")
        self._announced: set[int] = set()
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
        """Wake the processes that have these channels: they have messages to send."""
        with self._lock:
            self._announced.update(channel_ids)
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
            with self._lock:
                announced, self._announced = self._announced, set()
            if announced:
                connection.run(_NOTIFY, channels=",".join(map(str, sorted(announced))))
                self._outage.worked()
            self._stopping.wait(GATHER_S)

    def _listen(self, connection: PostgresConnection) -> None:
        connection.plain(_LISTEN)
        while not self._stopping.is_set():
            self._outage.worked()
            for note in connection.raw.notifies(timeout=LISTEN_S, stop_after=1):
                channels = [int(number) for number in note.payload.split(",")]
                self._loop.call_soon_threadsafe(self._heard, channels)
