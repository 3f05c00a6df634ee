"""An SMGP Submit of which most is packed in advance: a channel sends ten thousand of them a second."""

import struct
from struct import Struct

from hongyan.wire.frame import BadPdu
from hongyan.wire.smgp.codec import NUMBER, RESERVE, encode, pack_fees
from hongyan.wire.smgp.pdu import Command, Submit, Tag, Version
from hongyan.wire.tlv import encode_tlvs

_TOTAL_OF = struct.pack(">HH", Tag.PK_TOTAL, 1)
_NUMBER_OF = struct.pack(">HH", Tag.PK_NUMBER, 1)


class SubmitTemplate:
    """Everything that is the same for all segments of a channel, packed once. Each submit has one recipient."""

    __slots__ = ("_fees", "_flags", "_front", "_headed", "_part", "_payer", "_size", "_tail", "_times")

    def __init__(self, like: Submit, version: Version) -> None:
        """like: has service, fees, priority, validity, report flag and parameters; raises BadPdu if one does not fit."""
        encode(like, version)  # a value that does not fit is refused here
        self._flags = bytes((like.msg_type, like.need_report, like.priority))
        self._fees = pack_fees(like, version)
        self._times = like.valid_time.encode("latin-1").ljust(17, b"\0") + like.at_time.encode("latin-1").ljust(17, b"\0")
        self._payer = like.charge_term_id.encode("latin-1").ljust(NUMBER, b"\0")
        marks: dict[int, bytes] = {Tag.TP_UDHI: b"\1"} if Tag.TP_PID in like.tlvs else {Tag.TP_PID: b"\0", Tag.TP_UDHI: b"\1"}
        self._headed = encode_tlvs(marks)
        self._part = self._headed + _TOTAL_OF
        self._tail = like.reserve.ljust(RESERVE, b"\0") + encode_tlvs(like.tlvs)
        self._front = Struct(f">III3s{len(self._fees)}sB34s{NUMBER}s{NUMBER}sB{NUMBER}sB")
        self._size = self._front.size + len(self._tail)

    def encode(
        self, seq: int, total: int, number: int, udhi: int, fmt: int, source: bytes, dest: bytes, content: bytes
    ) -> bytes:
        """Returns one Submit. With a header in the content it has TP_pid and TP_udhi, and for several parts PkTotal and
        PkNumber too.

        raises: BadPdu for a source or recipient beyond 21 octets, or content beyond 255
        """
        size = len(content)
        if len(source) > NUMBER or len(dest) > NUMBER:
            raise BadPdu("SUBMIT", seq, f"source of {len(source)} octets, recipient of {len(dest)}")
        place = b"%b%c%b%c" % (self._part, total, _NUMBER_OF, number) if total > 1 else self._headed if udhi else b""
        try:
            front = self._front.pack(
                self._size + size + len(place),
                Command.SUBMIT,
                seq,
                self._flags,
                self._fees,
                fmt,
                self._times,
                source,
                self._payer,
                1,
                dest,
                size,
            )
        except struct.error as unfit:
            raise BadPdu("SUBMIT", seq, str(unfit)) from None
        return front + content + self._tail + place
