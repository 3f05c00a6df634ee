from collections.abc import Awaitable
from typing import Protocol

from hongyan.model.alarm import Alarm, NoticeResult


class Notifier(Protocol):
    """Sends people a notice of an alarm; never raises for what their side does."""

    def __call__(self, alarm: Alarm, text: str) -> Awaitable[NoticeResult]: ...
