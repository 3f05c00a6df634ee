"""A commit's own mark, on PostgreSQL: it proves whether a commit took place whose answer was lost.

Every transaction that writes also writes its number into one row of its connection, which is named by chance. Whether the
row has that number is what the database remembers of the commit itself. The transaction's number in PostgreSQL is no such
proof: a server that crashed reuses numbers whose log never reached the disk.

The mark leaves together with COMMIT, so a row without it proves nothing while the lost session may still read its COMMIT.
So the lost session, which has the name of its row, is ended first, and the row is read once the session has gone.
"""

import secrets
from dataclasses import dataclass

from hongyan.store.engine.statement import Single

_NOW = "CAST(extract(epoch FROM now()) * 1000 AS bigint)"
WRITE_MARK = Single(
    f"INSERT INTO commit_mark (writer, number, at_ms) VALUES (:writer, :number, {_NOW})"
    " ON CONFLICT (writer) DO UPDATE SET number = excluded.number, at_ms = excluded.at_ms"
)
END_SESSION = Single("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :session")
"""Returns a row for as long as the session is there: it leaves that list only after its transaction has ended."""

READ_MARK = Single("SELECT number FROM commit_mark WHERE writer = :writer")

PRUNE_MARKS = Single(
    "DELETE FROM commit_mark WHERE writer IN (SELECT writer FROM commit_mark WHERE at_ms < :before LIMIT 2000) RETURNING writer"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """`number` counts the transactions of one connection; `writer` is that connection's row."""

    writer: str
    number: int

    def next(self) -> "Mark":
        return Mark(self.writer, self.number + 1)

    @property
    def session(self) -> str:
        """What the connection calls itself at the database."""
        return f"hongyan {self.writer}"


def new_mark() -> Mark:
    return Mark(secrets.token_hex(16), 0)
