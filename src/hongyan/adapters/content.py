"""The text in a submit: the alphabets and headers of one channel.

Channel options, the same for every protocol with submits of its own: `encoding` (ucs2, gsm, gsm-packed, ascii, latin1, gbk) for
texts that it can spell, `ascii=yes` for short texts that read the same in every alphabet, `long` (udh8, udh16; sar and payload
in SMPP), `carrier_signature` and `carrier_signature_on` for what the carrier adds. How a text is cut is decided when it is
claimed (`policy/cutting`).
"""

from codecs import utf_16_be_encode  # what the codec of that name calls, without looking the name up each time
from collections.abc import Callable, Mapping
from enum import StrEnum

from hongyan.adapters.options import WrongOption, is_on
from hongyan.model.binary import Binary
from hongyan.model.channel import STAMP_MOST, Alphabet, Channel, LongText, StampOn
from hongyan.model.traffic import OutSegment
from hongyan.wire.text import (
    ASCII,
    BINARY,
    GBK,
    UCS2,
    concat_header,
    concat_header_16,
    encode_gsm,
    fill_bits_after,
    is_safe_ascii,
    pack_septets,
)

_UCS2 = Alphabet.UCS2
_SPELT: Mapping[Alphabet, Callable[[str], bytes]] = {
    Alphabet.UCS2: lambda text: text.encode("utf-16-be"),
    Alphabet.GSM: encode_gsm,
    Alphabet.GSM_PACKED: encode_gsm,
    Alphabet.ASCII: lambda text: text.encode("ascii"),
    Alphabet.LATIN1: lambda text: text.encode("latin-1"),
    Alphabet.GBK: lambda text: text.encode("gbk"),
}
_UDH = frozenset({LongText.UDH8, LongText.UDH16})
CLASS_0 = 0x10  # bits 7 to 4 of a coding group: uncompressed, with a class, in bits 1 and 0
CHINESE_CODINGS = {Alphabet.UCS2: UCS2, Alphabet.ASCII: ASCII, Alphabet.GSM: ASCII, Alphabet.GBK: GBK}
"""How the three Chinese protocols number an alphabet; they have no packed septets and no Latin-1."""

Encoded = tuple[int, bool, bytes]
"""Coding, whether a header stands in front, octets."""


class ContentEncoder:
    """Encodes the texts of one channel. raises: WrongOption for one that the protocol does not have"""

    def __init__(self, channel: Channel, codings: Mapping[Alphabet, int], long_texts: frozenset[LongText] = _UDH) -> None:
        """codings: the protocol's numbers of alphabets; it cannot carry the missing ones"""
        self._codings = codings
        self._may_ascii = is_on(channel, "ascii")
        option = channel.options.get
        _check("encoding", option("encoding"), codings)
        _check("long", option("long"), long_texts)
        _check("carrier_signature_on", option("carrier_signature_on"), StampOn)
        if option("carrier_signature") and channel.stamp is None:
            raise WrongOption(
                "{option} is a number of characters from 1 to {most}, not {value}",
                option="carrier_signature",
                most=STAMP_MOST,
                value=option("carrier_signature"),
            )
        self.long_text = channel.word("long", LongText.UDH8)

    def of(self, segment: OutSegment) -> Encoded:
        """Encode a segment. raises: UnicodeEncodeError if a text is not in its alphabet"""
        if segment.binary is not None:
            return self._binary(segment, segment.binary)
        if segment.is_flash:
            return self._flash(segment)
        return self._text(segment)

    def _flash(self, segment: OutSegment) -> Encoded:
        """Encode it with message class 0 in its coding: 0x10 and 0x18 (3GPP TS 23.038, 4). The octets are those of the plain
        coding.
        """
        coding, has_header, octets = self._text(segment)
        return coding | CLASS_0, has_header, octets

    def _text(self, segment: OutSegment) -> Encoded:
        text, alphabet = segment.text, segment.alphabet
        header = self._header(segment) if segment.parts > 1 and self.long_text in _UDH else b""
        if alphabet is _UCS2:
            if self._may_ascii and segment.parts == 1 and is_safe_ascii(text):
                return ASCII, False, text.encode("ascii")
            return UCS2, bool(header), header + utf_16_be_encode(text)[0]
        octets = _SPELT[alphabet](text)
        if alphabet is Alphabet.GSM_PACKED:
            octets = pack_septets(octets, fill_bits_after(len(header)))
        return self._codings[alphabet], bool(header), header + octets

    def _binary(self, segment: OutSegment, binary: Binary) -> Encoded:
        """Encode a binary message. If there are several parts, the element that names the part comes before the message's own
        elements.
        """
        header = binary.header
        if segment.parts > 1 and self.long_text in _UDH:
            elements = self._header(segment)[1:] + header[1:]
            header = bytes((len(elements),)) + elements
        return BINARY, bool(header), header + binary.octets

    def _header(self, segment: OutSegment) -> bytes:
        if self.long_text is LongText.UDH16:
            return concat_header_16(segment.wide_reference, segment.parts, segment.part)
        return concat_header(segment.reference, segment.parts, segment.part)


def _check(name: str, word: str | None, known: Mapping[Alphabet, int] | frozenset[LongText] | type[StrEnum]) -> None:
    words = [str(word) for word in known]
    if word and word not in words:
        raise WrongOption("{option} is one of {words}, not {value}", option=name, words=", ".join(sorted(words)), value=word)
