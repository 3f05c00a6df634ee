"""SQL of the sums of hourly counters, which statistics over many days read instead of the counters.

Counters before a place in their order, (hour, account), are in the sums too. The place moves on by some hundred at a time. Whoever
changes a counter before it changes the sums in the same transaction, and the place does not move meanwhile. So nothing is left out or
counted twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table, and_, case, cast, func, tuple_

from hongyan.model.hourly import CHINA_HOURS, FIGURES, STATES, SUBMITTED, Place, day_of, hours_of
from hongyan.store import schema
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, SMALL, TEXT, Batch, Row, Single, insert

AT_ONCE = 200
"""How many rows of `hourly` are summed up at once, if no account has more in an hour: others wait for the transaction."""

_PLACE = Single("SELECT hour, account_id FROM summed_up WHERE id = 1")
_KEEP_PLACE = Single("SELECT hour, account_id FROM summed_up WHERE id = 1", lock="FOR SHARE")
_LOCK_PLACE = Single("SELECT hour, account_id FROM summed_up WHERE id = 1", lock="FOR UPDATE")
_MOVE_PLACE = Single("UPDATE summed_up SET hour = :hour, account_id = :account WHERE id = 1")
_NEXT_PLACE = Single(
    "SELECT hour, account_id FROM hourly WHERE (hour, account_id) >= (:hour, :account) AND hour < :before"
    " ORDER BY hour, account_id LIMIT 1 OFFSET :most"
)
_DAY = f"(hour + {CHINA_HOURS}) / 24"
_BETWEEN = "WHERE (hour, account_id) >= (:hour, :account) AND (hour, account_id) < (:to_hour, :to_account)"


@dataclass(frozen=True, slots=True)
class Sums:
    """One table of sums.

    source: the counters that it sums up
    key:    its columns, with their types
    values: its other columns, and what they are of a counter
    """

    table: str
    source: str
    key: Mapping[str, str]
    values: Mapping[str, str]

    @property
    def of_counters(self) -> str:
        """Returns a SELECT of the sums of the counters between two places."""
        groups = ", ".join(_DAY if name == "day" else name for name in self.key)
        sums = ", ".join(f"CAST(sum({value}) AS bigint)" for value in self.values.values())
        return f"SELECT {groups}, {sums} FROM {self.source} {_BETWEEN} GROUP BY {groups}"

    @property
    def addition(self) -> str:
        """Returns what happens where there is a sum already."""
        sums = ", ".join(f"{name} = {self.table}.{name} + excluded.{name}" for name in self.values)
        return f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {sums}"

    @property
    def add(self) -> Batch:
        return insert(self.table, {**self.key, **dict.fromkeys(self.values, INT)}, self.addition)

    @property
    def sum_up(self) -> Single:
        return Single(f"INSERT INTO {self.table} ({', '.join([*self.key, *self.values])}) {self.of_counters} {self.addition}")

    @property
    def unit(self) -> str:
        """Returns the column of the time, the first of its key: day or hour."""
        return next(iter(self.key))

    @property
    def reopen(self) -> Single:
        return Single(f"DELETE FROM {self.table} WHERE {self.unit} >= :first")

    @property
    def stored(self) -> Single:
        """Returns a SELECT of the sums of a span."""
        columns = ", ".join([*self.key, *self.values])
        return Single(f"SELECT {columns} FROM {self.table} WHERE {self.unit} >= :first AND {self.unit} < :behind")


_OF_STATES = {name: f"CASE WHEN state = {state} THEN messages ELSE 0 END" for state, name in STATES.items()}
_FIGURES = {**_OF_STATES, "segments": f"CASE WHEN state = {SUBMITTED} THEN segments ELSE 0 END"}
ACCOUNT_DAY = Sums("account_day", "hourly", {"day": INT, "account_id": INT, "product": SMALL, "channel_id": INT}, _FIGURES)
CHANNEL_HOUR = Sums("channel_hour", "hourly", {"hour": INT, "channel_id": INT, "product": SMALL, "carrier": TEXT}, _FIGURES)
CODE_DAY = Sums(
    "code_day", "hourly_code", {"day": INT, "channel_id": INT, "state": SMALL, "code": TEXT}, {"messages": "messages"}
)
ALL_SUMS = (ACCOUNT_DAY, CHANNEL_HOUR, CODE_DAY)  # in this order they are written

_ADD = {sums.table: sums.add for sums in ALL_SUMS}
_COLUMN = {state: FIGURES.index(name) for state, name in STATES.items()}
_SEGMENTS = FIGURES.index("segments")


MessageRow = tuple[int, int, int, int, str, int, int, int]
"""Hour since 1970, account, product, channel, carrier, state, messages, segments."""


class SumsSql:
    db: Connection

    def lock_summed_up(self) -> Place:
        return self._place(_LOCK_PLACE)

    def next_place(self, place: Place, before: int) -> Place:
        found = self.db.run(_NEXT_PLACE, hour=place[0], account=place[1], before=before, most=AT_ONCE)
        if not found:
            return before, 0
        hour, account = found[0]
        return max((hour, account), (place[0], place[1] + 1))  # an account's rows of an hour stay together

    def sum_up(self, place: Place, to: Place) -> None:
        for sums in ALL_SUMS:
            self.db.run(sums.sum_up, hour=place[0], account=place[1], to_hour=to[0], to_account=to[1])
        self.db.run(_MOVE_PLACE, hour=to[0], account=to[1])

    def reopen_sums(self, day: int) -> None:
        hour = hours_of(day).start
        for sums in ALL_SUMS:
            self.db.run(sums.reopen, first=hour if sums.unit == "hour" else day)
        self.db.run(_MOVE_PLACE, hour=hour, account=0)

    def differing_sums(self, day: int) -> list[dict[str, Any]]:
        return [row for sums in ALL_SUMS for row in self._differing(sums, day)]

    def _differing(self, sums: Sums, day: int) -> Iterator[dict[str, Any]]:
        hours, width = hours_of(day), len(sums.key)
        span = hours if sums.unit == "hour" else range(day, day + 1)
        to = min(self._place(_PLACE), (hours.stop, 0))
        read = self.db.run(Single(sums.of_counters), hour=hours.start, account=0, to_hour=to[0], to_account=to[1])
        counted = {tuple(row[:width]): row[width:] for row in read}
        stored = {tuple(row[:width]): row[width:] for row in self.db.run(sums.stored, first=span.start, behind=span.stop)}
        nothing = (0,) * len(sums.values)
        for key in sorted(counted.keys() | stored.keys()):
            for name, is_, was in zip(sums.values, counted.get(key, nothing), stored.get(key, nothing), strict=True):
                if is_ != was:
                    yield dict(zip(sums.key, key, strict=True)) | {"figure": name, "counted": is_, "summed": was}

    def _add_to_sums(self, messages: Sequence[MessageRow], codes: Sequence[Row]) -> None:
        """Add changes of counters to the sums that have these counters: rows as they were written."""
        place = self._place(_KEEP_PLACE)
        by_day, by_hour = _figures([row for row in messages if (row[0], row[1]) < place])
        by_code: dict[Row, list[int]] = {}
        for hour, account, channel, state, code, count in codes:
            if (hour, account) < place:
                by_code.setdefault((day_of(hour), channel, state, code), [0])[0] += count
        for sums, rows in zip(ALL_SUMS, (by_day, by_hour, by_code), strict=True):
            self.db.write(_ADD[sums.table], [(*key, *values) for key, values in sorted(rows.items())])

    def _not_summed(self, counters: Table, hours: range, in_sums: range) -> Iterator[ColumnElement[bool]]:
        """Yields conditions of the counters of these hours that are not in sums over `in_sums`, which lie within them."""
        for rest in (range(hours.start, in_sums.start), range(in_sums.stop, hours.stop)):
            if rest:
                yield among(counters.c.hour, rest)
        place = self._place(_PLACE)
        if place[0] < in_sums.stop:
            since = among(counters.c.hour, range(max(place[0], in_sums.start), in_sums.stop))
            yield and_(since, tuple_(counters.c.hour, counters.c.account_id) >= place)

    def _place(self, statement: Single) -> Place:
        hour, account = self.db.run(statement)[0]
        return hour, account


def among(column: ColumnElement[Any], span: range) -> ColumnElement[bool]:
    """Returns the condition that a column is within a span."""
    return and_(column >= span.start, column < span.stop)


def figures_of(table: Table) -> list[ColumnElement[int]]:
    """Returns FIGURES of a group of counters or sums, all in one row: SQLite sorts what is grouped, but by the hour it is in order
    already.
    """
    if table is schema.hourly:
        figures: list[ColumnElement[int]] = [case((table.c.state == state, table.c.messages), else_=0) for state in STATES]
        figures.append(case((table.c.state == SUBMITTED, table.c.segments), else_=0))
    else:
        figures = [table.c[name] for name in FIGURES]
    return [cast(func.sum(one), BigInteger).label(name) for name, one in zip(FIGURES, figures, strict=True)]


def _figures(messages: Sequence[MessageRow]) -> tuple[dict[Row, list[int]], dict[Row, list[int]]]:
    """Returns what these changes of counters add to the rows of `account_day` and of `channel_hour`."""
    by_day: dict[Row, list[int]] = {}
    by_hour: dict[Row, list[int]] = {}
    for hour, account, product, channel, carrier, state, count, segments in messages:
        day = by_day.setdefault((day_of(hour), account, product, channel), [0] * len(FIGURES))
        of_hour = by_hour.setdefault((hour, channel, product, carrier), [0] * len(FIGURES))
        for figures in (day, of_hour):
            figures[_COLUMN[state]] += count
            figures[_SEGMENTS] += segments if state == SUBMITTED else 0
    return by_day, by_hour
