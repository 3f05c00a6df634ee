"""TMS: the elements of an MMS one after the other, as `content` of mms.aspx carries them in Base64.

    name of the element, a zero octet, length of its data in four octets, data; and so on to the end

The platform's own programs write lengths little-endian; programs written with Java's DataOutputStream big-endian. Only the
right order of octets leads from one length to the next and exactly to the end, so both are tried.

source: wire contract, 2.8; manual 001, 2.2
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from hongyan.formats.encoding import read_text
from hongyan.formats.octets64 import BadBase64, read_base64

MOST_ELEMENTS = 64
MOST_NAME_OCTETS = 255

ByteOrder = Literal["little", "big"]
_ORDERS: tuple[ByteOrder, ...] = ("little", "big")
_LENGTH = 4


class Step(Enum):
    """The steps at which reading a TMS can fail, in order."""

    BASE64 = "Base64"
    NAME = "name"  # no zero octet behind it, nothing before it, too long, or no text
    LENGTH = "length"  # fewer octets are left
    COUNT = "count"  # too many elements


class BadTms(ValueError):
    """Not a TMS. `step` says where reading failed, `element` at which element, from 1; 0 before the first."""

    def __init__(self, step: Step, element: int = 0) -> None:
        super().__init__(f"{step.value} of element {element}" if element else step.value)
        self.step = step
        self.element = element


@dataclass(frozen=True, slots=True)
class Element:
    """A part of the MMS: a file's name, and its octets."""

    name: str
    data: bytes


def read_content(content: str) -> list[Element]:
    """Returns the elements of the value of `content`. raises: BadTms"""
    return unpack(read_octets(content))[1]


def read_octets(content: str) -> bytes:
    """raises: BadTms: BASE64"""
    try:
        return read_base64(content)
    except BadBase64 as fault:
        raise BadTms(Step.BASE64) from fault


def unpack(octets: bytes) -> tuple[ByteOrder, list[Element]]:
    """Returns the order of octets of its lengths, and the elements; no elements for an empty one.

    raises: BadTms with the fault of the platform's own order, if no order fits
    """
    faults = []
    for order in _ORDERS:
        try:
            return order, _elements(octets, order)
        except BadTms as fault:
            faults.append(fault)
    raise faults[0]


def pack(elements: Iterable[Element], order: ByteOrder = "little") -> bytes:
    """Returns the TMS as the platform's own programs write it; Base64 of it is the value of `content`."""
    return b"".join(
        b"%b\0%b%b" % (element.name.encode("gbk", "replace"), len(element.data).to_bytes(_LENGTH, order), element.data)
        for element in elements
    )


def _elements(octets: bytes, order: ByteOrder) -> list[Element]:
    elements: list[Element] = []
    start = 0
    while start < len(octets):
        number = len(elements) + 1
        if number > MOST_ELEMENTS:
            raise BadTms(Step.COUNT, number)
        end = octets.find(b"\0", start, start + MOST_NAME_OCTETS + 1)
        if end < 0:
            raise BadTms(Step.NAME, number)
        name = _name(octets[start:end], number)
        start = end + 1 + _LENGTH
        length = int.from_bytes(octets[end + 1 : start], order)
        if start + length > len(octets):
            raise BadTms(Step.LENGTH, number)
        elements.append(Element(name, octets[start : start + length]))
        start += length
    return elements


def _name(octets: bytes, number: int) -> str:
    try:
        name = read_text(octets).strip()
    except UnicodeDecodeError as fault:
        raise BadTms(Step.NAME, number) from fault
    if not name:
        raise BadTms(Step.NAME, number)
    return name
