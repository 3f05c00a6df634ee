"""SMPP's parameters that say which part of a long text a message is: sar_msg_ref_num, sar_total_segments, sar_segment_seqnum."""

from hongyan.wire.smpp.pdu import Tag
from hongyan.wire.text import Concat
from hongyan.wire.tlv import Tlvs, read_number

_BITS = 24
"""As `Concat.bits`: it keeps references of parameters apart from those of headers."""


def read_sar(tlvs: Tlvs) -> Concat | None:
    """Returns the part; None unless all three parameters are there and make sense: two octets, and one each (SMPP 3.4, 5.3.2.22 to 24)."""
    if not tlvs:
        return None
    reference = read_number(tlvs, Tag.SAR_MSG_REF_NUM)
    total = read_number(tlvs, Tag.SAR_TOTAL_SEGMENTS)
    number = read_number(tlvs, Tag.SAR_SEGMENT_SEQNUM)
    if reference is None or reference > 0xFFFF or not total or total > 0xFF or not number or number > total:
        return None
    return Concat(reference, total, number, _BITS)


def sar_parameters(reference: int, total: int, number: int) -> dict[int, bytes]:
    """Returns the three parameters. reference: of 16 bits"""
    return {
        Tag.SAR_MSG_REF_NUM: reference.to_bytes(2, "big"),
        Tag.SAR_TOTAL_SEGMENTS: bytes((total,)),
        Tag.SAR_SEGMENT_SEQNUM: bytes((number,)),
    }
