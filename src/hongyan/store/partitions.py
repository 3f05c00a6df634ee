"""Monthly partitions on PostgreSQL: made ahead of time, dropped as a whole when their time is over.

The ranges are of time-ordered ids. Entries have subjects of two kinds, 16-digit task ids and 63-bit ids, so a month has
two partitions of them. There is no default partition: rows in one would prevent making the month that they belong to.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from hongyan.model.ids import first_id, first_task_id
from hongyan.model.ledger import EntryKind
from hongyan.store.engine.postgres_connection import PostgresConnection
from hongyan.store.schema import PARTITIONED

MONTHS_AHEAD = 2
"""Every statement is planned over all of them. Each start, and then every hour, makes those that are missing."""

_FILL = {"message": 65}
"""How full a page is filled, in percent. The rest is for the updates of its rows, which then touch no index: "sent" changes no indexed
column.
"""

_CHINA = timedelta(hours=8)
_NAME = re.compile(r"([a-z]+)_t?(\d{4})(\d\d)")

log = structlog.get_logger(__name__)

TakeIds = Callable[[int], list[int]]
"""Makes this many new ids."""


@dataclass(frozen=True, slots=True)
class Span:
    """One partition: its table and the half-open range of its column."""

    table: str
    name: str
    start: int
    end: int


def make_ahead(connection: PostgresConnection, now_ms: int) -> int:
    """Make the partitions of last month, this one and those ahead; returns how many were new. Safe to repeat."""
    made = 0
    with connection.transaction():
        connection.raw.execute("SELECT pg_advisory_xact_lock(7433001)")  # two processes may start at once
        there = {row[0] for row in connection.raw.execute("SELECT inhrelid::regclass::text FROM pg_inherits")}
        for span in spans(now_ms, MONTHS_AHEAD):
            if span.name not in there:
                connection.raw.execute(_create(span).encode())
                made += 1
    return made


def _create(span: Span) -> str:
    text = f"CREATE TABLE {span.name} PARTITION OF {span.table} FOR VALUES FROM ({span.start}) TO ({span.end})"
    return f"{text} WITH (fillfactor = {_FILL[span.table]})" if span.table in _FILL else text


def month_start_ms(at_ms: int) -> int:
    """Returns when the month of this moment began, in China."""
    day = _china(at_ms)
    return _start_ms(day.year, day.month)


def drop_before(connection: PostgresConnection, before_ms: int, now_ms: int, take_ids: TakeIds) -> list[str]:
    """Drop the partitions of months that ended by then; returns their names. Safe to repeat, and to be interrupted.

    A month with an open message stays as a whole. The points of dropped entries are carried over in new ones.
    """
    dropped: list[str] = []
    for month, tables in sorted(_months_there(connection).items()):
        if _start_ms(*_next(*month)) > before_ms:
            break
        if _has_open(connection, tables):
            log.warning("month_kept", month=f"{month[0]}-{month[1]:02}", why="messages of it are open")
            continue
        for table in tables:
            _drop(connection, table, now_ms, take_ids)
        dropped += tables
    return dropped


def _months_there(connection: PostgresConnection) -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = {}
    for (name,) in connection.raw.execute("SELECT inhrelid::regclass::text FROM pg_inherits ORDER BY 1").fetchall():
        named = _NAME.fullmatch(name)
        if named and named[1] in PARTITIONED:
            found.setdefault((int(named[2]), int(named[3])), []).append(name)
    return found


def _has_open(connection: PostgresConnection, tables: list[str]) -> bool:
    messages = [name for name in tables if name.startswith("message_")]
    return any(
        connection.raw.execute(f"SELECT EXISTS (SELECT 1 FROM {name} WHERE is_open)".encode()).fetchone() == (True,)
        for name in messages
    )


def _drop(connection: PostgresConnection, name: str, now_ms: int, take_ids: TakeIds) -> None:
    """Drop one. The lock is asked for during a second at most, since all that wait behind it wait as long. The next hour tries
    again.
    """
    with connection.transaction():
        connection.raw.execute("SET LOCAL lock_timeout = '1s'")
        connection.raw.execute(f"LOCK TABLE {name}".encode())
        if name.startswith("entry_"):
            _carry(connection, name, now_ms, take_ids)
        connection.raw.execute(f"DROP TABLE {name}".encode())


def _carry(connection: PostgresConnection, name: str, now_ms: int, take_ids: TakeIds) -> None:
    sums = connection.raw.execute(
        f"SELECT account_id, product, sum(points)::bigint FROM {name} GROUP BY 1, 2 HAVING sum(points) <> 0 ORDER BY 1, 2".encode()
    ).fetchall()
    rows = [(int(EntryKind.CARRIED), subject, *row, now_ms) for subject, row in zip(take_ids(len(sums)), sums, strict=True)]
    connection.raw.cursor().executemany(
        "INSERT INTO entry (kind, subject, account_id, product, points, made_ms) VALUES (%s, %s, %s, %s, %s, %s)", rows
    )


def spans(now_ms: int, ahead: int) -> Iterator[Span]:
    for year, month in _months(now_ms, ahead):
        start_ms, end_ms = _start_ms(year, month), _start_ms(*_next(year, month))
        for table in PARTITIONED:
            yield Span(table, f"{table}_{year}{month:02}", first_id(start_ms), first_id(end_ms))
        yield Span("entry", f"entry_t{year}{month:02}", first_task_id(start_ms), first_task_id(end_ms))


def _months(now_ms: int, ahead: int) -> Iterator[tuple[int, int]]:
    today = _china(now_ms)
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    for _ in range(ahead + 2):
        yield year, month
        year, month = _next(year, month)


def _china(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC) + _CHINA


def _next(year: int, month: int) -> tuple[int, int]:
    return (year, month + 1) if month < 12 else (year + 1, 1)


def _start_ms(year: int, month: int) -> int:
    """Returns when the month begins in China."""
    return round((datetime(year, month, 1, tzinfo=UTC) - _CHINA).timestamp() * 1000)
