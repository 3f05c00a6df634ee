"""What is owed to a customer: reports and replies. Each is handed out by pull, pushed, or sent on a session."""

from dataclasses import dataclass
from enum import IntEnum

from hongyan.model.message import MessageState
from hongyan.model.phone import national
from hongyan.model.translatable import packed, unpacked

_DELIVERED = MessageState.DELIVERED  # Python 3.11 takes half a microsecond to find a member of an enum


class OwedKind(IntEnum):
    REPORT = 1
    REPLY = 2


class OwedState(IntEnum):
    WAITING = 2
    PARKED = 3  # no push was taken; it can still be pulled
    HANDED = 10
    PUSHED = 11
    SENT = 12  # it was sent on a session, and the customer answered


class PushOutcome(IntEnum):
    TAKEN = 1  # the customer has it
    REFUSED = 2  # the customer answered `error`
    UNREACHED = 3  # trouble on the network, a status other than 2xx, or a refused address


@dataclass(slots=True)
class OwedReport:
    owed_id: int  # the message's id
    phone: int
    task_id: int
    sms_id: str
    state: MessageState  # DELIVERED, FAILED or UNKNOWN
    code: str
    at_ms: int
    extno: str
    segments: int
    customer_message_id: str = ""  # the customer's own id of the message, if it gave one

    @property
    def mobile(self) -> str:
        """Returns the number as customers write it."""
        return national(self.phone)

    @property
    def is_delivered(self) -> bool:
        return self.state is _DELIVERED


@dataclass(slots=True)
class OwedReply:
    owed_id: int  # the mo's id
    phone: int
    task_id: int  # 0: the task is not known
    text: str
    at_ms: int
    extno: str  # the digits after the channel's access number
    dest: str  # the whole number to which the reply was written
    sms_id: str = ""  # of the task; empty if it is not known

    @property
    def mobile(self) -> str:
        """Returns the number as customers write it."""
        return national(self.phone)


@dataclass(slots=True)
class Pushed:
    """The outcome of one POST to a customer; also its row in `attempt`."""

    outcome: PushOutcome
    status: int  # of HTTP; 0 if there was no answer
    answer: str  # the first 2 KB; with status 0, why there was no answer: a Translatable
    started_ms: int
    took_ms: int

    @property
    def stored_answer(self) -> str:
        return self.answer if self.status else packed(self.answer)


def read_answer(status: int, stored: str) -> str:
    """Returns the stored answer of a post, or why there was none."""
    return stored if status else unpacked(stored)
