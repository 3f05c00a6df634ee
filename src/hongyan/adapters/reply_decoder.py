"""Decodes replies: the alphabets and headers of the deliveries of one channel, in the same way for every protocol.

Channel options: `alphabet` (gsm, gsm-packed, ascii, latin1, gb18030, utf8) for the carrier's default alphabet, `utf8_coding`
for its number of UTF-8, and `guess_header=yes` if it does not say that a reply begins with a header.
"""

from collections.abc import Callable, Mapping

from hongyan.adapters.options import check_values, is_on
from hongyan.model.channel import Channel
from hongyan.model.traffic import UTF16, ReplyPart
from hongyan.wire.text import (
    DEFAULT,
    GSM,
    Concat,
    charset_of,
    decode_gsm,
    fill_bits_after,
    split_user_data,
    unpack_septets,
)

_HEADERS = (b"\x05\x00\x03", b"\x06\x08\x04")
"""Beginnings of headers that name a part, with a reference of 8 bits or of 16."""

_CODECS: Mapping[str, str] = {"latin1": "latin-1", "gbk": "gb18030", "utf8": "utf-8"}
"""Alphabets that have another name in Python."""

_DECODERS: Mapping[str, Callable[[bytes], str]] = {
    "gsm": decode_gsm,
    "gsm-packed": decode_gsm,
    "ascii": lambda octets: octets.decode("ascii", "replace"),
    "latin1": lambda octets: octets.decode("latin-1"),
    "gbk": lambda octets: octets.decode("gb18030", "replace"),
    "gb18030": lambda octets: octets.decode("gb18030", "replace"),
    "utf8": lambda octets: octets.decode("utf-8", "replace"),
}


def decode_text(octets: bytes, alphabet: str, header_octets: int = 0) -> str:
    """Returns a text in one of the alphabets that a peer may have as its default. header_octets: length of the header in front
    of it
    """
    if alphabet == "gsm-packed":
        octets = unpack_septets(octets, fill_bits_after(header_octets))
    return _DECODERS[alphabet](octets)


class ReplyDecoder:
    def __init__(self, channel: Channel, usual: str = "gb18030") -> None:
        """usual: the protocol's usual meaning of coding 0; ASCII is a part of GB 18030. raises: ValueError"""
        check_values(channel)
        alphabet = channel.options.get("alphabet")
        self._default, self._by_class = alphabet or usual, alphabet or "gsm"
        self._channel_id = channel.id
        self._utf8_coding = int(channel.options.get("utf8_coding") or -1)
        self._guesses_header = is_on(channel, "guess_header")

    def reply(
        self,
        phone: int,
        dest: str,
        octets: bytes,
        coding: int,
        name: str,
        now_ms: int,
        *,
        has_header: bool,
        is_counted: bool = False,
        concat: Concat | None = None,
    ) -> ReplyPart:
        """Returns the content of a delivery: a text, or one part of a text.

        octets:     the user data, which may begin with a header
        coding:     as CMPP's Msg_Fmt and SMPP's data_coding number them
        name:       by which the carrier would repeat it; "" if it has none
        has_header: the carrier says that there is a header
        is_counted: the carrier counts the parts elsewhere, so there may be a header
        concat:     the part, if parameters name it; they go before the header
        """
        may_have_header = (is_counted or self._guesses_header) and octets.startswith(_HEADERS)
        by_header, header, content = split_user_data(octets, has_header=has_header or may_have_header)
        charset, body = self._body(content, coding, len(header))
        reply = ReplyPart(self._channel_id, phone, dest, body, name, now_ms, charset=charset)
        if concat := concat or by_header:
            reply.reference, reply.part, reply.parts = reference_of(concat), concat.number, concat.total
        return reply

    def _body(self, octets: bytes, coding: int, header_octets: int) -> tuple[str, bytes]:
        """Returns the charset of one part and its octets; they stay encoded if a character may be cut between two parts.

        In the GSM alphabet none is cut: an escape and the character behind it stay together (3GPP TS 23.040, 9.2.3.24.1).
        """
        charset = "utf8" if coding == self._utf8_coding else charset_of(coding)
        alphabet = {DEFAULT: self._default, GSM: self._by_class}.get(charset, charset)
        match alphabet:
            case "utf-16":
                return UTF16, octets[: len(octets) & ~1]
            case "gsm" | "gsm-packed":
                return UTF16, decode_text(octets, alphabet, header_octets).encode(UTF16)
            case "octets":
                return UTF16, octets.hex().upper().encode(UTF16)
            case _:
                return _CODECS.get(alphabet, alphabet), octets


def reference_of(concat: Concat) -> int:
    """Returns the reference under which parts are kept. References of 8 bits, of 16 bits and of parameters never equal each
    other.
    """
    return concat.reference | (concat.bits // 8 - 1) << 16
