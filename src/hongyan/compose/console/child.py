"""The console's process: forked at the start, and started anew by a command if it died.

It is forked before this process has threads, and shares the memory of all that was imported until then. A process that is
started anew imports all that again, which takes a second and the memory. Both ignore the signals of a stop: the process ends
when the process that serves has closed its end of the socket, or is dead.
"""

import ctypes
import gc
import os
import pickle
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from struct import Struct
from typing import NoReturn

import structlog

from hongyan.compose.console.priority import lower_priority
from hongyan.compose.console.process import run_console
from hongyan.compose.process_name import name_process
from hongyan.logs.lines import set_up_logs
from hongyan.settings.load import Loaded
from hongyan.web.pages import load_templates

log = structlog.get_logger(__name__)

SWITCH_S = 0.0005
"""How long a thread may keep the interpreter from another: one of them may hold up others that write to the store."""

DESCRIPTORS_MOST = 1_024
END_S = 10.0
"""How long it may take to end by itself."""

_BEGIN = b"b"
_LENGTH = Struct(">I")
_SOCKET = 3
"""The descriptor of the socket in a process that is started anew."""

_KILL_FIRST = "500"
"""When memory runs out, the system ends the console before the process that serves."""

_M_ARENA_MAX = -8
"""Of glibc's mallopt: how many heaps threads have between them."""

_FAILED = 1


class ConsoleChild:
    """The console as the serving process has it: one process at a time, and our end of the socket to it."""

    def __init__(self, loaded: Loaded) -> None:
        """Fork it; it waits for `begin`."""
        self._loaded = loaded
        self.end, theirs = socket.socketpair()
        gc.collect()
        gc.freeze()  # the garbage collector would copy what it looks at
        self._pid: int | None = os.fork()
        if not self._pid:
            self.end.close()
            _live(lambda: _run_once_begun(loaded, theirs))
        theirs.close()

    def begin(self) -> None:
        """Let it run, since the store is ready. If it has died meanwhile, another is started later."""
        with suppress(BrokenPipeError):
            self.end.send(_BEGIN)

    def start_again(self) -> None:
        """Start another process if one closed its end of the socket. Blocks. raises: OSError if none can be started now"""
        self.end.close()
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)  # if it is still there, nobody can reach it
            log.error("console_ended", status=_status_of(self._pid), cure="it is started again")
            self._pid = None
        settings = pickle.dumps(self._loaded)
        self.end, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "hongyan.compose.console"]
            handed = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), _SOCKET)]
            self._pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=handed)
        self.end.sendall(_LENGTH.pack(len(settings)) + settings)

    def stop(self) -> None:
        """Let it end, and wait until it has."""
        self.end.close()
        until = time.monotonic() + END_S
        while self._pid is not None and not _is_over(self._pid):
            if time.monotonic() > until:
                log.error("console_killed", seconds=END_S)
                os.kill(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
                return
            time.sleep(0.02)


@contextmanager
def console_child(loaded: Loaded) -> Iterator[ConsoleChild]:
    """A console that waits for `begin`. At the end of the context its process has ended."""
    child = ConsoleChild(loaded)
    try:
        yield child
    finally:
        child.stop()


def run_anew() -> NoReturn:
    """The life of a process that was started anew."""
    _live(_run_as_asked)


def _run_once_begun(loaded: Loaded, end: socket.socket) -> None:
    if end.recv(1) == _BEGIN:
        run_console(loaded, end)


def _run_as_asked() -> None:
    end = socket.socket(fileno=_SOCKET)
    (length,) = _LENGTH.unpack(_exactly(end, _LENGTH.size))
    loaded: Loaded = pickle.loads(_exactly(end, length))  # noqa: S301  it comes from the process that started this one
    set_up_logs(loaded.settings.log.level, loaded.settings.log.format, for_good=True)
    run_console(loaded, end)


def _live(run: Callable[[], None]) -> NoReturn:
    """The rest of a process's life."""
    status = 0
    try:
        _yield_to_server()
        load_templates()  # a forked process does so while the store is opened
        run()
    except BaseException:
        log.exception("console_failed")
        status = _FAILED
    finally:
        os._exit(status)  # what the parent has to do at its exit is not ours


def _yield_to_server() -> None:
    """Ignore the signals of a stop, and let the serving process go first."""
    name_process("hongyan-console")
    os.setpgid(0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    lower_priority()
    sys.setswitchinterval(SWITCH_S)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS_MOST, hard), hard))
    Path("/proc/self/oom_score_adj").write_text(_KILL_FIRST, encoding="ascii")
    _share_one_heap()


def _share_one_heap() -> None:
    """Let all threads that write pages take memory from one heap: each would keep what its largest page needed. Only glibc can."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_M_ARENA_MAX, 1)


def _exactly(end: socket.socket, count: int) -> bytes:
    """Returns so many octets. raises: EOFError if the other end was closed before"""
    got = end.recv(count, socket.MSG_WAITALL)
    if len(got) < count:
        raise EOFError
    return got


def _status_of(pid: int) -> int:
    """Wait for the process to end; returns its exit code, or the negative number of the signal."""
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _is_over(pid: int) -> bool:
    return os.waitpid(pid, os.WNOHANG)[0] == pid
