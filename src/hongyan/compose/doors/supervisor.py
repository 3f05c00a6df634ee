"""Forks the processes that serve together, and watches them: one that was killed is forked anew; if one ends by itself, all
end.

They ignore signals and heed this process alone, on a socket each. A stop by a terminal or a service manager reaches the whole
group, and the writer has to end after the doors. They also end when this process is dead, which closes the sockets.
"""

import asyncio
import gc
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from hongyan.compose.process_name import name_process

log = structlog.get_logger(__name__)

AGAIN_S = 1.0
"""Pause before a process that was killed is forked anew."""

_RELOAD = b"r"
_KILLED = 1
"""Exit code if a part was killed at the end."""

_STOPS = (signal.SIGTERM, signal.SIGINT)
_HEARD = {*_STOPS, signal.SIGHUP, signal.SIGCHLD}


@dataclass(frozen=True, slots=True)
class Part:
    """One of the processes.

    name: as `ps` shows it
    run:  gets its end of the socket, on which a stop is sent; returns whether it ended cleanly
    """

    name: str
    run: Callable[[socket.socket], bool]


@dataclass(frozen=True, slots=True)
class _Forked:
    part: Part
    end: socket.socket  # our end


class _InChild(Exception):
    """Leaves the supervisor in a forked process."""

    def __init__(self, part: Part, end: socket.socket) -> None:
        super().__init__(part.name)
        self.part, self.end = part, end


def supervise(parts: Sequence[Part]) -> bool:
    """Run the parts until a stop, or until one of them ends by itself.

    Called before this process has threads. It also returns in each of the forked processes, with what its part returned, so
    that each ends as a command does: with its message, and its exit code. In a forked process it raises what its part
    raises; here it raises SystemExit with the exit code of a part that ended by itself.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    gc.collect()
    gc.freeze()  # the garbage collector would copy what it looks at
    try:
        status = _Supervisor().run(parts)
    except _InChild as child:
        _begin(child.part)
        return child.part.run(child.end)
    if status:
        raise SystemExit(status)
    return True


def _begin(part: Part) -> None:
    name_process(part.name)
    for number in (*_STOPS, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)


class _Supervisor:
    def __init__(self) -> None:
        self._forked: dict[int, _Forked] = {}  # by process number
        self._is_stopping = False
        self._status = 0

    def run(self, parts: Sequence[Part]) -> int:
        """Returns 0, or the exit code of a part that ended by itself."""
        for part in parts:
            self._fork(part)
        while self._forked:
            heard = signal.sigwait(_HEARD)
            if heard in _STOPS:
                self._stop()
            elif heard == signal.SIGHUP:
                self._reload()
            else:
                self._see_ended()
        return self._status

    def _fork(self, part: Part) -> None:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if not pid:
            for end in (ours, *(one.end for one in self._forked.values())):
                end.close()
            raise _InChild(part, theirs)
        theirs.close()
        self._forked[pid] = _Forked(part, ours)

    def _stop(self) -> None:
        self._is_stopping = True
        for one in self._forked.values():
            one.end.close()

    def _reload(self) -> None:
        for one in self._forked.values():
            with suppress(OSError):  # it has ended, which is noticed next
                one.end.send(_RELOAD)

    def _see_ended(self) -> None:
        """Handle all processes that have ended, since one signal may stand for several."""
        for pid in list(self._forked):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._judge(self._forked.pop(pid), os.waitstatus_to_exitcode(status))

    def _judge(self, one: _Forked, status: int) -> None:
        one.end.close()
        if self._is_stopping:
            self._status = self._status or (status if status >= 0 else _KILLED)
        elif status < 0:
            log.error("process_killed", name=one.part.name, signal=-status, cure="it is started again")
            time.sleep(AGAIN_S)
            self._fork(one.part)
        else:
            self._status = status
            self._stop()


def handle_commands(end: socket.socket, stop: Callable[[], None], reload: Callable[[], None]) -> None:
    """In a forked process, on its event loop: have these called when the supervisor says so."""
    loop = asyncio.get_running_loop()

    def take() -> None:
        octets = end.recv(16)
        if octets:
            reload()
        else:
            loop.remove_reader(end)
            end.close()
            stop()

    end.setblocking(False)
    loop.add_reader(end, take)
