"""A submit_sm or data_sm of which most is packed in advance: a channel sends ten thousand of them a second."""

from struct import Struct

from hongyan.wire.frame import BadPdu
from hongyan.wire.smpp.codec import HEAD, c_string
from hongyan.wire.smpp.pdu import HEAD_OCTETS, Command, Sm, Tag

_ADDRESS_MOST = 20
_MESSAGE_MOST = 254
_PAYLOAD_MOST = 0xFFFF
_OCTETS = [bytes((size,)) for size in range(_MESSAGE_MOST + 1)]
_SUBMIT_SM = int(Command.SUBMIT_SM)
_pack = HEAD.pack
_PAYLOAD_HEAD = Struct(">HH")


class SubmitTemplate:
    """Everything that is the same for all segments of a channel: service, address types, priority, validity, report flag."""

    __slots__ = ("_after_class", "_before_dest", "_default", "_front", "_middles")

    def __init__(self, like: Sm) -> None:
        """raises: ValueError if a value of `like` does not fit its field"""
        self._front = c_string(like.service_type, 6) + bytes((like.source_addr_ton, like.source_addr_npi))
        self._before_dest = bytes((0, like.dest_addr_ton, like.dest_addr_npi))
        self._after_class = (
            bytes((like.protocol_id, like.priority_flag))
            + c_string(like.schedule_delivery_time, 17)
            + c_string(like.validity_period, 17)
            + bytes((like.registered_delivery, like.replace_if_present_flag))
        )
        self._default = like.sm_default_msg_id
        self._middles: dict[tuple[int, int], bytes] = {}
        """From the recipient's NUL to sm_length, by class and coding: a handful."""

    def encode(
        self, seq: int, esm_class: int, data_coding: int, source: bytes, dest: bytes, content: bytes, tlvs: bytes = b""
    ) -> bytes:
        """Returns one submit_sm to one recipient. Content beyond 254 octets stands in message_payload.

        raises: BadPdu for an address beyond 20 octets or with a NUL in it, or for content beyond 65,535
        """
        size = len(content)
        _check("SUBMIT_SM", seq, source, dest, size)
        if size > _MESSAGE_MOST:
            content, tlvs, size = b"", _payload(content) + tlvs, 0
        middle = self._middles.get((esm_class, data_coding)) or self._middle(esm_class, data_coding)
        body = b"".join((self._front, source, self._before_dest, dest, middle, _OCTETS[size], content, tlvs))
        return _pack(HEAD_OCTETS + len(body), _SUBMIT_SM, 0, seq) + body

    def _middle(self, esm_class: int, data_coding: int) -> bytes:
        middle = b"\0%c%b%c%c" % (esm_class, self._after_class, data_coding, self._default)
        self._middles[esm_class, data_coding] = middle
        return middle


class DataTemplate:
    """The same for data_sm, which has neither priority nor times, and always has its content in message_payload."""

    __slots__ = ("_before_dest", "_front", "_registered")

    def __init__(self, like: Sm) -> None:
        """raises: ValueError if a value of `like` does not fit its field"""
        self._front = c_string(like.service_type, 6) + bytes((like.source_addr_ton, like.source_addr_npi))
        self._before_dest = bytes((0, like.dest_addr_ton, like.dest_addr_npi))
        self._registered = like.registered_delivery

    def encode(
        self, seq: int, esm_class: int, data_coding: int, source: bytes, dest: bytes, content: bytes, tlvs: bytes = b""
    ) -> bytes:
        """Returns one data_sm to one recipient. raises: BadPdu as `SubmitTemplate` does"""
        _check("DATA_SM", seq, source, dest, len(content))
        body = b"%b%b%b%b\0%c%c%c%b%b" % (
            self._front,
            source,
            self._before_dest,
            dest,
            esm_class,
            self._registered,
            data_coding,
            _payload(content),
            tlvs,
        )
        return HEAD.pack(HEAD.size + len(body), Command.DATA_SM, 0, seq) + body


def _check(name: str, seq: int, source: bytes, dest: bytes, size: int) -> None:
    if len(source) > _ADDRESS_MOST or len(dest) > _ADDRESS_MOST or size > _PAYLOAD_MOST or 0 in source or 0 in dest:
        raise BadPdu(name, seq, f"source of {len(source)} octets, recipient of {len(dest)}, content of {size}")


def _payload(content: bytes) -> bytes:
    return _PAYLOAD_HEAD.pack(Tag.MESSAGE_PAYLOAD, len(content)) + content
