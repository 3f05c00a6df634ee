"""MIME as MM7 uses it: nested multipart bodies, read leniently and written strictly.

Bounds: multiparts nested up to MOST_DEPTH, MOST_PARTS in all; the body was bounded by the caller.
Text parts and pictures are written in Base64 for 3GPP, and as they are for China Mobile, whose boundaries are chosen so that no
part contains them.
source: RFC 2045, 2046, 2387; MM7 sheet, 6, 7 and 9 (headers without a blank, a preamble, boundaries that begin with dashes)
"""

import re
from base64 import b64encode
from binascii import Error, a2b_base64, a2b_qp
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hongyan.wire.mm7.pdu import Part

MOST_DEPTH = 4
MOST_PARTS = 128
_HEAD_MOST = 8 * 1024
_LF = 10

XML_TYPE = "text/xml; charset=utf-8"
_SMIL = "application/smil"
_DELIMITER_END = re.compile(rb"(--)?[ \t]*(?=\r?\n|\Z)")
_BEGINNING = re.compile(rb"\s{0,4}--([^\r\n]{1,200})\r?\n")
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')


class BadMime(ValueError):
    """Not a multipart body; the message says why."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Headers by their names in lower case, and the body as it came."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """Returns the media type in lower case; `text/plain` by default."""
        return kind_of(self.headers.get("content-type", "text/plain"))

    @property
    def cid(self) -> str:
        """Returns Content-ID without its angle brackets."""
        return self.headers.get("content-id", "").strip().strip("<>")

    def parameter(self, name: str) -> str:
        return parameters(self.headers.get("content-type", "")).get(name, "")

    @property
    def data(self) -> bytes:
        """Returns the body, decoded from its transfer encoding. raises: BadMime"""
        encoding = self.headers.get("content-transfer-encoding", "").strip().lower()
        try:
            if encoding == "base64":
                return a2b_base64(self.body)
            return a2b_qp(self.body) if encoding == "quoted-printable" else self.body
        except Error as fault:
            raise BadMime("a part is no Base64") from fault


@dataclass(frozen=True, slots=True)
class Body:
    """A body to be posted or answered."""

    content_type: str
    octets: bytes


def kind_of(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def parameters(value: str) -> dict[str, str]:
    """Returns the parameters of a header, names in lower case."""
    return {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else plain for name, quoted, plain in _PARAMETER.findall(value)
    }


def read_parts(content_type: str, body: bytes) -> list[Entity]:
    """Returns the parts of a multipart body; parts inside parts are not opened. A header without a boundary means that with which the
    body begins. raises: BadMime
    """
    boundary = parameters(content_type).get("boundary", "").encode("latin-1", "replace")
    if not boundary:
        begun = _BEGINNING.match(body)
        if begun is None:
            raise BadMime("a multipart has no boundary")
        boundary = begun[1]
    pieces = _cut(body, b"--" + boundary)
    if not pieces:
        raise BadMime("the boundary is nowhere")
    if len(pieces) > MOST_PARTS:
        raise BadMime("too many parts")
    return [_entity(piece) for piece in pieces]


def leaves(entity: Entity) -> list[Entity]:
    """Returns the entity if it is no multipart, else all entities in it that are none. raises: BadMime"""
    found: list[Entity] = []
    for leaf in _leaves(entity, MOST_DEPTH):
        found.append(leaf)
        if len(found) > MOST_PARTS:
            raise BadMime("too many parts")
    return found


def _leaves(entity: Entity, depth: int) -> Iterator[Entity]:
    if not entity.kind.startswith("multipart/"):
        yield entity
        return
    if not depth:
        raise BadMime("too many multiparts in each other")
    for part in read_parts(entity.headers["content-type"], entity.body):
        yield from _leaves(part, depth - 1)


def _cut(body: bytes, delimiter: bytes) -> list[bytes]:
    """Returns what stands between delimiter lines, without what is before the first and behind the last."""
    pieces: list[bytes] = []
    start: int | None = None
    at = body.find(delimiter)
    while at >= 0:
        line_end = _DELIMITER_END.match(body, at + len(delimiter))
        if line_end is None or (at and body[at - 1] != _LF):
            at = body.find(delimiter, at + 1)
            continue
        if start is not None:
            pieces.append(body[start : at - 2 if body[at - 2 : at] == b"\r\n" else at - 1])
        if line_end[1] or len(pieces) > MOST_PARTS:
            return pieces
        start = line_end.end()
        at = body.find(delimiter, start)
    if start is not None:
        pieces.append(body[start:])  # some senders cut off the end
    return pieces


def _entity(piece: bytes) -> Entity:
    """Reads headers, a blank line, a body. The piece begins with the line break behind its delimiter."""
    blank = re.search(rb"\r?\n\r?\n", piece[: _HEAD_MOST + 4])
    head, body = (piece[: blank.start()], piece[blank.end() :]) if blank else (piece, b"")
    text = re.sub(r"\r?\n[ \t]+", " ", head[:_HEAD_MOST].decode("utf-8", "replace"))
    headers: dict[str, str] = {}
    for row in text.splitlines():
        name, colon, value = row.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    return Entity(headers, body)


# --- writing


def rel6_body(soap: bytes, parts: Sequence[Part]) -> Body:
    """Returns the body for 3GPP: the content is one part, which is a multipart itself."""
    start = next((part.name for part in parts if part.kind == _SMIL), "")
    pieces = [_rel6_part(part) for part in parts]
    inner = _free("mmInner", pieces)
    outer = _free("mmOuter", [soap, *pieces])
    related = f'multipart/related; boundary="{inner}"; start="<{start}>"; type="{_SMIL}"'
    kind = related if start else f'multipart/mixed; boundary="{inner}"'
    content = f"Content-Type: {kind}\r\nContent-ID: <mm-content>\r\n\r\n".encode() + _joined(inner, pieces)
    head = f"Content-Type: {XML_TYPE}\r\nContent-ID: <soap-start>\r\n\r\n".encode()
    content_type = f'multipart/related; boundary="{outer}"; type="text/xml"; start="<soap-start>"'
    return Body(content_type, _joined(outer, [head + soap, content]))


def _rel6_part(part: Part) -> bytes:
    charset = f"; charset={part.charset}" if part.charset else ""
    head = f"Content-Type: {part.kind}{charset}\r\nContent-ID: <{part.name}>\r\nContent-Location: {part.name}\r\n"
    if part.kind == _SMIL:
        return head.encode() + b"\r\n" + part.data
    return head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + b64encode(part.data)


def china_mobile_body(soap: bytes, parts: Sequence[Part]) -> Body:
    """Returns the body for China Mobile: the content follows the SOAP part without being named in it; everything is raw."""
    has_show = any(part.kind == _SMIL for part in parts)
    pieces = [_china_mobile_part(part) for part in parts]
    inner = _free("SubPart_1", pieces)
    outer = _free("--NextPart_0_1", [soap, *pieces])
    related = f'multipart/related;start="<START>";type="{_SMIL}";boundary="{inner}"'
    kind = related if has_show else f'multipart/mixed;boundary="{inner}"'
    content = (
        f"Content-Type:{kind}\r\nContent-ID:<SaturnPics-01020930>\r\nContent-Transfer-Encoding:8bit\r\n\r\n".encode()
        + _joined(inner, pieces)
    )
    start = "</tnn-200102/mm7-vasp>"
    head = f'Content-Type:text/xml;charset="UTF-8"\r\nContent-Transfer-Encoding:8bit\r\nContent-ID:{start}\r\n\r\n'.encode()
    preamble = b"this is a multi-part message in MIME format\r\n\r\n\r\n"
    content_type = f'multipart/related; boundary="{outer}";type="text/xml";start="{start}"'
    return Body(content_type, preamble + _joined(outer, [head + soap, content]))


def _china_mobile_part(part: Part) -> bytes:
    if part.kind == _SMIL:
        return b"Content-Type:application/smil\r\nContent-Transfer-Encoding:8bit\r\nContent-ID:<START>\r\n\r\n" + part.data
    charset = f";charset={part.charset.upper()}" if part.charset else ""
    place = f"Content-ID:{part.name}\r\nContent-Location:{part.name}\r\n"
    head = f"Content-Type:{part.kind}{charset}\r\nContent-Transfer-Encoding:8bit\r\n{place}\r\n"
    return head.encode() + part.data


def _joined(boundary: str, pieces: Iterable[bytes]) -> bytes:
    line = f"--{boundary}".encode()
    return b"".join(b"%b\r\n%b\r\n" % (line, piece) for piece in pieces) + line + b"--\r\n"


def _free(boundary: str, pieces: Sequence[bytes]) -> str:
    """Returns the boundary, or a longer one, that no part contains."""
    chosen, tries = boundary, 0
    while any(b"--" + chosen.encode() in piece for piece in pieces):
        tries += 1
        chosen = f"{boundary}_{tries}"
    return chosen
