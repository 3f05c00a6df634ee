"""Commands that print a list, made from its description (services/queries/lists): options from its filters, columns from its table."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from hongyan.cli.fields import type_of
from hongyan.cli.options import Config, Data, Json, Jsonl, Most, argument, option, verb
from hongyan.cli.out import Form, form, print_csv, print_rows, showing_progress, write_file
from hongyan.cli.stats import From, OpenFrom, OpenTo, To, span_of
from hongyan.cli.store import CommandStore, opened
from hongyan.formats.workbook import write_workbook
from hongyan.i18n import _, column_head, language
from hongyan.model.columns import Facts
from hongyan.model.fields import Param
from hongyan.services.admin.downloads import note_list
from hongyan.services.queries.lists.cells import cells, program_cells
from hongyan.services.queries.lists.listing import NEWEST, Listing, ListQuery, read_all, read_list

WHOLE_MOST = 1_000_000
"""The most rows of a list that is printed as a whole."""

Before = Annotated[int, option("Only rows before this id, for the next page.", "--before", min=1, max=NEWEST)]
Full = Annotated[bool, option("Phones and texts in clear.", "--full")]
Csv = Annotated[bool, option("Print CSV.", "--csv")]
Xlsx = Annotated[Path | None, option("Write a workbook into this file.", "--xlsx")]


@dataclass(frozen=True, slots=True)
class ListOptions:
    """How much of a list is printed, and how."""

    how: Form = Form.TABLE
    most: int = WHOLE_MOST
    before: int = NEWEST
    is_full: bool = False
    csv: bool = False
    xlsx: Path | None = None


def list_verb(
    app: typer.Typer, listing: Listing, *examples: str, name: str = "list", usual: Mapping[str, Any] | None = None
) -> None:
    """Declare the command of a noun that prints a list. usual: default values of filters, if not those of the list"""
    verb(app, name, listing.summary, *examples)(_command(listing, usual or {}))


def _command(listing: Listing, usual: Mapping[str, Any]) -> Callable[..., None]:
    options = {**_filters(listing, usual), **_pages(listing), **_forms()}

    def run(**typed: Any) -> None:
        given = {one.name: _given(one, typed[_parameter(one.name)]) for one in listing.filters}
        if listing.span is not None:
            given["since_ms"], given["until_ms"] = span_of(typed["from_"], typed["to"], listing.span)
        printing = ListOptions(
            form(typed["as_json"], typed["as_jsonl"]),
            typed.get("most", WHOLE_MOST),
            typed.get("before", NEWEST),
            typed.get("full", False),
            typed["csv"],
            typed["xlsx"],
        )
        with opened(typed["data"], typed["config"]) as admin:
            print_list(admin, listing, given, printing)

    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in options.items()
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


Options = dict[str, tuple[Any, Any]]
"""By parameter: its type, and its default."""


def _filters(listing: Listing, usual: Mapping[str, Any]) -> Options:
    """Returns the filters as parameters. A required one is an argument."""
    found: Options = {}
    for one in listing.filters:
        if one.is_required:
            found[_parameter(one.name)] = Annotated[type_of(one.kind), argument(one.help)], inspect.Parameter.empty
        else:
            typed = Annotated[type_of(one.kind) | None, option(one.help, f"--{one.name}")]  # type: ignore[valid-type]
            found[_parameter(one.name)] = typed, usual.get(one.name, one.usual)
    if listing.span is None:
        return found
    from_, to = (OpenFrom, OpenTo) if listing.span.is_open else (From, To)
    return found | {"from_": (from_, ""), "to": (to, "")}


def _pages(listing: Listing) -> Options:
    found: Options = {"before": (Before, NEWEST)} if listing.is_by_id else {}
    found |= {"most": (Most, listing.usual_most)} if listing.usual_most else {}
    return found | ({"full": (Full, False)} if listing.has_private else {})


def _forms() -> Options:
    return {
        "csv": (Csv, False),
        "xlsx": (Xlsx, None),
        "data": (Data, None),
        "config": (Config, None),
        "as_json": (Json, False),
        "as_jsonl": (Jsonl, False),
    }


def _parameter(name: str) -> str:
    """Returns the name of a parameter; some filters have names that Python reserves."""
    return f"{name}_"


def _given(filter_: Param, value: Any) -> Any:
    """raises: Invalid"""
    return None if value is None or value == "" else filter_.checked(value)


def _rows(admin: CommandStore, listing: Listing, query: ListQuery) -> list[Facts]:
    """Returns as many rows as are asked for, however many are looked through for them, each part in a snapshot of its own.

    raises: NotFound, Invalid
    """
    if not listing.usual_most:
        return admin.run(read_all(admin.admin, listing, query, query.most))
    rows, looked = list[Facts](), 0
    with showing_progress() as show:
        while True:
            part = admin.read(read_list, listing, replace(query, most=query.most - len(rows)))
            rows, looked = rows + part.rows, looked + part.looked
            if not part.looked or len(rows) >= query.most:
                return rows
            show(_("{looked} rows looked through, {found} found", looked=f"{looked:,}", found=len(rows)))
            query = replace(query, after=part.place)


def print_list(admin: CommandStore, listing: Listing, given: Mapping[str, Any], printing: ListOptions) -> list[Facts]:
    """Print a list, and return its rows. raises: NotFound, Invalid, Stop"""
    after = None if printing.before == NEWEST else printing.before
    query = ListQuery(printing.most, admin.now_ms(), given, after, printing.is_full, language())
    rows = _rows(admin, listing, query)
    if printing.csv or printing.xlsx is not None:
        admin.run(note_list(admin.admin, listing, query, len(rows)))
    if printing.xlsx is not None:
        write_file(
            printing.xlsx, write_workbook(listing.name, list(map(column_head, listing.names)), cells(listing.names, rows))
        )
    elif printing.csv:
        print_csv(listing.names, program_cells(listing.names, rows))
    elif printing.how is Form.TABLE:
        print_rows(listing.name, list(map(listing.table_row, rows)), printing.how, listing.table)
    else:
        print_rows(listing.name, rows, printing.how)
    return rows
