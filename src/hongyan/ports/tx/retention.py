"""What the retention step does inside its transaction. Every call is bounded, and returns 0 when nothing is left."""

from collections.abc import Sequence
from typing import Protocol

from hongyan.model.ledger import Entry
from hongyan.model.rows import Dropped


class RetentionTx(Protocol):
    def drop_messages(self, before: int) -> Dropped:
        """Drop up to 200 of the oldest messages that are over and have a smaller id, with all that belongs to them.

        On PostgreSQL it drops none: whole months of messages are dropped there.
        """
        ...

    def drop_resent(self, before: int) -> Dropped:
        """Drop up to 200 notes on messages that were sent once more."""
        ...

    def drop_tasks(self, first_task: int, before: int) -> Dropped:
        """Drop up to 200 of the oldest released tasks with an id below the first, all of whose messages are gone and had ids
        below the second.
        """
        ...

    def drop_replies(self, before: int) -> Dropped:
        """Drop up to 200 of the oldest replies, with what is owed of them."""
        ...

    def drop_attempts(self, before: int) -> Dropped:
        """Drop up to 200 attempts to push; on PostgreSQL none, as with messages."""
        ...

    def drop_entries(self, before: int) -> Dropped:
        """Drop up to 200 of the oldest entries that belong to no task and no message; on PostgreSQL none, as with messages."""
        ...

    def carry(self, entries: Sequence[Entry], now_ms: int) -> None:
        """Write entries in place of dropped ones. Wallets do not change."""
        ...
