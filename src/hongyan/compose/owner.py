"""The name of this process in leases, and whether another process of this machine with such a name has ended.

A name contains the machine (its boot and its table of processes, so that containers differ), the number of the process and when
it began. So a later process with the same number has another name.
"""

import hashlib
import os
import secrets
import socket
from functools import cache
from pathlib import Path

_ENDED = frozenset("ZX")
"""States of a process that has ended and waits for its parent."""


def owner_name() -> str:
    """Returns host:pid:machine.begin.chance."""
    pid = os.getpid()
    _, began = _stat(pid) or ("", "")
    return f"{socket.gethostname()}:{pid}:{_machine()}.{began}.{secrets.token_hex(2)}"


def has_ended(owner: str) -> bool:
    """Returns whether the process of this name has certainly ended. Nothing is certain about processes of another machine."""
    *_, pid, facts = ("", "", *owner.rsplit(":", 2))
    machine, began, *_ = (*facts.split("."), "")
    if not (pid.isascii() and pid.isdigit() and machine and machine == _machine()):
        return False
    return not _is_running(int(pid), began)


def _is_running(pid: int, began: str) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        pass
    state, since = _stat(pid) or ("", began)
    return state not in _ENDED and since == began


def _stat(pid: int) -> tuple[str, str] | None:
    """Returns the state of a process and when it began; None if they may not be read."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], fields[19]


@cache
def _machine() -> str:
    """Returns a name for this boot of this machine and the table of processes that we see; '' if the system has neither."""
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii") + str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
