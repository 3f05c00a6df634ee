"""What the step that replaces a text does inside its transaction."""

from dataclasses import dataclass
from typing import Protocol

from hongyan.model.rows import LockedTask
from hongyan.ports.tx.billing import EntryNotesTx
from hongyan.ports.tx.shared import UsageTx, WalletsTx
from hongyan.ports.tx.stopping import StoppingTx


@dataclass(frozen=True, slots=True)
class ReplacedText:
    """A new text and its price; a time of 0 leaves the time as it was."""

    text: str
    segments: int
    points: int
    valid_until_ms: int
    send_at_ms: int


class SessionReplaceTx(UsageTx, EntryNotesTx, StoppingTx, WalletsTx, Protocol):
    def replaceable_coding(self, account_id: int, task_id: int, source: str) -> int | None:
        """Returns the data_coding of a text to one number that came in one PDU from this source address; None for anything
        else.
        """
        ...

    def recipient_of(self, task: LockedTask) -> tuple[int, str]:
        """Returns phone and extno of a task to one number."""
        ...

    def costs_of(self, task_id: int) -> tuple[int, int]:
        """Returns the points that a task holds, and when it is sent."""
        ...

    def replace_text(self, task: LockedTask, message_id: int | None, new: ReplacedText) -> None:
        """Write another text of a locked task, for its message or, if that does not exist yet, for its slice."""
        ...
