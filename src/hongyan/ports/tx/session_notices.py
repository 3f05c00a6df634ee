"""What the steps about intermediate notices do inside their transactions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from hongyan.model.session_delivery import SessionNotice


@dataclass(frozen=True, slots=True)
class NoticeWanted:
    """A submit that asks for a notice. waits: some of its messages have not left, or do not exist yet"""

    task_id: int
    waits: bool


class SessionNoticesTx(Protocol):
    def notices_wanted(self, after: int, most: int) -> list[NoticeWanted]:
        """Returns submits behind a task that ask for notices, in order."""
        ...

    def take_wanted(self, task_ids: Iterable[int]) -> list[int]:
        """Forget that they ask; returns those that nobody else took."""
        ...

    def messages_under_way(self, task_ids: Sequence[int]) -> list[tuple[int, int]]:
        """Returns messages of these tasks that have left and not ended: (account, message)."""
        ...

    def add_notices(self, rows: Sequence[tuple[int, int, int]], now_ms: int) -> None:
        """Owe notices: (notice, account, message)."""
        ...

    def drop_late_notices(self, after: int, most: int) -> int:
        """Drop those of a page whose message has ended; returns the id behind which the next page begins, 0 at the end."""
        ...


class OwedNoticesTx(Protocol):
    def take_notices(self, account_id: int, most: int, now_ms: int, due_ms: int) -> list[tuple[SessionNotice, str]]:
        """Take up to so many that are due and whose message is under way. They are due again then. Each has `reports` of its
        submit.
        """
        ...

    def end_notices(self, notice_ids: Sequence[int]) -> None: ...

    def defer_notices(self, notice_ids: Sequence[int], due_ms: int) -> None: ...

    def notices_due(self, account_ids: Iterable[int], now_ms: int) -> set[int]:
        """Returns those of the accounts that have some due."""
        ...
