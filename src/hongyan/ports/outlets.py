"""The channels of this process, as the accept step meets them: some take new messages at once, without a claim of their own."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from hongyan.model.channel import Channel
from hongyan.model.traffic import OutSegment


class Outlet(Protocol):
    """A channel whose lease this process holds. What it says may be read in any thread."""

    channel: Channel
    owner: str
    epoch: int
    room: int
    """How many messages it takes at once; 0 while older ones wait for it in the store, so that none is overtaken."""

    def take(self, segments: Sequence[OutSegment]) -> None:
        """Send them: their parcel is stored as claimed. On the event loop, after the commit."""
        ...


class Outlets(Protocol):
    def outlet(self, channel_id: int) -> Outlet | None:
        """The channel's outlet, where this process has it."""
        ...

    def stored(self, channel_ids: Iterable[int], *, is_packed: bool) -> None:
        """Messages wait in the store: wake who claims for these channels, and who releases packed tasks. On the event loop."""
        ...
