"""Which tasks are expanded into messages after they were accepted, and in how large slices."""

AT_ONCE = 1_000  # numbers of a task whose messages are written by the accept commit itself
SLICE = 200  # numbers that one release commit expands; nothing else is done meanwhile


def is_released_later(count: int, send_at_ms: int, now_ms: int) -> bool:
    """Returns whether a task of so many numbers waits for `release`: it is large, or its time has not come."""
    return count > AT_ONCE or send_at_ms > now_ms


def slices(count: int) -> list[slice]:
    """Returns the slices of up to 200 numbers in which a task is released, in order. Each is one row of `task_load`."""
    return [slice(start, start + SLICE) for start in range(0, count, SLICE)]
