"""Destinations: whom a route or a price is for, a carrier or the numbers that begin alike."""

import re
from enum import StrEnum

from hongyan.model.kinds import Kind


class Carrier(StrEnum):
    MOBILE = "mobile"
    UNICOM = "unicom"
    TELECOM = "telecom"
    BROADNET = "broadnet"
    SATELLITE = "satellite"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"  # a mainland prefix that nobody has published


_COUNTRY = re.compile(r"\+(?!86)[1-9][0-9]{0,6}", re.ASCII)


ANY = "any"
"""The word for every destination, of a route or a price."""


def read_destination(text: str) -> str:
    """Read the destination of a route or a price.

    text:    such as `mobile`, `foreign`, `+852`
    returns: a Carrier, or `+` and the first digits of the numbers of a country or of a network there
    raises:  ValueError for anything else; mainland numbers are known by their carriers
    """
    return text if _COUNTRY.fullmatch(text) else Carrier(text)


def _read_any(text: str) -> str:
    return "" if text in {"", ANY} else read_destination(text)


DESTINATION = Kind(
    "give any, {words}, or + and a country's code such as +852",
    _read_any,
    lambda held: held or "",
    lambda stored: stored or None,
    facts={"words": ", ".join(Carrier)},
)
"""Whom a route or a price is for; "" is everybody."""
