"""Entries by hand, statements, and changes that wait for a second person."""

from collections.abc import Iterator

from hongyan.model.account import PayMode, Product
from hongyan.model.approval import ApprovalState
from hongyan.model.columns import Facts, columns_of
from hongyan.model.fields import Param
from hongyan.model.ids import DAY_MS
from hongyan.model.kinds import word, word_of
from hongyan.model.staff import Permission
from hongyan.ports.tx.queries import ListsTx, PagesTx
from hongyan.ports.tx.statements import StatementsTx
from hongyan.services.admin import approvals
from hongyan.services.admin.accounts import find_account
from hongyan.services.queries.lists.filters import ACCOUNT, OF_ACCOUNT
from hongyan.services.queries.lists.listing import Listing, ListQuery, Span
from hongyan.services.queries.statements import Period, StatementQuery, by_hand, statement

STATE = Param("state", "Only what is in this state.", word(ApprovalState))
ACCOUNTS_MOST = 800
"""How many accounts' statements are made at once, at most: first as many as there are rows on a page, then twice as many each
time, since many accounts have none in the span.
"""

PERIOD = Param("period", "What one row is about: the whole span, a month or a day.", word(Period), usual=Period.WHOLE)


def _entries(tx: StatementsTx, query: ListQuery) -> list[Facts]:
    return by_hand(tx, query.named("account"), query.most, tuple(query.after) if query.after else None)


def _balances(tx: ListsTx, query: ListQuery) -> list[Facts]:
    rows = tx.balances_after(int(Product.SMS), tuple(query.after) if query.after else None, query.most)
    return [row | _of_balance(row) for row in rows]


def _of_balance(row: Facts) -> Facts:
    """Returns what a balance is shown with. Without a wallet there is none."""
    return {
        "state": "stopped" if row["is_stopped"] else "live",
        "pay_mode": word_of(PayMode(row["pay_mode"])),
        "why": "it sends no SMS" if row["points"] is None else "",
    }


def _statements(tx: StatementsTx, query: ListQuery) -> list[Facts]:
    """Read account by account, as many as a page needs. raises: NotFound"""
    given, rows = query.given, list[Facts]()
    period = given["period"]
    asked = StatementQuery(given["since_ms"], given["until_ms"], period)
    for some in _accounts(tx, query):
        found = [row | {"period": str(row.get(period.value, ""))} for row in statement(tx, asked, some)]
        rows += [row for row in found if _is_behind(row, query.after)]
        if len(rows) >= query.most:
            break
    return rows


def _is_behind(row: Facts, after: list[str] | None) -> bool:
    """Returns whether a row of the page's first account was not shown on the page before."""
    return after is None or row["account"] != after[0] or [row[name] for name in STATEMENTS.order] > after


def _accounts(tx: StatementsTx, query: ListQuery) -> Iterator[dict[int, str]]:
    """Yields ids and names, some at a time: only the account that was named, else all from the last one of the page before."""
    name = query.named("account")
    begin = name or (query.after[0] if query.after else "")
    if begin:
        yield {row["id"]: row["name"] for row in ([find_account(tx, name)] if name else tx.rows_of("account", name=begin))}
    count = min(query.most, ACCOUNTS_MOST)
    while not name and (rows := tx.rows_after("account", "name", begin, count, {})):
        yield {row["id"]: row["name"] for row in rows}
        begin, count = rows[-1]["name"], min(2 * count, ACCOUNTS_MOST)


def _approvals(tx: PagesTx, query: ListQuery) -> list[Facts]:
    return approvals.approvals(tx, query.before_id, query.most, query.given.get("state"))


ENTRIES = Listing(
    name="entries",
    thing="EntryByHand",
    title="Entries by hand",
    summary="List the entries of an account that somebody made by hand, newest first.",
    columns=columns_of("at_ms kind product points:int note actor subject:int"),
    table=("at_ms", "kind", "product", "points", "note", "actor"),
    rows=_entries,
    filters=(ACCOUNT,),
    order=("at_ms", "subject", "kind_number"),
    usual_most=50,
)

BALANCES = Listing(
    name="balances",
    thing="Balance",
    title="Balances",
    summary="List balances, the lowest first.",
    columns=columns_of("name points:int? credit:int? topped_up:int? pay_mode state why"),
    table=("name", "points", "credit", "topped_up", "pay_mode", "state", "why"),
    rows=_balances,
    order=("sorted_points", "id"),
)

STATEMENTS = Listing(
    name="statement",
    thing="StatementRow",
    title="Statements",
    summary="List what wallets had, what moved them, and what they had then.",
    columns=columns_of(
        "account product period opening:int topped_up:int charged:int returned:int adjusted:int closing:int submitted:int"
        " delivered:int failed:int unknown:int cancelled:int pending:int rate_percent:number? segments:int"
    ),
    table=(
        "account",
        "product",
        "period",
        "opening",
        "topped_up",
        "charged",
        "returned",
        "adjusted",
        "closing",
        "submitted",
        "delivered",
        "failed",
        "unknown",
        "cancelled",
        "pending",
        "rate_percent",
        "segments",
    ),
    rows=_statements,
    filters=(PERIOD, OF_ACCOUNT),
    span=Span(most_ms=366 * DAY_MS, is_of_month=True),
    order=("account", "product", "period"),
)

APPROVALS = Listing(
    name="approvals",
    thing="Approval",
    title="Second person",
    summary="List changes of money that wait for a second person, or were decided, newest first.",
    columns=columns_of(
        "id:int kind account points:int product carrier? note is_forced state maker made_ms decider decided_ms reason"
    ),
    table=("id", "made_ms", "kind", "account", "points", "product", "carrier", "note", "maker", "state", "decider", "reason"),
    rows=_approvals,
    filters=(STATE,),
    needs=Permission.MONEY,
)

LISTS: tuple[Listing, ...] = (ENTRIES, BALANCES, STATEMENTS, APPROVALS)
