"""SQL of reading the hourly counters, and of counting the messages themselves."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, literal_column, select

from hongyan.model.account import Product
from hongyan.model.hourly import STATES, SUBMITTED
from hongyan.model.ids import FIRST_HOUR, IDS_AN_HOUR
from hongyan.model.ledger import EntryKind
from hongyan.model.message import FIRST_FINAL, MessageState
from hongyan.model.receipt_words import UNKNOWN
from hongyan.store import schema
from hongyan.store.engine.connection import Connection

_H, _K, _M, _T = schema.hourly, schema.hourly_code, schema.message, schema.turnover
_GROUPS: dict[str, ColumnElement[Any]] = {
    "account": _H.c.account_id,
    "channel": _H.c.channel_id,
    "carrier": _H.c.carrier,
    "product": _H.c.product,
    "hour": _H.c.hour,
}

_FIGURES = tuple(
    cast(func.sum(case((_H.c.state == state, _H.c.messages), else_=0)), BigInteger).label(name)
    for state, name in STATES.items()
)
_SEGMENTS = cast(func.sum(case((_H.c.state == SUBMITTED, _H.c.segments), else_=0)), BigInteger).label("segments")
"""Of each group, all figures in one row: SQLite sorts what is grouped, but by the hour it is in order already."""


class StatisticsSql:
    db: Connection

    def hourly_sums(self, by: str, hours: range, **equal: int) -> list[dict[str, Any]]:
        within = and_(_H.c.hour >= hours.start, _H.c.hour < hours.stop, *(_H.c[name] == value for name, value in equal.items()))
        query = select(_GROUPS[by].label("of"), *_FIGURES, _SEGMENTS).where(within)
        return self.db.core(query.group_by(_GROUPS[by]))

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
        within = and_(_K.c.hour >= hours.start, _K.c.hour < hours.stop, *(_K.c[name] == value for name, value in equal.items()))
        query = select(_K.c.channel_id, _K.c.state, _K.c.code, _sum(_K.c.messages, "messages")).where(within)
        return self.db.core(query.group_by(_K.c.channel_id, _K.c.state, _K.c.code))

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


def _sum(column: ColumnElement[Any], name: str) -> ColumnElement[int]:
    return cast(func.sum(column), BigInteger).label(name)
