"""hongyan job: long work that a running server does: imports, exports, replays."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.fields import Flag, options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, option, verb
from hongyan.cli.out import Form, Row, form, print_exact, print_json, print_one, say, write_file
from hongyan.cli.stats import From, To, span_of
from hongyan.cli.store import CommandStore, opened
from hongyan.formats.columns import write_line
from hongyan.formats.workbook import write_workbook
from hongyan.i18n import _, column_head
from hongyan.model.job import JobKind, ListExport, MessageExport
from hongyan.services.admin import jobs
from hongyan.services.admin.file_imports import ask_to_import
from hongyan.services.admin.import_tables.table import IMPORT_TABLES
from hongyan.services.queries.lists import running as lists
from hongyan.services.queries.lists.cells import people_cells

app = noun("job", "Long work that a running server does beside its messages: imports, exports, replays.")

AsJob = Annotated[bool, option("Let a running server do it, slice by slice; hongyan job shows how far it is.", "--job")]
Number = Annotated[int, argument("The job's number.")]


class Exported(StrEnum):
    """What can be exported."""

    MESSAGES = "messages"
    WORDS = "words"
    BLACKLIST = "blacklist"


_KINDS = {
    Exported.MESSAGES: JobKind.MESSAGE_EXPORT,
    Exported.WORDS: JobKind.WORD_EXPORT,
    Exported.BLACKLIST: JobKind.BLACKLIST_EXPORT,
}


list_verb(app, lists.JOBS, "hongyan job list", "hongyan job list --most 5 --json")


@verb(app, "show", "Show one job: how far it is, and what came of it.", "hongyan job show 7", "hongyan job show 7 --json")
def show(number: Number, data: Data = None, config: Config = None, as_json: Json = False) -> None:
    with opened(data, config) as admin:
        facts = admin.read(jobs.job, number)
    if form(as_json) is Form.TABLE:
        facts = {name: value for name, value in facts.items() if name != "facts"} | {"why": _(facts["why"], **facts["facts"])}
    print_one(facts, form(as_json))


@verb(
    app,
    "cancel",
    "Stop a job; what it has done stays done.",
    "hongyan job cancel 7",
    "hongyan job cancel 7 --data d",
)
def cancel(number: Number, data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(jobs.cancel, number)
    say("job {number}: cancelled", number=number)


@verb(
    app,
    "export",
    "Export messages, words or a black list; the result is kept for seven days.",
    "hongyan job export messages --account acme --from 2026-11-01 --to 2026-11-30",
    "hongyan job export blacklist --json",
)
@options_of(MessageExport, {"full": Flag("--full")})
def export(
    what: Annotated[Exported, argument("What is exported.")],
    change: MessageExport,
    from_: From = "",
    to: To = "",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    is_list = what is not Exported.MESSAGES
    facts = ListExport(account=change.account).facts() if is_list else change.facts(*span_of(from_, to))
    with opened(data, config) as admin:
        ask(admin, _KINDS[what], facts, form(as_json))


def ask(admin: CommandStore, kind: JobKind, asked: Mapping[str, Any], how: Form, rows: Sequence[Sequence[Any]] = ()) -> None:
    """Ask a running server for a job, and print its number."""
    print_asked(admin.run(jobs.ask_for(admin.admin, kind, asked, rows)), how)


def print_asked(number: int, how: Form) -> None:
    """Print the number of a job that was asked for."""
    if how is Form.JSON:
        print_json({"job": number})
    else:
        say("job {number} waits for a running server; hongyan job show {number} shows how far it is", number=number)


@verb(
    app,
    "import",
    "Import what a comparison of a file has found (import --job); hongyan job result shows it.",
    "hongyan job import 7",
    "hongyan job import 7 --json",
)
def import_(number: Number, data: Data = None, config: Config = None, as_json: Json = False) -> None:
    with opened(data, config) as admin:
        name = admin.read(jobs.job, number)["asked"].get("table")
        if name not in IMPORT_TABLES:
            raise Stop(Exit.MISSING, "job {number} compares no such file", number=number)
        print_asked(admin.change(ask_to_import, IMPORT_TABLES[name], number), form(as_json))


class ResultForm(StrEnum):
    """How a result is written."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


@verb(
    app,
    "result",
    "Print what a job has exported, or write it into a file.",
    "hongyan job result 7 > messages.csv",
    "hongyan job result 7 --form xlsx --into messages.xlsx",
)
def result(
    number: Number,
    how: Annotated[ResultForm, option("How it is written.", "--form")] = ResultForm.CSV,
    into: Annotated[Path | None, option("File that it is written into.", "--into")] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    if how is ResultForm.XLSX and into is None:
        raise Stop(Exit.USAGE, "a workbook needs a file: name it with --into")
    with opened(data, config) as admin:
        if how is ResultForm.XLSX and into is not None:
            rows: list[list[Any]] = []
            admin.run(jobs.read_result(admin.admin, number, rows.extend))
            write_file(into, write_workbook("result", list(map(column_head, rows[0])), people_cells(rows[0], rows[1:])))
        elif into is not None:
            pieces: list[str] = []
            admin.run(jobs.read_result(admin.admin, number, _lines(how, pieces.append)))
            write_file(into, "".join(f"{piece}\n" for piece in pieces).encode())
        else:
            admin.run(jobs.read_result(admin.admin, number, _lines(how, print_exact)))


def _lines(how: ResultForm, write: Callable[[str], None]) -> Callable[[list[list[Any]]], None]:
    """Returns a function that writes each row as a line of CSV, or as a JSON object under the names of the first."""
    heads: list[str] = []

    def take(rows: list[list[Any]]) -> None:
        if how is ResultForm.CSV:
            write("\n".join(map(write_line, rows)))
            return
        if not heads:
            heads.extend(rows.pop(0))
        for row in rows:
            write(_json_line(dict(zip(heads, row, strict=True))))

    return take


def _json_line(row: Row) -> str:
    return orjson.dumps(row).decode()
