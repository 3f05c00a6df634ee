"""SQL of statements: balances at the end of days, and what changed them."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, literal_column, select, true, tuple_

from hongyan.model.hourly import CHINA_HOURS, hours_of_days
from hongyan.store import schema
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, SMALL, Single, insert
from hongyan.store.sql.sums import SumsSql, among, figures_of

_A, _C, _H, _N, _T = schema.account_day, schema.closing, schema.hourly, schema.entry_note, schema.turnover
_DAY = f"(hour + {CHINA_HOURS}) / 24"

_MOVED_IN = Single(
    "SELECT account_id, product, CAST(sum(points) AS bigint) FROM turnover WHERE hour >= :first AND hour < :last"
    " GROUP BY account_id, product"
)
_CLOSE = insert(
    "closing",
    {"account_id": INT, "product": SMALL, "day": INT, "points": INT},
    "ON CONFLICT (account_id, product, day) DO NOTHING",
)
_REOPEN = Single("DELETE FROM closing WHERE day > :day")


class StatementsSql(SumsSql):
    db: Connection

    def moved_in(self, hours: range) -> dict[tuple[int, int], int]:
        rows = self.db.run(_MOVED_IN, first=hours.start, last=hours.stop)
        return {(account, product): points for account, product, points in rows}

    def closings_before(self, day: int, accounts: Collection[int] | None = None) -> dict[tuple[int, int], int]:
        whose = _C.c.account_id.in_(accounts) if accounts is not None else true()
        newest = select(_C.c.account_id, _C.c.product, func.max(_C.c.day).label("day")).where(_C.c.day < day, whose)
        last = newest.group_by(_C.c.account_id, _C.c.product).subquery()
        same = and_(_C.c.account_id == last.c.account_id, _C.c.product == last.c.product, _C.c.day == last.c.day)
        rows = self.db.core(select(_C.c.account_id, _C.c.product, _C.c.points).join(last, same))
        return {(row["account_id"], row["product"]): row["points"] for row in rows}

    def add_closings(self, rows: Sequence[tuple[int, int, int, int]]) -> None:
        self.db.write(_CLOSE, rows)

    def drop_closings_after(self, day: int) -> None:
        self.db.run(_REOPEN, day=day)

    def turnover_of(self, hours: range, accounts: Collection[int]) -> list[dict[str, Any]]:
        within = and_(_T.c.hour >= hours.start, _T.c.hour < hours.stop, _T.c.account_id.in_(accounts))
        group: tuple[ColumnElement[Any], ...] = (_T.c.account_id, _T.c.product, literal_column(_DAY).label("day"), _T.c.kind)
        query = select(*group, cast(func.sum(_T.c.points), BigInteger).label("points")).where(within)
        return self.db.core(query.group_by(_T.c.account_id, _T.c.product, literal_column(_DAY), _T.c.kind))

    def messages_by_day(self, days: range, accounts: Collection[int]) -> list[dict[str, Any]]:
        of = _A.c.account_id, _A.c.product, _A.c.day
        summed = select(*of, *figures_of(_A)).where(among(_A.c.day, days), _A.c.account_id.in_(accounts))
        found = self.db.core(summed.group_by(*of))
        hours = hours_of_days(days)
        for rest in self._not_summed(_H, hours, hours):
            found += self.db.core(_counted_by_day(rest, accounts))
        return found

    def entry_notes(self, account_id: int, most: int, after: tuple[int, int, int] | None = None) -> list[dict[str, Any]]:
        key = (_N.c.made_ms, _N.c.subject, _N.c.kind)
        query = select(_N).where(_N.c.account_id == account_id)
        if after is not None:
            query = query.where(_N.c.made_ms <= after[0], tuple_(*key) < after)
        return self.db.core(query.order_by(*(one.desc() for one in key)).limit(most))


def _counted_by_day(within: ColumnElement[bool], accounts: Collection[int]) -> Select[Any]:
    day: ColumnElement[int] = literal_column(_DAY)
    of = _H.c.account_id, _H.c.product, day.label("day")
    return select(*of, *figures_of(_H)).where(within, _H.c.account_id.in_(accounts)).group_by(*of[:2], day)
