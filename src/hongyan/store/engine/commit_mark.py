"""A commit's own mark, on PostgreSQL: it proves whether a commit took place whose answer was lost.

Every transaction that writes also writes its number into one row of its connection, which has a random name. If the row has
that number, the commit took place. The transaction's number in PostgreSQL is no such proof: a server that crashed reuses
numbers whose log never reached the disk.

The mark leaves together with COMMIT, so a row without it proves nothing while the lost session may still read its COMMIT.
So the lost session, which has the name of its row, is ended first. The row is read once the session has gone.
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
"""Returns a row as long as the session exists: it leaves that view only after its transaction has ended."""

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
        """Returns the connection's name at the database."""
        return f"hongyan {self.writer}"


def new_mark() -> Mark:
    return Mark(secrets.token_hex(16), 0)
