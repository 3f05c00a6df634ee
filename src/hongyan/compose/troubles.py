"""What can keep a command or a process from beginning, said in one line with its cure."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import OperationalError as SqliteError

from psycopg import OperationalError as PostgresError
from sqlalchemy.exc import OperationalError as EngineError


class Trouble(Exception):
    """`cure` says what to do now."""

    def __init__(self, what: str, cure: str = "") -> None:
        super().__init__(what)
        self.what, self.cure = what, cure


class Unready(Trouble):
    """The data folder, its key or its schema is not what this release needs."""


class Unreached(Trouble):
    """The database does not answer, or cannot be written."""


class Taken(Trouble):
    """The port is in use, or it runs already."""


@contextmanager
def store_troubles(url: str) -> Iterator[None]:
    """Say in one line that the store is away. raises: Unreached"""
    try:
        yield
    except (SqliteError, PostgresError, EngineError) as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise Unreached(
            f"cannot use the store {without_login(url)}: {reason}", "is the database up, and its disk not full?"
        ) from error


def without_login(url: str) -> str:
    """An address as it may be shown: without user and password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
