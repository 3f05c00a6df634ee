"""hongyan statement: what accounts had, what moved it, what they had then, and their messages."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, Json, Jsonl, option
from hongyan.cli.out import Row, form, give_csv, give_rows, say
from hongyan.cli.stats import From, To, span_of
from hongyan.cli.store import opened
from hongyan.formats.workbook import write_workbook
from hongyan.i18n import N_, column_head
from hongyan.services.queries.statements import Period, StatementQuery
from hongyan.services.queries.statements import statement as statement_of

HELP = N_("Print statements: opening, top-ups, charged, returned, adjusted, closing, and messages by what became of them.")
EXAMPLES = ("hongyan statement --month 2026-11", "hongyan statement --account acme --month 2026-11 --by day --xlsx acme.xlsx")


def statement(
    month: Annotated[str, option("A whole month, such as 2026-11.", "--month", metavar="MONTH")] = "",
    from_: From = "",
    to: To = "",
    account: Annotated[str, option("Only of this account.", "--account")] = "",
    by: Annotated[Period, option("A line for the whole span, a month or a day.", "--by")] = Period.WHOLE,
    csv: Annotated[bool, option("Print CSV.", "--csv")] = False,
    xlsx: Annotated[Path | None, option("Write a workbook into this file.", "--xlsx")] = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    if month and (from_ or to):
        raise Stop(Exit.USAGE, "give --month, or --from and --to")
    since_ms, until_ms = span_of(f"{month}-01", last_of(month)) if month else span_of(from_, to)
    with opened(data, config) as admin:
        rows = admin.read(statement_of, StatementQuery(since_ms, until_ms, account, by))
    if xlsx is not None:
        _write(xlsx, rows)
    elif csv:
        give_csv(rows)
    else:
        give_rows("statement", rows, form(as_json, as_jsonl))


def last_of(month: str) -> str:
    """The last day of a month that is written 2026-11; of what is none, nothing."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        return ""
    return f"{month}-{monthrange(first.year, first.month)[1]}"


def _write(file: Path, rows: Sequence[Row]) -> None:
    heads = list(rows[0]) if rows else []
    octets = write_workbook("statement", list(map(column_head, heads)), (list(row.values()) for row in rows))
    try:
        file.write_bytes(octets)
    except OSError as error:
        raise Stop(Exit.CONFLICT, "cannot write {file}: {error}", "name another file", file=file, error=error) from error
    say("{file}: written", file=file)
