"""What processes cost, read from /proc: CPU of a process with all its descendants, and resident memory."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(roots: Iterable[int]) -> float:
    """Seconds of user and system time of these processes, their living descendants, and the children they waited for.

    Of the living the scheduler keeps nanoseconds; ticks of 10 ms are samples, and half a second of them is 20 % off at times.
    """
    return sum(_running_ns(pid) / 1e9 + sum(map(int, _stat(pid)[13:15])) / _TICKS for pid in family(roots))


def named(roots: Iterable[int], name: str) -> set[int]:
    """Those of this family that are called so."""
    return {pid for pid in family(roots) if _name(pid) == name}


def cpu_s_of(roots: Iterable[int], name: str) -> float:
    """What they have run."""
    return sum(map(_running_ns, named(roots, name))) / 1e9


def resident_octets(roots: Iterable[int]) -> int:
    """Resident memory of these processes and their living descendants; a page that several share counts once."""
    return sum(map(_share_octets, family(roots)))


def own_octets(roots: Iterable[int], name: str) -> int:
    """Memory that no other process has, of those of this family that are called so."""
    return sum(map(_own_octets, named(roots, name)))


def forget_the_most(pid: int) -> None:
    """Let the most resident memory of a process begin anew, at what it is now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def most_resident_octets(pid: int) -> int:
    """The most resident memory of a process since its start, or since it was forgotten."""
    rows = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("VmHWM:")) * 1024


def family(roots: Iterable[int]) -> set[int]:
    """These processes and their living descendants."""
    parents = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and (stat := _stat(int(path.name))):
            parents[int(path.name)] = int(stat[1])
    found = {pid for pid in roots if pid in parents}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def is_running(pid: int) -> bool:
    """Whether it is there and no zombie."""
    return (_stat(pid) or ["Z"])[0] not in "ZX"


def _running_ns(pid: int) -> int:
    """What the threads of a process have run so far; those that ended are left out."""
    total = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            total += int(thread.read_text().split()[0])
    return total


def _share_octets(pid: int) -> int:
    """Its own pages, and its part of those that it shares (Pss)."""
    with suppress(FileNotFoundError, ProcessLookupError):
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return next(int(row.split()[1]) for row in rows if row.startswith("Pss:")) * 1024
    return 0


def _own_octets(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return sum(int(row.split()[1]) for row in rows if row.startswith("Private_")) * 1024
    return 0


def _name(pid: int) -> str:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    return ""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the command's name, `state` first; empty when the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()
