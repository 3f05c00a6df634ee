"""One connection to either engine, with the same few verbs. Used by one thread at a time."""

import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, LiteralString

import orjson
import psycopg
from sqlalchemy import Boolean, Executable
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.selectable import SelectBase

from hongyan.store.engine.commit_mark import END_SESSION, READ_MARK, WRITE_MARK, Mark, new_mark
from hongyan.store.engine.pipeline import Pipeline, Sent
from hongyan.store.engine.postgres_address import bounded
from hongyan.store.engine.statement import Batch, ByKey, Numbered, Row, Single, chunks

_SQLITE = SQLiteDialect_pysqlite(paramstyle="named")
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

_POSTGRES = PGDialect_psycopg()  # type: ignore[no-untyped-call]

_UNFIT = re.compile(r"[\0\ud800-\udfff]")

LANE_CACHE_KIB, CACHE_KIB = 40_960, 1_024
"""Pages of the store that a connection keeps: many where messages pass, few elsewhere; the system keeps them too."""

BUSY_S = 10.0
"""How long a writer on SQLite waits for another process's short transaction."""


ALIKE_LEAST = 4
"""How many rows must be equal on average for an UPDATE to be run once for each kind. Below that one statement for all is
cheaper.
"""


FEW_ROWS = 8
"""So many rows are updated one by one: up to there it costs less than half of one UPDATE … FROM."""


class Connection(ABC):
    """Runs statements inside a transaction that its owner begins and ends."""

    is_sqlite: bool

    @abstractmethod
    def run(self, statement: Single, **values: Any) -> list[Row]: ...

    @abstractmethod
    def write(self, statement: Batch, rows: Sequence[Row], **values: Any) -> None:
        """Run a batch that changes rows."""

    @abstractmethod
    def change(self, statement: Batch, rows: Sequence[Row], **values: Any) -> int:
        """The same; waits for the number of changed rows."""

    @abstractmethod
    def read(self, statement: Batch, rows: Sequence[Row], **values: Any) -> list[Row]:
        """Run a SELECT over a batch."""

    @abstractmethod
    def core(self, statement: Executable) -> list[dict[str, Any]]:
        """Run a SQLAlchemy Core statement over the schema's tables: for configuration and lists, off the hot path. Flags are bools."""

    @abstractmethod
    def plain(self, sql: LiteralString) -> list[Row]:
        """Run a statement without parameters, such as BEGIN or a PRAGMA."""

    @abstractmethod
    def close(self) -> None: ...

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.begin()
        try:
            yield
            self.commit()
        except BaseException:
            self.rollback()
            raise

    @abstractmethod
    def begin(self) -> None: ...

    def commit(self) -> None:
        self.plain("COMMIT")

    @abstractmethod
    def rollback(self) -> None: ...

    @property
    @abstractmethod
    def has_written(self) -> bool:
        """Whether the last transaction changed rows."""

    @property
    def is_lost(self) -> bool:
        """Returns whether nothing can be run on it any more."""
        return False

    @property
    def committing(self) -> Mark | None:
        """Returns the mark of a commit that was sent and not answered; None if there is none, or nothing was written."""
        return None

    def outcome(self, mark: Mark) -> bool | None:  # noqa: ARG002  only PostgreSQL has to ask
        """Returns whether a transaction took place that a lost connection was committing; None while that session has not ended
        yet.
        """
        return False


class SqliteConnection(Connection):
    is_sqlite = True

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool = False,
        busy_s: float = BUSY_S,
        syncs: bool = True,
        cache_kib: int = CACHE_KIB,
    ) -> None:
        """busy_s: how long it waits for another writer. syncs: whether a commit waits for the disk (see syncer.py)"""
        self._raw = sqlite3.connect(path, isolation_level=None, cached_statements=1024, check_same_thread=False, timeout=BUSY_S)
        try:
            self._prepare(read_only, busy_s, syncs, cache_kib)
        except BaseException:
            self._raw.close()  # a file that is no store, or cannot be read, is closed again
            raise
        self._changes_before = 0

    def _prepare(self, read_only: bool, busy_s: float, syncs: bool, cache_kib: int) -> None:
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {'FULL' if syncs else 'NORMAL'}",
            f"cache_size = -{cache_kib}",
            "foreign_keys = OFF",
            "temp_store = MEMORY",
            "wal_autocheckpoint = 100000",  # a last resort: see checkpoint.py
        ):
            self._raw.execute(f"PRAGMA {pragma}")
        if read_only:
            self._raw.execute("PRAGMA query_only = ON")
        self._raw.execute(f"PRAGMA busy_timeout = {round(busy_s * 1000)}")  # opening itself waits in any case

    def run(self, statement: Single, **values: Any) -> list[Row]:
        found = self._raw.execute(statement.sqlite(), values).fetchall()
        return orjson.loads(found[0][0]) if statement.returns else found

    def write(self, statement: Batch, rows: Sequence[Row], **values: Any) -> None:
        self.change(statement, rows, **values)

    def change(self, statement: Batch, rows: Sequence[Row], **values: Any) -> int:
        by_key = statement.by_key
        if by_key is not None and len(alike := _alike(rows)) <= len(rows) // ALIKE_LEAST:
            return sum(self._change_alike(by_key, same, ids, values) for same, ids in alike.items())
        if len(rows) <= FEW_ROWS and (by_row := statement.by_row) is not None:
            return sum(self._raw.execute(by_row.text, by_row.values(values, row)).rowcount for row in rows)
        changed = 0
        for piece in chunks(rows):
            said = statement.sqlite(len(piece))
            changed += self._raw.execute(said.text, said.values(values, piece)).rowcount
        return changed

    def _change_alike(self, by_key: ByKey, same: Row, ids: Sequence[int], values: dict[str, Any]) -> int:
        changed = 0
        for piece in chunks(ids):
            changed += self._raw.execute(by_key.text(len(piece)), by_key.values(values, same, piece)).rowcount
        return changed

    def read(self, statement: Batch, rows: Sequence[Row], **values: Any) -> list[Row]:
        found: list[Row] = []
        for piece in chunks(rows):
            said = statement.sqlite(len(piece))
            found += orjson.loads(self._raw.execute(said.text, said.values(values, piece)).fetchone()[0])
        return found

    def core(self, statement: Executable) -> list[dict[str, Any]]:
        compiled = statement.compile(dialect=_SQLITE, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
        return _with_flags(statement, _named(self._raw.execute(str(compiled), _storable(compiled.params))))

    def plain(self, sql: LiteralString) -> list[Row]:
        return self._raw.execute(sql).fetchall()

    def begin(self) -> None:
        self._raw.execute("BEGIN IMMEDIATE")
        self._changes_before = self._raw.total_changes

    @property
    def has_written(self) -> bool:
        return self._raw.total_changes != self._changes_before

    def rollback(self) -> None:
        if self._raw.in_transaction:
            self._raw.execute("ROLLBACK")

    def close(self) -> None:
        self._raw.close()


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
        said = statement.postgres()
        sent = self._leave(said, values, keeps_plan=not statement.replans)
        return self._pipeline.rows(sent) if said.returns_rows else []

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

    def _leave(self, said: Numbered, values: dict[str, Any], *, keeps_plan: bool = True) -> Sent:
        self._has_written = self._has_written or said.changes_rows
        return self._pipeline.send(said.text, [values[name] for name in said.names], keeps_plan=keeps_plan)

    def core(self, statement: Executable) -> list[dict[str, Any]]:
        self._has_written = self._has_written or not statement.is_select
        compiled = statement.compile(dialect=_POSTGRES, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
        return _named(self.raw.execute(str(compiled).encode(), _storable(compiled.params)))

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


def _alike(rows: Sequence[Row]) -> dict[Row, list[int]]:
    """Returns the ids of rows that are equal but for their ids."""
    found: dict[Row, list[int]] = {}
    for row in rows:
        found.setdefault(tuple(row[1:]), []).append(row[0])
    return found


def _storable(params: Mapping[str, Any]) -> dict[str, Any]:
    """Replace by U+FFFD what no text of a store can hold, NUL and half a surrogate pair. So a search for it finds nothing, on
    either engine.
    """
    return {name: _UNFIT.sub("\ufffd", value) if isinstance(value, str) else value for name, value in params.items()}


def _named(cursor: "sqlite3.Cursor | psycopg.Cursor[Row]") -> list[dict[str, Any]]:
    if not cursor.description:
        return []
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _with_flags(statement: Executable, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make the flags of these rows bools: SQLite has 0 and 1. A flag of a row that was joined and is not there stays None."""
    columns = statement.exported_columns if isinstance(statement, SelectBase) else ()
    flags = [str(column.key) for column in columns if isinstance(column.type, Boolean)]
    for row in rows if flags else ():
        row.update({name: None if row[name] is None else bool(row[name]) for name in flags})
    return rows
