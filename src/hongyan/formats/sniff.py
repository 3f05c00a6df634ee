"""The kind of a part of an MMS, by its octets. Names and declared types may be wrong, and handsets look at the octets.

source: wire contract, 2.8 (the kinds); the magic numbers of each format's own specification
"""

import re
from enum import Enum

from hongyan.formats.encoding import read_text


class Kind(Enum):
    """The kinds of elements, with their media types."""

    UNKNOWN = "application/octet-stream"
    JPG = "image/jpeg"
    GIF = "image/gif"
    PNG = "image/png"
    BMP = "image/bmp"
    SMIL = "application/smil"
    WAV = "audio/x-wav"
    MID = "audio/midi"
    AMR = "audio/amr"
    MP3 = "audio/mpeg"
    TEXT = "text/plain"
    XML = "text/xml"
    MP4 = "video/mp4"
    GP3 = "video/3gpp"  # the form of MP4 that handsets record

    @property
    def is_text(self) -> bool:
        return self in _TEXTS


_TEXTS = frozenset({Kind.SMIL, Kind.TEXT, Kind.XML})

_MAGIC = (
    (b"\xff\xd8\xff", Kind.JPG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"MThd\0\0\0\x06", Kind.MID),
    (b"#!AMR\n", Kind.AMR),
    (b"#!AMR-WB\n", Kind.AMR),
    (b"ID3", Kind.MP3),
)
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})  # lengths of the header that says how the picture is stored

_LOOK = 4096  # the root element of a text must begin within so many octets
_ROOT = re.compile(r"(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*>)*+<([A-Za-z_][^\s/>]*)", re.DOTALL)
_NOT_IN_TEXT = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f]")


def kind_of(data: bytes) -> Kind:
    """Returns the kind of these octets; UNKNOWN if an MMS may not contain them."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[4:8] == b"ftyp":
        return Kind.GP3 if data[8:10] == b"3g" else Kind.MP4
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return Kind.WAV
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return Kind.BMP
    return Kind.MP3 if _is_mp3_frame(data) else _kind_of_text(data)


def _is_mp3_frame(data: bytes) -> bool:
    """Returns whether this is the header of an MPEG audio frame: eleven bits of synchronisation, and no reserved value behind
    them.
    """
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return False
    version, layer = data[1] >> 3 & 3, data[1] >> 1 & 3
    bit_rate, sample_rate = data[2] >> 4, data[2] >> 2 & 3
    return version != 1 and layer != 0 and bit_rate != 15 and sample_rate != 3


def _kind_of_text(data: bytes) -> Kind:
    try:
        text = read_text(data)
    except UnicodeDecodeError:
        return Kind.UNKNOWN
    if _NOT_IN_TEXT.search(text):
        return Kind.UNKNOWN
    root = _ROOT.match(text[:_LOOK])
    if root and root[1].rpartition(":")[2].lower() == "smil":
        return Kind.SMIL
    return Kind.XML if text.lstrip().startswith("<?xml") else Kind.TEXT
