"""SMGP 3.0.3: messages as values; `wire/smgp/codec.py` has their octets.

What other protocols have as fixed fields stands in optional parameters: the header flag and the place of a part, the
product and the enterprise. The two versions in use differ in one field: 1.3 has no FixedFee.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

HEAD_OCTETS = 12
FRAME_MOST = 65_536
"""A submit to 100 numbers with a whole text has some 2,400 octets; no valid message comes near this."""

ANSWER = 0x8000_0000
ID_OCTETS = 10
NO_ID = bytes(ID_OCTETS)


class Version(IntEnum):
    """High digit, low digit."""

    V13 = 0x13
    V30 = 0x30


class Command(IntEnum):
    LOGIN = 0x01
    LOGIN_RESP = ANSWER | 0x01
    SUBMIT = 0x02
    SUBMIT_RESP = ANSWER | 0x02
    DELIVER = 0x03
    DELIVER_RESP = ANSWER | 0x03
    ACTIVE_TEST = 0x04
    ACTIVE_TEST_RESP = ANSWER | 0x04
    EXIT = 0x06
    EXIT_RESP = ANSWER | 0x06
    QUERY = 0x07
    QUERY_RESP = ANSWER | 0x07


class LoginMode(IntEnum):
    """What a connection is for."""

    SEND = 0
    RECEIVE = 1
    TRANSMIT = 2  # both


class Status(IntEnum):
    """The statuses that are used here; carriers have many more."""

    OK = 0
    BUSY = 1
    CONNECTIONS = 2
    BAD_STRUCTURE = 10
    DUPLICATE_SEQUENCE = 12
    BAD_ADDRESS = 20
    BAD_SECRET = 21
    VERSION_HIGH = 22


class Tag(IntEnum):
    """Optional parameters."""

    TP_PID = 0x0001
    TP_UDHI = 0x0002
    LINK_ID = 0x0003
    CHARGE_USER_TYPE = 0x0004
    CHARGE_TERM_TYPE = 0x0005
    CHARGE_TERM_PSEUDO = 0x0006
    DEST_TERM_TYPE = 0x0007
    DEST_TERM_PSEUDO = 0x0008
    PK_TOTAL = 0x0009
    PK_NUMBER = 0x000A
    SUBMIT_MSG_TYPE = 0x000B
    SP_DEAL_RESULT = 0x000C
    SRC_TERM_TYPE = 0x000D
    SRC_TERM_PSEUDO = 0x000E
    NODES_COUNT = 0x000F
    MSG_SRC = 0x0010
    SRC_TYPE = 0x0011
    M_SERVICE_ID = 0x0012


@dataclass(frozen=True, slots=True)
class Login:
    seq: int
    client_id: str
    authenticator_client: bytes
    login_mode: int
    timestamp: int  # MMDDHHMMSS as a number
    client_version: int  # as the peer wrote it; not every value is a Version


@dataclass(frozen=True, slots=True)
class LoginResp:
    seq: int
    status: int
    authenticator_server: bytes
    server_version: int  # the highest one the gateway has


@dataclass(slots=True)
class Submit:
    seq: int
    src_term_id: str
    dest_term_id: tuple[str, ...]
    msg_content: bytes
    msg_format: int = 8
    msg_type: int = 6  # from SP to terminal
    need_report: int = 1
    priority: int = 1
    service_id: str = ""
    fee_type: str = "00"
    fee_code: str = "000000"
    fixed_fee: str = "000000"  # not in 1.3
    valid_time: str = ""
    at_time: str = ""
    charge_term_id: str = ""
    reserve: bytes = b""
    tlvs: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class SubmitResp:
    """The carrier's answer to one submit: status 0 accepts, and its report will use msg_id."""

    seq: int
    msg_id: bytes  # ten octets, decimal digits in pairs by the specification; opaque
    status: int


@dataclass(slots=True)
class Deliver:
    """A text from a handset or, with is_report 1, a status report in msg_content."""

    seq: int
    msg_id: bytes  # of this delivery, not of the submit
    src_term_id: str
    dest_term_id: str
    msg_content: bytes
    is_report: int = 0
    msg_format: int = 0
    recv_time: str = ""  # YYYYMMDDHHMMSS, Beijing
    reserve: bytes = b""
    tlvs: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class DeliverResp:
    seq: int
    msg_id: bytes
    status: int


@dataclass(frozen=True, slots=True)
class Query:
    seq: int
    query_time: str  # YYYYMMDD
    query_type: int = 0
    query_code: str = ""


@dataclass(frozen=True, slots=True)
class QueryResp:
    seq: int
    query_time: str
    query_type: int = 0
    query_code: str = ""
    counts: tuple[int, ...] = (0,) * 8  # MT_TLMsg, MT_TLUsr, MT_Scs, MT_WT, MT_FL, MO_Scs, MO_WT, MO_FL
    reserve: bytes = b""


@dataclass(frozen=True, slots=True)
class Plain:
    """A message that has only a head: Active_Test, Exit and their answers."""

    command: Command
    seq: int


Pdu = Login | LoginResp | Submit | SubmitResp | Deliver | DeliverResp | Query | QueryResp | Plain
