"""What the reroute step does inside its transaction."""

from typing import Protocol

from hongyan.ports.tx.shared import LeaseHeldTx, RequeueTx


class RerouteTx(RequeueTx, LeaseHeldTx, Protocol):
    def unclaimed(self, channel_id: int, after: tuple[int, int]) -> tuple[list[tuple[int, int]], list[int]]:
        """Lock a few ready parcels of a channel behind a key (priority, parcel). Claimed parcels are already leaving.

        returns: their keys in order, and their queued messages
        """
        ...
