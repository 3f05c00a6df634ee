"""Sessions: connections on which a customer submits and is delivered to, as if Hongyan were a carrier."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from hongyan.model.account import Account
from hongyan.model.owed import OwedReply, OwedReport
from hongyan.model.refusal import Code
from hongyan.model.session_settings import SessionProtocol


class ReportsWanted(IntEnum):
    """Which status reports a submit asked for."""

    NONE = 0
    ALL = 1
    FAILURES = 2  # only of what was not delivered


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


class SessionEnding(StrEnum):
    """Why the platform ends a session."""

    KICKED = "kicked"  # by the operator
    STOPPED = "stopped"  # the account is stopped, or may not use the protocol any more
    FORBIDDEN = "forbidden"  # its address is not on the account's list any more


@dataclass(slots=True)
class SessionCounts:
    """Who holds the socket counts here; the row of the session is written from it."""

    submits: int = 0
    refused: int = 0
    faults: int = 0  # PDUs that did nothing
    deliveries: int = 0
    delivered: int = 0  # reports and replies that they answered with status 0
    waiting_in: int = 0  # submits of theirs without an answer
    waiting_out: int = 0  # deliveries of ours without an answer
    heard_ms: int = 0  # when the last octets came
    held_until_ms: int = 0  # it is held back until then, if it makes no fault meanwhile; past where it is not


@dataclass(frozen=True, slots=True)
class SessionLogin:
    """What its row has of a session from the start."""

    protocol: SessionProtocol
    version: str
    address: str
    listener_id: int
    owner: str  # the process that holds it
    receives: bool


@dataclass(slots=True, eq=False)
class CustomerSession:
    """A login that was let in. `account` is replaced when its settings change."""

    id: int
    account: Account
    protocol: SessionProtocol
    address: str
    receives: bool = True  # the customer takes deliveries on it
    counts: SessionCounts = field(default_factory=SessionCounts)


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


@dataclass(slots=True)
class SessionReport:
    """A status report to be delivered: once for each of `message_ids`, a part each, as the submits asked."""

    report: OwedReport
    message_ids: tuple[str, ...]
    source: str  # the source address as the customer wrote it
    submitted_ms: int
    service: str = ""  # as the submit said

    @property
    def owed_id(self) -> int:
        return self.report.owed_id


@dataclass(slots=True)
class SessionReply:
    """A text of a handset to be delivered, of any length."""

    reply: OwedReply
    service: str = ""

    @property
    def owed_id(self) -> int:
        return self.reply.owed_id


@dataclass(slots=True)
class SessionNotice:
    """An intermediate notice to be delivered: the message was sent on. `message_ids` are those of the parts that asked for it."""

    owed_id: int
    phone: int
    message_ids: tuple[str, ...]
    source: str
    submitted_ms: int
    service: str = ""


Deliverable = SessionReport | SessionReply | SessionNotice


@dataclass(frozen=True, slots=True)
class MessageStatus:
    """Where a message is: the answer to query_sm.

    stat: ENROUTE, DELIVRD, UNDELIV, EXPIRED, DELETED, UNKNOWN, … in the words of SMPP; ACCEPTD for parts that wait for others
    """

    message_id: str
    stat: str
    code: str = ""  # of the carrier
    done_ms: int = 0  # 0 while it is open


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """What CMPP_QUERY asks for: a day of China, one service or all."""

    submits: int = 0  # MT_TLMsg
    numbers: int = 0  # MT_Tlusr
    delivered: int = 0  # MT_Scs
    open: int = 0  # MT_WT
    failed: int = 0  # MT_FL
    replies_delivered: int = 0  # MO_Scs
    replies_waiting: int = 0  # MO_WT
    replies_failed: int = 0  # MO_FL
