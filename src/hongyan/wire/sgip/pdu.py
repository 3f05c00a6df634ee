"""SGIP 1.2: messages as values; `wire/sgip/codec.py` has their octets. 1.1 and 1.3 have the same layouts.

A sequence has twelve octets, three numbers of four: the node that made it, when, and a count. It is the only name of a
message: a report names its submit by it. In a PDU it is one number of 96 bits; `Sequence` takes it apart.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

HEAD_OCTETS = 20
FRAME_MOST = 4_096
"""The sheet says 2,048, and a submit to 100 numbers has 2,383 octets."""

ANSWER = 0x8000_0000
PAYER_IS_SP = "0" * 21
"""A ChargeNumber: the SP pays, not the handset."""


class Command(IntEnum):
    BIND = 0x01
    BIND_RESP = ANSWER | 0x01
    UNBIND = 0x02
    UNBIND_RESP = ANSWER | 0x02
    SUBMIT = 0x03
    SUBMIT_RESP = ANSWER | 0x03
    DELIVER = 0x04
    DELIVER_RESP = ANSWER | 0x04
    REPORT = 0x05
    REPORT_RESP = ANSWER | 0x05
    USER_RPT = 0x11
    USER_RPT_RESP = ANSWER | 0x11
    TRACE = 0x1000
    TRACE_RESP = ANSWER | 0x1000


class LoginType(IntEnum):
    SP = 1  # an SP logs in at the gateway (SMG): submits
    SMG = 2  # the gateway logs in at the SP: deliveries and reports


class Result(IntEnum):
    """Result of answers and of reports, in one space of codes. Codes above 20 are meant for reports, but gateways mix them."""

    OK = 0
    BAD_LOGIN = 1
    REPEATED_LOGIN = 2
    TOO_MANY_CONNECTIONS = 3
    BAD_LOGIN_TYPE = 4
    BAD_FORMAT = 5
    BAD_COMMAND = 7
    BAD_LENGTH = 8
    BAD_SEQUENCE = 9
    BUSY = 11
    SYSTEM = 32  # 1.3: bad packet
    QUEUE_FULL = 33  # 1.3: too fast
    TOO_FAST = 88  # used by some gateways


class State(IntEnum):
    """Of a report."""

    DELIVERED = 0
    WAITING = 1
    FAILED = 2


class Sequence(NamedTuple):
    node: int  # of an SP 3AAAAQQQQQ: area code and enterprise code
    time: int  # MMDDHHMMSS of Beijing as a number
    counter: int

    def packed(self) -> int:
        return self.node << 64 | self.time << 32 | self.counter

    @classmethod
    def read(cls, spelt: str) -> "Sequence":
        """raises: ValueError for anything but three numbers of four octets"""
        numbers = [int(part) for part in spelt.split("-") if part.isascii() and part.isdecimal()]
        if len(numbers) != 3 or spelt.count("-") != 2 or max(numbers) > 0xFFFF_FFFF:
            raise ValueError(f"a message is called node-time-count, as 3010012345-1121093005-7, not {spelt}")
        return cls(*numbers)

    @classmethod
    def unpacked(cls, seq: int) -> "Sequence":
        return cls(seq >> 64, seq >> 32 & 0xFFFF_FFFF, seq & 0xFFFF_FFFF)


def sequence_name(seq: int) -> str:
    """Returns a sequence as carriers' people write it: its three numbers."""
    return "-".join(map(str, Sequence.unpacked(seq)))


@dataclass(frozen=True, slots=True)
class Bind:
    seq: int
    login_type: int
    login_name: str
    login_password: str
    reserve: bytes = b""


@dataclass(slots=True)
class Resp:
    """Every answer but that to Unbind. It has the sequence of its request. A plain number is a command that SP and SMG do not exchange."""

    seq: int
    command: Command | int
    result: int
    reserve: bytes = b""


@dataclass(slots=True)
class Submit:
    seq: int
    sp_number: str
    user_number: tuple[str, ...]
    message_content: bytes
    message_coding: int = 8
    tp_udhi: int = 0
    charge_number: str = PAYER_IS_SP
    corp_id: str = ""
    service_type: str = ""
    fee_type: int = 1
    fee_value: str = "0"
    given_value: str = "0"
    agent_flag: int = 0
    morelateto_mt_flag: int = 2
    priority: int = 0
    expire_time: str = ""
    schedule_time: str = ""
    report_flag: int = 1
    tp_pid: int = 0
    message_type: int = 0
    reserve: bytes = b""


@dataclass(slots=True)
class Deliver:
    """A text from a handset."""

    seq: int
    user_number: str
    sp_number: str
    message_content: bytes
    message_coding: int = 0
    tp_udhi: int = 0
    tp_pid: int = 0
    reserve: bytes = b""


@dataclass(slots=True)
class Report:
    """A status report: `submit_sequence_number` is the sequence of its submit."""

    seq: int
    submit_sequence_number: int
    user_number: str
    state: int
    error_code: int = 0
    report_type: int = 0  # 1: about a delivery that was forwarded
    reserve: bytes = b""


@dataclass(frozen=True, slots=True)
class UserRpt:
    """A handset that an SP serves by subscription was shut off, or is back."""

    seq: int
    sp_number: str
    user_number: str
    user_condition: int  # 0 cancelled, 1 suspended, 2 restored
    reserve: bytes = b""


@dataclass(frozen=True, slots=True)
class Trace:
    """An SP asks which way a text went that it submitted."""

    seq: int
    submit_sequence_number: int
    user_number: str
    reserve: bytes = b""


@dataclass(frozen=True, slots=True)
class TraceNode:
    """A gateway on the way. Times are YYMMDDhhmmss, tenths and the zone: `261121093140032+`."""

    result: int
    node_id: str
    receive_time: str
    send_time: str
    reserve: bytes = b""


@dataclass(frozen=True, slots=True)
class TraceResp:
    """The nodes in order; none if nobody knows the text."""

    seq: int
    nodes: tuple[TraceNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Plain:
    """A message that has only a head: Unbind and its answer."""

    seq: int
    command: Command


Pdu = Bind | Resp | Submit | Deliver | Report | UserRpt | Trace | TraceResp | Plain
