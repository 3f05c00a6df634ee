"""How the console's process shares cores with the doors and links: it goes behind them.

A nice process gets less of a core that others want too, but on Linux whoever wakes waits until the one that runs has used up its
slice: up to a tick of the clock, 4 ms, as often as a page or an export has the core. One with a shorter slice than the one that runs
has the core at once, since Linux 6.12. So the console asks for the longest slices there are: it has its share in
fewer and longer pieces, and everybody goes first. As a batch process it puts nobody off its core when it wakes.
"""

import ctypes
import os
import platform
from contextlib import suppress
from struct import Struct

NICENESS = 10
"""Its share when all cores are wanted: a tenth of that of a usual process. An idle one could get none, and hold SQLite's lock meanwhile."""

SLICE_NS = 100_000_000
"""The longest that Linux takes; usual processes have 1 to 3 ms."""

_SET_ATTRIBUTES = {"x86_64": 314, "aarch64": 274, "riscv64": 274}.get(platform.machine())
"""The number of the system call sched_setattr, which few libraries of C have a function for."""

_ATTRIBUTES = Struct("=IIQiIQQQ")
"""struct sched_attr: its octets, policy, flags, nice value, priority, slice, and two that others use."""


def lower_priority() -> None:
    """Let others go first from now on: this thread, and those that it starts. A system that knows no slices, or forbids to ask for them,
    heeds the rest.
    """
    os.nice(NICENESS)
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    if _SET_ATTRIBUTES is not None:
        asked = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_BATCH, 0, NICENESS, 0, SLICE_NS, 0, 0)
        ctypes.CDLL(None).syscall(_SET_ATTRIBUTES, 0, asked, 0)
