"""What the steps ask of the store to let old things go. Part of Tx."""

from collections.abc import Sequence
from typing import Protocol

from hongyan.model.ledger import Entry
from hongyan.model.rows import Dropped


class RetentionTx(Protocol):
    """A bite is bounded; where nothing is left it gives 0."""

    def drop_messages(self, before: int) -> Dropped:
        """Drop the oldest 200 messages at most that are over and have an id below this, with all that belongs to them.

        On PostgreSQL none: whole months of them go.
        """
        ...

    def drop_resent(self, before: int) -> Dropped:
        """Drop up to 200 notes on messages that were sent once more."""
        ...

    def drop_tasks(self, first_task: int, before: int) -> Dropped:
        """Drop the oldest 200 released tasks at most with an id below the first and all message ids below the second, none of them left."""
        ...

    def drop_replies(self, before: int) -> Dropped:
        """Drop the oldest 200 replies at most, with what is owed of them."""
        ...

    def drop_attempts(self, before: int) -> Dropped:
        """Drop up to 200 attempts to push; on PostgreSQL none, as with messages."""
        ...

    def drop_entries(self, before: int) -> Dropped:
        """Drop the oldest 200 entries at most that belong to no task and no message; on PostgreSQL none, as with messages."""
        ...

    def carry(self, entries: Sequence[Entry], now_ms: int) -> None:
        """Add entries that stand for dropped ones: wallets do not move."""
        ...
