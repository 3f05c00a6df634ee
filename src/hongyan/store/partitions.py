"""Monthly partitions on PostgreSQL: made ahead of time, dropped whole when their time is over.

The ranges are of time-ordered ids. Entries have subjects of two kinds, 16-digit task ids and 63-bit ids, so a month has
two partitions of them. There is no default partition: rows in one would forbid making the month they belong to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hongyan.model.ids import first_id
from hongyan.store.connection import PostgresConnection
from hongyan.store.schema import PARTITIONED

MONTHS_AHEAD = 2
"""Every statement is planned over all of them, and every start and every hour makes those that are missing."""
_CHINA = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Span:
    """One partition: its table and the half-open range of its column."""

    table: str
    name: str
    start: int
    end: int


def make_ahead(connection: PostgresConnection, now_ms: int) -> int:
    """Make the partitions of last month, this one and those ahead; gives how many were new. Safe to repeat."""
    made = 0
    with connection.transaction():
        connection.raw.execute("SELECT pg_advisory_xact_lock(7433001)")  # two processes that start at once
        there = {row[0] for row in connection.raw.execute("SELECT inhrelid::regclass::text FROM pg_inherits")}
        for span in spans(now_ms, MONTHS_AHEAD):
            if span.name not in there:
                connection.raw.execute(
                    f"CREATE TABLE {span.name} PARTITION OF {span.table} FOR VALUES FROM ({span.start}) TO ({span.end})".encode()
                )
                made += 1
    return made


def spans(now_ms: int, ahead: int) -> Iterator[Span]:
    for year, month in _months(now_ms, ahead):
        start_ms, end_ms = _start_ms(year, month), _start_ms(*_next(year, month))
        for table in PARTITIONED:
            yield Span(table, f"{table}_{year}{month:02}", first_id(start_ms), first_id(end_ms))
        year_2, month_2 = _next(year, month)
        yield Span("entry", f"entry_t{year}{month:02}", _first_task(year, month), _first_task(year_2, month_2))


def _months(now_ms: int, ahead: int) -> Iterator[tuple[int, int]]:
    today = datetime.fromtimestamp(now_ms / 1000, UTC) + _CHINA
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    for _ in range(ahead + 2):
        yield year, month
        year, month = _next(year, month)


def _next(year: int, month: int) -> tuple[int, int]:
    return (year, month + 1) if month < 12 else (year + 1, 1)


def _start_ms(year: int, month: int) -> int:
    """The month begins in China."""
    return round((datetime(year, month, 1, tzinfo=UTC) - _CHINA).timestamp() * 1000)


def _first_task(year: int, month: int) -> int:
    """Task ids are yyMMdd and ten digits."""
    return (year % 100 * 100 + month) * 10**12
