"""How a thread takes the items that wait for it."""

from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")

MOST_AT_ONCE = 1024
"""The most items in one commit, and commits served by one sync. The code that queues an item keeps it to 2,000 rows."""


def drain(inbox: "SimpleQueue[T | None]", first: T | None) -> tuple[list[T], bool]:
    """Returns `first` and what waits behind it, up to MOST_AT_ONCE, and whether more may come. None in the queue ends it."""
    taken: list[T] = []
    try:
        while first is not None:
            taken.append(first)
            if len(taken) == MOST_AT_ONCE:
                return taken, True
            first = inbox.get_nowait()
    except Empty:
        return taken, True
    return taken, False
