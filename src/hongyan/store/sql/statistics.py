"""SQL of reading the hourly counters and their sums, and of counting the messages themselves."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Table, and_, cast, func, literal_column, select

from hongyan.model.account import Product
from hongyan.model.hourly import hours_within, whole_days
from hongyan.model.ids import FIRST_HOUR, IDS_AN_HOUR
from hongyan.model.ledger import EntryKind
from hongyan.model.message import FIRST_FINAL, MessageState
from hongyan.model.receipt_words import UNKNOWN
from hongyan.store import schema
from hongyan.store.engine.connection import Connection
from hongyan.store.sql.sums import SumsSql, among, figures_of

_H, _K, _M, _T = schema.hourly, schema.hourly_code, schema.message, schema.turnover
_A, _C, _D = schema.account_day, schema.channel_hour, schema.code_day
_COLUMNS = {"account": "account_id", "channel": "channel_id"}
"""Columns that are not called as what they group by."""


class StatisticsSql(SumsSql):
    db: Connection

    def hourly_sums(self, by: str, hours: range, **equal: int) -> list[dict[str, Any]]:
        found: dict[Any, Counter[str]] = {}
        for query in self._figures(_COLUMNS.get(by, by), hours, equal):
            for row in self.db.core(query):
                found.setdefault(row.pop("of"), Counter()).update(row)
        return [{"of": of, **figures} for of, figures in found.items()]

    def _figures(self, by: str, hours: range, equal: Mapping[str, int]) -> Iterator[Select[Any]]:
        """Yields queries for the sums, and for the counters that they do not have: of one account the index finds all counters."""
        if "account_id" in equal:
            yield _grouped(_H, by, among(_H.c.hour, hours), equal)
            return
        if by == "account_id":
            days = whole_days(hours)
            in_sums = hours_within(days, hours)
            yield _grouped(_A, by, among(_A.c.day, days), equal)
        else:
            in_sums = hours
            yield _grouped(_C, by, among(_C.c.hour, hours), equal)
        for rest in self._not_summed(_H, hours, in_sums):
            yield _grouped(_H, by, rest, equal)

    def hours_with_messages(self, hours: range, most: int, state: int, equal: Mapping[str, int]) -> list[int]:
        within = and_(_H.c.hour >= hours.start, _H.c.hour < hours.stop, *(_H.c[name] == value for name, value in equal.items()))
        query = select(_H.c.hour).distinct().where(within, _H.c.state == state)
        return [row["hour"] for row in self.db.core(query.order_by(_H.c.hour.desc()).limit(most))]

    def hours_with_tasks(self, account_id: int, hours: range, most: int) -> list[int]:
        """One query a product: an index has their hours in order."""
        within = and_(
            _T.c.account_id == account_id, _T.c.hour >= hours.start, _T.c.hour < hours.stop, _T.c.kind == EntryKind.HOLD
        )
        query = select(_T.c.hour).distinct().where(within).order_by(_T.c.hour.desc()).limit(most)
        found = {row["hour"] for product in Product for row in self.db.core(query.where(_T.c.product == product))}
        return sorted(found, reverse=True)[:most]

    def code_sums(self, hours: range, **equal: int) -> list[dict[str, Any]]:
        found: Counter[tuple[Any, ...]] = Counter()
        for query in self._codes(hours, equal):
            for row in self.db.core(query):
                found[row["channel_id"], row["state"], row["code"]] += row["messages"]
        return [
            {"channel_id": channel_id, "state": state, "code": code, "messages": messages}
            for (channel_id, state, code), messages in found.items()
        ]

    def _codes(self, hours: range, equal: Mapping[str, int]) -> Iterator[Select[Any]]:
        """Yields queries for the sums, and for what they do not have: of one account the counters of its hours are looked up."""
        if "account_id" in equal:
            its = select(_H.c.hour).where(among(_H.c.hour, hours), _H.c.account_id == equal["account_id"])
            yield _codes_of(_K, _K.c.hour.in_(its), equal)
            return
        days = whole_days(hours)
        yield _codes_of(_D, among(_D.c.day, days), equal)
        for rest in self._not_summed(_K, hours, hours_within(days, hours)):
            yield _codes_of(_K, rest, equal)

    def task_codes(self, task_id: int) -> list[dict[str, Any]]:
        message, task = schema.message.c, schema.task.c
        its = and_(message.id.between(task.first_id, task.last_id), message.task_id == task.id)
        group = (message.channel_id, message.state, message.code)
        query = select(*group, func.count().label("messages")).select_from(schema.task).join(schema.message, its)
        query = query.where(task.id == task_id, message.state.in_((MessageState.FAILED, MessageState.UNKNOWN)))
        return self.db.core(query.group_by(*group))

    def hourly_counted(self, hour: int) -> list[dict[str, Any]]:
        group = (_H.c.account_id, _H.c.product, _H.c.channel_id, _H.c.state)
        query = select(*group, _sum(_H.c.messages, "messages"), _sum(_H.c.segments, "segments")).where(_H.c.hour == hour)
        return self.db.core(query.group_by(*group))

    def codes_counted_of(self, hour: int) -> list[dict[str, Any]]:
        group = (_K.c.account_id, _K.c.channel_id, _K.c.state, _K.c.code)
        return self.db.core(select(*group, _sum(_K.c.messages, "messages")).where(_K.c.hour == hour).group_by(*group))

    def messages_made_in(self, hour: int) -> list[dict[str, Any]]:
        first = (hour - FIRST_HOUR) * IDS_AN_HOUR
        group = (_M.c.account_id, _M.c.product, _M.c.channel_id, _M.c.state)
        query = select(*group, func.count().label("messages"), _sum(_M.c.segments, "segments"))
        return self.db.core(query.where(_M.c.id >= first, _M.c.id < first + IDS_AN_HOUR).group_by(*group))

    def codes_of_messages_made_in(self, hour: int) -> list[dict[str, Any]]:
        first = (hour - FIRST_HOUR) * IDS_AN_HOUR
        group = (_M.c.account_id, _M.c.channel_id, _M.c.state, func.coalesce(func.nullif(_M.c.code, ""), UNKNOWN).label("code"))
        query = select(*group, func.count().label("messages"))
        ended = and_(_M.c.id >= first, _M.c.id < first + IDS_AN_HOUR, _M.c.state > int(FIRST_FINAL))
        return self.db.core(query.where(ended).group_by(*group[:3], literal_column("4")))


def _grouped(table: Table, by: str, within: ColumnElement[bool], equal: Mapping[str, int]) -> Select[Any]:
    query = select(table.c[by].label("of"), *figures_of(table)).where(within)
    return query.where(*(table.c[name] == value for name, value in equal.items())).group_by(table.c[by])


def _codes_of(table: Table, within: ColumnElement[bool], equal: Mapping[str, int]) -> Select[Any]:
    group = (table.c.channel_id, table.c.state, table.c.code)
    query = select(*group, _sum(table.c.messages, "messages")).where(within)
    return query.where(*(table.c[name] == value for name, value in equal.items())).group_by(*group)


def _sum(column: ColumnElement[Any], name: str) -> ColumnElement[int]:
    return cast(func.sum(column), BigInteger).label(name)
