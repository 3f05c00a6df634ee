"""What several tables for files do with rows."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from hongyan.model.errors import Invalid
from hongyan.ports.tx import Tx
from hongyan.services.admin.accounts import find_account
from hongyan.services.admin.importing import Key, TableRow


def check_given(row: TableRow, *names: str) -> None:
    """raises: Invalid"""
    for name in names:
        if not row[name]:
            raise Invalid("{field} is missing", field=name)


def of_accounts(tx: Tx, table: str, account: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields rows with the names of their accounts. raises: NotFound"""
    only = {"account_id": find_account(tx, account)["id"]} if account else {}
    names = {row["id"]: row["name"] for row in tx.rows_of("account")}
    for row in tx.rows_of(table, **only):
        if row["account_id"] in names:
            yield names[row["account_id"]], row


def by_account(rows: Sequence[TableRow]) -> Iterator[tuple[str, list[TableRow]]]:
    ordered = sorted(rows, key=lambda row: row["account"])
    for account, group in groupby(ordered, key=lambda row: row["account"]):
        yield account, list(group)


def key_of(*names: str) -> Callable[[TableRow], Key]:
    return lambda row: tuple(row[name] for name in names)
