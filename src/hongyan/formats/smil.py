"""SMIL: the frames in which an MMS shows its parts. Read strictly where safety requires it, and leniently everywhere else.

The reader expands no entities, loads nothing and builds no deep tree; a document that declares entities is refused unread.
source: wire contract, 2.8; W3C SMIL 1.0 as the MMS conformance document of OMA narrows it
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from hongyan.xml import BadXml, Element, local_name, parse

MOST_OCTETS = 64 * 1024
MOST_FRAMES = 64
MOST_SHOWN = 256  # parts of all frames together

_MEDIA = frozenset({"text", "img", "audio", "video", "ref", "animation"})
_DECLARATION = re.compile(r"<\?xml[^<>]*\?>")  # tried once at each <: blanks before it would be tried again and again
_DURATION = re.compile(r"\s*(\d{1,7}(?:\.\d{1,6})?)\s*(ms|s|min|h)?\s*", re.IGNORECASE)
_UNIT_MS = {"ms": 1, "": 1000, "s": 1000, "min": 60_000, "h": 3_600_000}


class BadSmil(ValueError):
    """Not a SMIL document that is safe to read; the message says why."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What is on the screen at one time: the names of its parts, without `cid:`. duration_ms is 0 if none is given."""

    sources: tuple[str, ...]
    duration_ms: int = 0


def read_smil(text: str) -> list[Frame]:
    """Returns the frames of a document: each `par`, and each part that stands outside one. raises: BadSmil"""
    frames: list[Frame] = []
    shown = 0
    for frame in _frames(_root(text)):
        frames.append(frame)
        shown += len(frame.sources)
        if len(frames) > MOST_FRAMES or shown > MOST_SHOWN:
            raise BadSmil("too many frames")
    return frames


def _root(text: str) -> Element:
    octets = _DECLARATION.sub("", text, count=1).encode("utf-8", "replace")
    if len(octets) > MOST_OCTETS:
        raise BadSmil("too long")
    if b"<!ENTITY" in octets.upper():
        raise BadSmil("it declares entities")
    try:
        root = parse(octets, "utf-8")
    except BadXml as fault:
        raise BadSmil(str(fault)) from fault
    if _name(root) != "smil":
        raise BadSmil("its root is no smil")
    return root


def _frames(root: Element) -> Iterator[Frame]:
    for body in root:
        if _name(body) == "body":
            yield from _frames_in(body)


def _frames_in(parent: Element) -> Iterator[Frame]:
    for child in parent:
        name = _name(child)
        if name == "par":
            yield Frame(tuple(_sources(child)), _duration_ms(child.get("dur", "")))
        elif name in _MEDIA:
            yield Frame(tuple(_sources_of(child)), _duration_ms(child.get("dur", "")))
        elif name == "seq":
            yield from _frames_in(child)


def _sources(frame: Element) -> Iterator[str]:
    for part in frame.iter():
        if _name(part) in _MEDIA:
            yield from _sources_of(part)


def _sources_of(part: Element) -> Iterator[str]:
    source = (part.get("src") or "").strip()
    if source:
        yield unquote(source[4:] if source[:4].lower() == "cid:" else source)


def _duration_ms(text: str) -> int:
    found = _DURATION.fullmatch(text)
    return round(float(found[1]) * _UNIT_MS[(found[2] or "").lower()]) if found else 0


def _name(element: Element) -> str:
    return local_name(element).lower()
