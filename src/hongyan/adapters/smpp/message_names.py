"""The message_id of a submit: the sixteen digits of its task's id, which are the same as a decimal and as a hexadecimal number."""

import re

_DIGITS = re.compile("[0-9]{16}")


class SmppMessageNames:
    """Implements ports.message_names.MessageNames."""

    def name(self, task_id: int, at_ms: int) -> str:  # noqa: ARG002  the day stands in the id
        return f"{task_id:016d}"

    def task_of(self, message_id: str, now_ms: int) -> int | None:  # noqa: ARG002  as above
        return int(message_id) if _DIGITS.fullmatch(message_id) else None
