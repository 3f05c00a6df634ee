"""Reads a table that a person brings: from a file or stdin, in slices, with counts of rows by outcome; and the verbs `import` and
`export` of nouns whose tables are described for that (services/admin/import_tables.py).
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, Json, argument, option, verb
from hongyan.cli.out import Form, form, print_exact, print_json, print_one, print_rows, say, write_file
from hongyan.cli.store import CommandStore, opened
from hongyan.formats.columns import OCTETS_MOST, BadTable, Line, read_lines, write_line
from hongyan.formats.workbook import write_workbook
from hongyan.formats.workbook_reader import text_of
from hongyan.i18n import _
from hongyan.model.errors import Invalid
from hongyan.services.admin.import_tables import IMPORT_TABLES
from hongyan.services.admin.importing import (
    Difference,
    FileImport,
    FileRow,
    ImportTable,
    apply,
    as_answer,
    compare,
    exported,
    head_of,
)
from hongyan.services.admin.rules import SLICE

File = Annotated[Path, argument("CSV or one entry a line, UTF-8 or GB18030, or a workbook (xlsx); - reads stdin.")]
DryRun = Annotated[bool, option("Say what would become of each row, and change nothing.", "--dry-run")]

WRONG_SHOWN = 100

Item = TypeVar("Item")


@dataclass(slots=True)
class Outcome:
    """The outcome of the rows of an import."""

    rows: int = 0
    repeated: int = 0  # of an earlier row
    wrong: list[tuple[int, Invalid]] = field(default_factory=list)  # line and reason, the first WRONG_SHOWN
    wrong_count: int = 0

    def note_wrong(self, line: Line, why: Invalid) -> None:
        self.wrong_count += 1
        if len(self.wrong) < WRONG_SHOWN:
            self.wrong.append((line.number, why))


def lines_of(file: Path) -> Iterator[Line]:
    """raises: Stop USAGE if it cannot be read as a table"""
    try:
        octets = sys.stdin.buffer.read(OCTETS_MOST + 1) if str(file) == "-" else _read(file)
        yield from read_lines(text_of(octets))
    except (OSError, BadTable) as error:
        raise Stop(Exit.USAGE, "cannot read {file}: {error}", "give a CSV or text file", file=file, error=error) from error


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(OCTETS_MOST + 1)


def in_slices(items: Sequence[Item], take: Callable[[Sequence[Item]], int]) -> int:
    """Pass items in slices, each a transaction of its own; returns the sum of what was taken."""
    taken = 0
    for begin in range(0, len(items), SLICE):
        taken += take(items[begin : begin + SLICE])
        if len(items) > SLICE:
            say("{done} of {all}", done=min(begin + SLICE, len(items)), all=len(items))
    return taken


def say_wrong(outcome: Outcome) -> None:
    for line, why in outcome.wrong:
        say("line {line}: {why}", style="yellow", line=line, why=_(why.sentence, **why.facts))


def print_outcome(outcome: Outcome, facts: dict[str, object], how: Form) -> None:
    """Print the counts, and the rows that are wrong. raises: Stop FOUND if there are any"""
    row = {"rows": outcome.rows, **facts, "repeated": outcome.repeated, "wrong": outcome.wrong_count}
    if how is Form.TABLE:
        say_wrong(outcome)
        print_one(row, how)
    else:
        print_one(row | {"wrong_rows": [{"line": line, "why": str(why)} for line, why in outcome.wrong]}, how)
    if outcome.wrong_count:
        raise Stop(
            Exit.FOUND,
            "{count:row is|rows are} wrong and left out",
            "mend the file and import it again",
            count=outcome.wrong_count,
        )


Whole = Annotated[
    bool, option("The file is the whole list: what it does not have is removed, unless a row is wrong.", "--whole")
]
Account = Annotated[str, option("Rows that name no account are of this one, and no row may be of another.", "--account")]
OfAccount = Annotated[str, option("Only those of this account.", "--account")]
Xlsx = Annotated[Path | None, option("Write a workbook into this file.", "--xlsx")]

EXPORT_MOST = 1_000_000


def import_verbs(app: typer.Typer, noun: str, name: str) -> None:
    """Declare the verbs `import` and `export` of a noun. name: that of its table"""
    table = IMPORT_TABLES[name]
    with_account = "account" in table.columns

    def import_(
        file: File,
        account: Account = "",
        whole: Whole = False,
        dry_run: DryRun = False,
        data: Data = None,
        config: Config = None,
        as_json: Json = False,
    ) -> None:
        rows = [FileRow(line.number, line.cells) for line in lines_of(file)]
        with opened(data, config) as admin:
            import_rows(admin, table, FileImport(rows, account, whole), form(as_json), dry_run=dry_run)

    def export(account: OfAccount = "", xlsx: Xlsx = None, data: Data = None, config: Config = None) -> None:
        with opened(data, config) as admin:
            head, *rows = admin.read(exported, table, account, admin.now_ms(), EXPORT_MOST)
        if xlsx is None:
            print_exact("\n".join(map(write_line, [head, *rows])))
        else:
            write_file(xlsx, write_workbook(table.name, head, rows))

    one_account = (
        f"hongyan {noun} export --account acme > {name}.csv" if with_account else f"hongyan {noun} export --xlsx {name}.xlsx"
    )
    verb(
        app,
        "import",
        "Add, change and, if the file is the whole, remove what the rows of a file say.",
        f"hongyan {noun} import {name}.csv --dry-run",
        f"hongyan {noun} import {name}.xlsx --whole --json",
    )(import_)
    verb(
        app,
        "export",
        "Print the list as a file that can be edited and imported again.",
        f"hongyan {noun} export > {name}.csv",
        one_account,
    )(export)


def import_rows(admin: CommandStore, table: ImportTable, file: FileImport, how: Form, *, dry_run: bool) -> None:
    """Import what differs, and print it. raises: Stop FOUND if rows are wrong"""
    found = admin.read(compare, table, file, admin.now_ms())
    if not dry_run:
        admin.run(apply(admin.admin, table, found))
    _print_difference(found, table, how)


def with_head(table: ImportTable, lines: Sequence[Line], account: str, *, as_job: bool) -> FileImport | None:
    """Returns a file whose head names more than the columns of a list without one, as those have that pages and the admin API export;
    else None. raises: Stop for a job
    """
    head = _head(table, lines)
    if tuple(head) == table.bare[: len(head)]:
        return None
    if as_job:
        raise Stop(Exit.USAGE, "a file with a head is not imported as a job", "leave out --job, or give the first column alone")
    return FileImport([FileRow(line.number, line.cells) for line in lines], account)


def without_head(table: ImportTable, lines: Sequence[Line]) -> Sequence[Line]:
    return lines[1:] if _head(table, lines) else lines


def _head(table: ImportTable, lines: Sequence[Line]) -> list[str]:
    return head_of(table, lines[0].cells) if lines else []


def _print_difference(found: Difference, table: ImportTable, how: Form) -> None:
    """raises: Stop FOUND if rows are wrong"""
    answer = as_answer(table, found, sees_phones=True)
    if how is Form.TABLE:
        for row in answer["wrong_rows"]:
            say("line {line}: {why}", style="yellow", line=row["line"], why=row["why"])
        rows = [{"action": row["action"]} | _shown(row["before"], row["after"], table.columns) for row in answer["differing"]]
        if rows:
            print_rows("differing", rows, how)
        print_one(found.counts, how)
    else:
        print_json(answer)
    if found.wrong:
        raise Stop(
            Exit.FOUND,
            "{count:row is|rows are} wrong and left out",
            "mend the file and import it again",
            count=len(found.wrong),
        )


def _shown(before: Mapping[str, str], after: Mapping[str, str], columns: Sequence[str]) -> dict[str, str]:
    """Returns a row as it is or will be, and behind what it was where it is changed."""
    if not before or not after:
        return dict(after or before)
    return {one: after[one] if before[one] == after[one] else f"{before[one]} → {after[one]}" for one in columns}
