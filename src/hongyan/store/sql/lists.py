"""SQL of lists and counts for people, from a read-only connection. All of it is bounded."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from hongyan.model.message import MessageState
from hongyan.store import schema
from hongyan.store.engine.connection import Connection
from hongyan.store.sql.trace import WAITING

_M, _C, _O = schema.message, schema.carrier_ref, schema.owed

_EXPORTED = (
    _M.c.id, _M.c.task_id, _M.c.account_id, _M.c.product, _M.c.phone, _M.c.segments, _M.c.points, _M.c.state, _M.c.channel_id,
    _M.c.code, _M.c.changed_ms,
)  # fmt: skip

HELD = 2
"""State of parcels that are held back with their task: only an operator lets them go."""

_NO_WALLET: ColumnElement[int] = literal_column(str(2**62))
"""Instead of the balance of an account without a wallet, behind all others."""


def _messages_between(before_id: int, least_id: int, *columns: Any) -> Select[Any]:
    return select(*columns).where(_M.c.id >= least_id, _M.c.id < before_id).order_by(_M.c.id.desc())


class ListsSql:
    db: Connection

    def message_page(self, after: int, until: int, most: int) -> list[dict[str, Any]]:
        page = select(*_EXPORTED).where(_M.c.id > after, _M.c.id < until).order_by(_M.c.id).limit(most)
        return self.db.core(page)

    def rows_before(
        self, table: str, before_id: int, most: int, equal: Mapping[str, Any], least_id: int = 0
    ) -> list[dict[str, Any]]:
        found = schema.metadata.tables[table]
        query = select(found).where(found.c.id >= least_id, found.c.id < before_id)
        for name, value in equal.items():
            query = query.where(found.c[name] == value)
        return self.db.core(query.order_by(found.c.id.desc()).limit(most))

    def messages_before(
        self, before_id: int, most: int, equal: Mapping[str, Any], least_id: int, looked_most: int
    ) -> list[dict[str, Any]]:
        found = _messages_between(before_id, least_id, _M)
        if equal:
            looked = found.limit(looked_most).subquery("looked")
            found = select(looked).where(*(looked.c[name] == value for name, value in equal.items()))
        return self.db.core(found.limit(most))

    def messages_looked_at(self, before_id: int, least_id: int, looked_most: int) -> tuple[int, int | None]:
        looked = _messages_between(before_id, least_id, _M.c.id).limit(looked_most + 1).subquery("looked")
        (found,) = self.db.core(select(func.count().label("count"), func.min(looked.c.id).label("next")))
        return (looked_most, found["next"] + 1) if found["count"] > looked_most else (found["count"], None)

    def traffic_since(self, since_id: int, slot_ids: int, most: int) -> list[dict[str, Any]]:
        shown = (_M.c.account_id, _M.c.channel_id, _M.c.state, ((_M.c.id - since_id) // slot_ids).label("slot"))
        newest = select(*shown).where(_M.c.id >= since_id).order_by(_M.c.id.desc()).limit(most).subquery("newest")
        key = (newest.c.account_id, newest.c.channel_id, newest.c.slot)
        ended = func.sum(case((newest.c.state >= MessageState.DELIVERED, 1), else_=0)).label("ended")
        delivered = func.sum(case((newest.c.state == MessageState.DELIVERED, 1), else_=0)).label("delivered")
        return self.db.core(select(*key, func.count().label("count"), ended, delivered).group_by(*key))

    def queued(self) -> list[dict[str, Any]]:
        parcel = schema.parcel
        query = select(
            parcel.c.channel_id,
            cast(func.sum(parcel.c.messages), BigInteger).label("messages"),
            func.min(parcel.c.id).label("oldest"),
        )
        query = query.where(parcel.c.state != HELD).group_by(parcel.c.channel_id)
        return self.db.core(query)

    def owed_counts(self, after: tuple[int, int, int] = (0, 0, 0), most: int | None = None) -> list[dict[str, Any]]:
        key = (_O.c.account_id, _O.c.kind, _O.c.state)
        query = select(*key, func.count().label("count")).where(
            _O.c.state < 10, _O.c.account_id >= after[0], tuple_(*key) > after
        )
        return self.db.core(query.group_by(*key).order_by(*key).limit(most))

    def balances_after(self, product: int, after: tuple[int, int] | None, most: int) -> list[dict[str, Any]]:
        """Sorted in the database over all accounts, some thousands. An index over what each message changes would cost more."""
        account, wallet = schema.account, schema.wallet
        key = (func.coalesce(wallet.c.points, _NO_WALLET), account.c.id)
        its = and_(wallet.c.account_id == account.c.id, wallet.c.product == product)
        shown = (account.c.name, account.c.pay_mode, account.c.is_stopped, wallet.c.credit, wallet.c.topped_up)
        query = select(key[0].label("sorted_points"), wallet.c.points, account.c.id, *shown).outerjoin_from(
            account, wallet, its
        )
        if after is not None:
            query = query.where(tuple_(*key) > after)
        return self.db.core(query.order_by(*key).limit(most))

    def accounts_like(self, text: str, most: int) -> list[dict[str, Any]]:
        account, customer = schema.account.c, schema.customer.c
        names = select(account.name, customer.name.label("customer")).outerjoin(
            schema.customer, customer.id == account.customer_id
        )
        found = or_(account.name.icontains(text, autoescape=True), customer.name.icontains(text, autoescape=True))
        begins = case((account.name.istartswith(text, autoescape=True), 0), else_=1)
        return self.db.core(names.where(found).order_by(begins, account.name).limit(most))

    def prices_after(self, account_id: int | None, after: tuple[str, int, str] | None, most: int) -> list[dict[str, Any]]:
        price, name = schema.price, schema.account.c.name
        key = (name, price.c.product, price.c.carrier)
        query = select(price, name.label("account")).join(schema.account, schema.account.c.id == price.c.account_id)
        if account_id is not None:
            query = query.where(price.c.account_id == account_id)
        if after is not None:
            query = query.where(name >= after[0], tuple_(*key) > after)
        return self.db.core(query.order_by(*key).limit(most))

    def unmatched_receipts(
        self, since_ms: int, most: int, channel_id: int | None = None, after: tuple[int, int, str, int] | None = None
    ) -> list[dict[str, Any]]:
        key = (_C.c.made_ms, _C.c.channel_id, _C.c.carrier_id, _C.c.n)
        query = select(*WAITING, _C.c.made_ms).where(_C.c.message_id.is_(None), _C.c.made_ms >= since_ms)
        if channel_id is not None:
            query = query.where(_C.c.channel_id + 0 == channel_id)  # by the index of those that wait, not by the table's key
        if after is not None:
            query = query.where(_C.c.made_ms <= after[0], tuple_(*key) < after)
        return self.db.core(query.order_by(*(one.desc() for one in key)).limit(most))
