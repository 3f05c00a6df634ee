"""Optional parameters as SMPP and SMGP have them: tag, length, value, in any order behind the fixed fields of a message."""

from collections.abc import Mapping
from struct import Struct

_HEAD = Struct(">HH")
_HEAD_OCTETS = _HEAD.size

NUMBER_OCTETS = 4
"""The most octets of an integer, in either specification. A longer one is none: no column holds it, and Python writes no number of
thousands of digits.
"""

Tlvs = Mapping[int, bytes]


def decode_tlvs(octets: bytes, at: int) -> dict[int, bytes]:
    """Reads all parameters from `at` on. Of two equal tags the first one counts. A parameter that is cut short ends the
    reading.
    """
    found: dict[int, bytes] = {}
    unpack, end = _HEAD.unpack_from, len(octets)
    while (start := at + _HEAD_OCTETS) <= end:
        tag, size = unpack(octets, at)
        at = start + size
        if at > end:
            break
        if tag not in found:
            found[tag] = octets[start:at]
    return found


def encode_tlvs(tlvs: Tlvs) -> bytes:
    """Returns the octets in the order of the mapping. raises: struct.error for a value beyond 65,535 octets"""
    return b"".join(_HEAD.pack(tag, len(value)) + value for tag, value in tlvs.items())


def read_number(tlvs: Tlvs, tag: int) -> int | None:
    """Returns an integer of one to NUMBER_OCTETS octets; None if the parameter is absent, or is no integer."""
    return number_of(tlvs.get(tag, b""))


def number_of(value: bytes) -> int | None:
    return int.from_bytes(value, "big") if 0 < len(value) <= NUMBER_OCTETS else None


def read_string(tlvs: Tlvs, tag: int) -> str:
    """Returns a C-string, "" if absent. Some peers leave out the NUL that belongs to its length."""
    return tlvs.get(tag, b"").partition(b"\0")[0].decode("latin-1").strip()
