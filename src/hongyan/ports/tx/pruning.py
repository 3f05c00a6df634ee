"""What pruning does inside its transactions. Every call is bounded and returns how many rows it dropped; 0 means the end."""

from typing import Protocol


class PruningTx(Protocol):
    def prune_references(self, before_ms: int) -> int:
        """Drop up to 2,000 client references that are older."""
        ...

    def prune_brief_references(self, before_ms: int) -> int:
        """Drop up to 2,000 older references that doors made themselves; these begin with a blank."""
        ...

    def prune_tickets(self, before: int) -> int:
        """Drop up to 2,000 tickets with a smaller number."""
        ...

    def prune_media(self, before_ms: int) -> int:
        """Drop up to 100 parts of MMS that were last used before then."""
        ...

    def prune_listed(self, before_s: int) -> int:
        """Drop up to 2,000 entries of black lists that ended and were last changed before then."""
        ...

    def prune_usage(self, before_ms: int) -> int:
        """Drop up to 2,000 counts of usage whose spans ended before then."""
        ...

    def prune_marks(self, before_ms: int) -> int:
        """Drop up to 2,000 older marks of commits."""
        ...

    def prune_counters(self, before_ms: int) -> int:
        """Drop up to 2,000 older hourly counters of messages. Counters of money stay, since wallets are their sum."""
        ...

    def prune_done_once(self, before_ms: int) -> int:
        """Drop up to 2,000 older answers of the admin API."""
        ...

    def prune_entry_notes(self, before_ms: int) -> int:
        """Drop up to 2,000 older notes on entries that were made by hand."""
        ...

    def prune_jobs(self, before_ms: int) -> int:
        """Drop a job that ended before then, or up to 200 pieces of its rows."""
        ...

    def prune_customer_sessions(self, before_ms: int) -> int:
        """Drop up to 2,000 sessions that ended before then, or are not among the last 100,000."""
        ...

    def prune_session_parts(self, before: int) -> int:
        """Drop up to 2,000 parts of long texts with a smaller id that no longer wait."""
        ...

    def prune_carrier_refs(self, after: tuple[int, str], before_ms: int) -> tuple[int, str] | None:
        """Look at 2,000 carrier ids behind a key and drop the old ones; returns the last key, None at the end."""
        ...
