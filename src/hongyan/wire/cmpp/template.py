"""A SUBMIT of which most is packed in advance: a channel sends ten thousand of them a second."""

import struct
from dataclasses import replace
from struct import Struct

from hongyan.wire.cmpp.codec import LAYOUTS, encode
from hongyan.wire.cmpp.pdu import Command, Submit, Version
from hongyan.wire.codec import HEAD
from hongyan.wire.frame import BadPdu

_BEFORE_FIXED = HEAD.size + 8 + 2  # head, Msg_Id, Pk_total, Pk_number
_FEES_AND_TIMES = 6 + 2 + 6 + 17 + 17  # Msg_src to At_Time
_SOURCE_MOST = 21


class SubmitTemplate:
    """Everything that is the same for all segments of a channel, packed once. Each submit has one recipient."""

    __slots__ = ("_fees", "_flags", "_front", "_number_most", "_size", "_tail")

    def __init__(self, like: Submit, version: Version) -> None:
        """like: has service, fees, priority, validity, report flag and reserve; raises BadPdu if one does not fit."""
        layout = LAYOUTS[version]
        flags = 14 + layout.number + layout.number_type  # Registered_Delivery to TP_pId
        self._front = Struct(f">IIIQBB{flags}sBB{_FEES_AND_TIMES}s{_SOURCE_MOST}sB{layout.number}s{layout.number_type}sB")
        octets = encode(replace(like, dest_terminal_id=("",), msg_content=b""), version)
        fees = _BEFORE_FIXED + flags + 2
        self._flags = octets[_BEFORE_FIXED : _BEFORE_FIXED + flags]
        self._fees = octets[fees : fees + _FEES_AND_TIMES]
        self._tail = octets[self._front.size :]
        self._size = self._front.size + len(self._tail)
        self._number_most = layout.number

    def encode(
        self, seq: int, total: int, number: int, udhi: int, fmt: int, source: bytes, dest: bytes, content: bytes
    ) -> bytes:
        """Returns one SUBMIT. The length of numbers is checked, since `Struct` would cut a long one and so send to somebody
        else.

        raises: BadPdu for a source beyond 21 octets, a recipient beyond 21 (3.0: 32), content beyond 255
        """
        size = len(content)
        if len(source) > _SOURCE_MOST or len(dest) > self._number_most:
            raise BadPdu("SUBMIT", seq, f"source of {len(source)} octets, recipient of {len(dest)}")
        try:
            front = self._front.pack(
                self._size + size,
                Command.SUBMIT,
                seq,
                0,
                total,
                number,
                self._flags,
                udhi,
                fmt,
                self._fees,
                source,
                1,
                dest,
                b"",
                size,
            )
        except struct.error as unfit:
            raise BadPdu("SUBMIT", seq, str(unfit)) from None
        return front + content + self._tail
