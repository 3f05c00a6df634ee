import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats.sniff import Kind, kind_of

BMP = b"BM" + struct.pack("<IHHI", 70, 0, 0, 54) + struct.pack("<I", 40) + bytes(50)


@pytest.mark.parametrize(("octets", "kind"), [
    (b"\xff\xd8\xff\xe0\0\x10JFIF", Kind.JPG),
    (b"GIF89a\1\0\1\0", Kind.GIF),
    (b"GIF87a\1\0\1\0", Kind.GIF),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind.PNG),
    (BMP, Kind.BMP),
    (b"RIFF\x24\0\0\0WAVEfmt ", Kind.WAV),
    (b"MThd\0\0\0\x06\0\1", Kind.MID),
    (b"#!AMR\n\x3c", Kind.AMR),
    (b"ID3\3\0", Kind.MP3),
    (b"\xff\xfb\x90\x64" + bytes(100), Kind.MP3),
    (b"\0\0\0\x18ftypisom", Kind.MP4),
    (b"\0\0\0\x18ftyp3gp4", Kind.GP3),
    ("您好".encode("gbk"), Kind.TEXT),
    ("您好".encode(), Kind.TEXT),
    (b"", Kind.TEXT),
    (b"<?xml version='1.0'?><a/>", Kind.XML),
    (b"<smil><body/></smil>", Kind.SMIL),
    (b"\xef\xbb\xbf<?xml version='1.0'?>\r\n<!-- a --><SMIL xmlns='x'>", Kind.SMIL),
    (b'<!DOCTYPE smil PUBLIC "-//W3C//DTD SMIL 1.0//EN" "http://x/y.dtd"><smil>', Kind.SMIL),
    (b"<smiley/>", Kind.TEXT),
    (b"a smil <smil>", Kind.TEXT),
    (b"\x7fELF\2\1\1\0", Kind.UNKNOWN),
    (b"PK\3\4\x14\0\0\0", Kind.UNKNOWN),
    (b"MZ\x90\0\3\0\0\0", Kind.UNKNOWN),
    (b"\xff\xff\xff\xff", Kind.UNKNOWN),
    (b"BMW is a car", Kind.TEXT),
])  # fmt: skip
def test_octets_tell_what_they_are(octets, kind):
    assert kind_of(octets) is kind


@given(st.binary(max_size=300))
def test_any_octets_are_something(octets):
    assert kind_of(octets) in Kind


@pytest.mark.parametrize("filler", [b" ", b"<!-- ", b"<!-- --> ", b"<?a?>", b"<!DOCTYPE a>"])
def test_a_text_that_goes_on_and_on_without_a_root_is_looked_at_once(filler):
    assert kind_of(filler * 20_000) in {Kind.TEXT, Kind.XML}
