"""Times as Chinese carriers write them: Beijing (UTC+8, no daylight saving), mostly without a zone."""

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_BEIJING = timezone(timedelta(hours=8))
_DAY_MS = 24 * 3600 * 1000
_QUARTER_S = 15 * 60

CHINA = 32
"""Quarter hours from UTC."""


def read_moment(digits: str, received_ms: int) -> int:
    """YYMMDDhhmm or YYMMDDhhmmss in milliseconds; when it is no time, or one more than a day ahead, that of arrival."""
    told_ms = _read(digits)
    return told_ms if 0 < told_ms <= received_ms + _DAY_MS else received_ms


@lru_cache(maxsize=1024)  # thousands of reports a second name the same minute
def _read(digits: str) -> int:
    """0 for what is no time."""
    if not (digits.isascii() and digits.isdecimal() and len(digits) in {10, 12}):
        return 0
    pairs = [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]
    try:
        return int(datetime(2000 + pairs[0], *pairs[1:], tzinfo=_BEIJING).timestamp() * 1000)  # type: ignore[misc, arg-type]
    except ValueError:
        return 0


def login_stamp(now_ms: int) -> int:
    """MMDDhhmmss as a number: in the digests of logins, and in SGIP's sequences."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(_BEIJING)
    return int(f"{now:%m%d%H%M%S}")


def expiry(at_s: int, quarters: int = CHINA) -> str:
    """A moment in the absolute form "YYMMDDhhmmsstnnp" of SMPP 3.4 7.1.1, which the Chinese protocols have taken over.

    quarters: how far the clock that it is written by is ahead of UTC; it stands in the text
    """
    there = datetime.fromtimestamp(at_s + quarters * _QUARTER_S, UTC)
    return f"{there:%y%m%d%H%M%S}0{quarters:02}+"
