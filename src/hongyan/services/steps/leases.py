"""Who owns a channel, and which node number is ours: leases by the database's clock.

A channel's owner alone connects, claims and records for it. An owner that dies stops renewing; the next one starts a new
epoch, and the parcels of older epochs are ready again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hongyan.model.ids import NODES
from hongyan.ports.tx.leases import LeasesTx

PUSHING = 0
"""The lease on pushing to customers stands beside those of channels, under an id that no channel has."""

CHANNEL_LASTS_MS = 15_000
NODE_LASTS_MS = 60_000


@dataclass(frozen=True, slots=True)
class ChannelHold:
    """What an owner wants of its leases in one go."""

    owner: str
    renew: dict[int, tuple[int, bool]] = field(default_factory=dict)  # channel → its epoch, and whether it is up
    take: Sequence[int] = ()  # channels to own if nobody does
    drop: dict[int, int] = field(default_factory=dict)  # channels to give up → their epoch
    is_alone: bool = False  # embedded: no other process can own a channel, so a lease left behind is ours
    troubles: dict[int, str] = field(default_factory=dict)  # channel → what last went wrong on its link


@dataclass(slots=True)
class Held:
    taken: dict[int, int]  # channel → its new epoch
    lost: set[int]  # renewals that failed: another owner has them
    up: dict[int, tuple[bool, int]]  # every channel with a living lease → is it up, since when (ms)
    now_ms: int  # the database's clock


def hold_channels(tx: LeasesTx, asked: Sequence[ChannelHold]) -> list[Held]:
    return [_hold_one(tx, one) for one in asked]


def _hold_one(tx: LeasesTx, asked: ChannelHold) -> Held:
    for channel_id, epoch in asked.drop.items():
        tx.drop_lease(channel_id, asked.owner, epoch)
        tx.return_parcels(channel_id, epoch + 1)  # what it claimed and did not send waits again, here or for another channel
    lost = {
        channel_id
        for channel_id, (epoch, is_up) in sorted(asked.renew.items())
        if not tx.renew_lease(
            channel_id, asked.owner, epoch, CHANNEL_LASTS_MS, is_up=is_up, trouble=asked.troubles.get(channel_id, "")
        )
    }
    taken: dict[int, int] = {}
    for channel_id in sorted(asked.take):
        begun = tx.take_lease(channel_id, asked.owner, CHANNEL_LASTS_MS, always=asked.is_alone)
        if begun is not None:
            tx.return_parcels(channel_id, begun)
            taken[channel_id] = begun
    now = tx.database_ms()
    up = {channel_id: (is_up, since) for channel_id, _, _, expires, is_up, since in tx.leases() if expires > now}
    return Held(taken, lost, up, now)


@dataclass(frozen=True, slots=True)
class NodeHold:
    owner: str
    number: int | None  # None: take the lowest free one
    is_alone: bool = False


def hold_node(tx: LeasesTx, asked: Sequence[NodeHold]) -> list[int | None]:
    """Take or renew node numbers; None when ours has gone to another."""
    return [
        tx.take_node(one.owner, NODE_LASTS_MS, NODES, 0 if one.is_alone else one.number, always=one.is_alone) for one in asked
    ]
