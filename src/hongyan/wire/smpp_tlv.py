"""SMPP's optional parameters: tag, length, value, in any order behind the fixed fields of a message."""

from collections.abc import Mapping
from enum import IntEnum
from struct import Struct

_HEAD = Struct(">HH")

Tlvs = Mapping[int, bytes]


class Tag(IntEnum):
    """The ones that somebody here reads or writes."""

    RECEIPTED_MESSAGE_ID = 0x001E
    ADDITIONAL_STATUS_INFO_TEXT = 0x001D
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    DELIVERY_FAILURE_REASON = 0x0425
    MESSAGE_STATE = 0x0427


def decode_tlvs(octets: bytes, at: int) -> dict[int, bytes]:
    """Everything from `at` on. The first of two equal tags stands; a parameter that is cut short ends the reading."""
    found: dict[int, bytes] = {}
    end = len(octets)
    while at + _HEAD.size <= end:
        tag, size = _HEAD.unpack_from(octets, at)
        at += _HEAD.size
        if at + size > end:
            break
        found.setdefault(tag, octets[at : at + size])
        at += size
    return found


def encode_tlvs(tlvs: Tlvs) -> bytes:
    """In the order of the mapping; raises struct.error for a value beyond 65,535 octets."""
    return b"".join(_HEAD.pack(tag, len(value)) + value for tag, value in tlvs.items())


def read_number(tlvs: Tlvs, tag: int) -> int | None:
    """An integer of any width; None when the parameter is absent or empty."""
    value = tlvs.get(tag)
    return int.from_bytes(value, "big") if value else None


def read_string(tlvs: Tlvs, tag: int) -> str:
    """A C-string; some peers leave out the NUL that belongs to its length. "" when absent."""
    return tlvs.get(tag, b"").partition(b"\0")[0].decode("latin-1").strip()
