"""What customers ask over their sessions about messages that they submitted."""

from typing import Protocol

from hongyan.model.message import MessageState
from hongyan.model.owed import OwedState
from hongyan.model.session_question import MessageCounts


class SessionQueriesTx(Protocol):
    def part_of_task(self, account_id: int, part_id: int) -> int | None:
        """Returns the task that a part of a long text belongs to, 0 while it waits; None if the account has no such part."""
        ...

    def state_of_task(self, account_id: int, task_id: int) -> tuple[MessageState, str, int] | None:
        """Returns state and code of the first message of a task, and when they changed; None if the account has no such task."""
        ...

    def name_of_task(self, task_id: int) -> str:
        """Returns the id of a task by the id with which the customer was answered."""
        ...

    def count_day(self, account_id: int, first_hour: int, last_hour: int) -> MessageCounts:
        """Returns the counts of the account's messages in some hours since 1970, UTC, from the counters."""
        ...

    def count_service(self, account_id: int, service: str, first_task: int, last_task: int) -> MessageCounts:
        """Returns the counts of messages of one service, over up to 50,000 tasks of a day."""
        ...

    def count_replies(self, account_id: int, first_id: int, last_id: int) -> dict[OwedState, int]: ...
