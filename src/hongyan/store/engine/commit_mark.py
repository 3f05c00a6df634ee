"""A commit's own mark, on PostgreSQL: it proves whether a commit took place whose answer was lost.

Every transaction that writes also writes its number into one row of its connection, which is named by chance. Whether the
row has that number is what the database remembers of the commit itself. The transaction's number in PostgreSQL is no such
proof: a server that crashed gives numbers again whose log never reached the disk.

The mark is written, and that is known here, before COMMIT is sent. So whoever asks later either waits for the row's lock,
because the transaction still goes on, or reads what became of it.
"""

import secrets
from dataclasses import dataclass

from hongyan.store.engine.statement import Single

_NOW = "CAST(extract(epoch FROM now()) * 1000 AS bigint)"
WRITE_MARK = Single(
    f"INSERT INTO commit_mark (writer, number, at_ms) VALUES (:writer, :number, {_NOW})"
    " ON CONFLICT (writer) DO UPDATE SET number = excluded.number, at_ms = excluded.at_ms"
)
READ_MARK = Single(
    f"INSERT INTO commit_mark (writer, number, at_ms) VALUES (:writer, 0, {_NOW})"
    " ON CONFLICT (writer) DO UPDATE SET at_ms = excluded.at_ms RETURNING number"
)
"""Waits for a transaction that still has the row, even where it is the row's first; rolled back when it was read."""

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


def new_mark() -> Mark:
    return Mark(secrets.token_hex(16), 0)
