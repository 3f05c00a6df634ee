"""Deliveries of a peer that wait for their commit. Without a socket and without a clock.

Each is answered once: after its commit, or when the peer's time for our answer is nearly over; then it is asked for again.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

from hongyan.wire.state import Pdu

UNCONFIRMED_MOST = 5_000
"""Deliveries of one connection that may wait for their commit before it is no longer read."""


@dataclass(slots=True)
class Batch:
    """The deliveries of one read."""

    pdus: Sequence[Pdu]
    repeat: int  # the status that asks for them again
    until: float  # when an answer is too late
    when_lost: Callable[[], None] | None  # called if they were stored and the peer may not know so
    is_answered: bool = False


class WaitingDeliveries:
    def __init__(self) -> None:
        self.count = 0
        self._batches: deque[Batch] = deque()  # the oldest first; the first one is not answered

    @property
    def is_full(self) -> bool:
        return self.count > UNCONFIRMED_MOST

    @property
    def has_room(self) -> bool:
        """Returns whether so few wait again that the peer may be read on."""
        return self.count <= UNCONFIRMED_MOST // 2

    @property
    def next_deadline(self) -> float:
        return self._batches[0].until if self._batches else inf

    def add(self, batch: Batch) -> None:
        self._batches.append(batch)
        self.count += len(batch.pdus)

    def remove(self, batch: Batch) -> None:
        """Note that these are answered."""
        batch.is_answered = True
        self.count -= len(batch.pdus)
        while self._batches and self._batches[0].is_answered:
            self._batches.popleft()

    def overdue(self, now: float) -> Batch | None:
        """Returns the oldest, if its time is nearly over."""
        return self._batches[0] if self._batches and self._batches[0].until <= now else None
