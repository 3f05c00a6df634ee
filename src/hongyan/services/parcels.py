"""Putting queued messages into parcels: shared by the steps that queue (accept, release, dispatch)."""

from collections.abc import Sequence

from hongyan.model.channel import Parcel
from hongyan.model.ids import IdSource
from hongyan.model.rows import NewMessage

BULK, PROMPT = 1, 0
"""Priorities: parcels of large tasks wait behind those of small requests."""


def parcel_up(messages: Sequence[NewMessage], priority: int, most: int, ids: IdSource, now_ms: int) -> list[Parcel]:
    """Give each message its parcel, `most` to one, in order; gives the parcels to store."""
    by_channel: dict[int, list[NewMessage]] = {}
    for message in messages:
        by_channel.setdefault(message.channel_id, []).append(message)
    parcels = []
    for channel_id, members in by_channel.items():
        bites = (members[start : start + most] for start in range(0, len(members), most))
        parcels += [_parcel(channel_id, bite, priority, ids.one(now_ms)) for bite in bites]
    return parcels


def _parcel(channel_id: int, members: Sequence[NewMessage], priority: int, parcel_id: int) -> Parcel:
    for message in members:
        message.parcel_id = parcel_id
    return Parcel(
        parcel_id, channel_id, priority, len(members), min(m.id for m in members), max(m.id for m in members)
    )  # fmt: skip
