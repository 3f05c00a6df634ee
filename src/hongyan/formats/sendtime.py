"""Times on the customers' wire: China time without a zone, inside milliseconds since 1970, UTC.

China has had no summer time since 1991: its zone is a fixed eight hours.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from hongyan.model.times import CHINA

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_SPELLING = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"  # 2010-10-24, 2010/1/4
    r"(?:[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?)?"  # 9:08, 09:08:10, T09:08:10.000; a date alone is its midnight
    r"(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?",  # no zone of the earth is farther than 14 hours
    re.ASCII,
)
_NO_TIME = re.compile(r"0[0\-/:. T]*")  # 0, 0000-00-00 00:00:00
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)()", re.ASCII)  # 20101024090810


class BadTime(ValueError):
    """Not a time in any known spelling."""


def send_time_ms(text: str, now_ms: int) -> int:
    """Returns when a customer wants a task sent.

    text:    `sendTime`: empty, zero as programs write it that schedule nothing, or one of the spellings above
    returns: milliseconds since 1970, UTC; 0 for at once, also for a time that has passed
    raises:  BadTime
    source:  wire contract, 1.1, 2.10 and 7.7 (xsd:dateTime with its offset)
    """
    text = text.strip()
    if not text or _NO_TIME.fullmatch(text):
        return 0
    at_ms = read_ms(text)
    return at_ms if at_ms > now_ms else 0


def read_ms(text: str) -> int:
    """Reads a time; returns milliseconds since 1970, UTC. raises: BadTime"""
    found = _SPELLING.fullmatch(text) or _COMPACT.fullmatch(text)
    if not found:
        raise BadTime
    *fields, zone = found.groups()
    try:
        year, month, day, hour, minute, second = (int(field or 0) for field in fields)
        as_utc = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as fault:
        raise BadTime from fault
    return ((as_utc - _EPOCH) // timedelta(seconds=1) - _offset_s(zone)) * 1000


def _offset_s(zone: str | None) -> int:
    """Returns how far the zone is ahead of UTC; the default is China's."""
    if not zone:
        return 8 * 3600
    if zone == "Z":
        return 0
    sign = -1 if zone[0] == "-" else 1
    return sign * (int(zone[1:3]) * 3600 + int(zone[4:6]) * 60)


@lru_cache(maxsize=1024)
def read_any_stamp_ms(text: str) -> int:
    """Reads a time stamp as programs for the v2 doors write it; returns milliseconds since 1970, UTC. Cached, since many
    requests have the same.

    text:   yyyyMMddHHmmss or yyMMddHHmmss in China time, or Unix time in 10 digits of seconds or 13 of milliseconds
    raises: BadTime
    """
    if not (text.isascii() and text.isdecimal()):
        raise BadTime
    match len(text):
        case 10:
            return int(text) * 1000
        case 12:
            return read_ms(f"20{text}")
        case 13:
            return int(text)
        case 14:
            return read_ms(text)
        case _:
            raise BadTime


def china_text(at_ms: int) -> str:
    """Returns `yyyy-MM-dd HH:mm:ss` in China time."""
    return _second_text(at_ms // 1000)


@lru_cache(maxsize=4096)
def _second_text(second: int) -> str:
    return datetime.fromtimestamp(second, CHINA).strftime("%Y-%m-%d %H:%M:%S")
