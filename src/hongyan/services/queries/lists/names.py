"""Names of accounts and channels instead of their ids."""

from collections.abc import Iterable, Mapping
from typing import Any

from hongyan.model.columns import Facts
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.admin.accounts import find_account
from hongyan.services.admin.channels import find_channel
from hongyan.services.queries.lists.listing import ListQuery


def names_of(tx: ConfigRowsTx, table: str, rows: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Returns the names of the accounts or channels that these rows name by `account_id` or `channel_id`."""
    ids = (row[f"{table}_id"] for row in rows)
    return tx.names_in(table, [i for i in ids if i])


def with_names(tx: ConfigRowsTx, rows: Iterable[Facts], *tables: str) -> list[Facts]:
    """Returns rows with the names of their accounts, their channels or both. tables: "account", "channel"."""
    rows = list(rows)
    for table in tables:
        names = names_of(tx, table, rows)
        rows = [row | {table: names.get(row[f"{table}_id"], "")} for row in rows]
    return rows


def only_of(tx: ConfigRowsTx, query: ListQuery) -> dict[str, Any]:
    """Returns the columns that select the account and the channel that the filters name. raises: NotFound"""
    account, channel = query.named("account"), query.named("channel")
    equal = {"account_id": find_account(tx, account)["id"]} if account else {}
    return equal | ({"channel_id": find_channel(tx, channel)["id"]} if channel else {})
