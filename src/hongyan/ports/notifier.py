from collections.abc import Awaitable
from typing import Protocol

from hongyan.model.alarm import Alarm, NoticeResult


class Notifier(Protocol):
    """Sends people a notice of an alarm. It never raises for trouble on their side."""

    def __call__(self, alarm: Alarm, text: str) -> Awaitable[NoticeResult]: ...
