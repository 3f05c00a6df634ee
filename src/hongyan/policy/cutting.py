"""How a channel encodes and cuts a text: its alphabet, the room that headers take, one long message if the carrier cuts.

A text that the channel's alphabet cannot spell is sent in UCS-2, all parts of it. A channel whose carrier adds a signature
sends only UCS-2, because the brackets 【】 turn every other alphabet into it. What is charged is counted elsewhere
(`segments`): the price does not depend on the alphabet of a channel.

source: 3GPP TS 23.038, 6.2.1; 23.040, 9.2.3.24; CMPP 3.0, Msg_Fmt
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hongyan.model.channel import Alphabet, Channel, LongText, Stamp
from hongyan.model.gsm import EXTENDED, is_gsm
from hongyan.policy.segments import split_text

MOST_PARTS = 255
"""The most parts that one reference can number. An admitted text is sent, in however many parts this channel needs."""

_UCS2 = Alphabet.UCS2
_SEPTETS, _OCTETS, _UNITS = (160, 153, 152), (140, 134, 133), (70, 67, 66)
_ROOM: Mapping[Alphabet, tuple[int, int, int]] = {
    Alphabet.UCS2: _UNITS,
    Alphabet.GSM: _SEPTETS,
    Alphabet.GSM_PACKED: _SEPTETS,
    Alphabet.ASCII: _SEPTETS,
    Alphabet.LATIN1: _OCTETS,
}
"""The room in one message alone, and beside a header with a reference of 8 bits and of 16."""


_CLASSED = frozenset({Alphabet.UCS2, Alphabet.GSM, Alphabet.GSM_PACKED})


@dataclass(frozen=True, slots=True)
class Cut:
    """How one channel encodes and cuts."""

    alphabet: Alphabet = _UCS2
    long_text: LongText = LongText.UDH8
    stamp: Stamp | None = None

    def in_class_0(self) -> "Cut":
        """Returns the same for flash texts: the alphabets that have a coding with a message class (3GPP TS 23.038, 4)."""
        return self if self.alphabet in _CLASSED else replace(self, alphabet=_UCS2)


def cut_of(channel: Channel) -> Cut | None:
    """Returns None for the usual way: UCS-2, parts of 67, nothing added."""
    if not channel.options:
        return None
    cut = Cut(channel.word("encoding", _UCS2), channel.word("long", LongText.UDH8), channel.stamp)
    return None if cut == Cut() else cut


def cut_text(text: str, how: Cut) -> tuple[Alphabet, list[str]]:
    """Returns the alphabet of a text on this channel, and its parts; joined, they are the text.

    raises: Refusal CONTENT_EMPTY
    """
    alphabet = _UCS2 if how.stamp else _alphabet_for(text, how.alphabet)
    if how.long_text is LongText.PAYLOAD:
        return alphabet, [text]
    if alphabet is Alphabet.GBK:
        return alphabet, [text]
    alone, beside_8, beside_16 = _ROOM[alphabet]
    most = beside_16 if how.long_text is LongText.UDH16 else beside_8
    if alphabet is _UCS2:
        return alphabet, split_text(text, MOST_PARTS, how.stamp, most)
    return alphabet, _by_width(text, alone, most)


def _alphabet_for(text: str, wanted: Alphabet) -> Alphabet:
    """Returns the wanted alphabet if it can spell the text. GBK is delivered as UCS-2 and has no parts, so only short texts use
    it.
    """
    match wanted:
        case Alphabet.GSM | Alphabet.GSM_PACKED:
            is_spelt = is_gsm(text)
        case Alphabet.ASCII:
            is_spelt = text.isascii()
        case Alphabet.LATIN1:
            is_spelt = _is_in(text, "latin-1")
        case Alphabet.GBK:
            is_spelt = len(text.encode("utf-16-be", "surrogatepass")) <= 2 * _UNITS[0] and _is_in(text, "gbk")
        case _:
            is_spelt = False
    return wanted if is_spelt else _UCS2


def _is_in(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _by_width(text: str, alone: int, most: int) -> list[str]:
    """Returns parts of a text in an alphabet whose characters fill one place, or two with an escape."""
    widths = [2 if char in EXTENDED else 1 for char in text] if alone == _SEPTETS[0] else [1] * len(text)
    if sum(widths) <= alone:
        return [text]
    parts, start, used = [], 0, 0
    for at, width in enumerate(widths):
        if used + width > most:
            parts.append(text[start:at])
            start, used = at, 0
        used += width
    return [*parts, text[start:]]
