"""SQL of the hourly counters. They are gathered while a transaction runs and written by its last statements.

A transaction that waits for one of these rows holds all its other locks already, so two processes never wait for each other.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hongyan.model.hourly import SETTLED_HOURS, SUBMITTED, CodeKey, Counted, day_of, hours_of
from hongyan.model.ids import FIRST_HOUR, HOUR_MS
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, SMALL, TEXT, Row, Single, insert
from hongyan.store.sql.code_words import short_code
from hongyan.store.sql.sums import ALL_SUMS, MessageRow, SumsSql

_ADD_MESSAGES = insert("hourly", {
    "hour": INT, "account_id": INT, "product": SMALL, "channel_id": INT, "carrier": TEXT, "state": SMALL, "messages": INT,
    "segments": INT,
}, "ON CONFLICT (hour, account_id, product, channel_id, carrier, state) DO UPDATE"
   " SET messages = hourly.messages + excluded.messages, segments = hourly.segments + excluded.segments")  # fmt: skip
_ADD_CODES = insert("hourly_code", {
    "hour": INT, "account_id": INT, "channel_id": INT, "state": SMALL, "code": TEXT, "messages": INT,
}, "ON CONFLICT (hour, account_id, channel_id, state, code) DO UPDATE"
   " SET messages = hourly_code.messages + excluded.messages")  # fmt: skip
_CODES_OF = Single("SELECT count(*) FROM (SELECT 1 FROM hourly_code WHERE hour = :hour LIMIT 5000) AS codes")
_ADD_TURNOVER = insert(
    "turnover",
    {"hour": INT, "account_id": INT, "product": SMALL, "kind": SMALL, "points": INT},
    "ON CONFLICT (hour, account_id, product, kind) DO UPDATE SET points = turnover.points + excluded.points",
)


def _prune(table: str, key: Sequence[str]) -> Single:
    columns = ", ".join(key)
    oldest = f"SELECT {columns} FROM {table} WHERE {key[0]} < :before ORDER BY {key[0]} LIMIT 2000"
    return Single(f"DELETE FROM {table} WHERE ({columns}) IN ({oldest}) RETURNING {key[0]}")


_KEYS: dict[str, Sequence[str]] = {
    "hourly": ("hour", "account_id", "product", "channel_id", "carrier", "state"),
    "hourly_code": ("hour", "account_id", "channel_id", "state", "code"),
    **{sums.table: tuple(sums.key) for sums in ALL_SUMS},
}
_PRUNE = [(key[0], _prune(table, key)) for table, key in _KEYS.items()]
"""Each with what it counts by: hours, or days."""

CODES_MOST = 5_000
"""The most rows of codes in an hour: a carrier with a new code in every receipt must not fill the disk."""

OTHER_CODES = "*"


class KnownCodes:
    """The rows of codes that a lane has written, so that it need not ask how many there are before it adds to them.

    A row whose transaction was rolled back counts as written: an hour may get one row too many by that.
    """

    def __init__(self) -> None:
        self._rows: set[CodeKey] = set()

    def __contains__(self, row: CodeKey) -> bool:
        return row in self._rows

    def add(self, row: CodeKey) -> None:
        if len(self._rows) >= CODES_MOST:
            self._rows.clear()
        self._rows.add(row)


class HourlySql(SumsSql):
    db: Connection
    counts: dict[tuple[Any, ...], int]  # ("ended", channel, state) → how many
    counted: Counted
    codes_counted: Counter[CodeKey]
    known_codes: KnownCodes
    counted_ms: int  # when messages were counted last
    turnover: dict[tuple[int, int, int, int], int]  # hour, account, product, kind → points

    def counters(self, now_ms: int) -> Counted:
        self.counted_ms = now_ms
        return self.counted

    def count_codes(self, more: Mapping[CodeKey, int]) -> None:
        self.codes_counted.update(more)

    def before_commit(self) -> None:
        """Write what was counted."""
        if self.counted:
            self._write_counters()
        if self.turnover:
            self.db.write(_ADD_TURNOVER, [(*key, points) for key, points in sorted(self.turnover.items())])
            self.turnover.clear()

    def prune_counters(self, before_ms: int) -> int:
        day = day_of(before_ms // HOUR_MS)
        first = {"hour": hours_of(day).start, "day": day}
        return sum(len(self.db.run(statement, before=first[unit])) for unit, statement in _PRUNE)

    def _write_counters(self) -> None:
        """Only of what is over the sums may have something, which is asked for then."""
        rows: list[MessageRow] = []
        for (hour, account, product, channel, carrier, state), (messages, segments) in self.counted.items():
            if messages or segments:
                rows.append((FIRST_HOUR + hour, account, product, channel, carrier, state, messages, segments))
            if state != SUBMITTED:
                self.counts["ended", channel, state] += messages
        rows.sort()
        self.counted.clear()
        self.db.write(_ADD_MESSAGES, rows)
        codes = self._write_codes() if self.codes_counted else []
        if rows and rows[0][0] <= self.counted_ms // HOUR_MS - SETTLED_HOURS:
            self._add_to_sums(rows, codes)

    def _write_codes(self) -> Sequence[Row]:
        counts: Counter[CodeKey] = Counter()
        full: dict[int, bool] = {}
        for (hours, account, channel, state, code), count in self.codes_counted.items():
            row = (FIRST_HOUR + hours, account, channel, state, short_code(code) or code)
            counts[self._with_room(row, full)] += count
        self.codes_counted.clear()
        rows = [(*key, count) for key, count in sorted(counts.items())]
        self.db.write(_ADD_CODES, rows)
        return rows

    def _with_room(self, row: CodeKey, full: dict[int, bool]) -> CodeKey:
        """The row itself, or that of other codes if its hour has no room for it. full: of hours that were asked for"""
        if row in self.known_codes:
            return row
        hour = row[0]
        if hour not in full:
            full[hour] = self.db.run(_CODES_OF, hour=hour)[0][0] >= CODES_MOST
        if full[hour]:
            return (*row[:4], OTHER_CODES)
        self.known_codes.add(row)
        return row
