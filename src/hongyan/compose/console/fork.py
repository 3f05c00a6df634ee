"""Forks the console's process, and one that watches it and forks it anew when it dies.

They are forked before this process has threads, and share the memory of all that was imported until then. The watcher does nothing
but wait. Neither heeds the signals of a stop: they end when the process that serves has closed its end of the socket, or is dead.
"""

import gc
import os
import resource
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

NICENESS = 10
"""The nice value of the console: doors and links go first when all cores are busy."""

DESCRIPTORS_MOST = 1_024
AGAIN_S = 1.0
"""Pause before a console that died is forked anew."""

END_S = 10.0
"""How long its processes may take to end by themselves."""

_BEGIN = b"b"
_KILL_FIRST = "500"
"""When memory runs out, the system takes the console before what serves."""

_FAILED = 1


@contextmanager
def forked_console(run: Callable[[socket.socket], None]) -> Iterator[socket.socket]:
    """Our end of the socket to a console that waits; `begin` on it lets it run. When this ends, its processes have ended.

    run: the console's process, until the other end of its socket is closed
    """
    ours, theirs = socket.socketpair()
    gc.collect()
    gc.freeze()  # what is looked at by the collector is copied
    watcher = os.fork()
    if not watcher:
        ours.close()
        _child(lambda: _watch(run, theirs))
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        _await_end(watcher)


def begin(console: socket.socket) -> None:
    """Let it run: the store is ready."""
    console.send(_BEGIN)


def _watch(run: Callable[[socket.socket], None], end: socket.socket) -> None:
    """Run one console at a time, until it ends because this process stops."""
    _name("hongyan-watcher")
    os.setpgid(0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if end.recv(1) != _BEGIN:
        return
    while (status := _through(run, end)) and not _is_closed(end):
        log.error("console_ended", status=status, cure="it is started again")
        time.sleep(AGAIN_S)


def _is_closed(end: socket.socket) -> bool:
    """Whether the process that serves has closed its end or is dead: a console that fails then is not started again."""
    poll = select.poll()
    poll.register(end, 0)
    return any(events & select.POLLHUP for _, events in poll.poll(0))


def _through(run: Callable[[socket.socket], None], end: socket.socket) -> int:
    """Fork it and wait for its end; returns its exit code, or the signal's number, negative."""
    console = os.fork()
    if not console:
        _child(lambda: _live(run, end))
    _, status = os.waitpid(console, 0)
    return os.waitstatus_to_exitcode(status)


def _live(run: Callable[[socket.socket], None], end: socket.socket) -> None:
    _name("hongyan-console")
    os.nice(NICENESS)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS_MOST, hard), hard))
    Path("/proc/self/oom_score_adj").write_text(_KILL_FIRST, encoding="ascii")
    run(end)


def _child(live: Callable[[], None]) -> None:
    """The rest of a forked process's life."""
    status = 0
    try:
        live()
    except BaseException:
        log.exception("console_failed")
        status = _FAILED
    finally:
        os._exit(status)  # what the parent has at its exit is not ours to do


def _name(name: str) -> None:
    """As `ps` and `top` show it."""
    Path("/proc/self/comm").write_text(name, encoding="ascii")


def _await_end(watcher: int) -> None:
    until = time.monotonic() + END_S
    while not _is_over(watcher):
        if time.monotonic() > until:
            log.error("console_killed", seconds=END_S)
            os.killpg(watcher, signal.SIGKILL)
            os.waitpid(watcher, 0)
            return
        time.sleep(0.02)


def _is_over(watcher: int) -> bool:
    return os.waitpid(watcher, os.WNOHANG)[0] == watcher
