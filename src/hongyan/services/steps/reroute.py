"""Rerouting around a channel that is down or stopped: what it has not sent is judged again; the price stays as held."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hongyan.model.account import Product
from hongyan.model.channel import ChannelNeed
from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState
from hongyan.model.rows import OpenMessage
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.numbers import carrier_of
from hongyan.policy.retry import channels_tried
from hongyan.policy.routing import choose
from hongyan.ports.tx.reroute import RerouteTx
from hongyan.services.steps.parcels import requeue

QueueCursor = tuple[int, int]
"""Priority and id of a parcel: up to where a channel's backlog was read."""

BEGINNING: QueueCursor = (-1, 0)


@dataclass(frozen=True, slots=True)
class Reroute:
    """A batch of the backlog of a dead channel: a few parcels behind a cursor."""

    channel_id: int
    after: QueueCursor = BEGINNING


@dataclass(slots=True)
class Rerouted:
    moved: int  # messages
    queued: set[int]  # channels that got messages
    next_cursor: QueueCursor | None  # None at the end


@dataclass(frozen=True, slots=True)
class HandOver:
    """Messages that a dead channel's owner claimed, and of which no part has left."""

    channel_id: int
    owner: str
    epoch: int
    messages: Sequence[int]
    parcels: Iterable[int]  # the parcels that they came in


@dataclass(slots=True)
class HandedOver:
    kept: set[int]  # messages without another way; the owner has none of the others any more
    queued: set[int]  # channels that got the others


def reroute(
    tx: RerouteTx, batches: Sequence[Reroute], *, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int, parcel_messages: int
) -> list[Rerouted]:
    """Judge again where the unclaimed messages of dead channels go."""
    return [_reroute_one(tx, batch, snapshot, ids, now_ms, parcel_messages) for batch in batches]


def _reroute_one(
    tx: RerouteTx, batch: Reroute, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int, parcel_messages: int
) -> Rerouted:
    parcels, members = tx.unclaimed(batch.channel_id, batch.after)
    moved = _moves(tx, tx.lock_messages(members), batch.channel_id, snapshot)
    requeue(tx, [(message, other, message.tried) for message, other in moved], snapshot.prefixes, ids, now_ms, parcel_messages)
    tx.drop_empty([parcel_id for _, parcel_id in parcels])
    return Rerouted(len(moved), {other for _, other in moved}, parcels[-1] if parcels else None)


def hand_over(
    tx: RerouteTx, asked: Sequence[HandOver], *, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int, parcel_messages: int
) -> list[HandedOver]:
    """Judge again where claimed messages go. A repeat moves nothing twice."""
    return [_hand_over_one(tx, one, snapshot, ids, now_ms, parcel_messages) for one in asked]


def _hand_over_one(
    tx: RerouteTx, asked: HandOver, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int, parcel_messages: int
) -> HandedOver:
    ours = [
        message
        for message in tx.lock_messages(asked.messages)
        if message.channel_id == asked.channel_id and message.state is MessageState.QUEUED
    ]
    is_owner = tx.holds_lease(asked.channel_id, asked.owner, asked.epoch)  # otherwise another process may have claimed them
    moved = _moves(tx, ours, asked.channel_id, snapshot) if is_owner else []
    requeue(tx, [(message, other, message.tried) for message, other in moved], snapshot.prefixes, ids, now_ms, parcel_messages)
    tx.drop_empty(asked.parcels)
    return HandedOver({m.id for m in ours} - {m.id for m, _ in moved}, {other for _, other in moved})


def _moves(
    tx: RerouteTx, messages: Sequence[OpenMessage], here: int, snapshot: ConfigSnapshot
) -> list[tuple[OpenMessage, int]]:
    """Returns the messages that another channel takes, with that channel."""
    needs = tx.needs_of({message.task_id for message in messages})
    found = [(message, _elsewhere(message, needs[message.task_id], snapshot)) for message in messages]
    return [(message, other) for message, other in found if other and other != here]


def _elsewhere(message: OpenMessage, need: ChannelNeed, snapshot: ConfigSnapshot) -> int | None:
    product, carrier = Product(message.product), carrier_of(message.phone, snapshot.prefixes)
    return choose(snapshot, message.account_id, product, carrier, message.phone, need, tried=channels_tried(message.tried))
