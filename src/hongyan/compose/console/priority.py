"""How the console's process shares cores with the doors and links: it goes behind them.

A nice process gets a smaller share of a core that others want too. But on Linux a process that wakes up still waits until the
running one has used up its slice: up to 4 ms, each time that a page or an export has the core. Since Linux 6.12 a process with a
shorter slice than the running one gets the core at once. So the console asks for the longest slices: it has its share in fewer
and longer pieces, and all others go first. As a batch process it takes the core from nobody when it wakes up.
"""

import ctypes
import os
import platform
from contextlib import suppress
from struct import Struct

NICENESS = 10
"""While all cores are wanted it has a tenth of the share of a usual process.

The policy for idle processes would be wrong: it could give the console no time at all while the console holds SQLite's lock.
"""

SLICE_NS = 100_000_000
"""The longest that Linux takes; usual processes have 1 to 3 ms."""

_SET_ATTRIBUTES = {"x86_64": 314, "aarch64": 274, "riscv64": 274}.get(platform.machine())
"""The number of the system call sched_setattr, which few libraries of C have a function for."""

_ATTRIBUTES = Struct("=IIQiIQQQ")
"""struct sched_attr: its octets, policy, flags, nice value, priority, slice, and two that others use."""


def lower_priority() -> None:
    """Let others go before this thread, and before those that it starts, from now on.

    A system that has no slices, or does not let us ask for them, still applies the rest.
    """
    os.nice(NICENESS)
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    if _SET_ATTRIBUTES is not None:
        asked = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_BATCH, 0, NICENESS, 0, SLICE_NS, 0, 0)
        ctypes.CDLL(None).syscall(_SET_ATTRIBUTES, 0, asked, 0)
