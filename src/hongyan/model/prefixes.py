"""The carrier of a mainland number by its prefix: one look into a table of 10,000 entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hongyan.model.destination import Carrier

_DIGITS = 5  # digits of the national number, the first of which is 1
_ENTRIES = 10 ** (_DIGITS - 1)
BELOW_PREFIX = 10 ** (11 - _DIGITS)
"""A mainland number divided by it is its beginning with the prefix: the digits behind that are left out."""

FOREIGN = Carrier.FOREIGN  # Python 3.11 takes half a microsecond to find a member of an enum
_FIRST = 86 * 10**_DIGITS + _ENTRIES  # 86 and the prefix 10000, as they begin an E.164 number


def _nobody_has_published() -> dict[int, Carrier]:
    return dict.fromkeys(range(_FIRST, _FIRST + _ENTRIES), Carrier.UNKNOWN)


@dataclass(frozen=True, slots=True)
class PrefixTable:
    """The carrier of every prefix from 10000 to 19999. Built once, read for every number.

    by_beginning: of E.164 numbers, divided by BELOW_PREFIX; what is not there is FOREIGN
    """

    by_beginning: Mapping[int, Carrier] = field(default_factory=_nobody_has_published)

    @classmethod
    def of(cls, prefixes: Mapping[str, Carrier]) -> "PrefixTable":
        """Make a table in which the longest prefix wins.

        prefixes: national prefixes of 1 to 5 digits that begin with 1, such as 138 or 13492
        raises:   ValueError for any other
        """
        carriers = _nobody_has_published()
        for prefix in sorted(prefixes, key=len):
            if not (prefix.isascii() and prefix.isdigit() and prefix[0] == "1" and len(prefix) <= _DIGITS):
                raise ValueError(f"{prefix!r} is not a national prefix of 1 to {_DIGITS} digits that begins with 1")
            width = 10 ** (_DIGITS - len(prefix))
            start = 86 * 10**_DIGITS + int(prefix) * width
            carriers.update(dict.fromkeys(range(start, start + width), prefixes[prefix]))
        return cls(carriers)

    def carrier(self, phone: int) -> Carrier:
        """Returns the carrier of an E.164 number: FOREIGN outside the mainland, UNKNOWN for a prefix that nobody has published."""
        return self.by_beginning.get(phone // BELOW_PREFIX, FOREIGN)
