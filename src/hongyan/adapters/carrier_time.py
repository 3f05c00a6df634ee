"""Times as Chinese carriers write them: Beijing (UTC+8, no daylight saving), mostly without a zone."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

BEIJING_MS = 8 * 3_600_000
BEIJING = timezone(timedelta(milliseconds=BEIJING_MS))
_QUARTER_S = 15 * 60

CHINA = 32
"""Quarter hours from UTC."""


def read_time(digits: str, received_ms: int, zone_ms: int = BEIJING_MS) -> int:
    """Returns YYMMDDhhmm or YYMMDDhhmmss, with or without the century before it, in milliseconds; `received_ms` if it is no
    time.

    zone_ms: how far the clock of its writer is ahead of UTC
    """
    read_ms = _read(digits)
    return read_ms - zone_ms if read_ms else received_ms


@lru_cache(maxsize=1024)  # thousands of reports a second have the same minute
def _read(digits: str) -> int:
    """Returns the time read as UTC; 0 for a text that is no time."""
    if not (digits.isascii() and digits.isdecimal()):
        return 0
    return _read_pairs(digits) or (_read_pairs(digits[2:]) if digits.startswith("20") else 0)


def _read_pairs(digits: str) -> int:
    if len(digits) not in {10, 12}:
        return 0
    pairs = [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]
    try:
        return int(datetime(2000 + pairs[0], *pairs[1:], tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc, arg-type]
    except ValueError:
        return 0


def beijing(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, BEIJING)


def minute(at_s: float) -> str:
    """Returns YYMMDDhhmm in Beijing, as reports of every protocol have it."""
    return _minute(int(at_s) // 60)


@lru_cache(maxsize=16)
def _minute(minutes: int) -> str:
    return f"{beijing(minutes * 60):%y%m%d%H%M}"


def login_stamp(now_ms: int) -> int:
    """Returns MMDDhhmmss as a number: used in the digests of logins, and in SGIP's sequences."""
    return int(f"{beijing(now_ms / 1000):%m%d%H%M%S}")


def absolute_time(at_s: int, quarters: int = CHINA) -> str:
    """Returns a moment in the absolute form "YYMMDDhhmmsstnnp" of SMPP 3.4 7.1.1, which the Chinese protocols took over.

    quarters: how far the clock that it is written by is ahead of UTC; it stands in the text
    """
    there = datetime.fromtimestamp(at_s + quarters * _QUARTER_S, UTC)
    return f"{there:%y%m%d%H%M%S}0{quarters:02}+"


_RELATIVE = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})000R")
_ABSOLUTE = re.compile(r"([0-9]{12})(?:[0-9]([0-9]{2})([+-]))?")


def moment_of(written: str, now_ms: int) -> int:
    """Returns what a client wrote as a moment, in milliseconds; a time without its zone is China's.

    written: "YYMMDDhhmmsstnnp", absolute with the quarters of an hour from UTC, or with R from now on: years of 365 days, months of 30
    raises: ValueError
    source: SMPP 3.4, 7.1.1
    """
    if found := _RELATIVE.fullmatch(written):
        years, months, days, hours, minutes, seconds = map(int, found.groups())
        days += 365 * years + 30 * months
        return now_ms + int(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()) * 1000
    found = _ABSOLUTE.fullmatch(written)
    read_ms = _read_pairs(found[1]) if found else 0
    if not found or not read_ms:
        raise ValueError(written)
    quarters = int(found[2]) if found[2] else CHINA
    return read_ms - (-1 if found[3] == "-" else 1) * quarters * _QUARTER_S * 1000
