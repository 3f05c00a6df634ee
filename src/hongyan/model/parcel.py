"""Parcels: messages that wait for a channel, claimed together."""

from dataclasses import dataclass
from enum import IntEnum


class ParcelState(IntEnum):
    READY = 0
    CLAIMED = 1


@dataclass(slots=True)
class Parcel:
    """Up to 500 messages of one commit for one channel; the unit of claiming."""

    id: int
    channel_id: int
    priority: int
    messages: int
    first_id: int
    last_id: int
    epoch: int = 0  # of the channel's owner, where it is claimed as it is stored
