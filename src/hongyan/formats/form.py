"""The parameters of a request, read as leniently as by the platforms that customers' programs were written for.

query:     the part of the request target after `?`, raw octets
body:      urlencoded, raw 8-bit, or multipart; any other body is read as urlencoded and has names that nobody asks for; a
           byte-order mark before it is skipped
names:     unescaped, trimmed, lower case
values:    unescaped and decoded in the charset that the request declares, else in the endpoint's; `%uXXXX`, with which the
           `escape` of JavaScript and ASP writes a UTF-16 unit, is understood in both
unreadable: octets that cannot be decoded are an error, or stay as halves of surrogate pairs (PEP 383), which no text may
            contain
the same name twice: the query goes before the body, also with an empty value; repeats inside one of them are joined by commas
source:    wire contract, 1.1 and 7.7

At most MOST_PARAMETERS are read of a query or body.
"""

import re
from binascii import a2b_qp, unhexlify
from codecs import BOM_UTF8
from functools import lru_cache

Form = dict[str, str]

UTF8 = "utf-8"
GBK = "gb18030"
"""The codec of everything that calls itself GB2312, GBK or GB18030, since GB18030 contains the others."""

KEEP = "surrogateescape"
"""For `errors`: octets that cannot be decoded are kept, to be refused where it matters."""

MOST_PARAMETERS = 256
_LONG_CHARACTERS = 4_096
_USUAL = "action userid account password mobile content sendTime sendtime extno statusNum taskid"
_KNOWN = {name: name.lower() for name in _USUAL.split()}  # as nearly everybody writes them
_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")  # a whole run at once, since a Chinese text is one
_UNITS = re.compile(rb"(?:%u[0-9A-Fa-f]{4})+")
_UNREADABLE = b"\xff"  # in UTF-8 and in GB18030
_PADS = ("%3D", "%3d")
_EQUALS = re.compile(rb"%3[Dd]")
_MOST_EQUALS = 8  # in a value that is read the fast way: Base64 ends with two at most
_BOUNDARY = re.compile(rb'boundary=(?:"([^"]+)"|([^;,\s]+))', re.IGNORECASE)
_CHARSET = re.compile(rb"""[;\s]charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_CODECS = dict.fromkeys((b"utf-8", b"utf8"), UTF8) | dict.fromkeys((b"gbk", b"gb2312", b"gb18030", b"x-gbk", b"cp936"), GBK)
_HALF = re.compile(r"[\ud800-\udfff]")
_PART_NAME = re.compile(rb'[;\s]name=(?:"([^"\r\n]*)"|([^;\s]*))', re.IGNORECASE)


def read_form(query: bytes, body: bytes, content_type: bytes, charset: str, errors: str = "strict") -> Form:
    """Returns all parameters of a request by name.

    content_type: the header's value, "" if missing
    charset:      UTF8 or GBK, that of the endpoint, for requests that declare none
    errors:       `strict`, or KEEP
    raises:       UnicodeDecodeError if errors is strict and octets cannot be decoded
    """
    if b"=" in content_type:  # which is rare
        charset = declared_charset(content_type) or charset
    body = body.removeprefix(BOM_UTF8)  # .NET's writers put it there; no name of a parameter begins so
    boundary = _boundary(body, content_type) if content_type[:9].lower() == b"multipart" else b""
    form = _by_name(_parts(body, boundary, charset, errors) if boundary else _pairs(body, charset, errors))
    return form | _by_name(_pairs(query, charset, errors)) if query else form


@lru_cache(maxsize=64)  # of heads of 64 KiB at most
def declared_charset(header: bytes) -> str:
    """Returns the codec of the charset that a Content-Type names; "" if it names none, or one that no form has."""
    return _charset_in(header)


def _charset_in(head: bytes) -> str:
    found = _CHARSET.search(head)
    return _CODECS.get(found[1].lower(), "") if found else ""


def is_readable(value: str) -> bool:
    """Returns whether all octets of a value that was read with KEEP could be decoded."""
    return value.isascii() or not _HALF.search(value)


def _by_name(pairs: list[tuple[str, str]]) -> Form:
    form = dict(pairs)
    if len(form) < len(pairs):
        repeats: dict[str, list[str]] = {}
        for name, value in pairs:
            repeats.setdefault(name, []).append(value)
        form = {name: ",".join(values) for name, values in repeats.items()}
    form.pop("", None)
    return form


def _pairs(octets: bytes, charset: str, errors: str) -> list[tuple[str, str]]:
    """Reads urlencoded or raw 8-bit pairs. Until they are decoded, octets stand as the characters of the same number."""
    text = octets.decode("latin-1")
    is_ascii = text.isascii()
    pairs = [pair.partition("=") for pair in _split(text)]
    return [
        (
            _KNOWN.get(name) or _text(name, charset, errors).strip().lower(),
            value if is_ascii and "%" not in value and "+" not in value else _text(value, charset, errors),
        )
        for name, _, value in pairs
    ]


def _split(text: str) -> list[str]:
    """Splits at each `&`. Python's `split` looks at every character by itself, `find` at many at once. A long body, such as a
    picture, is mostly one value.
    """
    if len(text) < _LONG_CHARACTERS:
        return text.split("&", MOST_PARAMETERS)[:MOST_PARAMETERS]
    pieces: list[str] = []
    start, end = 0, 0
    while end >= 0 and len(pieces) < MOST_PARAMETERS:
        end = text.find("&", start)
        pieces.append(text[start:end] if end >= 0 else text[start:])
        start = end + 1
    return pieces


def _parts(body: bytes, boundary: bytes, charset: str, errors: str) -> list[tuple[str, str]]:
    """Reads multipart, where nothing is escaped, and a part may have a charset of its own; files are left out. Lines may end in
    LF alone, as programs write them that put the body together by hand.
    """
    pairs: list[tuple[str, str]] = []
    for part in body.split(b"--" + boundary, MOST_PARAMETERS)[1:MOST_PARAMETERS]:
        line_end = b"\n" if part.startswith(b"\n") else b"\r\n"
        head, blank, value = part.partition(2 * line_end)
        name = _PART_NAME.search(head)
        if blank and name and b"filename=" not in head.lower():
            text = value.removesuffix(line_end).decode(_charset_in(head) or charset, errors)
            pairs.append(((name[1] or name[2] or b"").decode(charset, errors).strip().lower(), text))
    return pairs


def _boundary(body: bytes, content_type: bytes) -> bytes:
    """Returns the boundary that the header names, else the one with which the body begins; nothing if there is neither."""
    named = _BOUNDARY.search(content_type)
    if named:
        return named[1] or named[2]
    return body[2:].partition(b"\n")[0].removesuffix(b"\r") if body.startswith(b"--") else b""


def _text(octets: str, charset: str, errors: str) -> str:
    """Replaces `+` and `%XX`, and decodes; a `%` that begins no escape stays."""
    if "%" not in octets:
        plain = octets.replace("+", " ")
        return plain if plain.isascii() else plain.encode("latin-1").decode(charset, errors)
    if octets.endswith(_PADS):  # of Base64, whose other escapes are not among those that are cut out
        pads = 2 if octets[-6:-3] in _PADS else 1
        return _unescaped(octets[: -3 * pads], charset, errors) + "=" * pads
    return _unescaped(octets, charset, errors)


def _unescaped(octets: str, charset: str, errors: str) -> str:
    """The same for octets with escapes.

    The standard library's reader of quoted-printable, whose escapes begin with `=`, is three times as fast as a regular
    expression, and ten times for single escapes, as in Base64. An `=` in its result is a `%` that began no escape; escaped `=`
    are cut out before. It takes a `%` at the end of a line or of the text for a soft break; such texts are read by the regular
    expression.
    """
    raw = octets.encode("latin-1").replace(b"+", b" ")
    if b"=" not in raw and b"\n" not in raw and b"\r" not in raw and not raw.endswith(b"%"):
        read = a2b_qp(raw.replace(b"%", b"="))
        if b"=" not in read:
            return read.decode(charset, errors)
        pieces = _EQUALS.split(raw, _MOST_EQUALS)
        reads = [a2b_qp(piece.replace(b"%", b"=")) for piece in pieces]
        if not any(b"=" in read for read in reads) and not any(piece.endswith(b"%") for piece in pieces):
            return b"=".join(reads).decode(charset, errors)
    if b"%u" in raw:
        raw = _UNITS.sub(lambda run: _units(run[0], charset), raw)
    return _ESCAPES.sub(_unescape_run, raw).decode(charset, errors)


def _units(run: bytes, charset: str) -> bytes:
    """Returns UTF-16 units as octets of the charset, with `%` escaped again; half of a pair is unreadable."""
    try:
        return unhexlify(run.replace(b"%u", b"")).decode("utf-16-be").encode(charset).replace(b"%", b"%25")
    except UnicodeDecodeError:
        return _UNREADABLE


def _unescape_run(run: re.Match[bytes]) -> bytes:
    return unhexlify(run[0].replace(b"%", b""))
