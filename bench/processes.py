"""What processes cost, read from /proc: CPU of a process with all its descendants, and resident memory."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(roots: Iterable[int]) -> float:
    """Seconds of user and system time of these processes, their living descendants, and the children they waited for.

    Of the living the scheduler keeps nanoseconds; ticks of 10 ms are samples, and half a second of them is 20 % off at times.
    """
    return sum(_running_ns(pid) / 1e9 + sum(map(int, _stat(pid)[13:15])) / _TICKS for pid in _family(roots))


def resident_octets(roots: Iterable[int]) -> int:
    """Resident memory of these processes and their living descendants; shared pages count in each."""
    return sum(int(stat[21]) for pid in _family(roots) if (stat := _stat(pid))) * _PAGE


def forget_the_most(pid: int) -> None:
    """Let the most resident memory of a process begin anew, at what it is now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def most_resident_octets(pid: int) -> int:
    """The most resident memory of a process since its start, or since it was forgotten."""
    rows = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("VmHWM:")) * 1024


def _family(roots: Iterable[int]) -> set[int]:
    parents = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and (stat := _stat(int(path.name))):
            parents[int(path.name)] = int(stat[1])
    found = {pid for pid in roots if pid in parents}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _running_ns(pid: int) -> int:
    """What the threads of a process have run so far; those that ended are left out."""
    total = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            total += int(thread.read_text().split()[0])
    return total


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the command's name, `state` first; empty when the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()
