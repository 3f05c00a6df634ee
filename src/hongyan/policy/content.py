"""Texts of messages: what may be stored and sent, and where the sender's signature 【…】 stands."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence
from typing import NamedTuple

from hongyan.model.channel import SignaturePlace
from hongyan.model.refusal import Code, Refusal
from hongyan.model.traffic import UTF16, ReplyPart

_NEVER = re.compile(r"[\x00\ud800-\udfff]")  # PostgreSQL stores no NUL, and no charset carries half a surrogate pair
_NOT_IN_XML = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0, 2.2: no answer could carry these

_SIGNATURE = "【([^【】]{2,20})】"
_IN_FRONT = re.compile(rf"\s*{_SIGNATURE}")
_AT_BACK = re.compile(rf"{_SIGNATURE}\s*\Z")

_AS_IS = SignaturePlace.AS_IS  # Python 3.11 takes half a microsecond to find a member of an enum


class Signature(NamedTuple):
    """A signature found in a text: `text[start:end]` is it, with the brackets."""

    name: str
    place: SignaturePlace  # FRONT or BACK
    start: int
    end: int


def clean_text(text: str, name: str = "content") -> str:
    """Returns a text that every store, answer and charset of ours can carry.

    name:    of the parameter that is to blame
    returns: the text without the control characters that XML forbids; all else as written
    raises:  Refusal CONTENT_EMPTY if only blanks are left; PARAMETER_BAD for NUL or half a surrogate pair
    """
    if not text.isprintable():  # false for line breaks too, and for everything that the patterns look for
        if _NEVER.search(text):
            raise Refusal(Code.PARAMETER_BAD, name=name)
        text = without_controls(text)
    if not text or text.isspace():
        raise Refusal(Code.CONTENT_EMPTY)
    return text


def without_controls(text: str) -> str:
    """Returns the text without the characters that no answer in XML can carry."""
    return _NOT_IN_XML.sub("", text)


def find_signature(text: str) -> Signature | None:
    """Returns the signature of 2 to 20 characters in 【】 with which a text begins, or else ends; blanks around it do not matter."""
    if "【" not in text:
        return None
    if front := _IN_FRONT.match(text):
        return Signature(front[1], SignaturePlace.FRONT, front.start(1) - 1, front.end())
    back = _AT_BACK.search(text, text.rfind("【"))
    return Signature(back[1], SignaturePlace.BACK, back.start(), back.end(1) + 1) if back else None


def place_signature(text: str, place: SignaturePlace) -> str:
    """Returns the text with its signature where a channel wants it; unchanged if it has none or the channel wants none moved.

    Nothing is added or lost, so the text keeps its length.
    """
    if place is _AS_IS:
        return text
    found = find_signature(text)
    if found is None or found.place is place:
        return text
    block, rest = text[found.start : found.end], text[: found.start] + text[found.end :]
    return block + rest if place is SignaturePlace.FRONT else rest + block


def joined(parts: Sequence[ReplyPart]) -> str:
    """Returns the text of these parts, in order; some may be missing.

    The octets of neighbours are joined before they are decoded, so characters that were cut between them are whole again.
    """
    return "".join(_read([part.body for part in neighbours], neighbours[0].charset) for neighbours in _neighbours(parts))


def _neighbours(parts: Sequence[ReplyPart]) -> list[list[ReplyPart]]:
    """Returns stretches of parts that follow each other, in the same charset."""
    stretches: list[list[ReplyPart]] = []
    for part in parts:
        last = stretches[-1][-1] if stretches else None
        if last is not None and (last.part + 1, last.charset) == (part.part, part.charset):
            stretches[-1].append(part)
        else:
            stretches.append([part])
    return stretches


def _read(bodies: Sequence[bytes], charset: str) -> str:
    return _utf16(bodies) if charset == UTF16 else b"".join(bodies).decode(charset, "replace")


def _utf16(bodies: Sequence[bytes]) -> str:
    """Decodes UTF-16. A byte-order mark holds for its part and for those behind it; without one it is big-endian."""
    is_little, octets = False, b""
    for body in bodies:
        if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            is_little, body = body.startswith(BOM_UTF16_LE), body[2:]  # noqa: PLW2901
        octets += _swapped(body[: len(body) & ~1]) if is_little else body
    return octets.decode("utf-16-be", "replace")


def _swapped(octets: bytes) -> bytes:
    swapped = bytearray(octets)
    swapped[::2], swapped[1::2] = octets[1::2], octets[::2]
    return bytes(swapped)
