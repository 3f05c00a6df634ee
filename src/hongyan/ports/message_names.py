"""The ids that customers' protocols give to messages."""

from typing import Protocol


class MessageNames(Protocol):
    """A name leads back to its task without a look into the store."""

    def name(self, task_id: int, at_ms: int) -> str:
        """Returns the id that a submit is answered with, in digits. at_ms: when it was taken"""
        ...

    def task_of(self, message_id: str, now_ms: int) -> int | None:
        """Returns the id of the task, or of the part, that has this name; None for what is no name of ours."""
        ...
