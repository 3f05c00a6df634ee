"""The call that answers a list, made from the description of the list."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

from starlette.responses import Response

from hongyan.i18n import language
from hongyan.model.fields import Param
from hongyan.model.kinds import word
from hongyan.services.admin.downloads import read_for_file
from hongyan.services.queries.lists.cells import program_cells
from hongyan.services.queries.lists.filters import span_params
from hongyan.services.queries.lists.listing import Listing, ListQuery, read_list
from hongyan.web.api.call import AFTER, MOST, Asked, Call
from hongyan.web.api.shapes import row_of
from hongyan.web.cursors import opened_place, sealed_place
from hongyan.web.spreadsheets import as_csv, as_workbook


class ListForm(StrEnum):
    """How a list is answered."""

    JSON = "json"  # a page
    CSV = "csv"  # all rows
    XLSX = "xlsx"


FORM = Param(
    "form", "A page as JSON, or all rows at once as a file that spreadsheets open.", word(ListForm), usual=ListForm.JSON
)


def list_call(listing: Listing, path: str, in_path: Mapping[str, Param] | None = None) -> Call:
    """Returns the call. in_path: by filter, the value that stands in the path instead"""
    placed = in_path or {}
    query = (
        MOST,
        *((AFTER,) if listing.has_pages else ()),
        *(one for one in listing.filters if one.name not in placed),
        *(span_params(listing.span) if listing.span else ()),
        FORM,
    )
    params = {param.name: param for param in placed.values()}
    answer = partial(_answer, listing, {name: param.name for name, param in placed.items()})
    return Call(
        "GET",
        path,
        listing.summary,
        listing.needs,
        answer,
        row_of(listing),
        query=query,
        params=params,
        is_list=True,
        is_table=True,
    )


async def _answer(listing: Listing, in_path: Mapping[str, str], asked: Asked) -> Any:
    """Returns a page, or a file. raises: Invalid, NotFound"""
    given = dict(asked.given) | {name: asked.path[param] for name, param in in_path.items()}
    now_ms = asked.admin.now_ms()
    span = listing.span.checked(given["since_ms"], given["until_ms"], now_ms) if listing.span else {}
    after = opened_place(given["after"], listing, asked.admin.sealer) if given.get("after") is not None else None
    query = ListQuery(given["most"], now_ms, given | span, after, asked.sees_phones, language())
    if given["form"] is not ListForm.JSON:
        return await _file(listing, query, given["form"], asked)
    found = await asked.admin.read(read_list, listing, query)
    place = None if found.place is None else sealed_place(found.place, listing, asked.admin.sealer)
    return {"items": found.rows, "next": place}


async def _file(listing: Listing, query: ListQuery, form: ListForm, asked: Asked) -> Response:
    return rows_as_file(listing.name, listing.names, await read_for_file(asked.admin, listing, query), form)


def rows_as_file(title: str, names: Sequence[str], rows: Iterable[Mapping[str, Any]], form: ListForm) -> Response:
    """Returns a file whose columns have the names that programs know."""
    name, table = f"hongyan-{title}.{form.value}", program_cells(names, rows)
    return as_csv(name, names, table) if form is ListForm.CSV else as_workbook(name, title, names, table)
