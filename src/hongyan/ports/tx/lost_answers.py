"""What is asked about submissions whose answer was lost."""

from collections.abc import Sequence
from typing import Protocol


class LostAnswersTx(Protocol):
    def stored_tasks(self, named: Sequence[tuple[int, str]]) -> dict[int, tuple[int, int, int]]:
        """Returns those of these tasks, each with its smsId, that are stored: the wallet's points now, the task's numbers, its
        points.
        """
        ...
