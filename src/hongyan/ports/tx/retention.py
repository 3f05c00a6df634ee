"""What the retention step does inside its transaction. Every call is bounded, and counts 0 where nothing is left."""

from collections.abc import Sequence
from typing import Protocol

from hongyan.model.ledger import Entry
from hongyan.model.rows import Dropped


class RetentionTx(Protocol):
    def drop_messages(self, before: int) -> Dropped:
        """Drop the oldest messages, up to 200, that are over and have an id below this, with all that belongs to them.

        On PostgreSQL none: whole months of them are dropped.
        """
        ...

    def drop_resent(self, before: int) -> Dropped:
        """Drop up to 200 notes on messages that were sent once more."""
        ...

    def drop_tasks(self, first_task: int, before: int) -> Dropped:
        """Drop the oldest released tasks, up to 200, with an id below the first and all message ids below the second, none of them left."""
        ...

    def drop_replies(self, before: int) -> Dropped:
        """Drop the oldest replies, up to 200, with what is owed of them."""
        ...

    def drop_attempts(self, before: int) -> Dropped:
        """Drop up to 200 attempts to push; on PostgreSQL none, as with messages."""
        ...

    def drop_entries(self, before: int) -> Dropped:
        """Drop the oldest entries, up to 200, that belong to no task and no message; on PostgreSQL none, as with messages."""
        ...

    def carry(self, entries: Sequence[Entry], now_ms: int) -> None:
        """Write entries that stand for dropped ones. Wallets do not move."""
        ...
