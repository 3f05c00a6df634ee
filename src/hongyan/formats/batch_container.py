"""The containers that a batch may come in, inflated piece by piece.

The manual says "Zip" and shows no octets. So the container is recognised by its first octets: a ZIP archive, gzip or zlib.
Raw deflate and plain lines have no such mark.

Reading is given up as soon as the octets are too many for their compressed size, so a bomb is never in memory as a whole.
"""

import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator
from enum import Enum

from hongyan.formats.bad_batch import BadBatch, Step

MOST_RATIO = 250
"""The most octets that a compressed one may stand for, beyond the first million. Lines that differ in their numbers stay below."""

MOST_ENTRIES = 16

_FREE_OCTETS = 1024 * 1024  # these are inflated whatever the ratio
_PIECE_OCTETS = 64 * 1024
_FEED_OCTETS = 16 * 1024  # compressed octets that zlib gets at once; what it leaves over is copied
_LOCAL = struct.Struct("<4sHHHHHIIIHH")  # the head of an entry: APPNOTE.TXT, 4.3.7
_ENTRY, _DIRECTORY = b"PK\x03\x04", b"PK\x01\x02"
_ENCRYPTED, _SIZES_FOLLOW = 1, 8  # bits of its flags


class Container(Enum):
    """The kind of the octets behind the Base64."""

    ZIP = "zip"
    GZIP = "gzip"
    ZLIB = "zlib"
    DEFLATE = "deflate"
    PLAIN = "plain"


def container_of(octets: bytes) -> Container | None:
    """Returns the container by its first octets; None for raw deflate and for plain lines, which have no such mark."""
    if octets.startswith(_ENTRY):
        return Container.ZIP
    if octets.startswith(b"\x1f\x8b"):
        return Container.GZIP
    if octets[:1] == b"\x78" and octets[1:2] in {b"\x01", b"\x5e", b"\x9c", b"\xda"}:
        return Container.ZLIB
    return None


def inflate(container: Container, octets: bytes) -> Iterator[bytes]:
    """Yields what the container holds, in pieces of up to 64 KiB. raises: BadBatch: INFLATE, SIZE"""
    match container:
        case Container.ZIP:
            return _entries(octets)
        case Container.GZIP:
            return _stream(octets, zlib.MAX_WBITS | 16)
        case Container.ZLIB:
            return _stream(octets, zlib.MAX_WBITS)
        case Container.DEFLATE:
            return _stream(octets, -zlib.MAX_WBITS)
        case Container.PLAIN:
            return _pieces(octets)


def _pieces(octets: bytes) -> Iterator[bytes]:
    return (octets[start : start + _PIECE_OCTETS] for start in range(0, len(octets), _PIECE_OCTETS))


_Content = Generator[bytes, None, tuple[int, int]]
"""Yields the content piece by piece; returns how many of the given octets it took, and the checksum of the content."""


def _stream(octets: bytes | memoryview, window_bits: int) -> _Content:
    """Inflate one stream; what follows it is ignored."""
    reader = zlib.decompressobj(window_bits)
    given = memoryview(octets)
    inflated = checksum = 0
    for start in range(0, len(given), _FEED_OCTETS):
        feed = left = given[start : start + _FEED_OCTETS]
        while left and not reader.eof:  # at the end of the stream, `left` may still hold what follows it
            piece = _inflate_piece(reader, left)
            inflated += len(piece)
            if inflated > max(_FREE_OCTETS, (start + _FEED_OCTETS) * MOST_RATIO):
                raise BadBatch(Step.SIZE)
            checksum = zlib.crc32(piece, checksum)
            yield piece
            left = memoryview(reader.unconsumed_tail)
        if reader.eof:
            return start + len(feed) - len(reader.unused_data), checksum
    raise BadBatch(Step.INFLATE)  # it was cut off


def _inflate_piece(reader: "zlib._Decompress", octets: memoryview) -> bytes:
    try:
        return reader.decompress(octets, _PIECE_OCTETS)
    except zlib.error as fault:
        raise BadBatch(Step.INFLATE) from fault


def _entries(octets: bytes) -> Iterator[bytes]:
    """Yields the contents of a ZIP archive's entries, with a line break between them.

    The entries are read one behind the other, whatever their names. The directory behind them can claim anything and is not
    read. But its beginning must be there: it shows that no entry is lost.
    """
    place = 0
    for _ in range(MOST_ENTRIES):
        place = yield from _entry(octets, place)
        if octets.startswith(_DIRECTORY, place):
            return
        yield b"\n"
    raise BadBatch(Step.SIZE)


def _entry(octets: bytes, place: int) -> Generator[bytes, None, int]:
    """Yields the content of the entry at this place; returns where the entry ends."""
    try:
        head: tuple[bytes, int, int, int, int, int, int, int, int, int, int] = _LOCAL.unpack_from(octets, place)
    except struct.error as fault:
        raise BadBatch(Step.INFLATE) from fault
    mark, _, flags, method, _, _, checksum, size, _, name, extra = head
    if mark != _ENTRY or flags & _ENCRYPTED:
        raise BadBatch(Step.INFLATE)
    start = place + _LOCAL.size + name + extra
    sizes_follow = flags & _SIZES_FOLLOW
    if method == zipfile.ZIP_DEFLATED:
        length, found = yield from _stream(memoryview(octets)[start:], -zlib.MAX_WBITS)
    elif method == zipfile.ZIP_STORED and not sizes_follow:
        length, found = yield from _stored(octets[start : start + size])
    else:
        raise BadBatch(Step.INFLATE)
    end = start + length
    if sizes_follow:
        checksum, end = _descriptor(octets, end)
    if found != checksum:
        raise BadBatch(Step.INFLATE)
    return end


def _stored(octets: bytes) -> _Content:
    yield from _pieces(octets)
    return len(octets), zlib.crc32(octets)


def _descriptor(octets: bytes, place: int) -> tuple[int, int]:
    """Returns checksum and end of the data descriptor, which follows an entry whose sizes were not known before it.

    It may begin with a mark of its own, and its two sizes have 4 octets each or 8: APPNOTE.TXT, 4.3.9.
    """
    place += 4 if octets.startswith(b"PK\x07\x08", place) else 0
    checksum = int.from_bytes(octets[place : place + 4], "little")
    is_short = octets.startswith((_ENTRY, _DIRECTORY), place + 12)
    return checksum, place + (12 if is_short else 20)
