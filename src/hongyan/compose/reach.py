"""Reaching the store: what its drivers say when it is away, in one line."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import OperationalError as PostgresError
from sqlalchemy.exc import OperationalError as EngineError

from hongyan.compose.troubles import Unreached, Unready
from hongyan.store.mark import CommitUnknown

_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
}
"""What SQLite says of its file; anything else is our own mistake and is not explained away."""


@contextmanager
def store_troubles(url: str) -> Iterator[None]:
    """Say in one line that the store is away, or may not be written. raises: Unreached, Unready"""
    try:
        yield
    except (sqlite3.OperationalError, PostgresError, EngineError) as error:
        cause = error.orig if isinstance(error, EngineError) else error
        if isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorcode", 0) & 0xFF not in _AWAY:
            raise
        reason = str(cause).strip().splitlines()[0]
        raise Unreached(
            "cannot use the store {store}: {reason}",
            "is the database up, and its disk not full?",
            store=without_login(url),
            reason=reason,
        ) from error
    except CommitUnknown as error:
        raise Unreached(
            "the store {store} went away while it committed: nobody knows whether the change took place",
            "look before you repeat the command",
            store=without_login(url),
        ) from error
    except OSError as error:
        if error.filename is None:
            raise
        raise Unready(
            "cannot use {file}: {reason}",
            "choose a data folder that you may write to",
            file=error.filename,
            reason=error.strerror,
        ) from error


def without_login(url: str) -> str:
    """An address as it may be shown: without user and password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
