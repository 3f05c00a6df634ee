"""The answer of a server that may be slow, broken or hostile: every part of it has a bound."""

from dataclasses import dataclass, field

import httptools

from hongyan.http.http_trouble import HttpTrouble

_SWITCHING = 101
_LISTED = frozenset({"www-authenticate"})
"""Headers that are a list, and come as one line or as several (RFC 9110, 5.3)."""

INFORMATIONAL_MOST = 16
"""Answers 1xx that may come before the final one."""


class BadAnswer(Exception):
    """The octets are not an HTTP answer, or too many. The connection cannot go on. Its argument is an HttpTrouble."""


@dataclass(slots=True)
class Answer:
    """Reads one final answer, and skips those of 1xx before it.

    head_octets: bound on all heads together
    body_octets: how much of the body is kept; a longer one ends there
    """

    head_octets: int
    body_octets: int
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case; of repeated ones the last, of _LISTED all
    body: bytearray = field(default_factory=bytearray)
    is_ended: bool = False
    keeps_alive: bool = False
    _parser: httptools.HttpResponseParser = field(init=False)
    _informational: int = 0
    _head_due: int = field(init=False)  # octets of heads that may still come
    _due: int = field(init=False)  # octets that may still come at all: a body in chunks of one octet is six times as long

    def __post_init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(
            lenient_headers=True,  # that go on in the next line, as a client has to read them (RFC 9112, 5.2)
            lenient_chunked_length=True,
            lenient_optional_cr_before_lf=True,
            lenient_spaces_after_chunk_size=True,
        )
        self._head_due, self._due = self.head_octets, self.head_octets + 2 * self.body_octets

    def feed(self, data: bytes) -> None:
        """Read octets. Octets after the end mean that the connection cannot be kept. raises: BadAnswer"""
        if not self.status:
            data = self._feed_heads(data)
        if data:
            self._feed_body(data)

    def _feed_heads(self, data: bytes) -> bytes:
        """Read heads, and perhaps a part of the body. Returns the octets that were not read."""
        head = data[: self._head_due + 1]
        self._head_due -= len(head)
        self._read(head)
        if self._head_due < 0 and not self.status:
            raise BadAnswer(HttpTrouble("heads of more than {octets} octets", octets=self.head_octets))
        return data[len(head) :]

    def _feed_body(self, data: bytes) -> None:
        self._due -= len(data)
        self._read(data[: self._due] if self._due < 0 else data)
        if self._due < 0 and not self.is_ended:
            raise BadAnswer(HttpTrouble("a body in more octets than it is worth"))

    def end(self) -> None:
        """The server sends no more. raises: BadAnswer for an incomplete answer"""
        if self.is_ended:
            return
        if not self.status or "content-length" in self.headers or "transfer-encoding" in self.headers:
            raise BadAnswer(HttpTrouble("the connection ended before the answer did"))
        self.is_ended = True

    def release(self) -> None:
        """End feeding. The parser and this object refer to each other; without that the garbage collector has no work."""
        del self._parser

    def _read(self, data: bytes) -> None:
        if self.is_ended:
            self.keeps_alive = False
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as fault:
            self.keeps_alive = False
            if not self.is_ended:
                raise _reason(fault) from fault

    # What the parser calls

    def on_message_begin(self) -> None:
        if self.is_ended:
            self.keeps_alive = False
        else:
            self.headers.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.is_ended:
            return
        key, text = name.decode("latin-1").lower().strip(), value.decode("latin-1").strip()
        earlier = self.headers.get(key) if key in _LISTED else None
        self.headers[key] = f"{earlier}, {text}" if earlier else text

    def on_headers_complete(self) -> None:
        if self.is_ended:
            return
        status = self._parser.get_status_code()
        if status >= 200:
            self.status = status
            return
        self._informational += 1
        if status == _SWITCHING or self._informational > INFORMATIONAL_MOST:
            more = HttpTrouble("more than {count} answers 1xx", count=INFORMATIONAL_MOST)
            raise BadAnswer(HttpTrouble("another protocol") if status == _SWITCHING else more)

    def on_body(self, chunk: bytes) -> None:
        if self.is_ended:
            return
        self.body += chunk
        if len(self.body) > self.body_octets:
            del self.body[self.body_octets :]
            self.is_ended = True

    def on_message_complete(self) -> None:
        if self.status and not self.is_ended:
            self.is_ended, self.keeps_alive = True, self._parser.should_keep_alive() and not self._has_two_lengths()

    def _has_two_lengths(self) -> bool:
        """Returns whether the end of the answer is said in two ways: the chunks count, and nothing more is read (RFC 9112, 6.3)."""
        return "content-length" in self.headers and "transfer-encoding" in self.headers


def _reason(fault: Exception) -> BadAnswer:
    """Returns the BadAnswer that one of our callbacks raised; else one that says it is no HTTP."""
    cause = fault.__context__
    return BadAnswer(*cause.args) if isinstance(cause, BadAnswer) else BadAnswer(HttpTrouble("no HTTP"))
