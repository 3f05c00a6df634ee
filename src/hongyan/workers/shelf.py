"""What the loops of one process share: the current Book, the ids, the clock, and the signals between them."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hongyan.model.book import Book
from hongyan.model.ids import IdSource
from hongyan.ports import Clock


@dataclass(slots=True)
class Shelf:
    """`book` is swapped whole; whoever needs it twice in one act takes it once."""

    book: Book
    ids: IdSource
    clock: Clock
    parcel_messages: int
    push_delays_ms: tuple[int, ...]  # before the second attempt, the third …
    may_push: bool = False  # this process holds the lease on pushing
    down_since: dict[int, int] = field(default_factory=dict)  # channels known to be down → since when (ms)


@dataclass(slots=True)
class Signals:
    """Wake-ups within the process. What a signal misses, a poll finds: they are for speed, never for truth."""

    released: asyncio.Event = field(default_factory=asyncio.Event)  # a task waits for release
    _queued: dict[int, Callable[[], None]] = field(default_factory=dict)
    _owed: Callable[[Iterable[int]], None] | None = None

    def on_queued(self, channel_id: int, wake: Callable[[], None] | None) -> None:
        """Who is woken when a channel gets messages; None for nobody any more."""
        if wake is None:
            self._queued.pop(channel_id, None)
        else:
            self._queued[channel_id] = wake

    def on_owed(self, wake: Callable[[Iterable[int]], None]) -> None:
        self._owed = wake

    def queued(self, channel_ids: Iterable[int]) -> None:
        for channel_id in channel_ids:
            if wake := self._queued.get(channel_id):
                wake()

    def owed(self, account_ids: Iterable[int]) -> None:
        if self._owed:
            self._owed(account_ids)
