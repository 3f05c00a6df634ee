"""A connection to a file of SQLite."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, LiteralString

import orjson
from sqlalchemy import Boolean, Executable
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.selectable import SelectBase

from hongyan.store.engine.connection import Connection, named, storable
from hongyan.store.engine.statement import Batch, ByKey, Row, Single, chunks

DIALECT = SQLiteDialect_pysqlite(paramstyle="named")

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
        if statement.is_update:
            by_key = statement.by_key
            if by_key is not None and len(alike := _alike(rows)) <= len(rows) // ALIKE_LEAST:
                return sum(self._change_alike(by_key, same, ids, values) for same, ids in alike.items())
            if len(rows) <= FEW_ROWS and (by_row := statement.by_row) is not None:
                return sum(self._raw.execute(by_row.text, by_row.values(values, row)).rowcount for row in rows)
        changed = 0
        for piece in chunks(rows):
            sql = statement.sqlite(len(piece))
            changed += self._raw.execute(sql.text, sql.values(values, piece)).rowcount
        return changed

    def _change_alike(self, by_key: ByKey, same: Row, ids: Sequence[int], values: dict[str, Any]) -> int:
        changed = 0
        for piece in chunks(ids):
            changed += self._raw.execute(by_key.text(len(piece)), by_key.values(values, same, piece)).rowcount
        return changed

    def read(self, statement: Batch, rows: Sequence[Row], **values: Any) -> list[Row]:
        found: list[Row] = []
        for piece in chunks(rows):
            sql = statement.sqlite(len(piece))
            found += orjson.loads(self._raw.execute(sql.text, sql.values(values, piece)).fetchone()[0])
        return found

    def core(self, statement: Executable) -> list[dict[str, Any]]:
        compiled = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
        return _with_flags(statement, named(self._raw.execute(str(compiled), storable(compiled.params))))

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


def _alike(rows: Sequence[Row]) -> dict[Row, list[int]]:
    """Returns the ids of rows that are equal but for their ids."""
    found: dict[Row, list[int]] = {}
    for row in rows:
        found.setdefault(tuple(row[1:]), []).append(row[0])
    return found


def _with_flags(statement: Executable, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make the flags of these rows bools: SQLite has 0 and 1. A flag of a row that was joined and is not there stays None."""
    columns = statement.exported_columns if isinstance(statement, SelectBase) else ()
    flags = [str(column.key) for column in columns if isinstance(column.type, Boolean)]
    for row in rows if flags else ():
        row.update({name: None if row[name] is None else bool(row[name]) for name in flags})
    return rows
