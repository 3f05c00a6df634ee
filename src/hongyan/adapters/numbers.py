"""Phone numbers and access numbers as carriers write them, read and written in the same way by every protocol."""

from functools import lru_cache

from hongyan.model.channel import Channel
from hongyan.model.phone import MAINLAND, national, normalise

_FIRST, _LAST = MAINLAND + 13_000_000_000, MAINLAND + 19_999_999_999

_LEAST_PHONE = 10_000_000
_SERVICE = "10"  # no mobile number of the mainland begins so, nor one of North America


def phone_of(digits: str) -> int:
    """Returns a number as E.164; a service number as it is; 0 if it is none."""
    known = normalise(digits)
    if known is not None:
        return known
    plain = digits.lstrip("+")
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) <= 18 else 0


def recipient_of(channel: Channel, *addresses: str) -> int:
    """Returns the phone of a receipt: the first of its addresses that may be one; 0 if none may.

    Some carriers swap source and destination, or write a service number. Our own numbers, short ones and those that begin with
    10 are no phones.
    """
    for digits in addresses:
        phone = phone_of(digits)
        if phone >= _LEAST_PHONE and not digits.startswith((channel.access or _SERVICE, _SERVICE)):
            return phone
    return 0


def national_digits(phone: int) -> bytes:
    """Returns a recipient as Chinese carriers want it: the eleven digits of the mainland, anything else behind 00."""
    return b"%d" % (phone - MAINLAND) if _FIRST <= phone <= _LAST else national(phone).encode()


@lru_cache(maxsize=4096)  # the numbers that accounts send from: few, and the same ones all day
def source_octets(source: str) -> bytes:
    return source.encode("latin-1", "replace")
