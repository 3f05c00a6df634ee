"""How a process sees all leases: which are over, and which channels are down.

All times are by the monotonic clock of this process, from the moment at which it first saw something. So a clock that is put
forward or back neither ends a lease nor prolongs it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from time import monotonic

from hongyan.model.rows import Lease

OVER_S = 15.0
"""A lease that was not renewed for so long is taken by another process. Its owner stops earlier (lease_manager.ABANDON_S)."""

STALE_S = 1.5
"""A channel whose lease was not renewed for so long is routed around: its owner has probably died."""

DOWN_AFTER_S = 2.0
"""How long a channel may be down before it is routed around. With the time to notice it that makes 3 s."""


@dataclass(slots=True)
class _LeaseState:
    lease: Lease
    since: float  # when it was first seen with this count of renewals
    unchanged_s: float = 0.0  # for how long, at the last reading


class LeaseWatch:
    def __init__(self, has_ended: Callable[[str], bool]) -> None:
        """has_ended: returns whether an owner has certainly ended, so that nobody has to wait"""
        self._has_ended = has_ended
        self._seen: dict[int, _LeaseState] = {}
        self._down: dict[int, float] = {}  # channels that are not up → since when

    def see(self, leases: Mapping[int, Lease], began: float) -> None:
        """Take in leases. began: when their reading was asked for"""
        now = monotonic()
        for channel_id, lease in leases.items():
            seen = self._seen.get(channel_id)
            if seen is None or seen.lease.renewals != lease.renewals:
                self._seen[channel_id] = _LeaseState(lease, now)
            else:
                seen.lease, seen.unchanged_s = lease, began - seen.since

    def is_free(self, channel_id: int) -> bool:
        """Returns whether the lease was never taken, as far as known, or was let go."""
        return channel_id not in self._seen or self._seen[channel_id].lease.expires_ms == 0

    def is_over(self, channel_id: int) -> bool:
        """Returns whether the owner no longer acts for it, although it did not let it go."""
        seen = self._seen.get(channel_id)
        return seen is not None and (seen.unchanged_s >= OVER_S or self._has_ended(seen.lease.owner))

    def renewals(self, channel_id: int) -> int:
        return self._seen[channel_id].lease.renewals

    def is_held(self, channel_id: int) -> bool:
        """Returns whether an owner renews it."""
        if self.is_free(channel_id):
            return False
        seen = self._seen[channel_id]
        return seen.unchanged_s < STALE_S and not self._has_ended(seen.lease.owner)

    def down_since(self, running: Iterable[int]) -> dict[int, float]:
        """Returns those of the channels that are to be routed around, and since when they are down."""
        now = monotonic()
        self._down = {i: self._down.get(i, now) for i in running if not (self.is_held(i) and self._seen[i].lease.is_up)}
        return {i: since for i, since in self._down.items() if not self.is_held(i) or now - since >= DOWN_AFTER_S}
