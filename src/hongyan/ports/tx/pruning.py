"""What pruning does inside its transactions. Every call is bounded and returns how many rows went, so 0 at the end."""

from typing import Protocol


class PruningTx(Protocol):
    def prune_references(self, before_ms: int) -> int:
        """Drop up to 2,000 client references that are older."""
        ...

    def prune_brief_references(self, before_ms: int) -> int:
        """Drop up to 2,000 references that doors made themselves and that are older: they begin with a blank."""
        ...

    def prune_tickets(self, before: int) -> int:
        """Drop up to 2,000 tickets with a smaller number."""
        ...

    def prune_media(self, before_ms: int) -> int:
        """Drop up to 100 parts of MMS that were last used before."""
        ...

    def prune_listed(self, before_s: int) -> int:
        """Drop up to 2,000 entries of black lists that ended, and were last changed, before that."""
        ...

    def prune_usage(self, before_ms: int) -> int:
        """Drop up to 2,000 counts of what was sent in spans that ended before."""
        ...

    def prune_marks(self, before_ms: int) -> int:
        """Drop up to 2,000 marks of commits that are older."""
        ...

    def prune_counters(self, before_ms: int) -> int:
        """Drop up to 2,000 hourly counters of messages that are older. Those of money stay: wallets are their sum."""

    def prune_done_once(self, before_ms: int) -> int:
        """Drop up to 2,000 answers of the admin API that are older."""
        ...

    def prune_entry_notes(self, before_ms: int) -> int:
        """Drop up to 2,000 notes on entries that were made by hand before."""
        ...

    def prune_jobs(self, before_ms: int) -> int:
        """Drop a job that ended before, or up to 200 pieces of its rows."""
        ...

    def prune_customer_sessions(self, before_ms: int) -> int:
        """Drop up to 2,000 sessions that ended before, or are not among the last 100,000."""
        ...

    def prune_session_parts(self, before: int) -> int:
        """Drop up to 2,000 parts of long texts with an id below this that wait no more."""
        ...

    def prune_carrier_refs(self, after: tuple[int, str], before_ms: int) -> tuple[int, str] | None:
        """Look at 2,000 carrier ids behind a key and drop the old ones; returns the last key, None at the end."""
        ...
