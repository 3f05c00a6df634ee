"""A Submit of which most is packed in advance."""

import struct
from dataclasses import replace
from struct import Struct

from hongyan.wire.frame import BadPdu
from hongyan.wire.sgip.codec import HEAD, encode
from hongyan.wire.sgip.pdu import Command, Submit

_NUMBER = 21
_PAYER = 22  # ChargeNumber and UserCount
_FLAGS = 65  # CorpId to TP_pid
_FRONT = Struct(f">II12s{_NUMBER}s{_PAYER}s{_NUMBER}s{_FLAGS}sBBBI")


class SubmitTemplate:
    """Everything that is the same for all segments of a channel, packed once. Each submit has one recipient."""

    __slots__ = ("_flags", "_kind", "_payer", "_tail")

    def __init__(self, like: Submit) -> None:
        """like: has payer, service, fees, priority, report flag and reserve; raises BadPdu if one does not fit."""
        octets = encode(replace(like, sp_number="", user_number=("",), message_content=b""))
        at = HEAD.size + _NUMBER
        self._payer = octets[at : at + _PAYER]
        at += _PAYER + _NUMBER
        self._flags = octets[at : at + _FLAGS]
        self._kind = like.message_type
        self._tail = octets[_FRONT.size :]

    def encode(self, seq: int, udhi: int, coding: int, source: bytes, dest: bytes, content: bytes) -> bytes:
        """Returns one Submit. The length of numbers is checked, since `Struct` would cut a long one and so send to somebody
        else.

        raises: BadPdu for a number beyond 21 octets
        """
        if len(source) > _NUMBER or len(dest) > _NUMBER:
            raise BadPdu("SUBMIT", seq, f"source of {len(source)} octets, recipient of {len(dest)}")
        size = len(content)
        try:
            front = _FRONT.pack(
                _FRONT.size + size + len(self._tail),
                Command.SUBMIT,
                seq.to_bytes(12, "big"),
                source,
                self._payer,
                dest,
                self._flags,
                udhi,
                coding,
                self._kind,
                size,
            )
        except (struct.error, OverflowError) as unfit:
            raise BadPdu("SUBMIT", seq, str(unfit)) from None
        return front + content + self._tail
