"""A commit's own mark, on PostgreSQL: it tells whether a commit took place whose answer was lost on the way.

Every transaction that writes also writes its number into one row of its connection, which is named by chance. Whether the
row has that number is what the database remembers of the commit itself. The transaction's number in PostgreSQL is no such
proof: a server that crashed gives numbers again whose log never reached the disk.

The mark is written, and that is known here, before COMMIT is sent. So whoever asks later either waits for the row's lock,
because the transaction still goes on, or reads what became of it.
"""

import secrets
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING

import structlog

from hongyan.store.engine.statement import Single

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongyan.store.engine.connection import Connection

log = structlog.get_logger(__name__)

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

ASK_S, ASK_AGAIN_S = 10.0, 0.2
"""How long, and how often, the database is asked what became of a commit."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`number` counts the transactions of one connection; `writer` is that connection's row."""

    writer: str
    number: int

    def next(self) -> "Mark":
        return Mark(self.writer, self.number + 1)


def new_mark() -> Mark:
    return Mark(secrets.token_hex(16), 0)


class CommitUnknown(Exception):
    """A connection was lost while it committed, and the database stayed away: nobody knows whether the commit took place."""


def took_place(lost: "Connection", connect: "Callable[[], Connection]") -> bool:
    """Whether the last commit of a lost connection took place; waits a little for a database that restarts. Blocks.

    raises: CommitUnknown
    """
    if lost.committing is None or not lost.is_lost:
        return False
    log.warning("commit_in_doubt")
    until = monotonic() + ASK_S
    while monotonic() < until:
        outcome = _ask(lost.committing, connect)
        if outcome is not None:
            log.info("commit_settled", took_place=outcome)
            return outcome
        sleep(ASK_AGAIN_S)
    raise CommitUnknown("the connection was lost while it committed, and the store does not say what became of it")


def _ask(mark: Mark, connect: "Callable[[], Connection]") -> bool | None:
    try:
        connection = connect()
        try:
            return connection.outcome(mark)
        finally:
            connection.close()
    except Exception:  # noqa: BLE001  it is away, whatever the driver says of that
        return None
