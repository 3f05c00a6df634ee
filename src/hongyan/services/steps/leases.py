"""Leases: which process owns a channel, and which node number a process has.

Only a channel's owner connects, claims and records for it. An owner that dies stops renewing. The next one begins a new
epoch, and the parcels of older epochs are ready again. A lease is over when nobody renewed it for long enough, by the
monotonic clock of the process that waits for it, or when its owner released it. So a clock that is put forward or back changes
nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hongyan.model.ids import NODES
from hongyan.model.rows import Lease
from hongyan.ports.tx.leases import LeasesTx

PUSHING = 0
"""The id of the lease on pushing to customers; no channel has this id."""

CHANNEL_LASTS_MS = 15_000
"""Shown to people. How long others wait before they take a lease is decided in workers/lease_manager.py."""

NODE_LASTS_MS = 60_000
_NEVER_SEEN = -1


@dataclass(frozen=True, slots=True)
class ChannelHold:
    """What an owner asks of its leases in one go."""

    owner: str
    renew: dict[int, tuple[int, bool]] = field(default_factory=dict)  # channel → its epoch, and whether it is up
    take: Sequence[int] = ()  # channels to own if nobody owns them
    take_over: Mapping[int, int] = field(default_factory=dict)
    """Channels whose lease is over → how often it was renewed, to check that nobody renewed it since."""

    drop: dict[int, int] = field(default_factory=dict)  # channels to give up → their epoch
    is_alone: bool = False  # no other process can own a channel, so a lease left behind is ours
    troubles: dict[int, str] = field(default_factory=dict)  # channel → what last went wrong on its link


@dataclass(slots=True)
class HeldLeases:
    taken: dict[int, int]  # channel → its new epoch
    lost: set[int]  # channels whose renewal failed: another owner has them
    leases: dict[int, Lease]  # of every channel that ever had an owner


def hold_channels(tx: LeasesTx, asked: Sequence[ChannelHold]) -> list[HeldLeases]:
    return [_hold_one(tx, one) for one in asked]


def _hold_one(tx: LeasesTx, asked: ChannelHold) -> HeldLeases:
    for channel_id, epoch in asked.drop.items():
        tx.drop_lease(channel_id, asked.owner, epoch)
        tx.return_parcels(channel_id, epoch + 1)  # what it claimed and did not send is queued again, here or elsewhere
    renewed = [(i, epoch, is_up, asked.troubles.get(i, "")) for i, (epoch, is_up) in sorted(asked.renew.items())]
    if renewed:
        tx.renew_leases(asked.owner, renewed, CHANNEL_LASTS_MS)
    taken: dict[int, int] = {}
    for channel_id in sorted({*asked.take, *asked.take_over}):
        seen = asked.take_over.get(channel_id, _NEVER_SEEN)
        begun = tx.take_lease(channel_id, asked.owner, CHANNEL_LASTS_MS, seen, always=asked.is_alone)
        if begun is not None:
            tx.return_parcels(channel_id, begun)
            taken[channel_id] = begun
    leases = tx.leases()
    ours = {(i, lease.epoch) for i, lease in leases.items() if lease.owner == asked.owner}
    return HeldLeases(taken, {i for i, epoch, *_ in renewed if (i, epoch) not in ours}, leases)


@dataclass(frozen=True, slots=True)
class NodeHold:
    owner: str
    number: int | None  # None: the lowest free one
    is_alone: bool = False


def hold_node(tx: LeasesTx, asked: Sequence[NodeHold]) -> list[int | None]:
    """Take or renew node numbers; returns None if another process has ours."""
    return [
        tx.take_node(one.owner, NODE_LASTS_MS, NODES, 0 if one.is_alone else one.number, always=one.is_alone) for one in asked
    ]
