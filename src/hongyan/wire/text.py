"""Text as carriers write it: alphabets, user data headers. Whatever a peer sends decodes to something.

Formats are numbered as in CMPP's Msg_Fmt and SMPP's data_coding: 0 default alphabet or ASCII, 8 UCS-2, 15 GBK, 4 octets that
are no text. Reading never raises; what cannot be read becomes U+FFFD.
"""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, charmap_encode
from dataclasses import dataclass

ASCII, LATIN1, BINARY, UCS2, GBK = 0, 3, 4, 8, 15
DEFAULT, GSM, OCTETS, UTF16 = "default", "gsm", "octets", "utf-16"
"""Charsets that are no codecs: the carrier's default alphabet; the GSM alphabet, named by the coding; no text; UTF-16 of either
order.
"""

_CHARSETS = {
    ASCII: DEFAULT, 1: "ascii", 2: OCTETS, LATIN1: "latin-1", BINARY: OCTETS, 5: "iso2022_jp", 6: "iso8859_5", 7: "iso8859_8",
    UCS2: UTF16, 14: "euc_kr", GBK: "gb18030",
}  # fmt: skip
_BY_BITS = (GSM, OCTETS, UTF16, GSM)
_CLASS_0 = frozenset({0x10, 0x14, 0x18, 0xF0, 0xF4})

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENDED = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€"}
_TO_GSM = {ord(char): bytes([code]) for code, char in enumerate(_BASIC) if code != _ESCAPE} | {
    ord(char): bytes([_ESCAPE, code]) for code, char in _EXTENDED.items()
}
_SAFE_ASCII = frozenset(chr(code) for code in range(0x20, 0x7F)) - frozenset("@$_[]{}^~|\\`") | frozenset("\n\r")

_SAFE_OCTETS = "".join(sorted(_SAFE_ASCII)).encode()


def encode_gsm(text: str) -> bytes:
    """Returns one octet for each septet, unpacked, as SMPP carries it; an extension character is two.

    raises: UnicodeEncodeError for a character that is not in the alphabet
    source: 3GPP TS 23.038, 6.2.1
    """
    return charmap_encode(text, "strict", _TO_GSM)[0]


def decode_gsm(octets: bytes) -> str:
    """Decodes unpacked septets. Octets above 0x7F become U+FFFD; an unknown extension is read as the basic character."""
    if not octets.translate(None, _SAFE_OCTETS):
        return octets.decode("ascii")
    chars: list[str] = []
    extended = False
    for code in octets:
        if code == _ESCAPE and not extended:
            extended = True
            continue
        basic = _BASIC[code] if code < len(_BASIC) else "\ufffd"
        chars.append(_EXTENDED.get(code, basic) if extended else basic)
        extended = False
    return "".join(chars)


def pack_septets(octets: bytes, fill_bits: int = 0) -> bytes:
    """Packs eight septets in seven octets, behind so many zero bits that align them after a header.

    Seven bits left over would read as an @, so they hold a carriage return.
    source: 3GPP TS 23.038, 6.1.2.1 and 6.1.2.3.1
    """
    if (7 * len(octets) + fill_bits) % 8 == 1:
        octets += b"\r"
    bits = 0
    for at, septet in enumerate(octets):
        bits |= septet << (7 * at)
    return (bits << fill_bits).to_bytes((7 * len(octets) + fill_bits + 7) // 8, "little")


def unpack_septets(octets: bytes, fill_bits: int = 0) -> bytes:
    """Returns one octet for each septet. A carriage return, or seven zero bits, at the end of the last octet is filling.

    Seven octets are read at a time: to shift all of a long text for each septet takes time that grows with its square.
    """
    aligned = (int.from_bytes(octets, "little") >> fill_bits).to_bytes(len(octets), "little")
    groups = (int.from_bytes(aligned[at : at + 7], "little") for at in range(0, len(aligned), 7))
    count = max(0, (8 * len(octets) - fill_bits) // 7)
    septets = bytes(bits >> shift & 0x7F for bits in groups for shift in range(0, 56, 7))[:count]
    return septets[:-1] if (8 * len(octets) - fill_bits) % 7 == 0 and septets.endswith((b"\0", b"\r")) else septets


def fill_bits_after(header_octets: int) -> int:
    """Returns the bits between a header and the septets behind it, which begin at the next multiple of seven."""
    return -8 * header_octets % 7


def encode_ucs2(text: str) -> bytes:
    """Returns UTF-16, big-endian, without a byte-order mark. Half a surrogate pair passes as it is."""
    return text.encode("utf-16-be", "surrogatepass")


def decode_ucs2(octets: bytes) -> str:
    """Reads UTF-16, big-endian unless it begins with FF FE. A byte-order mark is dropped."""
    if octets.startswith(BOM_UTF16_LE):
        return octets.removeprefix(BOM_UTF16_LE).decode("utf-16-le", "replace")
    return octets.removeprefix(BOM_UTF16_BE).decode("utf-16-be", "replace")


def charset_of(coding: int) -> str:
    """Returns the charset of a coding: a codec's name, or DEFAULT, GSM, OCTETS or UTF16.

    coding: 0 to 15 as SMPP and CMPP number them, Latin-1 where they leave it open; from 16 on a data coding scheme of GSM
    source: SMPP 3.4, 5.2.19; CMPP 2.0, Msg_Fmt; 3GPP TS 23.038, 4
    """
    group = coding >> 4
    if group == 0:
        return _CHARSETS.get(coding, "latin-1")
    if group < 8:  # general, and marked for deletion; bit 5 says that it is packed by a method that we do not know
        return OCTETS if coding & 0x20 else _BY_BITS[coding >> 2 & 3]
    if group == 0xF:  # with a class
        return OCTETS if coding & 4 else GSM
    return UTF16 if group == 0xE else GSM  # a message waits; groups 8 to B are reserved, which means the default


def decode(octets: bytes, coding: int) -> str:
    """Decodes a whole text. Its parts have to be joined before, since peers cut surrogate pairs in half.

    coding: 0 is read as ASCII; octets that are no text become their hexadecimal digits
    """
    match charset_of(coding):
        case "utf-16":
            return decode_ucs2(octets)
        case "default":
            return octets.decode("ascii", "replace")
        case "gsm":
            return decode_gsm(octets)
        case "octets":
            return octets.hex().upper()
        case codec:
            return octets.decode(codec, "replace")


def is_class_0(coding: int) -> bool:
    """Returns whether a text of this coding is shown at once and not kept: a flash message (3GPP TS 23.038, 4)."""
    return coding in _CLASS_0


def is_safe_ascii(text: str) -> bool:
    """Returns whether it reads the same as ASCII, as Latin-1 and in the GSM alphabet, whichever a carrier takes format 0 for."""
    return text.isascii() and _SAFE_ASCII.issuperset(text)


# --- user data header --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Concat:
    """A part of a long message: the reference, the total of parts, and the number of this one from 1."""

    reference: int
    total: int
    number: int
    bits: int = 8  # bits of the reference: parts with references of different width are never of one message


_CONCAT_8, _CONCAT_16 = _PLACES = 0x00, 0x08


def concat_header(reference: int, total: int, number: int) -> bytes:
    """Returns the six octets 05 00 03 rr tt nn that precede one part of a long message; each value is one octet.

    source: 3GPP TS 23.040, 9.2.3.24.1
    """
    return bytes((5, _CONCAT_8, 3, reference, total, number))


def concat_header_16(reference: int, total: int, number: int) -> bytes:
    """Returns the seven octets 06 08 04 rr rr tt nn: the same with a reference of 16 bits (9.2.3.24.8)."""
    return bytes((6, _CONCAT_16, 4, reference >> 8, reference & 0xFF, total, number))


def split_header(octets: bytes) -> tuple[Concat | None, bytes]:
    """Reads user data that begins with a header; returns the part that it names, and what follows the header.

    A header is taken for content if it is longer than the content, its elements do not fit, or its part number is 0 or beyond
    the total. A header with other elements only (ports) has no Concat and is removed. A length that is one too large, since it
    counts its own octet, is corrected if the elements name a part.
    """
    if not octets or octets[0] > len(octets):
        return None, octets
    end = min(octets[0] + 1, len(octets))
    concat, at = None, 1
    while at + 2 <= end:
        start, stop = at + 2, at + 2 + octets[at + 1]
        if stop > end:
            return None, octets
        concat = _read_element(octets[at], octets[start:stop]) or concat
        at = stop
    counts_itself = concat is not None and at == octets[0]
    if (at != octets[0] + 1 and not counts_itself) or (concat and not 1 <= concat.number <= concat.total):
        return None, octets
    return concat, octets[at:]


def other_elements(header: bytes) -> bytes:
    """Returns a header of `split_user_data` without the elements that name a part; b"" if it has no others."""
    kept, at = b"", 1
    while at + 2 <= len(header):
        end = at + 2 + header[at + 1]
        if header[at] not in _PLACES:
            kept += header[at:end]
        at = end
    return bytes((len(kept),)) + kept if kept else b""


def split_user_data(octets: bytes, *, has_header: bool) -> tuple[Concat | None, bytes, bytes]:
    """Returns the part that user data names, its header, and what follows that. has_header: whether it begins with one"""
    if not has_header:
        return None, b"", octets
    concat, content = split_header(octets)
    return concat, octets[: len(octets) - len(content)], content


def _read_element(name: int, value: bytes) -> Concat | None:
    if name == _CONCAT_8 and len(value) == 3:
        return Concat(*value)
    if name == _CONCAT_16 and len(value) == 4:
        return Concat(value[0] << 8 | value[1], value[2], value[3], 16)
    return None
