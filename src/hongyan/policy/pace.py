"""How often something may be asked for: a number of times in each minute of the clock."""

from typing import NamedTuple

MINUTE_MS = 60_000


class MinuteCount(NamedTuple):
    number: int  # since 1970
    times: int  # in that minute


def counted(minute: MinuteCount | None, now_ms: int) -> MinuteCount:
    """Returns the minute after one more time."""
    number = now_ms // MINUTE_MS
    return MinuteCount(number, minute.times + 1 if minute and minute.number == number else 1)
