"""SMPP 3.4: messages as values; `wire/smpp/codec.py` has their octets.

A C-string is text that ends in one NUL. Texts are read as Latin-1, so that no octet can make reading fail. An answer that
refuses may leave out its body, and some peers leave it out of any answer: missing fields at the end of an answer are read as
empty ones. What stands behind the known fields is ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from hongyan.wire.tlv import Tlvs, read_number

HEAD_OCTETS = 16
FRAME_MOST = 70_000
"""Room for a message_payload of 64 KiB."""

ANSWER = 0x8000_0000


class Command(IntEnum):
    GENERIC_NACK = ANSWER
    BIND_RECEIVER = 0x01
    BIND_TRANSMITTER = 0x02
    QUERY_SM = 0x03
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    REPLACE_SM = 0x07
    CANCEL_SM = 0x08
    BIND_TRANSCEIVER = 0x09
    OUTBIND = 0x0B
    ENQUIRE_LINK = 0x15
    SUBMIT_MULTI = 0x21
    ALERT_NOTIFICATION = 0x102
    DATA_SM = 0x103
    BIND_RECEIVER_RESP = ANSWER | 0x01
    BIND_TRANSMITTER_RESP = ANSWER | 0x02
    QUERY_SM_RESP = ANSWER | 0x03
    SUBMIT_SM_RESP = ANSWER | 0x04
    DELIVER_SM_RESP = ANSWER | 0x05
    UNBIND_RESP = ANSWER | 0x06
    REPLACE_SM_RESP = ANSWER | 0x07
    CANCEL_SM_RESP = ANSWER | 0x08
    BIND_TRANSCEIVER_RESP = ANSWER | 0x09
    ENQUIRE_LINK_RESP = ANSWER | 0x15
    SUBMIT_MULTI_RESP = ANSWER | 0x21
    DATA_SM_RESP = ANSWER | 0x103


UDHI, RECEIPT, NOTICE = 0x40, 0x04, 0x20
"""Flags of esm_class: the text begins with a user data header; it is a receipt; it is an intermediate notice."""

_MS_DISPLAY = 1

BINDS = frozenset({Command.BIND_RECEIVER, Command.BIND_TRANSMITTER, Command.BIND_TRANSCEIVER})


class Status(IntEnum):
    """The command_status values that are used here."""

    ROK = 0x00
    RINVMSGLEN = 0x01
    RINVCMDLEN = 0x02
    RINVCMDID = 0x03
    RINVBNDSTS = 0x04
    RALYBND = 0x05
    RSYSERR = 0x08
    RINVSRCADR = 0x0A
    RINVDSTADR = 0x0B
    RBINDFAIL = 0x0D
    RINVPASWD = 0x0E
    RINVSYSID = 0x0F
    RCANCELFAIL = 0x11
    RREPLACEFAIL = 0x13
    RMSGQFUL = 0x14
    RINVNUMDESTS = 0x33
    RINVDLNAME = 0x34
    RSUBMITFAIL = 0x45
    RTHROTTLED = 0x58
    RINVSCHED = 0x61
    RINVEXPIRY = 0x62
    RX_T_APPN = 0x64
    RX_P_APPN = 0x65
    RX_R_APPN = 0x66
    RQUERYFAIL = 0x67


class Tag(IntEnum):
    """The parameters that are used here."""

    DEST_ADDR_SUBUNIT = 0x0005
    QOS_TIME_TO_LIVE = 0x0017
    RECEIPTED_MESSAGE_ID = 0x001E
    ADDITIONAL_STATUS_INFO_TEXT = 0x001D
    USER_MESSAGE_REFERENCE = 0x0204
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    DELIVERY_FAILURE_REASON = 0x0425
    MESSAGE_STATE = 0x0427


@dataclass(frozen=True, slots=True)
class Bind:
    seq: int
    command: Command  # one of BINDS
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    interface_version: int = 0x34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""


@dataclass(frozen=True, slots=True)
class BindResp:
    seq: int
    command: Command  # the answer's
    status: int = 0
    system_id: str = ""
    tlvs: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Sm:
    """submit_sm and deliver_sm, whose fields are the same."""

    seq: int
    command: Command
    source_addr: str
    destination_addr: str
    short_message: bytes
    data_coding: int = 8
    esm_class: int = 0
    registered_delivery: int = 0
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    service_type: str = ""
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    replace_if_present_flag: int = 0
    sm_default_msg_id: int = 0
    tlvs: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class SmResp:
    """The answer to submit_sm, deliver_sm or data_sm: status 0 accepts, and receipts will use message_id."""

    seq: int
    command: Command
    status: int = 0
    message_id: str = ""
    tlvs: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DataSm:
    seq: int
    source_addr: str
    destination_addr: str
    data_coding: int = 0
    esm_class: int = 0
    registered_delivery: int = 0
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    service_type: str = ""
    tlvs: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Address:
    """One of the recipients of a submit_multi: a number or, by its name, a distribution list."""

    addr: str
    ton: int = 0
    npi: int = 0
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class SubmitMulti:
    seq: int
    source_addr: str
    dest_address: tuple[Address, ...]
    short_message: bytes
    data_coding: int = 8
    esm_class: int = 0
    registered_delivery: int = 0
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    service_type: str = ""
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    replace_if_present_flag: int = 0
    sm_default_msg_id: int = 0
    tlvs: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unsuccess:
    """A recipient that a submit_multi did not reach, with the status."""

    addr: str
    ton: int
    npi: int
    error_status_code: int


@dataclass(frozen=True, slots=True)
class SubmitMultiResp:
    seq: int
    status: int = 0
    message_id: str = ""
    unsuccess: tuple[Unsuccess, ...] = ()


@dataclass(frozen=True, slots=True)
class QuerySm:
    seq: int
    message_id: str
    source_addr: str
    source_addr_ton: int = 0
    source_addr_npi: int = 0


@dataclass(frozen=True, slots=True)
class QuerySmResp:
    seq: int
    status: int = 0
    message_id: str = ""
    final_date: str = ""
    message_state: int = 0
    error_code: int = 0


@dataclass(frozen=True, slots=True)
class CancelSm:
    seq: int
    message_id: str
    source_addr: str
    destination_addr: str
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    service_type: str = ""


@dataclass(frozen=True, slots=True)
class ReplaceSm:
    """Another text for a message that was not sent yet; empty times stay as they were."""

    seq: int
    message_id: str
    source_addr: str
    short_message: bytes
    registered_delivery: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    sm_default_msg_id: int = 0


@dataclass(frozen=True, slots=True)
class Plain:
    """A message that has only a head, or whose body is not read here (outbind, alert_notification, replace_sm)."""

    seq: int
    command: Command
    status: int = 0
    body: bytes = b""


Pdu = (
    Bind
    | BindResp
    | Sm
    | SmResp
    | DataSm
    | SubmitMulti
    | SubmitMultiResp
    | QuerySm
    | QuerySmResp
    | CancelSm
    | ReplaceSm
    | Plain
)


_MESSAGE_PAYLOAD = int(
    Tag.MESSAGE_PAYLOAD
)  # looking a member up in its enum takes longer than looking it up among the parameters


def content_of(pdu: Sm | DataSm | SubmitMulti) -> bytes:
    """Returns the text of a message with its header: from message_payload, or without that from the message itself (SMPP 3.4,
    5.3.2.32).
    """
    if payload := pdu.tlvs.get(_MESSAGE_PAYLOAD) if pdu.tlvs else b"":
        return payload
    return b"" if isinstance(pdu, DataSm) else pdu.short_message


def is_for_display(tlvs: Tlvs) -> bool:
    """Whether dest_addr_subunit sends a text to the handset's display, as a flash message (SMPP 3.4, 5.3.2.1)."""
    return bool(tlvs) and read_number(tlvs, Tag.DEST_ADDR_SUBUNIT) == _MS_DISPLAY
