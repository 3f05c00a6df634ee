"""The parameters of a request, as lenient as the platforms that customers' programs were written for.

query:     the part of the request target after `?`, raw octets
body:      urlencoded, raw 8-bit, or multipart; any other body is read as urlencoded and yields names that nobody asks for
names:     escapes undone, trimmed, lower case
values:    escapes undone and decoded in the endpoint's charset; what cannot be decoded becomes U+FFFD
the same name twice: the query beats the body, also with an empty value; repeats inside one of them are joined by commas
source:    wire contract, 1.1

Nothing here raises, whatever the octets: at most MOST_PARAMETERS are read of a query or body.
"""

import re
from binascii import unhexlify
from collections.abc import Iterable, Iterator
from functools import lru_cache

Form = dict[str, str]

MOST_PARAMETERS = 256
_NAME_OCTETS = 64
_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")  # a whole run at once: a Chinese text is one run
_BOUNDARY = re.compile(rb'boundary=(?:"([^"]+)"|([^;,\s]+))', re.IGNORECASE)
_PART_NAME = re.compile(rb'[;\s]name=(?:"([^"\r\n]*)"|([^;\s]*))', re.IGNORECASE)


def read_form(query: bytes, body: bytes, content_type: bytes, charset: str) -> Form:
    """All parameters of a request by name.

    content_type: the header's value, "" when it was missing; its own charset is not believed
    charset:      of the endpoint: `utf-8`, or `gb18030`, which holds all of GB2312 and GBK
    """
    form: Form = {}
    if body:
        boundary = _boundary(body, content_type) if b"multipart" in content_type.lower() else b""
        _take(form, _parts(body, boundary) if boundary else _pairs(body), charset, is_escaped=not boundary)
    if query:
        asked: Form = {}
        _take(asked, _pairs(query), charset, is_escaped=True)
        form |= asked
    return form


def _take(form: Form, pairs: Iterable[tuple[bytes, bytes]], charset: str, is_escaped: bool) -> None:
    repeated: dict[str, list[str]] = {}
    for raw_name, raw_value in pairs:
        name = _name(raw_name) if len(raw_name) <= _NAME_OCTETS else ""
        if not name:
            continue
        value = _text(unescaped(raw_value) if is_escaped else raw_value, charset)
        if name in form:
            repeated.setdefault(name, [form[name]]).append(value)
        else:
            form[name] = value
    for name, values in repeated.items():
        form[name] = ",".join(values)


def _pairs(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    for pair in octets.split(b"&", MOST_PARAMETERS)[:MOST_PARAMETERS]:
        name, _, value = pair.partition(b"=")
        yield name, value


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and value of every part of a multipart body; files are left out."""
    for part in body.split(b"--" + boundary, MOST_PARAMETERS)[1:MOST_PARAMETERS]:
        head, blank, value = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head)
        if blank and name and b"filename=" not in head.lower():
            yield name[1] or name[2] or b"", value.removesuffix(b"\r\n")


def _boundary(body: bytes, content_type: bytes) -> bytes:
    """The boundary that the header names, else the one that the body begins with; nothing when there is neither."""
    named = _BOUNDARY.search(content_type)
    if named:
        return named[1] or named[2]
    return body[2 : body.find(b"\r\n")] if body.startswith(b"--") else b""


@lru_cache(maxsize=512)
def _name(raw: bytes) -> str:
    return unescaped(raw).decode("utf-8", "replace").strip().lower()


def unescaped(raw: bytes) -> bytes:
    """Undo `+` and `%XX`; a `%` that begins no escape stays."""
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    return _ESCAPES.sub(_unescape_run, raw) if b"%" in raw else raw


def _unescape_run(run: re.Match[bytes]) -> bytes:
    return unhexlify(run[0].replace(b"%", b""))


def _text(raw: bytes, charset: str) -> str:
    return raw.decode("ascii") if raw.isascii() else raw.decode(charset, "replace")
