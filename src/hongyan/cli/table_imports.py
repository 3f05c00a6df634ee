"""The verbs `import` and `export` of nouns whose tables are described for that (services/admin/import_tables/)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from hongyan.cli.imports import DryRun, File, lines_of, stop_if_wrong
from hongyan.cli.job import AsJob, print_asked
from hongyan.cli.options import Config, Data, Json, option, verb
from hongyan.cli.out import Form, form, print_exact, print_json, print_one, print_rows, say, write_file
from hongyan.cli.store import CommandStore, opened
from hongyan.formats.columns import Line, write_line
from hongyan.formats.workbook import write_workbook
from hongyan.services.admin.downloads import export_for_file
from hongyan.services.admin.file_imports import ask_to_compare
from hongyan.services.admin.import_tables.table import IMPORT_TABLES
from hongyan.services.admin.importing import (
    Difference,
    FileImport,
    FileRow,
    ImportTable,
    apply,
    as_answer,
    compare,
    head_of,
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
        as_job: AsJob = False,
        data: Data = None,
        config: Config = None,
        as_json: Json = False,
    ) -> None:
        given = FileImport([FileRow(line.number, line.cells) for line in lines_of(file)], account, whole)
        with opened(data, config) as admin:
            import_file(admin, table, given, form(as_json), dry_run=dry_run, as_job=as_job)

    def export(account: OfAccount = "", xlsx: Xlsx = None, data: Data = None, config: Config = None) -> None:
        with opened(data, config) as admin:
            head, *rows = admin.run(export_for_file(admin.admin, table, account, EXPORT_MOST))
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


def import_file(admin: CommandStore, table: ImportTable, file: FileImport, how: Form, *, dry_run: bool, as_job: bool) -> None:
    """Import what differs, and print it; or let a running server compare the file. raises: Stop FOUND if rows are wrong"""
    if as_job and not dry_run:
        _compare_by_job(admin, table, file, how)
    else:
        _import_rows(admin, table, file, how, dry_run=dry_run)


def _import_rows(admin: CommandStore, table: ImportTable, file: FileImport, how: Form, *, dry_run: bool) -> None:
    found = admin.read(compare, table, file, admin.now_ms())
    if not dry_run:
        admin.run(apply(admin.admin, table, found))
    _print_difference(found, table, how)


def _compare_by_job(admin: CommandStore, table: ImportTable, file: FileImport, how: Form) -> None:
    """Ask a running server to compare a file, and print the number of its job."""
    print_asked(admin.run(ask_to_compare(admin.admin, table, file)), how)
    say("hongyan job import NUMBER imports what it finds", style="yellow")


def with_head(table: ImportTable, lines: Sequence[Line], account: str) -> FileImport | None:
    """Returns a file whose head names more than the columns of a list without one, as those have that pages and the admin API export;
    else None.
    """
    head = _head(table, lines)
    if tuple(head) == table.bare[: len(head)]:
        return None
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
    stop_if_wrong(len(found.wrong))


def _shown(before: Mapping[str, str], after: Mapping[str, str], columns: Sequence[str]) -> dict[str, str]:
    """Returns a row as it is or will be, and behind what it was where it is changed."""
    if not before or not after:
        return dict(after or before)
    return {one: after[one] if before[one] == after[one] else f"{before[one]} → {after[one]}" for one in columns}
