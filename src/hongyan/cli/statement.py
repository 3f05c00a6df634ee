"""hongyan statement: balances of accounts, what changed them, their balances then, and their messages."""

from calendar import monthrange
from datetime import date
from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.lists import Csv, ListOptions, Xlsx, print_list
from hongyan.cli.options import Config, Data, Json, Jsonl, alone, option, verb
from hongyan.cli.out import form
from hongyan.cli.stats import From, To, span_of
from hongyan.cli.store import opened
from hongyan.services.queries.lists.money import STATEMENTS
from hongyan.services.queries.statements import Period

app = alone()


@verb(
    app,
    "statement",
    "Print statements: opening, top-ups, charged, returned, adjusted, closing, and messages by what became of them.",
    "hongyan statement --month 2026-11",
    "hongyan statement --account acme --month 2026-11 --by day --xlsx acme.xlsx",
)
def statement(
    month: Annotated[str, option("A whole month, such as 2026-11.", "--month", metavar="MONTH")] = "",
    from_: From = "",
    to: To = "",
    account: Annotated[str, option("Only of this account.", "--account")] = "",
    by: Annotated[Period, option("A line for the whole span, a month or a day.", "--by")] = Period.WHOLE,
    csv: Csv = False,
    xlsx: Xlsx = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    if month and (from_ or to):
        raise Stop(Exit.USAGE, "give --month, or --from and --to")
    since_ms, until_ms = span_of(f"{month}-01", last_of(month)) if month else span_of(from_, to)
    given = {"period": by, "account": account, "since_ms": since_ms, "until_ms": until_ms}
    with opened(data, config) as admin:
        print_list(admin, STATEMENTS, given, ListOptions(form(as_json, as_jsonl), csv=csv, xlsx=xlsx))


def last_of(month: str) -> str:
    """Returns the last day of a month that is written 2026-11; nothing for another text."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        return ""
    return f"{month}-{monthrange(first.year, first.month)[1]}"
