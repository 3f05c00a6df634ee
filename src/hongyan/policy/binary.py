"""Binary messages: which headers they may have, and how they are cut.

Up to 140 octets with the header are one segment. Each of several segments has an element that says which part it is, of 5
octets or, with a reference of 16 bits, of 6. The header's own elements are in all of them, since a handset finds the port of a
part there. A header that itself says which part it is makes a ready-made segment: it leaves unchanged, or not at all.

source: 3GPP TS 23.040, 9.2.3.24, 9.2.3.24.1 and 9.2.3.24.8
"""

from collections.abc import Iterator

from hongyan.model.binary import Binary
from hongyan.model.channel import LongText
from hongyan.model.refusal import Code, Refusal
from hongyan.policy.segments import MOST_PARTS

OCTETS = 140
"""Octets of user data in one segment."""

_ELEMENT, _WIDE_ELEMENT = 5, 6
_SAYS_WHICH_PART = frozenset({0x00, 0x08})


def count_binary(binary: Binary) -> int:
    """Returns the number of segments that it fills.

    returns: 1 to 10
    raises:  Refusal CONTENT_EMPTY, CONTENT_LONG; PARAMETER_BAD for a header whose lengths do not fit, that leaves no room, or
             that says which part it is although one segment does not hold everything
    """
    if not binary.octets:
        raise Refusal(Code.CONTENT_EMPTY)
    elements = set(_elements(binary.header))
    parts = len(cut_binary(binary)) if len(binary.header) < OCTETS - _ELEMENT else 0
    if not parts or (parts > 1 and elements & _SAYS_WHICH_PART):
        raise Refusal(Code.PARAMETER_BAD, name="udh")
    if parts > MOST_PARTS:
        raise Refusal(Code.CONTENT_LONG, segments=parts, most=MOST_PARTS)
    return parts


def cut_binary(binary: Binary, how: LongText = LongText.UDH8) -> list[Binary]:
    """Returns the parts that a channel sends, in order; each has the header as it was given."""
    octets, header = binary.octets, binary.header
    if how is LongText.PAYLOAD or len(header) + len(octets) <= OCTETS:
        return [binary]
    element = _WIDE_ELEMENT if how is LongText.UDH16 else _ELEMENT
    room = OCTETS - element - max(1, len(header))
    return [Binary(octets[at : at + room], header) for at in range(0, len(octets), room)]


def _elements(header: bytes) -> Iterator[int]:
    """Yields the names of a header's elements. raises: Refusal PARAMETER_BAD"""
    at = 1
    while at + 1 < len(header):
        yield header[at]
        at += 2 + header[at + 1]
    if header and (at != len(header) or header[0] != len(header) - 1):
        raise Refusal(Code.PARAMETER_BAD, name="udh")
