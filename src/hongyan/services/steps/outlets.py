"""Handing new messages to channels of this process: claimed in the commit that stores them, sent after it.

This happens only if the lease is held and no older message waits. A crash leaves a claimed parcel as any other: the next epoch
returns it.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from hongyan.model.account import Product
from hongyan.model.channel import TICKETED, Parcel
from hongyan.model.rows import ClaimedMessage, NewMessage, NewTask, TaskSlice
from hongyan.model.snapshot import ConfigSnapshot
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


def claim_at_once(
    tx: OutletsTx,
    opened: Mapping[int, Outlet],
    parcels: Sequence[Parcel],
    messages: Sequence[NewMessage],
    tasks: Mapping[int, NewTask] | Mapping[int, TaskSlice],
    snapshot: ConfigSnapshot,
    now_ms: int,
) -> None:
    """Claim the parcels for which there is room. Their segments leave after the commit."""
    room = {channel_id: outlet.room for channel_id, outlet in opened.items()}
    by_parcel: dict[int, list[NewMessage]] = {}
    for message in messages:
        by_parcel.setdefault(message.parcel_id, []).append(message)
    for parcel in parcels:
        outlet = opened.get(parcel.channel_id)
        if outlet is None or parcel.messages > room[parcel.channel_id]:
            continue
        members = [_claimed(m, tasks[m.task_id]) for m in by_parcel[parcel.id]]
        segments, stale = to_send(members, outlet.channel, cut_of(outlet.channel), snapshot, now_ms)
        if not stale:  # a message that may not be sent any more is ended by a claim
            parcel.epoch = outlet.epoch
            room[parcel.channel_id] -= parcel.messages
            tx.after_commit(partial(outlet.take, segments))


def _claimed(message: NewMessage, task: NewTask | TaskSlice) -> ClaimedMessage:
    return ClaimedMessage(
        id=message.id,
        parcel_id=message.parcel_id,
        account_id=message.account_id,
        phone=message.phone,
        text=task.text if message.text is None else message.text,
        segments=message.segments,
        extno=task.extno,
        tried="",
        udh=task.udh,
        is_flash=task.is_flash,
        cuts=task.cuts,
        valid_until_ms=task.valid_until_ms,
        protocol_id=task.protocol_id,
    )
