"""What a reply's octets say: the alphabets and headers of what one channel delivers, the same for every protocol.

Channel options: `alphabet` (gsm, gsm-packed, ascii, latin1, gb18030, utf8) for what the carrier means by its default alphabet,
`utf8_coding` for the number by which it means UTF-8, and `guess_header=yes` where it does not say that a reply begins with one.
"""

from collections.abc import Callable, Mapping

from hongyan.adapters.adapter import is_on, told_well
from hongyan.model.channel import Channel
from hongyan.wire.text import (
    DEFAULT,
    GSM,
    Concat,
    charset_of,
    decode,
    decode_gsm,
    fill_bits_after,
    is_ucs2,
    split_header,
    unpack_septets,
)

_HEADERS = (b"\x05\x00\x03", b"\x06\x08\x04")
"""How one begins that names the place of a part, with a reference of 8 bits or of 16."""

_SPELT: Mapping[str, Callable[[bytes], str]] = {
    "gsm": decode_gsm,
    "gsm-packed": decode_gsm,
    "ascii": lambda octets: octets.decode("ascii", "replace"),
    "latin1": lambda octets: octets.decode("latin-1"),
    "gb18030": lambda octets: octets.decode("gb18030", "replace"),
    "utf8": lambda octets: octets.decode("utf-8", "replace"),
}


class Reading:
    def __init__(self, channel: Channel, usual: str = "gb18030") -> None:
        """usual: what the protocol's carriers mean by coding 0; ASCII is a part of GB 18030. raises: ValueError"""
        told_well(channel)
        told = channel.options.get("alphabet")
        self._default, self._by_class = told or usual, told or "gsm"
        self._utf8_coding = int(channel.options.get("utf8_coding") or -1)
        self._guesses_header = is_on(channel, "guess_header")

    def split(self, octets: bytes, *, is_said: bool, is_counted: bool = False) -> tuple[Concat | None, bytes]:
        """Which part of a text these octets are, and what follows their header.

        is_said: there is a header; is_counted: there are several parts, and so there may be one
        """
        may_be = (is_counted or self._guesses_header) and octets.startswith(_HEADERS)
        return split_header(octets) if is_said or may_be else (None, octets)

    def utf16(self, octets: bytes, coding: int, header_octets: int = 0) -> bytes:
        """The octets of one part as UTF-16: a pair that is cut between two parts stays cut, and a byte-order mark stays.

        coding: as CMPP's Msg_Fmt and SMPP's data_coding number them
        """
        if is_ucs2(coding):
            return octets[: len(octets) & ~1]
        return self._text(octets, coding, header_octets).encode("utf-16-be", "replace")

    def _text(self, octets: bytes, coding: int, header_octets: int) -> str:
        if coding == self._utf8_coding:
            return _SPELT["utf8"](octets)
        charset = charset_of(coding)
        if charset not in {DEFAULT, GSM}:
            return decode(octets, coding)
        alphabet = self._default if charset == DEFAULT else self._by_class
        if alphabet == "gsm-packed":
            octets = unpack_septets(octets, fill_bits_after(header_octets))
        return _SPELT[alphabet](octets)
