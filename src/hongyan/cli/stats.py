"""hongyan stats: how many messages were submitted, and what became of them."""

import time
from pathlib import Path
from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, Json, Jsonl, alone, option, verb
from hongyan.cli.out import Form, form, print_csv, print_json, print_rows, say, write_file
from hongyan.cli.store import CommandStore, opened
from hongyan.formats.workbook import write_workbook
from hongyan.i18n import column_head, language
from hongyan.model.hourly import day_of
from hongyan.model.ids import DAY_MS, HOUR_MS
from hongyan.services.queries import statistics
from hongyan.services.queries.lists.cells import cells, program_cells
from hongyan.services.queries.lists.listing import Span
from hongyan.services.queries.statistics import GroupBy, StatisticsQuery, china_day_ms, china_today

app = alone()


From = Annotated[str, option("First day, China's, such as 2026-11-01; else today.", "--from", metavar="DAY")]
To = Annotated[str, option("Last day; else the first.", "--to", metavar="DAY")]
OpenFrom = Annotated[
    str, option("First day, China's, such as 2026-11-01; else from the beginning on.", "--from", metavar="DAY")
]
OpenTo = Annotated[str, option("Last day; else without end.", "--to", metavar="DAY")]


@verb(
    app,
    "stats",
    "Count messages by account, channel, carrier, product, code, day or hour, and what became of them.",
    "hongyan stats --by account --from 2026-11-01 --to 2026-11-30",
    "hongyan stats --by code --channel up1 --json",
)
def stats(
    by: Annotated[GroupBy, option("What the figures are grouped by.", "--by")] = GroupBy.DAY,
    from_: From = "",
    to: To = "",
    account: Annotated[str, option("Only of this account.", "--account")] = "",
    channel: Annotated[str, option("Only of this channel.", "--channel")] = "",
    verify: Annotated[bool, option("Count the messages themselves, and name counters that say otherwise.", "--verify")] = False,
    csv: Annotated[bool, option("Print CSV.", "--csv")] = False,
    xlsx: Annotated[Path | None, option("Write a workbook into this file.", "--xlsx")] = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    since_ms, until_ms = span_of(from_, to)
    query = StatisticsQuery(by, since_ms, until_ms, account, channel, language())
    with opened(data, config) as admin:
        if verify:
            _verify(admin, query, form(as_json))
            return
        rows = admin.read(statistics.statistics, query)
    names = list(rows[0]) if rows else []
    if xlsx is not None:
        write_file(xlsx, write_workbook("stats", list(map(column_head, names)), cells(names, rows)))
    elif csv:
        print_csv(names, program_cells(names, rows))
    else:
        print_rows("stats", rows, form(as_json, as_jsonl))


def span_of(first: str, last: str, span: Span | None = None) -> tuple[int, int]:
    """Returns the moments at which the first day begins and the last one ends. raises: Invalid, Stop"""
    now_ms = time.time_ns() // 1_000_000
    if span is not None and span.is_open:
        days = span.of_days(first, last, now_ms)
        return days["since_ms"], days["until_ms"]
    first = first or china_today(now_ms)
    since_ms, until_ms = china_day_ms(first), china_day_ms(last or first) + DAY_MS
    if until_ms <= since_ms:
        raise Stop(Exit.USAGE, "the last day is before the first")
    if span is not None:
        span.checked(since_ms, until_ms, now_ms)
    return since_ms, until_ms


def _verify(admin: CommandStore, query: StatisticsQuery, how: Form) -> None:
    """Verify an hour at a time, each in a snapshot of its own. raises: Stop FOUND"""
    hours = [hour for hour in query.hours if hour * HOUR_MS <= admin.now_ms()]
    wrong = [{"hour": statistics.china_hour(hour)} | row for hour in hours for row in admin.read(statistics.verify, hour)]
    wrong += [row for day in sorted({day_of(hour) for hour in hours}) for row in admin.read(statistics.verify_sums, day)]
    if how is Form.JSON:
        print_json({"hours": len(hours), "differences": len(wrong), "differing": wrong})
    elif wrong:
        print_rows("differing", wrong, Form.TABLE)
    if wrong:
        raise Stop(
            Exit.FOUND,
            "{count:counter differs from its|counters differ from their} messages",
            "keep a copy of the store",
            count=len(wrong),
        )
    say("{hours:hour|hours}, 0 differences", hours=len(hours))
