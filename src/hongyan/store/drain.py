"""How a thread takes what waits for it."""

from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def drain(inbox: "SimpleQueue[T | None]", first: T | None, most: int) -> tuple[list[T], bool]:
    """`first` and what waits behind it, up to `most`, and whether more may come: None is the last word."""
    taken: list[T] = []
    try:
        while first is not None:
            taken.append(first)
            if len(taken) == most:
                return taken, True
            first = inbox.get_nowait()
    except Empty:
        return taken, True
    return taken, False
