"""How many segments a text fills, and what each of them carries.

Every text is counted in UTF-16 code units of two octets, as domestic gateways and price lists do, ASCII included: 70 fit one
segment, and 67 each of several. A character outside the BMP is two units and is never cut in half.

source: 3GPP TS 23.040, 9.2.3.24.1; wire contract, 2.13
"""

from hongyan.model.refusal import Code, Refusal

MOST_PARTS = 10
_WHOLE = 2 * 70  # octets of text in a segment that stands alone
_PART = 2 * 67  # beside the 6 octets of concatenation


def count_segments(text: str, most: int = MOST_PARTS) -> int:
    """The number of segments that a text fills.

    text:    one character or more
    returns: 1 to `most`
    raises:  Refusal CONTENT_EMPTY, CONTENT_LONG
    """
    if 0 < len(text) <= 35:  # 70 units at worst
        return 1
    return len(_cuts(_octets(text), most))


def split_text(text: str, most: int = MOST_PARTS) -> list[str]:
    """Cut a text into the parts that its segments will carry.

    text:    one character or more
    returns: 1 to `most` parts in order that join back into the text
    raises:  Refusal CONTENT_EMPTY, CONTENT_LONG
    """
    octets = _octets(text)
    ends = _cuts(octets, most)
    if len(ends) == 1:
        return [text]
    return [octets[start:end].decode("utf-16-be", "surrogatepass") for start, end in zip([0, *ends], ends, strict=False)]


def _octets(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _cuts(octets: bytes, most: int) -> list[int]:
    """Where each part ends, in octets of UTF-16BE."""
    size = len(octets)
    if not size:
        raise Refusal(Code.CONTENT_EMPTY)
    if size <= _WHOLE:
        return [size]
    ends, end = [], 0
    while end < size:
        end = min(end + _PART, size)
        if end < size and 0xD8 <= octets[end - 2] <= 0xDB:  # a pair would be cut behind its first half
            end -= 2
        ends.append(end)
    if len(ends) > most:
        raise Refusal(Code.CONTENT_LONG, segments=len(ends), most=most)
    return ends
