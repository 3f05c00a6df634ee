"""What customers submit over their sessions: whole texts, and parts of long ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from hongyan.model.refusal import Code


class ReportsWanted(IntEnum):
    """Which status reports a submit asked for, numbered as in registered_delivery (SMPP 3.4, 5.2.17; 3 is of SMPP 5.0, 4.7.21)."""

    NONE = 0
    ALL = 1
    FAILURES = 2  # only of what was not delivered
    SUCCESSES = 3  # only of what was delivered


WANTED_OF_DELIVERED = frozenset({ReportsWanted.ALL, ReportsWanted.SUCCESSES})
WANTED_OF_FAILED = frozenset({ReportsWanted.ALL, ReportsWanted.FAILURES})


@dataclass(frozen=True, slots=True)
class SubmitReports:
    """Which reports a submit, or a part of a long text, asks for; stored as one number."""

    reports: ReportsWanted
    has_notice: bool = False  # an intermediate one too: it was sent on

    @property
    def number(self) -> int:
        return self.reports + (_NOTICE if self.has_notice else 0)

    @classmethod
    def of(cls, number: int) -> "SubmitReports":
        return cls(ReportsWanted(number % _NOTICE), has_notice=number >= _NOTICE)


_NOTICE = 4


@dataclass(frozen=True, slots=True)
class PartPlace:
    """Which part of a long message a submit is, as its header or its parameters say."""

    reference: int
    part: int  # from 1
    parts: int


@dataclass(frozen=True, slots=True)
class PartOctets:
    """The text of a part as it came, in a codec whose characters may be cut between two parts."""

    codec: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class SubmittedPart:
    """A stored part of a text that was joined."""

    id: int
    reports: int  # SubmitReports
    pdu: str


@dataclass(slots=True)
class StoredPart:
    """A part of a long text as it is stored."""

    id: int  # a number as tasks have
    account_id: int
    text_key: str  # parts with the same one belong together
    part: int
    parts: int
    body: str  # UTF-16BE, octets of the codec that `facts` name, or binary data; in hexadecimal digits
    facts: str  # what else its submit said, as JSON
    message_id: str  # as the customer has it
    received_ms: int
    task_id: int = 0  # 0 until the text is whole, or given up


@dataclass(frozen=True, slots=True)
class SessionSubmit:
    """What a submit over a session said beside its text, as it is stored.

    reports: `SubmitReports` for each of its parts
    pdus:    each part's session, sequence, moment and coding
    """

    task_id: int
    account_id: int
    source: str
    service: str
    reports: Sequence[int]
    pdus: Sequence[str] = ()

    @property
    def has_notice(self) -> bool:
        return any(SubmitReports.of(one).has_notice for one in self.reports)


@dataclass(frozen=True, slots=True)
class Submitted:
    """The answer to a submit.

    message_id: what the customer is answered with; digits alone. SMPP: 16 of them, the same number as a decimal and as a hexadecimal
                number. CMPP: the value of Msg_Id
    """

    message_id: str
    task_id: int = 0  # 0 for a part of a text whose other parts are still to come
    count: int = 1  # numbers accepted
    is_repeat: bool = False  # the first answer once more
    rejected: Sequence[tuple[str, Code]] = ()  # numbers as the customer wrote them, and why
