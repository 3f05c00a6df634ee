"""What a process that serves sets at its start, and its clock."""

import gc
import time

SWITCH_S = 0.0001
"""How long a thread may keep the interpreter from another: the lane waits for it between statements."""


def clock() -> int:
    """Returns the time as milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def settle_memory() -> None:
    """Exempt what the start made from garbage collection, since it lives as long as the process.

    Everybody waits while the collector looks through new objects: some four milliseconds for ten thousand that are garbage.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 100, 50)
