"""The ids that customers' protocols give to messages."""

from typing import Protocol


class MessageNames(Protocol):
    """The names of messages in a customer's protocol. A name leads back to its task without a look into the store."""

    def name(self, task_id: int, at_ms: int) -> str:
        """Returns the id with which a submit is answered, in digits. at_ms: when the submit was taken"""
        ...

    def task_of(self, message_id: str, now_ms: int) -> int | None:
        """Returns the id of the task, or of the part, that has this name; None for a name that is not ours."""
        ...
