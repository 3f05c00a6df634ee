"""What the step about refused numbers does inside its transaction."""

from typing import Protocol

from hongyan.model.rows import LockedTask
from hongyan.ports.tx.shared import EndingTx, LockedTaskTx, NewMessagesTx


class RefusedNumbersTx(NewMessagesTx, EndingTx, LockedTaskTx, Protocol):
    def phones_of(self, task: LockedTask) -> set[int]:
        """Returns the phones of the task's messages."""
        ...

    def task_reaches(self, task_id: int, first_id: int, last_id: int) -> None:
        """Add these messages to the range of ids that the task names."""
        ...
