"""Request heads and chunked bodies, judged by httptools (llhttp).

The request line is cut off before llhttp sees the head: real clients write raw Chinese, blanks and `#` into the target (wire
contract, 1.1), and every parser refuses those. The rest is the same octets in each request of one client program, so it is
read once and cached.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import httptools

UNKNOWN_LENGTH = -1
_CR = 13
_FOLD = re.compile(rb"(?<=[^\r\n])\r\n[ \t]+")
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r]*", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|(?<!\r)\n|\r(?!\n)")  # all but tab and whole line breaks
_LENGTH_DIGITS = 20
"""The most digits of a length: zeros before it are as many as anybody likes, and Python reads no number of thousands."""
_FAULTS = (httptools.HttpParserError, httptools.HttpParserUpgrade)


class BadRequest(Exception):
    """The octets are not HTTP. The connection cannot go on."""


@dataclass(frozen=True, slots=True)
class Head:
    """The headers of a request, and what follows from them for its connection."""

    headers: tuple[tuple[bytes, bytes], ...]  # names in lower case
    given: Mapping[bytes, bytes]  # the same by name; of repeated ones the last
    length: int  # of the body in octets; UNKNOWN_LENGTH when it comes in chunks
    keeps_alive: bool
    expects_continue: bool


@lru_cache(maxsize=256)
def read_head(version: bytes, block: bytes) -> Head:
    """Read a header block: from the line break after the request line to the empty line, both included.

    A header that goes on in the next line, as JavaMail writes a long Content-Type, is one line with a blank (RFC 9112, 5.2).
    version: `HTTP/1.1` or `HTTP/1.0`
    raises:  BadRequest for malformed headers, two lengths, a length and chunks, control octets other than tab
    """
    if _CONTROL.search(block):  # before anything is left out: what hides in one header must not be the next one
        raise BadRequest
    reader = _HeadReader()
    lines = _FOLD.sub(b" ", block)
    try:
        # Java's client offers an upgrade to h2c on every POST; llhttp would then take the body for the other protocol
        reader.parser.feed_data(b"POST / " + version + _UPGRADE.sub(b"", lines))
    except _FAULTS as fault:
        raise BadRequest from fault
    given = dict(reader.headers)
    is_new = version == b"HTTP/1.1"
    length = UNKNOWN_LENGTH if b"transfer-encoding" in given else _length(given.get(b"content-length", b"0"))
    expects = is_new and given.get(b"expect", b"").lower() == b"100-continue"
    return Head(tuple(reader.headers), given, length, is_new and reader.keeps_alive, expects)


def _length(written: bytes) -> int:
    if len(written) > _LENGTH_DIGITS:
        raise BadRequest
    return int(written)


def in_crlf(data: bytes) -> bytes:
    """The same request with lines that end in CR LF, once its head is complete; other data unchanged.

    Old shop programs on Linux end the lines of a head in LF alone; RFC 9112, 2.2, allows to read that. Such a head has no CR at
    all: a head with both could be read in two ways.
    """
    line_end = data.find(b"\n")
    if line_end < 1 or data[line_end - 1] == _CR:
        return data
    head, is_complete, body = data.partition(b"\n\n")
    return head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body if is_complete and _CR not in head else data


class _HeadReader:
    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.keeps_alive = False
        self.parser = httptools.HttpRequestParser(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.keeps_alive = self.parser.should_keep_alive()


class Chunks:
    """A body in chunks: passes its octets to `add`, and knows where it ends."""

    def __init__(self, add: Callable[[bytes], None]) -> None:
        self.is_ended = False
        self.is_overrun = False  # the same read held the start of another request; that is lost
        self._add = add
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n")

    def feed(self, data: bytes) -> None:
        """Raises BadRequest for octets that are not in chunks."""
        try:
            self._parser.feed_data(data)
        except _FAULTS as fault:
            if not self.is_ended:
                raise BadRequest from fault

    def on_message_begin(self) -> None:
        self.is_overrun = self.is_ended

    def on_body(self, chunk: bytes) -> None:
        if not self.is_overrun:
            self._add(chunk)

    def on_message_complete(self) -> None:
        self.is_ended = True
