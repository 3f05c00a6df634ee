"""Upgrades of a database to the schema of this release, and the check for it.

Only an upgrade imports Alembic: with its dependencies it takes a tenth of the memory of a process that serves. The check does without
SQLAlchemy too, which would touch 10 MiB that each of the processes then has for itself.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

import psycopg
from sqlalchemy import Connection, create_engine, event

from hongyan.store.engine.postgres_address import bounded

if TYPE_CHECKING:
    from alembic.config import Config

SQLITE = "sqlite:///"

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSIONS = (_MIGRATIONS / "versions",)
_HAS_SQLITE_TABLE = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
_HAS_POSTGRES_TABLE = "SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL"


def upgrade(url: str) -> str:
    """Run the missing migrations, in one transaction; returns the revision reached. Safe to repeat."""
    from alembic import command  # noqa: PLC0415  see above

    with _connected(url, "BEGIN IMMEDIATE") as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return wanted()


def revision(url: str) -> str | None:
    """Returns the revision of a database; None if it is empty."""
    path = sqlite_path(url)
    with closing(psycopg.connect(bounded(url)) if path is None else sqlite3.connect(path)) as connection:
        if connection.execute(_HAS_POSTGRES_TABLE if path is None else _HAS_SQLITE_TABLE).fetchone() is None:
            return None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return found[0] if found else None


def wanted() -> str:
    """Returns the revision of this release: its files are numbered."""
    return max(path.name.partition("_")[0] for folder in _VERSIONS for path in folder.glob("[0-9]*.py"))


def is_newer(revision: str) -> bool:
    """Returns whether a later release made it: revisions are numbered."""
    return revision > wanted()


def sqlite_path(url: str) -> Path | None:
    """Returns the file of an SQLite address; None for PostgreSQL."""
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415  see above

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, _VERSIONS)))
    return config


@contextmanager
def _connected(url: str, begin: LiteralString) -> Iterator[Connection]:
    """Open a connection for one transaction.

    SQLite's driver would commit before every CREATE TABLE, and an interrupted upgrade could not be repeated. So the transaction
    is begun here.
    """
    if url.startswith("sqlite:"):
        engine = create_engine(url, connect_args={"isolation_level": None})
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    else:
        engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(bounded(url)))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
