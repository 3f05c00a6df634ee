"""How a carrier's message ids are compared: receipts may spell an id differently from the answer to its submit.

Ids are kept in one spelling: no blanks, lower case, no leading zeros. A receipt may also write in decimal what the answer wrote
in hexadecimal digits, or the reverse. If the id alone does not show that, the channel's setting decides, or the ids that passed
before (`CarrierIds`).
"""

from dataclasses import dataclass, field

from hongyan.model.channel import IdForm
from hongyan.model.traffic import OutSegment

ID_MOST = 64
"""The most characters of an id that is kept."""

_UNNAMED = "unnamed-"
_AUTO = IdForm.AUTO  # looking a member up in its class takes longer than what is done with it
_HEX_DIGITS = frozenset("0123456789abcdef")
_CONVERT_MOST = 32  # digits; longer ids are no numbers
_SURE_AFTER = 64  # ids of six digits and more without a letter: so many in a row happen by chance once in 10^78


def bounded(message_id: str) -> str:
    """Returns an id as it came; "" for one of more than 64 characters. It is not cut, since it might then equal another one."""
    return message_id if len(message_id) <= ID_MOST else ""


def unnamed_id(segment: OutSegment) -> str:
    """Returns a name for a segment that a carrier accepted without naming it. No receipt will find it, and no other segment has
    it.
    """
    return f"{_UNNAMED}{segment.message_id}-{segment.part}"


def is_unnamed(name: str) -> bool:
    return name.startswith(_UNNAMED)


def normalise(message_id: str) -> str:
    """Returns the spelling under which an id is kept; "" for one that is not kept; "0" for nothing but zeros."""
    plain = bounded(message_id.strip()).lower()
    return plain.lstrip("0") or plain[:1]


def in_hex(plain: str) -> str:
    """Returns a normalised id that is a decimal number in hexadecimal digits; anything else as it is."""
    return f"{int(plain):x}" if plain.isascii() and plain.isdecimal() and len(plain) <= _CONVERT_MOST else plain


def in_decimal(plain: str) -> str:
    """Returns a normalised id of hexadecimal digits as a decimal number; anything else as it is."""
    return str(int(plain, 16)) if plain and _HEX_DIGITS.issuperset(plain) and len(plain) <= _CONVERT_MOST else plain


@dataclass(slots=True)
class _Base:
    """What the ids of one side have shown about their base."""

    is_hex: bool = False
    is_decimal: bool = False
    _without_letter: int = 0

    def see(self, plain: str) -> None:
        if self.is_hex or not 6 <= len(plain) <= _CONVERT_MOST:
            return
        if plain.isdecimal():
            if not self.is_decimal:
                self._without_letter += 1
                self.is_decimal = self._without_letter >= _SURE_AFTER
        elif _HEX_DIGITS.issuperset(plain):
            self.is_hex, self.is_decimal = True, False


@dataclass(slots=True)
class CarrierIds:
    """The ids of one channel: how they are kept, and under which names the segment of a receipt may be found."""

    form: IdForm
    _answers: _Base = field(default_factory=_Base)
    _receipts: _Base = field(default_factory=_Base)

    def of_answer(self, message_id: str) -> str:
        """Returns the name under which an accepted segment is kept."""
        plain = normalise(message_id)
        self._answers.see(plain)
        return plain

    def of_receipt(self, believed: str, other: str = "") -> tuple[str, ...]:
        """Returns names for the segment of a receipt, the most likely first, without repeats; none if it has no id.

        believed, other: as a parameter of the receipt and its text spell them; "" is none
        """
        plain = normalise(believed) if believed else ""
        second = normalise(other) if other and other != believed else ""
        if not plain:
            plain, second = second, ""
        if not plain:
            return ()
        self._receipts.see(plain)
        names = self._names(plain) + self._names(second) if second else self._names(plain)
        return names if len(names) == 1 else tuple(dict.fromkeys(names))

    def _names(self, plain: str) -> tuple[str, ...]:
        if self.form is _AUTO:
            return self._guesses(plain)
        match self.form:
            case IdForm.SAME:
                return (plain,)
            case IdForm.HEX_THEN_DECIMAL:
                return in_hex(plain), plain
            case IdForm.DECIMAL_THEN_HEX:
                return in_decimal(plain), plain
            case _:
                raise AssertionError(self.form)

    def _guesses(self, plain: str) -> tuple[str, ...]:
        """Returns the readings to try, in order: equal; hexadecimal in the answer and decimal in the receipt, which is common;
        the reverse.

        Readings that are ruled out are left out. Once answers have shown letters and receipts have not, a receipt of digits
        alone is most likely a decimal number.
        """
        answers, receipts = self._answers, self._receipts
        if (answers.is_decimal and receipts.is_decimal) or (answers.is_hex and receipts.is_hex):
            return (plain,)
        if not plain.isdecimal():
            return (plain,) if answers.is_hex else (plain, in_decimal(plain))
        if answers.is_hex:
            return in_hex(plain), plain
        if receipts.is_hex:
            return (in_decimal(plain), plain) if answers.is_decimal else (plain, in_decimal(plain))
        return (plain, in_decimal(plain)) if answers.is_decimal else (plain, in_hex(plain), in_decimal(plain))
