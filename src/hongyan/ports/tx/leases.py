"""What the steps that hold channels and node numbers do inside their transactions."""

from typing import Protocol

from hongyan.ports.tx.shared import LeaseRowsTx


class LeasesTx(LeaseRowsTx, Protocol):
    def take_lease(self, channel_id: int, owner: str, lasts_ms: int, *, always: bool) -> int | None:
        """Become owner of a channel that nobody holds; always: whoever holds it. returns: the new epoch, or None"""
        ...

    def renew_lease(self, channel_id: int, owner: str, epoch: int, lasts_ms: int, *, is_up: bool, trouble: str = "") -> bool:
        """Hold a channel for longer; returns whether it was still this owner's."""
        ...

    def drop_lease(self, channel_id: int, owner: str, epoch: int) -> None: ...

    def return_parcels(self, channel_id: int, epoch: int) -> int:
        """Make the parcels ready again that were claimed before this epoch; returns how many."""
        ...

    def take_node(self, owner: str, lasts_ms: int, most: int, number: int | None = None, *, always: bool = False) -> int | None:
        """Take or renew the given node number, or take the lowest free one below `most`. returns: None if another has it"""
        ...

    def drop_node(self, number: int, owner: str) -> None: ...
