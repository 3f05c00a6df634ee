"""Hourly counters of messages, by account, product, channel, carrier and state, and their sums. docs/statistics.md says what they
mean.

A message is counted in the hour in which it was made: once as submitted, and once more when it ends.
"""

from dataclasses import dataclass

from hongyan.model.message import MessageState

SUBMITTED = 0
"""The state under which every message is counted, ended or not."""

CHINA_HOURS = 8
"""Hours by which a day begins earlier in China than in UTC."""


SETTLED_HOURS = 2
"""How many hours before this one are not summed up yet: the clocks of processes may differ by one."""


def hours_of(day: int) -> range:
    """Returns the hours, since 1970 in UTC, of a day, since 1970 in China."""
    return hours_of_days(range(day, day + 1))


def hours_of_days(days: range) -> range:
    return range(days.start * 24 - CHINA_HOURS, days.stop * 24 - CHINA_HOURS)


def day_of(hour: int) -> int:
    """Returns the day, since 1970 in China, of an hour, since 1970 in UTC."""
    return (hour + CHINA_HOURS) // 24


def whole_days(hours: range) -> range:
    """Returns the days of which all hours are among these."""
    first = day_of(hours.start + 23)
    return range(first, max(first, day_of(hours.stop)))


def hours_within(days: range, hours: range) -> range:
    """Returns the hours of the whole days within a span; if it has none, no hour at its end."""
    return hours_of_days(days) if days else range(hours.stop, hours.stop)


MessageKey = tuple[int, int, int, int, str, int]
"""Of a counter: hour since model.ids.EPOCH_MS, account, product, channel, carrier, state or SUBMITTED."""

Counted = dict[MessageKey, list[int]]
"""By how much counters change: messages, and their segments."""

CodeKey = tuple[int, int, int, int, str]
"""Hour as above, account, channel, state, and the code with which a message ended."""

Place = tuple[int, int]
"""A place in the order of the counters: hour since 1970, account. Counters before it are in the sums too."""


@dataclass(frozen=True, slots=True)
class MessageTally:
    """Numbers of messages of a span and a group, by state."""

    submitted: int = 0
    delivered: int = 0
    failed: int = 0
    unknown: int = 0
    cancelled: int = 0
    segments: int = 0  # of all that were submitted

    @property
    def pending(self) -> int:
        """Returns how many have not ended."""
        return self.submitted - self.delivered - self.failed - self.unknown - self.cancelled

    @property
    def rate(self) -> float | None:
        """Returns the delivered share of those that were sent and ended, in percent; None if there are none."""
        ended = self.delivered + self.failed + self.unknown
        return round(100 * self.delivered / ended, 2) if ended else None


STATES = {
    SUBMITTED: "submitted",
    int(MessageState.DELIVERED): "delivered",
    int(MessageState.FAILED): "failed",
    int(MessageState.UNKNOWN): "unknown",
    int(MessageState.CANCELLED): "cancelled",
}
"""The names of the figures that are counted."""

FIGURES = (*STATES.values(), "segments")
"""The columns of sums: messages by state, and the segments of all that were submitted."""
