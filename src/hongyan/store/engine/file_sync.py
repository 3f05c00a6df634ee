"""Two ways to sync a file while the event loop goes on: by the kernel's io_uring, or by a thread.

When a file is synced, the kernel writes to a descriptor that the event loop watches. A thread has to get the interpreter from the loop
to begin with, and once more to say that it is done. It is used where there is no io_uring: on other systems, in many containers, and where
`kernel.io_uring_disabled` says so. Kernel AIO would be there too, but works on the processor of the loop, and waits for it.
"""

import asyncio
import os
from asyncio import Future
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

Done = Callable[[OSError | None], None]
"""Called on the event loop once the file is synced, or with the error that prevented it."""

TRIAL_S = 10
"""How long the kernel may take for the first sync, by which we learn that it can."""

AGAIN_S = 0.005
"""Pause before the kernel is asked again for what it had no memory for."""

_REFUSED = (SystemError, RuntimeError)
"""What caio raises for an errno, and for an operation that has not ended."""


class FileSync(Protocol):
    """Made and called on the event loop, for one sync at a time."""

    def sync(self, file: int, done: Done) -> None:
        """Sync all that was written until now. file: a descriptor, which stays open until then"""
        ...

    def close(self) -> None:
        """Called when no sync is under way."""
        ...


def file_sync(folder: Path) -> FileSync:
    """Returns the quickest way that works here. folder: is synced to find out"""
    try:
        return KernelSync(folder)
    except (ImportError, OSError, *_REFUSED):
        return ThreadSync()


class KernelSync:
    def __init__(self, folder: Path) -> None:
        """raises: ImportError, OSError or one of _REFUSED where the kernel cannot, or may not"""
        from caio.linux_uring import Context, Operation  # noqa: PLC0415 - only Linux has it

        self._context, self._fdsync = Context(max_requests=1), Operation.fdsync
        os.set_inheritable(self._context.fileno, False)
        self._try(folder)
        self._asked: tuple[Any, Done] | None = None  # the operation under way, and who is called
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._context.fileno, self._completed)

    def _try(self, folder: Path) -> None:
        """Not with the database: whoever closes a descriptor of it takes away the locks that SQLite has on it in this process."""
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            operation = self._fdsync(opened)
            self._context.submit(operation)
            if not self._context.flush():
                self._context.process_events(1, 1, TRIAL_S)
            operation.get_value()
            with suppress(BlockingIOError):
                self._context.poll()
        finally:
            os.close(opened)

    def sync(self, file: int, done: Done) -> None:
        operation = self._fdsync(file)
        self._asked = operation, done
        self._context.submit(operation)
        self._flush()

    def _flush(self) -> None:
        """Hand the operation to the kernel, which takes it later if it cannot now."""
        try:
            self._context.flush()
        except SystemError:
            self._loop.call_later(AGAIN_S, self._flush)

    def _completed(self) -> None:
        with suppress(BlockingIOError):
            self._context.poll()
        self._context.process_events()
        if self._asked is None:
            return
        operation, done = self._asked
        try:
            operation.get_value()
            error = None
        except RuntimeError:  # this event is of another operation, the trial's
            return
        except SystemError as refused:  # in the words of the errno
            error = OSError(*refused.args)
        self._asked = None
        done(error)

    def close(self) -> None:
        self._loop.remove_reader(self._context.fileno)


class ThreadSync:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, "sync")

    def sync(self, file: int, done: Done) -> None:
        def completed(synced: "Future[OSError | None]") -> None:
            done(synced.result())

        self._loop.run_in_executor(self._thread, _synced, file).add_done_callback(completed)

    def close(self) -> None:
        self._thread.shutdown()


def _synced(file: int) -> OSError | None:
    try:
        os.fdatasync(file)
    except OSError as error:
        return error
    return None
