"""A connection to a server of PostgreSQL."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, LiteralString

import psycopg
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from hongyan.store.engine.commit_mark import END_SESSION, READ_MARK, WRITE_MARK, Mark, new_mark
from hongyan.store.engine.connection import Connection, named, storable
from hongyan.store.engine.pipeline import Pipeline, Sent
from hongyan.store.engine.postgres_address import bounded
from hongyan.store.engine.statement import Batch, Numbered, Row, Single

DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]

_READS = "-c default_transaction_read_only=on -c enable_bitmapscan=off"
"""A list reads its newest rows in the order of their ids. If nobody analysed the table yet, PostgreSQL chose a bitmap: a page
of a day with a million messages took 400 ms, and takes 41.
"""

_STEPS = (
    "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off"
    " -c enable_mergejoin=off -c join_collapse_limit=1"
)
"""Steps look rows up by key, a batch at a time. Planning that over monthly partitions costs more than running it, so plans are
kept, except for statements that say otherwise. A plan made while a month was young must not scan the full month. Joins run in the
order in which they are written: otherwise an empty table that is joined last is read first, and as a whole once it is full. Without
bitmaps a queue is read in the order of its index: otherwise a table that nobody analysed yet is sorted as a whole for its first rows.
"""


class PostgresConnection(Connection):
    """Statements without an answer are sent together with the next one whose answer is asked for, or with the commit."""

    is_sqlite = False

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        options = f"-c timezone=UTC -c jit=off {_READS if read_only else _STEPS}"
        self._mark = new_mark()  # of the last transaction that wrote
        self._raw = psycopg.connect(
            bounded(url),
            autocommit=True,
            options=options,
            application_name=self._mark.session,
            client_encoding="utf8",
            prepare_threshold=None,
        )
        self._pipeline = Pipeline(self._raw)
        self._is_ours = False  # whether `begin` has begun a transaction
        self._has_written = False  # a transaction that has not needs no mark
        self._committing: Mark | None = None

    @property
    def raw(self) -> psycopg.Connection[Row]:
        """Returns psycopg's connection, for what is not on the path of a message."""
        self._pipeline.leave()
        return self._raw

    def run(self, statement: Single, **values: Any) -> list[Row]:
        query = statement.postgres()
        sent = self._leave(query, values, keeps_plan=not statement.replans)
        return self._pipeline.rows(sent) if query.returns_rows else []

    def write(self, statement: Batch, rows: Sequence[Row], **values: Any) -> None:
        if rows:
            self._send(statement, rows, values)

    def change(self, statement: Batch, rows: Sequence[Row], **values: Any) -> int:
        return self._pipeline.count(self._send(statement, rows, values)) if rows else 0

    def read(self, statement: Batch, rows: Sequence[Row], **values: Any) -> list[Row]:
        return self._pipeline.rows(self._send(statement, rows, values)) if rows else []

    def _send(self, statement: Batch, rows: Sequence[Row], values: dict[str, Any]) -> Sent:
        values["rows"] = statement.json(rows)
        return self._leave(statement.postgres(), values)

    def _leave(self, query: Numbered, values: dict[str, Any], *, keeps_plan: bool = True) -> Sent:
        self._has_written = self._has_written or query.changes_rows
        return self._pipeline.send(query.text, [values[name] for name in query.names], keeps_plan=keeps_plan)

    def core(self, statement: Executable) -> list[dict[str, Any]]:
        self._has_written = self._has_written or not statement.is_select
        compiled = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
        return named(self.raw.execute(str(compiled).encode(), storable(compiled.params)))

    def plain(self, sql: LiteralString) -> list[Row]:
        return self._pipeline.rows(self._pipeline.send(sql, (), keeps_plan=False))

    def begin(self) -> None:
        self._pipeline.send("BEGIN", ())
        self._has_written, self._is_ours = False, True

    def commit(self) -> None:
        """Send what still waits together with our mark and COMMIT."""
        assert self._is_ours, "no transaction was begun"
        if self._has_written:
            self._committing = self._mark = self._mark.next()
            self._pipeline.send(WRITE_MARK.postgres().text, (self._mark.writer, self._mark.number))
        self._is_ours = False
        done = self._pipeline.send("COMMIT", ())
        if self._pipeline.tag(done) != "COMMIT":
            raise psycopg.errors.InFailedSqlTransaction("what was to be committed had failed before, and was rolled back")
        self._committing = None

    def rollback(self) -> None:
        self._is_ours = False
        with suppress(psycopg.Error):  # of statements whose answer nobody waited for
            self._pipeline.settle()
        if not self._raw.closed:
            self.plain("ROLLBACK")
            self._committing = None

    @property
    def has_written(self) -> bool:
        return self._has_written

    @property
    def is_lost(self) -> bool:
        return self._raw.closed

    @property
    def committing(self) -> Mark | None:
        return self._committing

    def outcome(self, mark: Mark) -> bool | None:
        if self.run(END_SESSION, session=mark.session):
            return None
        return self.run(READ_MARK, writer=mark.writer) == [(mark.number,)]

    def close(self) -> None:
        self._raw.close()
