"""Bringing a database to the schema of this release, and telling whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine

SQLITE = "sqlite:///"


def upgrade(url: str) -> str:
    """Run what is missing; gives the revision reached. Safe to repeat."""
    engine = _engine(url)
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
    return wanted()


def revision(url: str) -> str | None:
    """The revision a database is at; None if it is empty."""
    engine = _engine(url)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return found


def wanted() -> str:
    """The revision of this release."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite address; None for PostgreSQL."""
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _engine(url: str) -> Engine:
    return create_engine(url if url.startswith(SQLITE) else url.replace("postgresql://", "postgresql+psycopg://", 1))
