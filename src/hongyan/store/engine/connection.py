"""One connection to either engine, with the same few verbs. Used by one thread at a time."""

import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from sqlalchemy import Executable

from hongyan.store.engine.commit_mark import Mark
from hongyan.store.engine.statement import Batch, Row, Single

_UNFIT = re.compile(r"[\0\ud800-\udfff]")


class Connection(ABC):
    """Runs statements inside a transaction that its owner begins and ends."""

    is_sqlite: bool

    @abstractmethod
    def run(self, statement: Single, **values: Any) -> list[Row]: ...

    @abstractmethod
    def write(self, statement: Batch, rows: Sequence[Row], **values: Any) -> None:
        """Run a batch that changes rows."""

    @abstractmethod
    def change(self, statement: Batch, rows: Sequence[Row], **values: Any) -> int:
        """The same; waits for the number of changed rows."""

    @abstractmethod
    def read(self, statement: Batch, rows: Sequence[Row], **values: Any) -> list[Row]:
        """Run a SELECT over a batch."""

    @abstractmethod
    def core(self, statement: Executable) -> list[dict[str, Any]]:
        """Run a SQLAlchemy Core statement over the schema's tables: for configuration and lists, off the hot path. Flags are bools."""

    @abstractmethod
    def plain(self, sql: LiteralString) -> list[Row]:
        """Run a statement without parameters, such as BEGIN or a PRAGMA."""

    @abstractmethod
    def close(self) -> None: ...

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.begin()
        try:
            yield
            self.commit()
        except BaseException:
            self.rollback()
            raise

    @abstractmethod
    def begin(self) -> None: ...

    def commit(self) -> None:
        self.plain("COMMIT")

    @abstractmethod
    def rollback(self) -> None: ...

    @property
    @abstractmethod
    def has_written(self) -> bool:
        """Whether the last transaction changed rows."""

    @property
    def is_lost(self) -> bool:
        """Returns whether nothing can be run on it any more."""
        return False

    @property
    def committing(self) -> Mark | None:
        """Returns the mark of a commit that was sent and not answered; None if there is none, or nothing was written."""
        return None

    def outcome(self, mark: Mark) -> bool | None:  # noqa: ARG002  only PostgreSQL has to ask
        """Returns whether a transaction took place that a lost connection was committing; None while that session has not ended
        yet.
        """
        return False


def storable(params: Mapping[str, Any]) -> dict[str, Any]:
    """Replace by U+FFFD what no text of a store can hold, NUL and half a surrogate pair. So a search for it finds nothing, on
    either engine.
    """
    return {name: _UNFIT.sub("\ufffd", value) if isinstance(value, str) else value for name, value in params.items()}


def named(cursor: "sqlite3.Cursor | psycopg.Cursor[Row]") -> list[dict[str, Any]]:
    if not cursor.description:
        return []
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
