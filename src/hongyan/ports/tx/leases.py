"""What the steps that hold channels and node numbers do inside their transactions."""

from collections.abc import Sequence
from typing import Protocol

from hongyan.ports.tx.shared import LeaseRowsTx


class LeasesTx(LeaseRowsTx, Protocol):
    def take_lease(self, channel_id: int, owner: str, lasts_ms: int, seen: int, *, always: bool) -> int | None:
        """Take the lease of a channel if nobody holds it, or if it was not renewed since it was seen.

        always:  take it from any holder
        seen:    the count of renewals of the lease when it was seen; -1 for no lease
        returns: the new epoch, or None
        """
        ...

    def renew_leases(self, owner: str, rows: Sequence[tuple[int, int, bool, str]], lasts_ms: int) -> None:
        """Renew those leases that are still this owner's: (channel, epoch, is up, trouble)."""
        ...

    def drop_lease(self, channel_id: int, owner: str, epoch: int) -> None: ...

    def return_parcels(self, channel_id: int, epoch: int) -> int:
        """Make parcels ready again that were claimed before this epoch; returns how many."""
        ...

    def take_node(self, owner: str, lasts_ms: int, most: int, number: int | None = None, *, always: bool = False) -> int | None:
        """Take or renew the given node number, or take one below `most`: the lowest free one, else the one that expired first.

        returns: None if another process has it
        """
        ...

    def drop_node(self, number: int, owner: str) -> None: ...
