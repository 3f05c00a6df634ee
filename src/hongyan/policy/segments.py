"""How many segments a text fills, and the text of each, if the channel has no way of its own.

Every text is counted in UTF-16 code units of two octets, as domestic gateways and price lists do, ASCII included: 70 fit one
segment, and 67 each of several. A character outside the BMP is two units and is never cut in half. A carrier that adds a
signature of its own takes the room for it from the text.

source: 3GPP TS 23.040, 9.2.3.24.1; wire contract, 2.13
"""

from collections.abc import Sequence

from hongyan.model.channel import Stamp, StampOn
from hongyan.model.refusal import Code, Refusal

MOST_PARTS = 10
_WHOLE = 2 * 70  # octets of text in a single segment
_PART = 2 * 67  # octets of text beside the 6 octets of concatenation


def count_segments(text: str, most: int = MOST_PARTS, stamp: Stamp | None = None) -> int:
    """Returns the number of segments that a text fills.

    text:    one character or more
    stamp:   what the carrier adds to it
    returns: 1 to `most`
    raises:  Refusal CONTENT_EMPTY, CONTENT_LONG
    """
    if 0 < len(text) <= 35 and stamp is None:  # 70 units at the most
        return 1
    return len(_cuts(_octets(text), most, stamp))


def split_text(text: str, most: int = MOST_PARTS, stamp: Stamp | None = None, part_units: int = _PART // 2) -> list[str]:
    """Cut a text into the texts of its segments.

    text:       one character or more
    part_units: code units in each of several parts
    returns:    1 to `most` parts in order; joined, they are the text
    raises:     Refusal CONTENT_EMPTY, CONTENT_LONG
    """
    octets = _octets(text)
    ends = _cuts(octets, most, stamp, 2 * part_units)
    if len(ends) == 1:
        return [text]
    return [octets[start:end].decode("utf-16-be", "surrogatepass") for start, end in zip([0, *ends], ends, strict=False)]


def count_parts(text: str, parts: Sequence[str]) -> int:
    """Returns the number of ready-made segments, after checking that each fits a segment.

    raises: Refusal CONTENT_LONG; PARAMETER_BAD if they do not join into the text, or one is empty or too long for a segment
    """
    if len(parts) > MOST_PARTS:
        raise Refusal(Code.CONTENT_LONG, segments=len(parts), most=MOST_PARTS)
    most = _WHOLE if len(parts) == 1 else _PART
    if "".join(parts) != text or not all(0 < len(_octets(part)) <= most for part in parts):
        raise Refusal(Code.PARAMETER_BAD, name="content")
    return len(parts)


def _octets(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _cuts(octets: bytes, most: int, stamp: Stamp | None, part: int = _PART) -> list[int]:
    """Returns where each part ends, in octets of UTF-16BE."""
    size, room = len(octets), 2 * stamp.room if stamp else 0
    if not size:
        raise Refusal(Code.CONTENT_EMPTY)
    if size + room <= _WHOLE:
        return [size]
    ends = _ends(octets, part, room, stamp.on if stamp else None)
    if len(ends) > most:
        raise Refusal(Code.CONTENT_LONG, segments=len(ends), most=most)
    return ends


def _ends(octets: bytes, part: int, room: int, on: StampOn | None) -> list[int]:
    ends: list[int] = []
    start, end, size = 0, 0, len(octets)
    while end < size:
        is_stamped = on is StampOn.EVERY or (on is StampOn.FIRST and not ends)
        start, end = end, _fitting(octets, end, part - room if is_stamped else part)
        ends.append(end)
    if on is StampOn.LAST and size - start + room > part:
        ends.insert(-1, _fitting(octets, start, part - room))
    return ends


def _fitting(octets: bytes, start: int, most: int) -> int:
    """Returns where a part of up to so many octets ends; never behind the first half of a pair."""
    end = min(start + most, len(octets))
    return end - 2 if end < len(octets) and 0xD8 <= octets[end - 2] <= 0xDB else end
