"""Entries by hand, statements, and what waits for a second person."""

from hongyan.model.approval import ApprovalState
from hongyan.model.columns import columns_of
from hongyan.model.fields import Param, word
from hongyan.model.ids import DAY_MS
from hongyan.model.staff import Permission
from hongyan.ports.tx.queries import ListsTx, PagesTx
from hongyan.ports.tx.statements import StatementsTx
from hongyan.services.admin import approvals
from hongyan.services.queries.lists.filters import ACCOUNT, OF_ACCOUNT
from hongyan.services.queries.lists.listing import Facts, Listing, ListQuery, Span
from hongyan.services.queries.reading import accounts
from hongyan.services.queries.statements import Period, StatementQuery, by_hand, statement

STATE = Param("state", "Only what is in this state.", word(ApprovalState))
PERIOD = Param("period", "What one row is about: the whole span, a month or a day.", word(Period), usual=Period.WHOLE)


def _entries(tx: StatementsTx, query: ListQuery) -> list[Facts]:
    return by_hand(tx, query.named("account"), query.most)


def _balances(tx: ListsTx, _: ListQuery) -> list[Facts]:
    return accounts(tx)


def _statements(tx: StatementsTx, query: ListQuery) -> list[Facts]:
    given = query.given
    period = given["period"]
    asked = StatementQuery(given["since_ms"], given["until_ms"], query.named("account"), period)
    return [row | {"period": str(row.get(period.value, ""))} for row in statement(tx, asked)]


def _approvals(tx: PagesTx, query: ListQuery) -> list[Facts]:
    return approvals.approvals(tx, query.before_id, query.most, query.given.get("state"))


ENTRIES = Listing(
    "entries", "EntryByHand", "Entries by hand", "List the entries of an account that somebody made by hand, newest first.",
    columns_of("at_ms kind product points:int note actor subject:int"),
    ("at_ms", "kind", "product", "points", "note", "actor"),
    _entries,
    filters=(ACCOUNT,),
    has_pages=False,
    usual_most=50,
)  # fmt: skip

BALANCES = Listing(
    "balances", "Balance", "Balances", "List balances, the lowest first.",
    columns_of("name points:int credit:int? topped_up:int? pay_mode state"),
    ("name", "points", "credit", "topped_up", "pay_mode", "state"),
    _balances,
    order=("points", "name"),
    is_whole=True,
)  # fmt: skip

STATEMENTS = Listing(
    "statement", "StatementRow", "Statements", "List what wallets had, what moved them, and what they had then.",
    columns_of(
        "account product period opening:int topped_up:int charged:int returned:int adjusted:int closing:int submitted:int"
        " delivered:int failed:int unknown:int cancelled:int pending:int rate_percent:number? segments:int"
    ),
    ("account", "product", "period", "opening", "topped_up", "charged", "returned", "adjusted", "closing", "submitted", "delivered",
     "failed", "unknown", "cancelled", "pending", "rate_percent", "segments"),
    _statements,
    filters=(PERIOD, OF_ACCOUNT),
    span=Span(most_ms=366 * DAY_MS, is_of_month=True),
    order=("account", "product", "period"),
    is_whole=True,
)  # fmt: skip

APPROVALS = Listing(
    "approvals", "Approval", "Second person", "List changes of money that wait for a second person, or were decided, newest first.",
    columns_of(
        "id:int kind account points:int product carrier? note is_forced state maker made_ms decider decided_ms reason"
    ),
    ("id", "made_ms", "kind", "account", "points", "product", "carrier", "note", "maker", "state", "decider", "reason"),
    _approvals,
    filters=(STATE,),
    needs=Permission.MONEY,
)  # fmt: skip

LISTS: tuple[Listing, ...] = (ENTRIES, BALANCES, STATEMENTS, APPROVALS)
