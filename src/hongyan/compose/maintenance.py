"""Maintenance of a store as a whole: status, copy, vacuum."""

import sqlite3
from pathlib import Path

from hongyan.compose.store_errors import store_troubles, without_login
from hongyan.compose.troubles import PeerUnreachable, StoreNotReady
from hongyan.settings.settings import Settings
from hongyan.store import maintenance, migrate
from hongyan.store.database import Database


def status(settings: Settings) -> dict[str, object]:
    """Returns where the store is, its schema and the one that this release needs. raises: StoreNotReady, PeerUnreachable"""
    database = _there(settings)
    with store_troubles(database.url):
        found = migrate.revision(database.url)
    row: dict[str, object] = {"store": without_login(database.url), "schema": found or "none", "wanted": migrate.wanted()}
    return row | ({"octets": database.path.stat().st_size} if database.path else {})


def back_up(settings: Settings, to: Path) -> None:
    """raises: StoreNotReady for PostgreSQL, which has its own tools, and for a damaged store; PeerUnreachable"""
    database = _there(settings)
    if database.path is None:
        raise StoreNotReady("PostgreSQL stores are copied by their own tools", "pg_dump, or pg_basebackup with WAL archiving")
    with store_troubles(database.url):
        try:
            maintenance.back_up_sqlite(database.path, to)
        except sqlite3.OperationalError as error:
            raise PeerUnreachable(
                "cannot copy the store to {file}: {reason}", "is there room, and may you write there?", file=to, reason=error
            ) from error


def vacuum(settings: Settings) -> None:
    """raises: StoreNotReady, PeerUnreachable"""
    database = _there(settings)
    with store_troubles(database.url):
        if database.path is not None:
            maintenance.vacuum_sqlite(database.path)
        else:
            maintenance.vacuum_postgres(database.url)


def _there(settings: Settings) -> Database:
    database = Database(settings.database_url)
    if database.path is not None and not database.path.is_file():
        raise StoreNotReady(
            "there is no store at {path}", "hongyan init --data {folder}", path=database.path, folder=database.path.parent
        )
    return database
