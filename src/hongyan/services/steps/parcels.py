"""Putting queued messages into parcels: shared by the steps that queue (accept, release, dispatch, reroute, report)."""

from collections.abc import Mapping, Sequence

from hongyan.model.account import Product
from hongyan.model.ids import IdSource
from hongyan.model.parcel import Parcel
from hongyan.model.prefixes import PrefixTable
from hongyan.model.rows import NewMessage, OpenMessage, SliceMessages
from hongyan.ports.tx.shared import RequeueTx
from hongyan.services.counting import count_moved

_MMS = int(Product.MMS)
MMS_MOST = 16
"""MMS in one parcel: the process that claims it has all of their media in memory."""

BULK, PROMPT, URGENT = 1, 0, -1
"""Priorities: parcels of large tasks wait behind those of small requests, and these behind urgent ones."""


def parcel_up(messages: Sequence[NewMessage], priority: int, most: int, ids: IdSource, now_ms: int) -> list[Parcel]:
    """Put the messages into parcels of `most`, in order; returns the parcels to store."""
    by_channel: dict[int, list[NewMessage]] = {}
    for message in messages:
        by_channel.setdefault(message.channel_id, []).append(message)
    parcels = []
    for channel_id, members in by_channel.items():
        size = _size(members[0].product, most)
        batches = (members[start : start + size] for start in range(0, len(members), size))
        parcels += [_parcel(channel_id, batch, priority, ids.one(now_ms)) for batch in batches]
    return parcels


def slice_parcels(
    new: SliceMessages, channels: Mapping[int, int], most: int, ids: IdSource, now_ms: int
) -> tuple[list[Parcel], list[SliceMessages]]:
    """Put the messages of a slice into parcels; returns these, and the messages of each, and those without a channel.

    channels: by phone
    """
    places: dict[int, list[int]] = {}
    for place, phone in enumerate(new.phones):
        places.setdefault(channels.get(phone, 0), []).append(place)
    unsent = places.pop(0, None)
    size = _size(new.part.product, most)
    members = [
        new.at(of_channel[start : start + size], channel_id)
        for channel_id, of_channel in places.items()
        for start in range(0, len(of_channel), size)
    ]
    for one in members:
        one.parcel_id = ids.one(now_ms)
    parcels = [Parcel(one.parcel_id, one.channel_id, BULK, len(one.ids), one.ids[0], one.ids[-1]) for one in members]
    return parcels, members if unsent is None else [*members, new.at(unsent, 0)]


def _size(product: int, most: int) -> int:
    return min(most, MMS_MOST) if product == _MMS else most


def queued_again(message: OpenMessage, channel_id: int, now_ms: int) -> NewMessage:
    """Returns an open message as it is queued for this channel, in no parcel yet."""
    m = message
    return NewMessage(
        id=m.id,
        task_id=m.task_id,
        account_id=m.account_id,
        product=m.product,
        phone=m.phone,
        text=None,
        segments=m.segments,
        points=m.points,
        channel_id=channel_id,
        changed_ms=now_ms,
    )


def requeue(
    tx: RequeueTx,
    moved: Sequence[tuple[OpenMessage, int, str]],
    prefixes: PrefixTable,
    ids: IdSource,
    now_ms: int,
    parcel_messages: int,
) -> None:
    """Queue open messages for another channel, in new parcels: (message, channel, channels tried before)."""
    if not moved:
        return
    queued = [queued_again(message, channel_id, now_ms) for message, channel_id, _ in moved]
    tx.add_parcels(parcel_up(queued, PROMPT, parcel_messages, ids, now_ms))
    count_moved(tx, moved, prefixes, now_ms)
    tx.requeue([(m.id, m.channel_id, m.parcel_id, tried) for m, (_, _, tried) in zip(queued, moved, strict=True)])


def _parcel(channel_id: int, members: Sequence[NewMessage], priority: int, parcel_id: int) -> Parcel:
    for message in members:
        message.parcel_id = parcel_id
    ids = [message.id for message in members]
    return Parcel(parcel_id, channel_id, priority, len(ids), min(ids), max(ids))
