"""Copies and maintenance of a whole store, beside whatever runs."""

import sqlite3
from contextlib import closing
from pathlib import Path

from hongyan.store.engine.postgres_connection import PostgresConnection
from hongyan.store.engine.sqlite_connection import SqliteConnection

_PAGES = 2_000  # pages copied at once, so that writers wait only for milliseconds


def back_up_sqlite(store: Path, to: Path) -> None:
    """Copy an SQLite file that may be in use. The copy is of one moment, and there only once it is whole."""
    part = to.with_name(f"{to.name}.part")
    try:
        with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target, pages=_PAGES)
        part.rename(to)
    except BaseException:
        for leaving in (part, part.with_name(f"{part.name}-journal")):
            leaving.unlink(missing_ok=True)
        raise


def vacuum_sqlite(store: Path) -> None:
    connection = SqliteConnection(store)
    try:
        connection.plain("VACUUM")
    finally:
        connection.close()


def vacuum_postgres(url: str) -> None:
    connection = PostgresConnection(url)
    try:
        connection.plain("VACUUM (ANALYZE)")
    finally:
        connection.close()
