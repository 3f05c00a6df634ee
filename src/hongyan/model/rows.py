"""Rows that a transaction returns to a step. They are slotted, since thousands are made.

A call with more than six fields names them. That costs 0.1 to 0.6 µs a row, and 2 to 3 µs over all rows of a message.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hongyan.model.account import Product
from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState, ReceiptState, SegmentResult, TaskState
from hongyan.model.mms import Media
from hongyan.model.traffic import Receipt


@dataclass(slots=True)
class NewTask:
    id: int
    account_id: int
    product: int
    source: str
    address: str
    text: str
    extno: str
    numbers: int
    points: int
    state: TaskState
    send_at_ms: int
    accepted_ms: int
    sms_id: str
    first_id: int = 0  # of its messages, once they exist
    last_id: int = 0
    udh: str | None = None  # of a binary message, whose octets are in `text`; both in hexadecimal digits
    is_flash: bool = False
    cuts: str | None = None  # of a text that the customer cut: the characters of each part, by comma
    customer_message_id: str | None = None
    valid_until_ms: int | None = None
    protocol_id: int = 0

    @property
    def is_plain(self) -> bool:
        """Returns whether it has none of the last six values, as a usual text."""
        return (
            self.customer_message_id is None
            and self.udh is None
            and self.cuts is None
            and self.valid_until_ms is None
            and not self.is_flash
            and not self.protocol_id
        )


@dataclass(slots=True)
class NewMessage:
    id: int
    task_id: int
    account_id: int
    product: int
    phone: int
    text: str | None  # None: the task's
    segments: int
    points: int
    changed_ms: int
    state: MessageState = MessageState.QUEUED
    channel_id: int = 0  # of a number that is not sent
    parcel_id: int = 0


def unsent_messages(
    task_id: int, account_id: int, phones: Collection[int], segments: int, ids: IdSource, now_ms: int
) -> list[NewMessage]:
    """Make an SMS to each phone that leaves by no channel and costs nothing. Its text is the task's."""
    return [
        NewMessage(
            id=message_id,
            task_id=task_id,
            account_id=account_id,
            product=Product.SMS,
            phone=phone,
            text=None,
            segments=segments,
            points=0,
            changed_ms=now_ms,
        )
        for message_id, phone in zip(ids.take(len(phones), now_ms), phones, strict=True)
    ]


@dataclass(slots=True)
class TaskSlice:
    """Some numbers of a task that wait for its release. The lists are in the same order."""

    task_id: int
    slice: int
    account_id: int
    product: int
    text: str
    phones: list[int]
    texts: list[str] | None
    segments: list[int]
    points: list[int]
    extno: str = ""  # of the request
    udh: str | None = None  # of a binary message, as in its task
    is_flash: bool = False
    cuts: str | None = None  # as in its task
    valid_until_ms: int | None = None  # as in its task
    protocol_id: int = 0

    def messages(self, ids: list[int]) -> "SliceMessages":
        """Returns the messages of all its numbers, which no channel has yet."""
        return SliceMessages(self, ids, self.phones, self.texts, self.segments, self.points)


@dataclass(slots=True)
class SliceMessages:
    """New messages of a slice: equal but for what the lists say, which are in the same order. Making an object of each would cost
    more than to store it.
    """

    part: TaskSlice
    ids: list[int]
    phones: list[int]
    texts: list[str] | None
    segments: list[int]
    points: list[int]
    channel_id: int = 0  # of numbers that are not sent
    parcel_id: int = 0

    def at(self, places: list[int], channel_id: int) -> "SliceMessages":
        """Returns those at some places, for a channel."""
        if len(places) == len(self.ids):
            return replace(self, channel_id=channel_id)

        def those(column: list[Any]) -> list[Any]:
            return [column[place] for place in places]

        return SliceMessages(
            part=self.part,
            ids=those(self.ids),
            phones=those(self.phones),
            texts=None if self.texts is None else those(self.texts),
            segments=those(self.segments),
            points=those(self.points),
            channel_id=channel_id,
        )


@dataclass(slots=True)
class LockedTask:
    """A task that is being stopped, locked: none of it is released meanwhile."""

    id: int
    account_id: int
    product: int
    state: TaskState
    is_paused: bool
    first_id: int
    last_id: int


@dataclass(slots=True)
class UnclaimedMessage:
    """An open message whose parcel is locked and claimed by no owner of a channel."""

    id: int
    parcel_id: int
    priority: int  # of its parcel


@dataclass(slots=True)
class ClaimedMessage:
    """A queued message of a parcel that was just claimed."""

    id: int
    parcel_id: int
    account_id: int
    phone: int
    text: str
    segments: int
    extno: str
    tried: str
    udh: str | None = None  # of a binary message, as in its task
    flash: int = 0  # 1: message class 0
    cuts: str | None = None  # as in its task
    valid_until_ms: int | None = None  # as in its task
    protocol_id: int = 0
    parts_done: frozenset[int] = field(default_factory=frozenset)  # parts that an earlier owner saw accepted


@dataclass(slots=True)
class OpenMessage:
    """A message without a verdict, locked for the step."""

    id: int
    task_id: int
    account_id: int
    product: int
    phone: int
    segments: int
    points: int
    state: MessageState
    channel_id: int
    tried: str
    changed_ms: int  # when it was sent, if it was


@dataclass(slots=True)
class PartRow:
    """One answered submit of a message, with its receipt if it came."""

    message_id: int
    part: int
    attempt: int
    channel_id: int
    result: SegmentResult
    code: str
    receipt: ReceiptState | None
    receipt_code: str
    done_ms: int


PageCursor = tuple[int, int]
"""Parcel and message: where the next page of open messages begins."""


@dataclass(slots=True)
class MatchedReceipt:
    """A receipt that found its segment."""

    message_id: int
    part: int
    parts: int  # of its message
    carrier_id: str  # the spelling of the id by which they were matched
    receipt: Receipt


@dataclass(slots=True)
class NewReply:
    """A complete reply of a handset (MO), and the account that it belongs to."""

    id: int
    account_id: int | None  # None: no account was found; it is kept for the operator
    channel_id: int
    phone: int
    dest: str
    extno: str
    text: str
    task_id: int
    carrier_id: str  # of the deliveries that brought it, by comma
    is_whole: bool
    received_ms: int
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was dropped with a batch of the oldest rows."""

    count: int
    points: Mapping[tuple[int, int], int]  # sums of the dropped entries, by account and product


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease of a channel, or of pushing."""

    owner: str
    epoch: int
    expires_ms: int  # 0: it was let go
    is_up: bool
    since_ms: int
    renewals: int
