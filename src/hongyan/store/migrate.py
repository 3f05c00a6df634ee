"""Bringing a database to the schema of this release, and whether it is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event

SQLITE = "sqlite:///"


def upgrade(url: str) -> str:
    """Run what is missing, in one transaction; returns the revision reached. Safe to repeat."""
    with _connected(url, "BEGIN IMMEDIATE") as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return wanted()


def revision(url: str) -> str | None:
    """The revision a database is at; None if it is empty."""
    with _connected(url, "BEGIN") as connection:
        return MigrationContext.configure(connection).get_current_revision()


def wanted() -> str:
    """The revision of this release."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def is_newer(revision: str) -> bool:
    """Whether a later release made it: they are numbered."""
    return revision > wanted()


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite address; None for PostgreSQL."""
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


@contextmanager
def _connected(url: str, begin: LiteralString) -> Iterator[Connection]:
    """A connection for one transaction.

    SQLite's driver would commit before every CREATE TABLE, and an upgrade that was cut off could not be repeated: there
    we begin by ourselves.
    """
    if url.startswith(SQLITE):
        engine = create_engine(url, connect_args={"isolation_level": None})
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    else:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
