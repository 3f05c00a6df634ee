"""Statements: the balance of a wallet, what changed it, its balance then; and messages. docs/statistics.md says what each
means.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hongyan.model.account import Product
from hongyan.model.columns import Facts
from hongyan.model.hourly import CHINA_HOURS, FIGURES, MessageTally, hours_of
from hongyan.model.ids import HOUR_MS
from hongyan.model.ledger import EntryKind
from hongyan.ports.tx.statements import StatementsTx
from hongyan.services.admin.accounts import find_account
from hongyan.services.queries.statistics import china_day, figures
from hongyan.services.steps.closing import CLOSED


class Period(StrEnum):
    WHOLE = "whole"  # the span as one period
    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class StatementQuery:
    """since_ms, until_ms: days of China, the last one excluded"""

    since_ms: int
    until_ms: int
    period: Period = Period.WHOLE

    @property
    def days(self) -> range:
        return range(_day(self.since_ms), _day(self.until_ms - 1) + 1)


def _day(at_ms: int) -> int:
    return (at_ms // HOUR_MS + CHINA_HOURS) // 24


@dataclass(slots=True)
class _Line:
    """A wallet in one period."""

    points: dict[EntryKind, int] = field(default_factory=dict)
    messages: Counter[str] = field(default_factory=Counter)

    def add_points(self, kind: int, points: int) -> None:
        self.points[EntryKind(kind)] = self.points.get(EntryKind(kind), 0) + points

    def add_messages(self, row: Mapping[str, Any]) -> None:
        self.messages.update({name: row[name] for name in FIGURES})


def statement(tx: StatementsTx, query: StatementQuery, accounts: Mapping[int, str]) -> list[Facts]:
    """Returns a row for each account, product and period with entries; opening and closing balances add up.

    accounts: names by id, of those that are asked for
    """
    days = query.days
    lines = _lines(tx, query, range(hours_of(days.start).start, hours_of(days.stop - 1).stop), accounts)
    opening = balances(tx, days.start, accounts)
    rows = []
    for account_id, product in lines.keys() | opening.keys():
        who = {"account": accounts[account_id], "product": Product(product).name.lower()}
        wallet = account_id, product
        rows += [who | row for row in _rows(query, lines.get(wallet, {}), opening.get(wallet, 0))]
    return sorted(rows, key=lambda row: (row["account"], row["product"], row.get(query.period.value, "")))


def balances(tx: StatementsTx, day: int, accounts: Collection[int]) -> dict[tuple[int, int], int]:
    """Returns the balance of each wallet (account, product) at the beginning of a day."""
    closed = min(tx.read_count(CLOSED), day - 1)
    found = tx.closings_before(closed + 1, accounts)
    since = hours_of(closed).stop if found else 0
    for row in tx.turnover_of(range(since, hours_of(day).start), accounts):
        key = row["account_id"], row["product"]
        found[key] = found.get(key, 0) + row["points"]
    return found


def _lines(
    tx: StatementsTx, query: StatementQuery, hours: range, accounts: Collection[int]
) -> dict[tuple[int, int], dict[str, _Line]]:
    """Returns the changes by wallet and period."""
    lines: dict[tuple[int, int], dict[str, _Line]] = {}

    def line_of(row: Mapping[str, Any]) -> _Line:
        wallet = lines.setdefault((row["account_id"], row["product"]), {})
        return wallet.setdefault(_period(query.period, row["day"]), _Line())

    for row in tx.turnover_of(hours, accounts):
        line_of(row).add_points(row["kind"], row["points"])
    for row in tx.messages_by_day(query.days, accounts):
        line_of(row).add_messages(row)
    return lines


def _period(period: Period, day: int) -> str:
    written = china_day(day)
    return written if period is Period.DAY else written[:7] if period is Period.MONTH else ""


def _rows(query: StatementQuery, lines: Mapping[str, _Line], opening: int) -> Iterator[Facts]:
    """Yields rows in order of time; each begins with the closing balance of the one before."""
    for period in sorted(lines) or ([""] if query.period is Period.WHOLE else []):
        line = lines.get(period, _Line())
        points = line.points
        moved = {
            "topped_up": points.get(EntryKind.TOPUP, 0),
            "charged": -points.get(EntryKind.HOLD, 0),
            "returned": points.get(EntryKind.RETURN, 0),
            "adjusted": points.get(EntryKind.ADJUST, 0) + points.get(EntryKind.CARRIED, 0),
        }
        closing = opening + sum(points.values())
        when = {query.period.value: period} if period else {}
        yield when | {"opening": opening} | moved | {"closing": closing} | figures(MessageTally(**line.messages))
        opening = closing


def by_hand(tx: StatementsTx, account: str, most: int, after: tuple[int, int, int] | None = None) -> list[Facts]:
    """Returns the entries of an account that were made by hand, the newest first, with who made them and why. raises: NotFound

    after: at_ms, subject and kind_number of the last one seen
    """
    return [
        {
            "at_ms": row["made_ms"],
            "kind": EntryKind(row["kind"]).name.lower(),
            "product": Product(row["product"]).name.lower(),
            "points": row["points"],
            "note": row["note"],
            "actor": row["actor"],
            "subject": row["subject"],
            "kind_number": row["kind"],
        }
        for row in tx.entry_notes(find_account(tx, account)["id"], most, after)
    ]
