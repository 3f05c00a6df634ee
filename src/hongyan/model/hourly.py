"""The counters of messages: one row an hour by account, product, channel, carrier and state. What they mean: docs/statistics.md.

A message counts in the hour in which it was made, once as submitted, and once more when it ends.
"""

from dataclasses import dataclass

from hongyan.model.message import MessageState

SUBMITTED = 0
"""Beside the final states of messages: all of them, ended or not."""

CHINA_HOURS = 8
"""By how many hours a day begins earlier in China than in UTC."""


def hours_of(day: int) -> range:
    """The hours since 1970, UTC, of a day of China's since 1970."""
    return range(day * 24 - CHINA_HOURS, (day + 1) * 24 - CHINA_HOURS)


MessageKey = tuple[int, int, int, int, str, int, int]
"""Hours since model.ids.EPOCH_MS, account, product, channel, carrier, state or SUBMITTED, and the segments of one message."""

CodeKey = tuple[int, int, int, int, str]
"""Hours as above, account, channel, state and the code with which a message ended."""


@dataclass(frozen=True, slots=True)
class MessageTally:
    """Messages of a span and a group by their states."""

    submitted: int = 0
    delivered: int = 0
    failed: int = 0
    unknown: int = 0
    cancelled: int = 0
    segments: int = 0  # of all that were submitted

    @property
    def pending(self) -> int:
        """Those that have not ended."""
        return self.submitted - self.delivered - self.failed - self.unknown - self.cancelled

    @property
    def rate(self) -> float | None:
        """Delivered of those that were sent and ended, in percent; None where there are none."""
        ended = self.delivered + self.failed + self.unknown
        return round(100 * self.delivered / ended, 2) if ended else None


STATES = {
    SUBMITTED: "submitted",
    int(MessageState.DELIVERED): "delivered",
    int(MessageState.FAILED): "failed",
    int(MessageState.UNKNOWN): "unknown",
    int(MessageState.CANCELLED): "cancelled",
}
"""What is counted, by the names of the figures."""
