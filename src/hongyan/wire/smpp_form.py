"""A submit_sm of which most is filled in beforehand: what a channel sends ten thousand times a second."""

from hongyan.wire.frame import BadPdu
from hongyan.wire.smpp import Command, Sm
from hongyan.wire.smpp_codec import HEAD, c_string

_ADDRESS_MOST = 20
_MESSAGE_MOST = 254


class SubmitForm:
    """Everything that is the same for all segments of a channel: service, address types, priority, validity, report flag."""

    __slots__ = ("_after_class", "_before_dest", "_front", "_times")

    def __init__(self, like: Sm) -> None:
        """raises: ValueError when a value of `like` does not fit its field"""
        self._front = c_string(like.service_type, 6) + bytes((like.source_addr_ton, like.source_addr_npi))
        self._before_dest = bytes((0, like.dest_addr_ton, like.dest_addr_npi))
        self._after_class = (
            bytes((like.protocol_id, like.priority_flag))
            + c_string(like.schedule_delivery_time, 17)
            + c_string(like.validity_period, 17)
            + bytes((like.registered_delivery, like.replace_if_present_flag))
        )
        self._times = bytes((like.sm_default_msg_id,))

    def encode(self, seq: int, esm_class: int, data_coding: int, source: bytes, dest: bytes, content: bytes) -> bytes:
        """One submit_sm to one recipient.

        raises: BadPdu for an address beyond 20 octets or with a NUL in it, or for content beyond 254
        """
        size = len(content)
        if len(source) > _ADDRESS_MOST or len(dest) > _ADDRESS_MOST or size > _MESSAGE_MOST or 0 in source or 0 in dest:
            raise BadPdu("SUBMIT_SM", seq, f"source of {len(source)} octets, recipient of {len(dest)}, content of {size}")
        body = b"%b%b%b%b\0%c%b%c%b%c%b" % (
            self._front, source, self._before_dest, dest, esm_class, self._after_class, data_coding, self._times, size, content,
        )  # fmt: skip
        return HEAD.pack(HEAD.size + len(body), Command.SUBMIT_SM, 0, seq) + body
