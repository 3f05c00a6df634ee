"""How a text that we deliver is encoded: its coding, the octets of each character, and how many fit a part.

A character is never cut: half a surrogate pair, or an escape without the character behind it, would be read as something else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hongyan.wire.text import ASCII, GBK, LATIN1, UCS2, concat_header, encode_gsm, encode_ucs2, fill_bits_after, pack_septets

_HEADER = 6  # octets of a concatenation header
_OCTETS, _SEPTETS = 140, 160
_PART_SEPTETS = 153  # beside a header


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """encode: raises UnicodeEncodeError for a character that it does not have"""

    coding: int
    encode: Callable[[str], bytes]
    whole: int = _OCTETS  # the most octets of a text in one message
    part: int = _OCTETS - _HEADER
    is_packed: bool = False  # whether its septets are packed, eight in seven octets


IN_UCS2 = TextEncoding(UCS2, encode_ucs2)
IN_LATIN1 = TextEncoding(LATIN1, lambda text: text.encode("latin-1"))
IN_GBK = TextEncoding(GBK, lambda text: text.encode("gbk"))
IN_ASCII = TextEncoding(ASCII, lambda text: text.encode("ascii"), _SEPTETS, _PART_SEPTETS)
DEFAULTS = {
    "gsm": TextEncoding(ASCII, encode_gsm, _SEPTETS, _PART_SEPTETS),
    "gsm-packed": TextEncoding(ASCII, encode_gsm, _SEPTETS, _PART_SEPTETS, is_packed=True),
    "ascii": IN_ASCII,
    "latin1": TextEncoding(ASCII, lambda text: text.encode("latin-1")),
    "gbk": TextEncoding(ASCII, lambda text: text.encode("gbk")),
    "utf8": TextEncoding(ASCII, lambda text: text.encode()),
}
"""Coding 0 in each of the alphabets that a peer may have as its default."""


def encoding_for(text: str, encodings: Sequence[TextEncoding]) -> TextEncoding:
    """Returns the first of these that can spell the whole text. UCS-2 can spell every text."""
    for one in encodings:
        try:
            one.encode(text)
        except UnicodeEncodeError:
            continue
        return one
    return IN_UCS2


def encode_parts(text: str, encoding: TextEncoding, reference: int) -> list[bytes]:
    """Returns the parts of a text, each with its header if there are several. reference: of one octet"""
    octets = encoding.encode(text)
    if len(octets) <= encoding.whole:
        return [pack_septets(octets) if encoding.is_packed else octets]
    parts = _cut(text, encoding)
    headers = (concat_header(reference, len(parts), number) for number in range(1, len(parts) + 1))
    fill = fill_bits_after(_HEADER)
    return [
        head + (pack_septets(part, fill) if encoding.is_packed else part) for head, part in zip(headers, parts, strict=True)
    ]


def _cut(text: str, encoding: TextEncoding) -> list[bytes]:
    parts = [bytearray()]
    for char in text:
        octets = encoding.encode(char)
        if len(parts[-1]) + len(octets) > encoding.part:
            parts.append(bytearray())
        parts[-1] += octets
    return [bytes(part) for part in parts]
