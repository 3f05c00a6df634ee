"""Forks the processes that serve together, and watches them: one that was killed is forked anew, and one that ends by itself ends all.

They heed no signals but this process's word, on a socket each: a stop of a terminal or a service manager reaches the whole group, and the
writer is to end after the doors. They end as well when this process is dead, which closes the sockets.
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
"""Exit code where a part did not live to end by itself."""

_STOPS = (signal.SIGTERM, signal.SIGINT)
_HEARD = {*_STOPS, signal.SIGHUP, signal.SIGCHLD}


@dataclass(frozen=True, slots=True)
class Part:
    """One of the processes.

    name: as `ps` shows it
    run:  its life, with its end of the socket on which it hears of a stop, and whether one before it was killed; returns whether it
          ended cleanly
    """

    name: str
    run: Callable[[socket.socket, bool], bool]


@dataclass(frozen=True, slots=True)
class _Forked:
    part: Part
    end: socket.socket  # ours


class _InChild(Exception):
    """Carries a forked process out of the supervisor."""

    def __init__(self, part: Part, end: socket.socket, *, is_again: bool) -> None:
        super().__init__(part.name)
        self.part, self.end, self.is_again = part, end, is_again


def supervise(parts: Sequence[Part]) -> bool:
    """Run the parts until a stop, or until one of them ends by itself.

    Called before this process has threads. It returns in each of the forked processes, too, with what its part returned, so that each ends
    as a command does: with its message, and its exit code. raises: what a part raises, there; SystemExit with the exit code of the part
    that ended by itself, here
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    gc.collect()
    gc.freeze()  # what is looked at by the collector is copied
    try:
        status = _Supervisor().run(parts)
    except _InChild as child:
        _begin(child.part)
        return child.part.run(child.end, child.is_again)
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
            self._fork(part, is_again=False)
        while self._forked:
            heard = signal.sigwait(_HEARD)
            if heard in _STOPS:
                self._stop()
            elif heard == signal.SIGHUP:
                self._reload()
            else:
                self._see_ended()
        return self._status

    def _fork(self, part: Part, *, is_again: bool) -> None:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if not pid:
            for end in (ours, *(one.end for one in self._forked.values())):
                end.close()
            raise _InChild(part, theirs, is_again=is_again)
        theirs.close()
        self._forked[pid] = _Forked(part, ours)

    def _stop(self) -> None:
        self._is_stopping = True
        for one in self._forked.values():
            one.end.close()

    def _reload(self) -> None:
        for one in self._forked.values():
            with suppress(OSError):  # it has ended, which is heard of next
                one.end.send(_RELOAD)

    def _see_ended(self) -> None:
        """Of all that have ended: one signal may stand for several."""
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
            self._fork(one.part, is_again=True)
        else:
            self._status = status
            self._stop()


def hear(end: socket.socket, stop: Callable[[], None], reload: Callable[[], None]) -> None:
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
