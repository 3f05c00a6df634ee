"""What a reply's octets say: the alphabets and headers of what one channel delivers, the same for every protocol.

Channel options: `alphabet` (gsm, gsm-packed, ascii, latin1, gb18030, utf8) for what the carrier means by its default alphabet,
`utf8_coding` for the number by which it means UTF-8, and `guess_header=yes` where it does not say that a reply begins with one.
"""

from collections.abc import Callable, Mapping

from hongyan.adapters.options import check_values, is_on
from hongyan.model.channel import Channel
from hongyan.model.traffic import ReplyPart
from hongyan.wire.text import (
    DEFAULT,
    GSM,
    Concat,
    charset_of,
    decode,
    decode_gsm,
    fill_bits_after,
    is_ucs2,
    split_user_data,
    unpack_septets,
)

_HEADERS = (b"\x05\x00\x03", b"\x06\x08\x04")
"""How one begins that names the place of a part, with a reference of 8 bits or of 16."""

_SPELT: Mapping[str, Callable[[bytes], str]] = {
    "gsm": decode_gsm,
    "gsm-packed": decode_gsm,
    "ascii": lambda octets: octets.decode("ascii", "replace"),
    "latin1": lambda octets: octets.decode("latin-1"),
    "gbk": lambda octets: octets.decode("gb18030", "replace"),
    "gb18030": lambda octets: octets.decode("gb18030", "replace"),
    "utf8": lambda octets: octets.decode("utf-8", "replace"),
}


def spelt(octets: bytes, alphabet: str, header_octets: int = 0) -> str:
    """Returns a text in one of the alphabets that a peer may mean by its default; header_octets: in front of it"""
    if alphabet == "gsm-packed":
        octets = unpack_septets(octets, fill_bits_after(header_octets))
    return _SPELT[alphabet](octets)


class Reading:
    def __init__(self, channel: Channel, usual: str = "gb18030") -> None:
        """usual: what the protocol's carriers mean by coding 0; ASCII is a part of GB 18030. raises: ValueError"""
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
        """Returns what a delivery brings: a text, or one part of a text.

        octets:     the user data, of which a header may be the beginning
        coding:     as CMPP's Msg_Fmt and SMPP's data_coding number them
        name:       by which the carrier would repeat it; "" where it names none
        has_header: the carrier says so
        is_counted: the carrier counts the parts elsewhere, and so there may be a header
        concat:     which part it is, where parameters say so; they stand above the header
        """
        may_have_header = (is_counted or self._guesses_header) and octets.startswith(_HEADERS)
        by_header, header, content = split_user_data(octets, has_header=has_header or may_have_header)
        body = self._utf16(content, coding, len(header))
        reply = ReplyPart(self._channel_id, phone, dest, body, name, now_ms)
        if concat := concat or by_header:
            reply.reference, reply.part, reply.parts = reference_of(concat), concat.number, concat.total
        return reply

    def _utf16(self, octets: bytes, coding: int, header_octets: int) -> bytes:
        """The octets of one part as UTF-16: a pair that is cut between two parts stays cut, and a byte-order mark stays."""
        if is_ucs2(coding):
            return octets[: len(octets) & ~1]
        return self._text(octets, coding, header_octets).encode("utf-16-be", "replace")

    def _text(self, octets: bytes, coding: int, header_octets: int) -> str:
        if coding == self._utf8_coding:
            return spelt(octets, "utf8", header_octets)
        charset = charset_of(coding)
        if charset not in {DEFAULT, GSM}:
            return decode(octets, coding)
        return spelt(octets, self._default if charset == DEFAULT else self._by_class, header_octets)


def reference_of(concat: Concat) -> int:
    """A reference as parts are kept under it: one of 8 bits is never taken for one of 16, nor for a parameter's."""
    return concat.reference | (concat.bits // 8 - 1) << 16
