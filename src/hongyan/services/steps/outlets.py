"""Handing new messages to channels of this process: claimed in the commit that stores them, sent after it.

This happens only if the lease is held and no older message waits. A crash leaves a claimed parcel as any other: the next epoch
returns it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from hongyan.model.account import Product
from hongyan.model.channel import Channel
from hongyan.model.parcel import Parcel
from hongyan.model.protocol import TICKETED
from hongyan.model.rows import ClaimedMessage, NewMessage, NewTask, SliceMessages, TaskSlice
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.traffic import OutSegment
from hongyan.policy.cutting import cut_of
from hongyan.ports.outlets import Outlet, Outlets
from hongyan.ports.tx.shared import OutletsTx
from hongyan.services.steps.segmenting import to_send

_SMS = Product.SMS


def open_outlets(tx: OutletsTx, outlets: Outlets, channel_ids: Iterable[int]) -> dict[int, Outlet]:
    """Returns those of these channels that take messages at once. Their leases are locked before anything else."""
    found = [one for channel_id in sorted(channel_ids) if (one := outlets.outlet(channel_id)) and _may_take(one)]
    return {one.channel.id: one for one in found if tx.holds_lease(one.channel.id, one.owner, one.epoch)}


def _may_take(outlet: Outlet) -> bool:
    """Returns whether the channel needs only the text. Names of ours and media need a claim."""
    channel = outlet.channel
    return outlet.room > 0 and channel.product is _SMS and channel.protocol not in TICKETED


SegmentsOf = Callable[[Parcel, Channel], tuple[list[OutSegment], Sequence[ClaimedMessage]]]
"""Returns the segments of a parcel's messages on a channel, and the messages that waited too long."""


def claim_at_once(tx: OutletsTx, opened: Mapping[int, Outlet], parcels: Sequence[Parcel], segments_of: SegmentsOf) -> None:
    """Claim the parcels for which there is room. Their segments leave after the commit."""
    room = {channel_id: outlet.room for channel_id, outlet in opened.items()}
    for parcel in parcels:
        outlet = opened.get(parcel.channel_id)
        if outlet is None or parcel.messages > room[parcel.channel_id]:
            continue
        segments, stale = segments_of(parcel, outlet.channel)
        if not stale:  # a message that may not be sent any more is ended by a claim
            parcel.epoch = outlet.epoch
            room[parcel.channel_id] -= parcel.messages
            tx.after_commit(partial(outlet.take, segments))


def of_messages(
    messages: Sequence[NewMessage], tasks: Mapping[int, NewTask], snapshot: ConfigSnapshot, now_ms: int
) -> SegmentsOf:
    """Returns how the parcels of these messages become segments. tasks: theirs, by id"""
    by_parcel: dict[int, list[NewMessage]] = {}
    for message in messages:
        by_parcel.setdefault(message.parcel_id, []).append(message)

    def segments_of(parcel: Parcel, channel: Channel) -> tuple[list[OutSegment], Sequence[ClaimedMessage]]:
        members = [_claimed(tasks[m.task_id], parcel.id, m.id, m.phone, m.text, m.segments) for m in by_parcel[parcel.id]]
        return to_send(members, channel, cut_of(channel), snapshot, now_ms)

    return segments_of


def of_slices(slices: Sequence[SliceMessages], snapshot: ConfigSnapshot, now_ms: int) -> SegmentsOf:
    """The same for messages as columns, each in one parcel. A text for all numbers is cut and signed once."""
    by_parcel = {one.parcel_id: one for one in slices}

    def segments_of(parcel: Parcel, channel: Channel) -> tuple[list[OutSegment], Sequence[ClaimedMessage]]:
        one = by_parcel[parcel.id]
        if one.texts is not None:
            columns = zip(one.ids, one.phones, one.texts, one.segments, strict=True)
            return to_send([_claimed(one.part, parcel.id, *row) for row in columns], channel, cut_of(channel), snapshot, now_ms)
        first = _claimed(one.part, parcel.id, one.ids[0], one.phones[0], None, one.segments[0])
        likes, stale = to_send([first], channel, cut_of(channel), snapshot, now_ms)
        return [like.to_another(i, phone) for i, phone in zip(one.ids, one.phones, strict=True) for like in likes], stale

    return segments_of


def _claimed(
    task: NewTask | TaskSlice, parcel_id: int, message_id: int, phone: int, text: str | None, segments: int
) -> ClaimedMessage:
    return ClaimedMessage(
        id=message_id,
        parcel_id=parcel_id,
        account_id=task.account_id,
        phone=phone,
        text=task.text if text is None else text,
        segments=segments,
        extno=task.extno,
        tried="",
        udh=task.udh,
        flash=task.is_flash,
        cuts=task.cuts,
        valid_until_ms=task.valid_until_ms,
        protocol_id=task.protocol_id,
    )
