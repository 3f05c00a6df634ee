"""The channels of this process as the accept step sees them. Some take new messages at once, without a claim of their own."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from hongyan.model.channel import Channel
from hongyan.model.traffic import OutSegment


class Outlet(Protocol):
    """A channel whose lease this process holds. Its values may be read in any thread."""

    channel: Channel
    owner: str
    epoch: int
    room: int
    """Returns how many messages it takes at once; 0 while older ones wait for it in the store, so that none is overtaken."""

    def take(self, segments: Sequence[OutSegment]) -> None:
        """Send these, whose parcel is stored as claimed. Called on the event loop, after the commit."""
        ...


class Outlets(Protocol):
    def outlet(self, channel_id: int) -> Outlet | None:
        """Returns the channel's outlet, if this process has it."""
        ...

    def stored(self, channel_ids: Iterable[int], *, is_packed: bool) -> None:
        """Messages wait in the store: wake the workers that claim for these channels, and the release of packed tasks. On the
        event loop.
        """
        ...
