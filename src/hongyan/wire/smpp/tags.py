"""The names of SMPP's optional parameters."""

from enum import IntEnum

from hongyan.wire.tlv import Tlvs, read_number

_MS_DISPLAY = 1


class Tag(IntEnum):
    """The ones that somebody here reads or writes."""

    DEST_ADDR_SUBUNIT = 0x0005
    QOS_TIME_TO_LIVE = 0x0017
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


def is_for_display(tlvs: Tlvs) -> bool:
    """Whether dest_addr_subunit sends a text to the handset's display, as a flash message (SMPP 3.4, 5.3.2.1)."""
    return bool(tlvs) and read_number(tlvs, Tag.DEST_ADDR_SUBUNIT) == _MS_DISPLAY
