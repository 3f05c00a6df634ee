"""The reading of jobs, in a process of its own that has only the cores that nobody else wants.

A slice of an export reads for tens of milliseconds. A process for idle time gives up its core as soon as others want it, which a
nice one does not. The console itself must not be such a process (see priority): it may hold SQLite's lock while it waits for a core. A
reader holds none.
"""

import multiprocessing
import os
import pickle
import socket
from asyncio import Event
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Protocol

from hongyan.compose.process_name import name_process
from hongyan.model.job import Job, Slice
from hongyan.ports.lane import StoreAway
from hongyan.services.jobs.table import READING
from hongyan.store.database import Database, Reader
from hongyan.workers.waiting import wait_or_timeout

WATCH_S = 1.0
END_S = 5.0
"""How long it may take to end by itself."""

_FORK = multiprocessing.get_context("fork")


class ReaderLost(StoreAway):
    """The process is gone. Only a new console has another one, and goes on with the job."""


class SliceReader(Protocol):
    """What the console has its jobs read by."""

    def read(self, job: Job, now_ms: int) -> Slice: ...

    async def watch(self, stopping: Event) -> None: ...


class JobReader:
    """Implements SliceReader: our end of the process. It is forked when this is made, which has to be before there are threads."""

    def __init__(self, url: str, server: socket.socket) -> None:
        """url: of the store. server: the console's socket, which the new process must not keep open"""
        self._end, theirs = _FORK.Pipe()
        self._process = _FORK.Process(target=_serve, args=(url, theirs, self._end, server), daemon=True)
        self._process.start()
        theirs.close()

    def read(self, job: Job, now_ms: int) -> Slice:
        """Returns the next slice of a job that reads. Blocks. raises: what the reading raises; ReaderLost"""
        try:
            self._end.send((job, now_ms))
            found: Slice | Exception = self._end.recv()
        except (EOFError, OSError) as error:
            raise ReaderLost("the process that reads for jobs is gone") from error
        if isinstance(found, Exception):
            raise found
        return found

    async def watch(self, stopping: Event) -> None:
        """raises: ReaderLost, soon after its process is gone"""
        while not stopping.is_set():
            if not self._process.is_alive():
                raise ReaderLost("the process that reads for jobs is gone")
            await wait_or_timeout(stopping, WATCH_S)

    def close(self) -> None:
        self._end.close()
        self._process.join(END_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def read_slice(reader: Reader, job: Job, now_ms: int) -> Slice:
    """Returns the next slice of a job that reads, from a snapshot of its own. Blocks."""
    return reader.read(lambda tx: READING[job.kind](tx, job, now_ms))


def _serve(url: str, asked: Connection, other: Connection, server: socket.socket) -> None:
    """Read slices until the console closes its end, or is dead."""
    other.close()
    server.close()
    name_process("hongyan-jobs")
    with suppress(OSError):  # a system that refuses it still lets the nice process run
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    reader = Database(url).reader()
    with suppress(EOFError, OSError):
        while True:
            asked.send_bytes(_answer(reader, *asked.recv()))


def _answer(reader: Reader, job: Job, now_ms: int) -> bytes:
    """Returns the slice or what went wrong, pickled."""
    try:
        return pickle.dumps(read_slice(reader, job, now_ms))
    except Exception as error:  # noqa: BLE001  the console gets it
        return _pickled(error)


def _pickled(error: Exception) -> bytes:
    try:
        return pickle.dumps(error)
    except Exception:  # noqa: BLE001  an error that holds what cannot be sent
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))
