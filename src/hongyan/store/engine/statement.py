"""SQL written once for both engines, and a batch of rows as one statement.

A batch travels as one JSON parameter on PostgreSQL (json_to_recordset) and as VALUES lists of fixed lengths on SQLite. There
json_each costs three times as much (12.9 against 3.6 µs a row of 14 columns), and executemany releases the GIL once a row.
Values are exact ints and texts: for an IntEnum the driver looks for an adapter, in 4,000 instructions a value. Texts use
`:name` for single values, `{rows}` for the batch and `r.name` for its columns.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Any, LiteralString, TypeVar

import orjson

Row = Sequence[Any]
Item = TypeVar("Item")

INT, SMALL, TEXT, FLAG, OCTETS = "bigint", "smallint", "text", "boolean", "bytea"
"""Types of columns in a batch. A FLAG that is read is a bool on PostgreSQL, 0 or 1 on SQLite: who reads it makes it a bool."""

SMALL_BATCH = 24
LENGTHS = (256, 200, 160, 128, 100, 80, 64, 48, 32, *range(SMALL_BATCH, 0, -1))
"""Rows in one SQLite statement: few enough texts to keep them all prepared, and few statements for a batch. Windows, slices and
pushes are of 100 and 200 as a rule.

Small batches have a text each. Batches at half load took two or three statements before, and 17 % more CPU (15 rows a batch).
"""

_NAME = re.compile(r":([a-z_]+)")
_COLUMN = re.compile(r"\br\.([a-z_]+)")
_VALUE = re.compile(r":([a-z_]+)|\br\.([a-z_]+)")
_PLAIN_INSERT = re.compile(r"(INSERT INTO \w+ \([^)]*\)) SELECT ([^()]*) FROM \{rows\} WHERE true (.*)", re.DOTALL)
_UPDATE = re.compile(r"(UPDATE \w+ SET .*) FROM \{rows\} (WHERE .*)", re.DOTALL)
_UPDATE_BY_ID = re.compile(r"(UPDATE (\w+) SET .*) FROM \{rows\} WHERE (\2\.id) = r\.id(.*)", re.DOTALL)


_FEW = "(SELECT * FROM (SELECT * FROM "
_END = " LIMIT (SELECT 2147483647)) r LIMIT (SELECT 2147483647)) r"
"""PostgreSQL takes a batch for 100 rows, whatever it holds, and a young table for smaller: it would scan the table and search
the batch for each row. A limit that it cannot know divides its guess by ten; at one row it looks the table up by key, as it
should.
"""


@dataclass(frozen=True, slots=True)
class Single:
    """A statement without a batch.

    lock:    what PostgreSQL adds; SQLite has one writer and needs none
    returns: names of the columns of a SELECT that may return many rows (see `gathered`)
    replans: PostgreSQL plans it anew each time; one plan for all times was 213 times slower on a million rows
    """

    text: LiteralString
    lock: LiteralString = ""
    returns: tuple[str, ...] = ()
    replans: bool = False

    def postgres(self) -> "Numbered":
        return _numbered(f"{self.text} {self.lock}")

    def sqlite(self) -> str:
        return gathered(self.text, self.returns)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """A statement over `{rows}`, whose columns are named in order with their types.

    lock:    what PostgreSQL adds
    returns: names of the columns of a SELECT
    """

    text: LiteralString
    columns: dict[str, str]
    lock: LiteralString = ""
    returns: tuple[str, ...] = ()
    is_update: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_update", self.text.startswith("UPDATE"))

    def postgres(self) -> "Numbered":
        return _postgres(self)

    def json(self, rows: Sequence[Row]) -> str:
        names = tuple(self.columns)
        return orjson.dumps([dict(zip(names, row, strict=True)) for row in rows], default=_octets).decode()

    def sqlite(self, count: int) -> "SqliteText":
        """Returns the text for a number of rows."""
        return _sqlite(self, count)

    @property
    def by_key(self) -> "ByKey | None":
        """Returns the text for rows that are equal but for their id, if it is an UPDATE by id."""
        return _by_key(self)

    @property
    def by_row(self) -> "ByRow | None":
        """The same for one row, where it is an UPDATE."""
        return _by_row(self)


@lru_cache(maxsize=2048)
def gathered(text: str, returns: tuple[str, ...]) -> str:
    """Make a SELECT whose rows come as one JSON text.

    The driver releases the GIL for every row that it steps to, and under load each time waits a switch interval to get it back:
    a hundred rows cost a hundred waits, one row of JSON one.
    """
    if not returns:
        return text
    return f"SELECT json_group_array(json_array({', '.join(returns)})) FROM ({text})"


def insert(
    table: LiteralString,
    columns: dict[str, str],
    tail: LiteralString = "",
    alike: Mapping[LiteralString, LiteralString] = MappingProxyType({}),
) -> Batch:
    """Make an INSERT of the batch's columns as they are. alike: other columns, and what all rows have there: `:name`, or a literal"""
    names: LiteralString = ", ".join([*columns, *alike])
    values: LiteralString = ", ".join([*(f"r.{name}" for name in columns), *alike.values()])
    return Batch("INSERT INTO " + table + " (" + names + ") SELECT " + values + " FROM {rows} WHERE true " + tail, columns)


def chunks(rows: Sequence[Item]) -> Iterable[Sequence[Item]]:
    """Cut a batch into pieces of the fixed lengths."""
    return (rows,) if 0 < len(rows) <= SMALL_BATCH else _pieces(rows)


def _pieces(rows: Sequence[Item]) -> Iterator[Sequence[Item]]:
    start, left = 0, len(rows)
    for length in LENGTHS:
        while left >= length:
            yield rows[start : start + length]
            start += length
            left -= length


def _octets(value: bytes) -> str:
    """Returns octets as PostgreSQL reads them out of JSON."""
    return f"\\x{value.hex()}"


@dataclass(frozen=True, slots=True)
class Numbered:
    """A text for PostgreSQL with $1, $2 …, and the names of the parameters in this order."""

    text: str
    names: tuple[str, ...]
    returns_rows: bool
    changes_rows: bool


@lru_cache(maxsize=1024)
def _numbered(text: str) -> Numbered:
    names = tuple(dict.fromkeys(_NAME.findall(text)))
    numbered = _NAME.sub(lambda m: f"${names.index(m[1]) + 1}", text)
    is_select = text.startswith("SELECT")
    return Numbered(numbered, names, is_select or " RETURNING " in text, not is_select)


@dataclass(frozen=True, slots=True)
class SqliteText:
    """A text for SQLite with `?` for each value, and the names of the single values in the order in which they stand around the
    rows.

    Values with numbers or names cost more: SQLite looks for each among all others while it prepares (256 rows of 14 columns
    took 20 ms instead of 2), and from Python 3.12 on the driver asks for every name at every call. So only what all rows of an
    INSERT have in common has numbers, which are few.
    """

    text: str
    before: tuple[str, ...]
    behind: tuple[str, ...]

    def values(self, singles: dict[str, Any], rows: Sequence[Row]) -> list[Any]:
        if not singles:
            return list(rows[0] if len(rows) == 1 else chain.from_iterable(rows))
        return [*(singles[name] for name in self.before), *chain.from_iterable(rows), *(singles[name] for name in self.behind)]


@dataclass(frozen=True, slots=True)
class ByKey:
    """An UPDATE for SQLite of rows that get the same values: `id IN (?, …)` costs half of what UPDATE … FROM does for each.

    A value is a single one, by name, or one that the rows have in common, by its place behind their id.
    """

    head: str
    tail: str
    before: tuple[str | int, ...]
    behind: tuple[str | int, ...]

    def text(self, count: int) -> str:
        return f"{self.head} IN ({', '.join('?' * count)}){self.tail}"

    def values(self, singles: dict[str, Any], alike: Row, ids: Sequence[int]) -> list[Any]:
        def value(source: str | int) -> Any:
            return singles[source] if isinstance(source, str) else alike[source]

        return [*map(value, self.before), *ids, *map(value, self.behind)]


@dataclass(frozen=True, slots=True)
class ByRow:
    """An UPDATE for SQLite of one row: nothing is joined, so a few rows one by one cost a fraction of one UPDATE … FROM.

    A value is a single one, by name, or the row's, by place.
    """

    text: str
    sources: tuple[str | int, ...]

    def values(self, singles: dict[str, Any], row: Row) -> list[Any]:
        return [singles[source] if isinstance(source, str) else row[source] for source in self.sources]


@lru_cache(maxsize=1024)
def _by_row(batch: Batch) -> ByRow | None:
    found = _UPDATE.fullmatch(batch.text)
    if not found:
        return None
    text, names = f"{found[1]} {found[2]}", tuple(batch.columns)
    sources = tuple(single or names.index(column) for single, column in _VALUE.findall(text))
    return ByRow(_VALUE.sub("?", text), sources)


@lru_cache(maxsize=1024)
def _by_key(batch: Batch) -> ByKey | None:
    found = _UPDATE_BY_ID.fullmatch(batch.text)
    names = tuple(batch.columns)
    if not found or names[0] != "id" or "r.id" in found[1] + found[4]:
        return None

    def cut(text: str) -> tuple[str, tuple[str | int, ...]]:
        sources = tuple(single or names.index(column) - 1 for single, column in _VALUE.findall(text))
        return _VALUE.sub("?", text), sources

    (head, before), (tail, behind) = cut(f"{found[1]} WHERE {found[3]}"), cut(found[4])
    return ByKey(head, tail, before, behind)


@lru_cache(maxsize=1024)
def _postgres(batch: Batch) -> Numbered:
    shape = ", ".join(f"{name} {kind}" for name, kind in batch.columns.items())
    source = f"json_to_recordset(CAST(:rows AS json)) AS r({shape})"
    if not _plain_insert(batch):
        source = f"{_FEW}{source}{_END}"
    return _numbered(f"{batch.text.replace('{rows}', source)} {batch.lock}")


@lru_cache(maxsize=4096)
def _sqlite(batch: Batch, count: int) -> SqliteText:
    if plain := _plain_insert(batch):
        return _values_insert(plain, count)
    before, behind = batch.text.split("{rows}")
    text = gathered(_with_lists(batch.text, tuple(batch.columns), count), batch.returns)
    return SqliteText(text, tuple(_NAME.findall(before)), tuple(_NAME.findall(behind)))


def _with_lists(text: str, columns: tuple[str, ...], count: int) -> str:
    row = f"({', '.join('?' * len(columns))})"
    text = _COLUMN.sub(lambda m: f"r.column{columns.index(m[1]) + 1}", _NAME.sub("?", text))  # VALUES has no names of its own
    return text.replace("{rows}", f"(VALUES {', '.join([row] * count)}) AS r")


def _plain_insert(batch: Batch) -> re.Match[str] | None:
    """Returns the parts of an INSERT of the columns as they are: head, values of a row, tail."""
    found = _PLAIN_INSERT.fullmatch(batch.text)
    return found if found and _COLUMN.findall(found[2]) == [*batch.columns] else None


def _values_insert(plain: re.Match[str], count: int) -> SqliteText:
    """Returns an INSERT of a list of rows, which costs half of the same through SELECT.

    Single values are bound once and named by their numbers. The first row has numbers too, and every later `?` counts on.
    """
    head, values, tail = plain.groups()
    singles = tuple(dict.fromkeys(_NAME.findall(values)))
    row = _NAME.sub(lambda m: f"?{singles.index(m[1]) + 1}", values)
    numbers = itertools.count(len(singles) + 1)
    first = _COLUMN.sub(lambda _: f"?{next(numbers)}", row) if singles else _COLUMN.sub("?", row)
    lists = ", ".join([f"({first})", *[f"({_COLUMN.sub('?', row)})"] * (count - 1)])
    return SqliteText(f"{head} VALUES {lists} {_NAME.sub('?', tail)}", singles, tuple(_NAME.findall(tail)))
