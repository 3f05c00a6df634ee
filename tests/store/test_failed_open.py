"""A store that cannot be opened is not kept open: Python 3.13 warns of each connection that nobody closed."""

import sqlite3

import pytest

from hongyan.store.engine.sqlite_connection import SqliteConnection
from hongyan.store.maintenance import back_up_sqlite


@pytest.fixture
def opened(monkeypatch):
    """Every raw connection that was made."""
    made: list[sqlite3.Connection] = []
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **facts: made.append(connect(*args, **facts)) or made[-1])
    return made


def is_closed(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    except sqlite3.DatabaseError:
        return False
    return False


@pytest.fixture
def no_store(tmp_path):
    path = tmp_path / "hongyan.db"
    path.write_bytes(b"this is no database at all, and long enough to be looked at" * 100)
    return path


def test_a_file_that_is_no_store_is_closed(opened, no_store):
    with pytest.raises(sqlite3.DatabaseError):
        SqliteConnection(no_store)

    assert [is_closed(connection) for connection in opened] == [True]


def test_a_copy_that_fails_leaves_nothing_open(opened, no_store, tmp_path):
    with pytest.raises(sqlite3.DatabaseError):
        back_up_sqlite(no_store, tmp_path / "copy.db")

    assert [is_closed(connection) for connection in opened] == [True, True]
    assert [path.name for path in tmp_path.iterdir()] == [no_store.name]
