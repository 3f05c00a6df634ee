"""Black lists: numbers that nothing is sent to."""

from dataclasses import dataclass

from hongyan.model.fields import Change, described
from hongyan.model.kinds import number
from hongyan.model.names import REMARK
from hongyan.model.number_list import FOREVER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedNumber(Change):
    """A number to be black-listed."""

    phone: int = described("The number with its country, E.164.", number(1, 10**15 - 1), is_required=True)
    end_s: int = described("Seconds since 1970 at which it ends; 4294967295: never.", number(1, FOREVER_S), is_required=True)
    note: str = described("Why.", REMARK, is_required=True)
