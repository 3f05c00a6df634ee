"""The life of a message, of its segments and of its task, as states and the moves between them."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum, auto


class MessageState(IntEnum):
    """States of a message. Numbers below FINAL are open; `store` has an index over them."""

    QUEUED = 2
    SENDING = 3  # some parts of a long message are answered, others are not yet
    SENT = 4
    IN_DOUBT = 5  # it was sent and not answered; the channel holds such messages
    DELIVERED = 10
    FAILED = 11
    UNKNOWN = 12
    CANCELLED = 13

    @property
    def is_final(self) -> bool:
        return self >= FIRST_FINAL


FIRST_FINAL = MessageState.DELIVERED

_ENDS = {MessageState.DELIVERED, MessageState.FAILED, MessageState.UNKNOWN}

MOVES: dict[MessageState, frozenset[MessageState]] = {
    # to QUEUED itself: another channel takes it
    MessageState.QUEUED: frozenset(MessageState),
    # back to QUEUED: all of its parts were refused, and another channel takes it
    MessageState.SENDING: frozenset({MessageState.QUEUED, MessageState.SENT, MessageState.IN_DOUBT} | _ENDS),
    # back to QUEUED: it failed at its channel and is sent once more by another one
    MessageState.SENT: frozenset({MessageState.QUEUED} | _ENDS),
    MessageState.IN_DOUBT: frozenset({MessageState.QUEUED, MessageState.SENDING, MessageState.SENT} | _ENDS),
    MessageState.DELIVERED: frozenset(),
    MessageState.FAILED: frozenset(),
    MessageState.UNKNOWN: frozenset(),
    MessageState.CANCELLED: frozenset(),
}
"""The states that may follow each state. The statements of the store that change a state write no other; a test tries all of
them.
"""


class SegmentResult(IntEnum):
    """What the carrier answered to one submit."""

    ACCEPTED = 1
    REFUSED = 2
    UNANSWERED = 3


class TaskState(IntEnum):
    CANCELLING = 0  # its waiting messages are being taken back, page by page
    WAITING = 1  # until its time comes
    RELEASING = 2  # large: expanded slice by slice
    RELEASED = 3  # all of its messages exist
    CANCELLED = 4


class ReceiptState(IntEnum):
    PENDING = 0  # an intermediate notice, which never ends a message
    DELIVERED = 1
    FAILED = 2
    UNKNOWN = 3


class ReceiptOutcome(StrEnum):
    """What became of a receipt. One that waits for its segment is counted again when it finds the segment."""

    DELIVERED = auto()  # these three: it found its segment, whose message was open
    FAILED = auto()
    UNKNOWN = auto()
    NOT_FINAL = auto()
    LATE = auto()  # its message had ended; the first repeat of a receipt counts here too
    REPEATED = auto()
    UNMATCHED = auto()  # no segment has its id, or only one to another phone


@dataclass(slots=True)
class Verdict:
    """How a message ended, as its customer reads it. Not frozen: that costs half of making one, and every message has one."""

    state: MessageState  # DELIVERED, FAILED or UNKNOWN
    code: str  # the carrier's word, such as DELIVRD or MK:0011; UNKNOWN if no receipt came
    at_ms: int
