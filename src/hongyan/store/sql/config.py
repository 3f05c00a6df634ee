"""SQL of configuration: customers, accounts, wallets, prices, channels, routes, sites, and the audit of every change."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Column, Table, select

from hongyan.model.act import Act, AuditAction
from hongyan.store import schema
from hongyan.store.sql.counters import CounterSql

CONFIG_VERSION = "config_version"
"""The counter that grows with every change of configuration. Processes that see it grow load the ConfigSnapshot again."""

IDS_MOST = 500
"""The most ids in one statement."""


class ConfigSql(CounterSql):
    def rows_of(self, table: str, **equal: Any) -> list[dict[str, Any]]:
        found = _table(table)
        query = select(found).order_by(*found.primary_key.columns)
        for name, value in equal.items():
            query = query.where(found.c[name] == value)
        return self.db.core(query)

    def rows_after(
        self, table: str, by: str, after: Any, most: int, equal: Mapping[str, Any], name_with: str = ""
    ) -> list[dict[str, Any]]:
        found = _table(table)
        query = select(found).where(*(found.c[name] == value for name, value in equal.items()))
        if name_with:
            query = query.where(found.c.name.icontains(name_with, autoescape=True))
        if after is not None:
            query = query.where(found.c[by] > after)
        return self.db.core(query.order_by(found.c[by]).limit(most))

    def names_in(self, table: str, ids: Iterable[int]) -> dict[int, str]:
        found = _table(table)
        rows = [
            row for some in _some(ids) for row in self.db.core(select(found.c.id, found.c.name).where(found.c.id.in_(some)))
        ]
        return {row["id"]: row["name"] for row in rows}

    def add_row(self, table: str, **values: Any) -> None:
        self.db.core(_table(table).insert().values(**values))

    def change_row(self, table: str, key: int | str, **values: Any) -> None:
        found = _table(table)
        self.db.core(found.update().where(_key_of(found) == key).values(**values))

    def drop_row(self, table: str, key: int | str) -> None:
        found = _table(table)
        self.db.core(found.delete().where(_key_of(found) == key))

    def add_wallet(self, account_id: int, product: int) -> None:
        self.db.core(schema.wallet.insert().values(account_id=account_id, product=product))

    def change_wallet(self, account_id: int, product: int, **values: Any) -> None:
        wallet = schema.wallet
        self.db.core(wallet.update().where(wallet.c.account_id == account_id, wallet.c.product == product).values(**values))

    def set_price(self, account_id: int, product: int, carrier: str, points: int) -> int | None:
        key = {"account_id": account_id, "product": product, "carrier": carrier}
        before = self.rows_of("price", **key)
        if before:
            price = schema.price
            self.db.core(price.update().where(*(price.c[name] == value for name, value in key.items())).values(points=points))
        else:
            self.add_row("price", **key, points=points)
        return before[0]["points"] if before else None

    def audit(
        self, act: Act, action: AuditAction, subject: str, before: object, after: object, *, is_config: bool = True
    ) -> int:
        audit_id = act.new_id()
        self.db.core(
            schema.audit.insert().values(
                id=audit_id,
                actor=str(act.actor),
                action=action.value,
                subject=subject,
                before=orjson.dumps(before).decode(),
                after=orjson.dumps(after).decode(),
                at_ms=act.now_ms,
            )
        )
        if is_config:
            self.take_count(CONFIG_VERSION, 1)
        return audit_id

    def config_version(self) -> int:
        return self.read_count(CONFIG_VERSION)


def _some(ids: Iterable[int]) -> Iterator[list[int]]:
    """Yields the ids without repeats, as many at once as a statement holds."""
    left = sorted(set(ids))
    for start in range(0, len(left), IDS_MOST):
        yield left[start : start + IDS_MOST]


def _key_of(table: Table) -> Column[Any]:
    """Returns the one column by which rows of configuration are named: an id, or the host of a site."""
    (key,) = table.primary_key.columns
    return key


def _table(name: str) -> Table:
    return schema.metadata.tables[name]
