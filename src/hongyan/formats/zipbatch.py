r"""The batch of BatchSms.ashx: `mobile,text` lines, compressed, in Base64.

The manual says "Zip" and shows no octets, so the container is recognised by its first octets: a ZIP archive, whose entries are
read one after the other whatever their names, gzip, zlib, raw deflate, and else the plain lines. A line ends where a number and
a comma follow a line break, with blanks round the number or without; other line breaks belong to the text. `\\r` and `\\n` written
out in a text are line breaks too, and in a batch without real ones they separate lines, as in the manual's own example.

Everything is inflated and cut piece by piece, and given up as soon as it is too large, so a bomb is never in memory as a whole.
If it is longer than a piece, its lines are counted before any of them is kept, so too many are never in memory either.

source: wire contract, 2.7; manual 001, 1.6
"""

import io
import re
import struct
import zipfile
import zlib
from base64 import b64encode
from codecs import BOM_UTF8, IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable, Generator, Iterable, Iterator
from enum import Enum
from functools import partial
from typing import NamedTuple

from hongyan.formats.form import UTF8
from hongyan.formats.octets64 import BadBase64, read_base64

MOST_INFLATED = 16 * 1024 * 1024
"""The most octets of lines: 50,000 texts of a hundred Chinese characters."""

MOST_RATIO = 250
"""The most octets that a compressed one may stand for, beyond the first million. Lines that differ in their numbers stay below.
"""

MOST_ENTRIES = 16

_FREE = 1024 * 1024
_BATCH = 64 * 1024
_FEED_OCTETS = 16 * 1024  # compressed octets that zlib gets at once; what it leaves over is copied
_LOCAL = struct.Struct("<4sHHHHHIIIHH")  # the head of an entry: APPNOTE.TXT, 4.3.7
_ENTRY, _DIRECTORY = b"PK\x03\x04", b"PK\x01\x02"
_ENCRYPTED, _SIZES_FOLLOW = 1, 8  # bits of its flags

_NUMBER = r"[ \t]{0,4}(\+?[0-9]{1,20})[ \t]{0,4},"
_AHEAD = 40  # characters, or octets, behind a line break that decide whether it ends a line
_MOST_BREAKS = 1_000  # in one text, which holds 670 characters: more breaks without a number are no batch
_BREAK = re.compile("\n\ufeff?" + _NUMBER)  # a mark stands before the lines of each entry that .NET writes
_SEPARATOR = re.compile(b"\n(?:" + BOM_UTF8 + b")?" + _NUMBER.encode())
_WRITTEN_BREAK = re.compile(r"\\r\\n" + _NUMBER)


class Container(Enum):
    """The kind of the octets behind the Base64."""

    ZIP = "zip"
    GZIP = "gzip"
    ZLIB = "zlib"
    DEFLATE = "deflate"
    PLAIN = "plain"


class Step(Enum):
    """The steps at which reading a batch can fail, in order."""

    BASE64 = "Base64"
    INFLATE = "inflate"
    SIZE = "size"  # a bomb, or too much for one request
    NUMBERS = "numbers"  # more than are wanted
    CHARSET = "charset"  # the lines are not in it


class BadBatch(ValueError):
    """Not a batch. `step` says where reading failed."""

    def __init__(self, step: Step) -> None:
        super().__init__(step.value)
        self.step = step


class Batch(NamedTuple):
    """Numbers as they are written, and a text for each."""

    numbers: list[str]
    texts: list[str]


def unpack(content: str, most: int, charset: str = UTF8) -> Batch:
    """Read the value of `content`.

    most:    the most numbers
    charset: of the lines, a Python codec
    raises:  BadBatch
    """
    return read_container(read_octets(content), most, charset)[1]


def read_octets(content: str) -> bytes:
    """raises: BadBatch: BASE64"""
    try:
        return read_base64(content)
    except BadBase64 as fault:
        raise BadBatch(Step.BASE64) from fault


def read_container(octets: bytes, most: int, charset: str = UTF8) -> tuple[Container, Batch]:
    """Returns the kind of the octets, and their lines. raises: BadBatch: INFLATE, SIZE, NUMBERS, CHARSET"""
    container = _container_of(octets)
    if container is not None:
        return container, _batch(partial(_INFLATERS[container], octets), most, charset)
    try:
        return Container.DEFLATE, _batch(partial(_deflated, octets), most, charset)
    except BadBatch as fault:  # the first octets of plain lines can look like a stream
        if fault.step in {Step.SIZE, Step.NUMBERS}:
            raise
    return Container.PLAIN, _batch(partial(_batches, octets), most, charset)


def pack(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Returns a ZIP archive of the lines; line breaks inside a text are written out. Base64 of it is the value of `content`."""
    made = io.BytesIO()
    entry = zipfile.ZipInfo("content.txt")
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(entry, write_lines(pairs))
    return made.getvalue()


def write_lines(pairs: Iterable[tuple[str, str]]) -> bytes:
    lines = [f"{number},{text}".replace("\r", "\\r").replace("\n", "\\n") for number, text in pairs]
    return "\r\n".join(lines).encode("utf-8", "replace")


def write_content(container: bytes) -> str:
    return b64encode(container).decode("ascii")


def _container_of(octets: bytes) -> Container | None:
    """Returns the container by its first octets; None for raw deflate and for plain lines, which have no such mark."""
    if octets.startswith(_ENTRY):
        return Container.ZIP
    if octets.startswith(b"\x1f\x8b"):
        return Container.GZIP
    if octets[:1] == b"\x78" and octets[1:2] in {b"\x01", b"\x5e", b"\x9c", b"\xda"}:
        return Container.ZLIB
    return None


# --- inflating


_Pieces = Generator[bytes, None, tuple[int, int]]
"""What was stored, piece by piece; returns where it ended and its checksum."""


def _stream(octets: bytes | memoryview, window_bits: int) -> _Pieces:
    """Inflate one stream; what follows it is ignored."""
    reader = zlib.decompressobj(window_bits)
    meals = memoryview(octets)
    given = checksum = 0
    for start in range(0, len(meals), _FEED_OCTETS):
        meal = left = meals[start : start + _FEED_OCTETS]
        while left and not reader.eof:  # at the end of the stream the tail may still hold what follows
            batch = _inflated(reader, left)
            given += len(batch)
            if given > max(_FREE, (start + _FEED_OCTETS) * MOST_RATIO):
                raise BadBatch(Step.SIZE)
            checksum = zlib.crc32(batch, checksum)
            yield batch
            left = memoryview(reader.unconsumed_tail)
        if reader.eof:
            return start + len(meal) - len(reader.unused_data), checksum
    raise BadBatch(Step.INFLATE)  # it was cut off


def _inflated(reader: "zlib._Decompress", octets: memoryview) -> bytes:
    try:
        return reader.decompress(octets, _BATCH)
    except zlib.error as fault:
        raise BadBatch(Step.INFLATE) from fault


def _gzipped(octets: bytes) -> Iterator[bytes]:
    return _stream(octets, zlib.MAX_WBITS | 16)


def _zlibbed(octets: bytes) -> Iterator[bytes]:
    return _stream(octets, zlib.MAX_WBITS)


def _deflated(octets: bytes) -> Iterator[bytes]:
    return _stream(octets, -zlib.MAX_WBITS)


def _zipped(octets: bytes) -> Iterator[bytes]:
    """Yields the entries of an archive, with a line break between them.

    They are read as they stand, one behind the other. The directory at the end, which can claim anything, is ignored, but its
    beginning
    must be there: it shows that no entry is lost.
    """
    place = 0
    for _ in range(MOST_ENTRIES):
        place = yield from _entry(octets, place)
        if octets.startswith(_DIRECTORY, place):
            return
        yield b"\n"
    raise BadBatch(Step.SIZE)


def _entry(octets: bytes, place: int) -> Generator[bytes, None, int]:
    """Yields the contents of an entry; returns where it ends."""
    try:
        head: tuple[bytes, int, int, int, int, int, int, int, int, int, int] = _LOCAL.unpack_from(octets, place)
    except struct.error as fault:
        raise BadBatch(Step.INFLATE) from fault
    mark, _, flags, method, _, _, checksum, size, _, name, extra = head
    start = place + _LOCAL.size + name + extra
    if mark != _ENTRY or flags & _ENCRYPTED:
        raise BadBatch(Step.INFLATE)
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


def _stored(octets: bytes) -> _Pieces:
    yield from _batches(octets)
    return len(octets), zlib.crc32(octets)


def _descriptor(octets: bytes, place: int) -> tuple[int, int]:
    """Returns checksum and end of the descriptor behind an entry that was written as a stream: with or without a mark, sizes
    short or long.
    """
    place += 4 if octets.startswith(b"PK\x07\x08", place) else 0
    checksum = int.from_bytes(octets[place : place + 4], "little")
    is_short = octets.startswith((_ENTRY, _DIRECTORY), place + 12)
    return checksum, place + (12 if is_short else 20)


def _batches(octets: bytes) -> Iterator[bytes]:
    return (octets[start : start + _BATCH] for start in range(0, len(octets), _BATCH))


_INFLATERS = {Container.ZIP: _zipped, Container.GZIP: _gzipped, Container.ZLIB: _zlibbed}


# --- lines


def _batch(inflate: Callable[[], Iterable[bytes]], most: int, charset: str) -> Batch:
    lines, decoder = _Lines(), getincrementaldecoder(charset)()
    for place, batch in enumerate(inflate()):
        if place == 1:  # most batches end before
            _measure(inflate(), most)
        lines.take(_decoded(decoder, batch))
    lines.take(_decoded(decoder, b"", is_last=True))
    lines.end()
    if len(lines.batch.numbers) > most:
        raise BadBatch(Step.NUMBERS)
    return lines.batch


def _measure(batches: Iterable[bytes], most: int) -> None:
    """Raises BadBatch: SIZE, and NUMBERS if each line begins with a number."""
    size, count, left = 0, 0, b"\n"
    for batch in batches:
        size += len(batch)
        if size > MOST_INFLATED:
            raise BadBatch(Step.SIZE)
        octets = left + batch
        last = octets.rfind(b"\n", -_AHEAD)  # what follows it is seen with the next piece
        end = last if last >= 0 else len(octets)
        count, left = count + len(_SEPARATOR.findall(octets, 0, end)), octets[end:]
        if count > most:
            break
    if count + len(_SEPARATOR.findall(left)) > most:
        raise BadBatch(Step.NUMBERS)


def _decoded(decoder: IncrementalDecoder, octets: bytes, *, is_last: bool = False) -> str:
    """Returns the characters; the octets of an incomplete one stay in the decoder."""
    try:
        return decoder.decode(octets, is_last)
    except UnicodeDecodeError as fault:
        raise BadBatch(Step.CHARSET) from fault


class _Lines:
    """Collects each `mobile,text` as soon as its end is known.

    Once a line break shows that a number begins a line, the number is in the batch while its text goes on. What stands before
    the first number is a line as well, whatever it looks like.
    """

    def __init__(self) -> None:
        self.batch = Batch([], [])
        self._begun: list[str] = []  # of the unfinished text: searched, without a separator
        self._tail = ""  # of the same; with the next piece its line break may become a separator
        self._breaks = 0

    def take(self, text: str) -> None:
        """Add a piece. raises: BadBatch: SIZE"""
        text = self._tail + text
        last, *found = _BREAK.split(text)
        if found:
            self._close(last)
            last = found.pop()
            self.batch.numbers.extend(found[::2])
            texts = found[1::2]
            if "\r" in text or "\n\n" in text:
                texts = [each.rstrip("\r\n") for each in texts]
            self.batch.texts.extend(map(_unescaped, texts) if "\\" in text else texts)
        self._begun.append(last[:-_AHEAD])
        self._tail = last[-_AHEAD:]
        self._breaks += self._begun[-1].count("\n")
        if self._breaks > _MOST_BREAKS:
            raise BadBatch(Step.SIZE)

    def end(self) -> None:
        """No more comes. Written-out breaks separate lines if there are no real ones."""
        if not self.batch.numbers and "\n" not in (only := _trimmed("".join(self._begun) + self._tail)):
            first, *found = _WRITTEN_BREAK.split(only.removesuffix(r"\r\n"))
            self._take_first(first)
            self.batch.numbers.extend(found[::2])
            self.batch.texts.extend(map(_unescaped, found[1::2]))
        else:
            self._close(self._tail)

    def _close(self, last: str) -> None:
        """The unfinished text ends with this."""
        text = "".join(self._begun) + last
        if len(self.batch.texts) < len(self.batch.numbers):
            self.batch.texts.append(_unescaped(text.rstrip("\r\n")))
        else:
            self._take_first(_trimmed(text))
        self._begun, self._breaks = [], 0

    def _take_first(self, line: str) -> None:
        if line:
            number, _, text = line.partition(",")
            self.batch.numbers.append(number.strip())
            self.batch.texts.append(_unescaped(text))


def _trimmed(line: str) -> str:
    return line.strip("\r\n").removeprefix("\ufeff")


def _unescaped(text: str) -> str:
    return text.replace("\\r", "\r").replace("\\n", "\n")
