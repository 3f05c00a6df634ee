"""CMPP 2.0, 2.1 and 3.0: messages as values, the same for every version; `wire/cmpp/codec.py` has their octets."""

from dataclasses import dataclass
from enum import IntEnum

HEAD_OCTETS = 12
FRAME_MOST = 65_536
"""A submit to 100 numbers has 3,503 octets; no valid message comes near this."""

ANSWER = 0x8000_0000


class Version(IntEnum):
    V20 = 0x20
    V21 = 0x21
    V30 = 0x30


class Command(IntEnum):
    CONNECT = 0x01
    CONNECT_RESP = ANSWER | 0x01
    TERMINATE = 0x02
    TERMINATE_RESP = ANSWER | 0x02
    SUBMIT = 0x04
    SUBMIT_RESP = ANSWER | 0x04
    DELIVER = 0x05
    DELIVER_RESP = ANSWER | 0x05
    QUERY = 0x06
    QUERY_RESP = ANSWER | 0x06
    CANCEL = 0x07
    CANCEL_RESP = ANSWER | 0x07
    ACTIVE_TEST = 0x08
    ACTIVE_TEST_RESP = ANSWER | 0x08


BAD_STRUCTURE, BAD_COMMAND, FLOW_CONTROL = 1, 2, 8
"""Results of SUBMIT_RESP and DELIVER_RESP (CMPP 2.0, 7.4.3.2)."""

IS_REPORT = 1
"""Registered_Delivery of a DELIVER that carries a status report."""


@dataclass(frozen=True, slots=True)
class Connect:
    seq: int
    source_addr: str  # SP_Id, six digits
    authenticator_source: bytes
    version: int  # as the peer wrote it; not every value is a Version
    timestamp: int  # MMDDHHMMSS as a number


@dataclass(frozen=True, slots=True)
class ConnectResp:
    seq: int
    status: int
    authenticator_ismg: bytes
    version: int  # the highest one the gateway has


@dataclass(slots=True)
class Submit:
    seq: int
    src_id: str
    dest_terminal_id: tuple[str, ...]
    msg_content: bytes
    msg_fmt: int = 8
    tp_udhi: int = 0
    pk_total: int = 1
    pk_number: int = 1
    registered_delivery: int = 1
    msg_level: int = 0
    service_id: str = ""
    fee_usertype: int = 2
    fee_terminal_id: str = ""
    fee_terminal_type: int = 0  # 3.0
    tp_pid: int = 0
    msg_src: str = ""
    feetype: str = "01"
    feecode: str = "000000"
    valid_time: str = ""
    at_time: str = ""
    dest_terminal_type: int = 0  # 3.0
    linkid: bytes = b""  # 8 octets reserved in 2.0
    msg_id: int = 0


@dataclass(slots=True)
class SubmitResp:
    """The carrier's answer to one submit: result 0 accepts, and receipts will use msg_id."""

    seq: int
    msg_id: int
    result: int


@dataclass(slots=True)
class Deliver:
    """A text from a handset or, with registered_delivery 1, a status report whose structure is msg_content."""

    seq: int
    msg_id: int  # of this delivery, not of the submit
    dest_id: str
    src_terminal_id: str
    msg_content: bytes
    registered_delivery: int = 0
    msg_fmt: int = 0
    tp_udhi: int = 0
    tp_pid: int = 0
    service_id: str = ""
    src_terminal_type: int = 0  # 3.0
    linkid: bytes = b""  # 8 octets reserved in 2.0


@dataclass(slots=True)
class DeliverResp:
    seq: int
    msg_id: int
    result: int


@dataclass(frozen=True, slots=True)
class Query:
    seq: int
    time: str  # YYYYMMDD
    query_type: int = 0
    query_code: str = ""
    reserve: str = ""


@dataclass(frozen=True, slots=True)
class QueryResp:
    seq: int
    time: str
    query_type: int = 0
    query_code: str = ""
    counts: tuple[int, ...] = (0,) * 8  # MT_TLMsg, MT_TLUsr, MT_Scs, MT_WT, MT_FL, MO_Scs, MO_WT, MO_FL


@dataclass(frozen=True, slots=True)
class Cancel:
    seq: int
    msg_id: int


@dataclass(frozen=True, slots=True)
class CancelResp:
    seq: int
    success_id: int  # 0 done, 1 failed


@dataclass(frozen=True, slots=True)
class Plain:
    """A message that is its head: TERMINATE and its answer, ACTIVE_TEST and, with one reserved octet, its answer."""

    command: Command
    seq: int
    body: bytes = b""


Pdu = Connect | ConnectResp | Submit | SubmitResp | Deliver | DeliverResp | Query | QueryResp | Cancel | CancelResp | Plain
