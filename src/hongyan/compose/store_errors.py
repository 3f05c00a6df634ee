"""Errors of reaching the store: what its drivers say when it is away, in one line."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Error as PostgresError
from psycopg import OperationalError as PostgresAway
from psycopg import ProgrammingError
from psycopg.errors import DataCorrupted, IndexCorrupted
from sqlalchemy.exc import DBAPIError

from hongyan.compose.troubles import PeerUnreachable, StoreNotReady, Trouble
from hongyan.model.masking import without_password
from hongyan.store.engine.commit_outcome import CommitUnknown

_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
}
"""SQLite's errors about its file. Any other is our own mistake and is not reworded."""

_FORBIDDEN = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@contextmanager
def store_troubles(url: str) -> Iterator[None]:
    """Reports in one line that the store is away, is damaged, or may not be written. raises: PeerUnreachable, StoreNotReady"""
    try:
        yield
    except (sqlite3.Error, PostgresError, DBAPIError) as error:
        trouble = _trouble_of(error.orig if isinstance(error, DBAPIError) else error, url)
        if trouble is None:
            raise
        raise trouble from error
    except CommitUnknown as error:
        raise PeerUnreachable(
            "the store {store} went away while it committed: nobody knows whether the change took place",
            "look before you repeat the command",
            store=without_login(url),
        ) from error
    except OSError as error:
        if error.filename is None:
            raise
        raise StoreNotReady(
            "cannot use {file}: {reason}",
            "choose a data folder that you may write to",
            file=error.filename,
            reason=error,
        ) from error


def _trouble_of(cause: BaseException | None, url: str) -> Trouble | None:
    """Returns what a driver's error means; None if it is a mistake of ours."""
    reason = without_password("".join(str(cause).strip().splitlines()[:1]))
    if _is_damaged(cause):
        return StoreNotReady(
            "the store {store} is damaged, or is no store of ours: {reason}",
            "stop the server, keep what is there for a look, and restore the last copy (operate.md, Restore)",
            store=without_login(url),
            reason=reason,
        )
    if isinstance(cause, ProgrammingError) and cause.sqlstate is None:  # libpq could not even connect
        return StoreNotReady(
            "the address of the store does not fit: {reason}",
            "mend store.url: postgresql://user:password@host/database",
            reason=reason,
        )
    if isinstance(cause, sqlite3.Error) and _code_of(cause) in _FORBIDDEN:
        return StoreNotReady(
            "the store {store} may not be opened or written: {reason}",
            "run this as the user that the server runs as, and let that own the data folder with all in it",
            store=without_login(url),
            reason=reason,
        )
    if not _is_away(cause):
        return None
    return PeerUnreachable(
        "cannot use the store {store}: {reason}",
        "is the database up, and its disk not full?",
        store=without_login(url),
        reason=reason,
    )


def _is_away(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.OperationalError):
        return _code_of(cause) in _AWAY
    return isinstance(cause, PostgresAway)


def _is_damaged(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return _code_of(cause) in _DAMAGED
    return isinstance(cause, DataCorrupted | IndexCorrupted)


def _code_of(cause: sqlite3.Error) -> int:
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF


def without_login(url: str) -> str:
    """Returns the address of a store fit to be shown: without user and password."""
    scheme, _, rest = without_password(url).partition("://")
    place, mark, options = rest.partition("?")
    return f"{scheme}://{place.rpartition('@')[2]}{mark}{options}"
