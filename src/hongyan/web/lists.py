"""Lists as pages: a row of filters that stands in the address, a table, the next page, and the whole as a file.

Columns, filters and order are those of the list's description (services/queries/lists).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _, language
from hongyan.model.errors import Invalid, NotFound
from hongyan.model.fields import Param
from hongyan.model.ids import DAY_MS
from hongyan.model.kinds import word_of
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.services.admin.downloads import read_for_file
from hongyan.services.queries.lists.cells import cells
from hongyan.services.queries.lists.filters import channel_names
from hongyan.services.queries.lists.listing import Listing, ListPart, ListQuery, read_list
from hongyan.services.queries.statistics import china_today
from hongyan.web.access import actor_of, person_of
from hongyan.web.cursors import opened_place, sealed_place
from hongyan.web.forms import Control, account_box, words_of
from hongyan.web.pages import error_text, show
from hongyan.web.spreadsheets import as_csv, as_workbook
from hongyan.web.words import head, number, pairs

MOST = 50
FORMS = ("csv", "xlsx")

LINKS = {
    "account": "/accounts/{account}",
    "channel": "/channels/{channel}",
    "task_id": "/tasks/{task_id}",
    "customer_id": "/customers/{customer_id}",
}
"""Where a column leads in every list: paths whose gaps the row fills."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list as a template shows it, by `parts.listing` or as a page of its own."""

    listing: Listing
    rows: list[dict[str, Any]]  # as tables show them; `raw` is the row as programs get it
    filters: list[Control]
    links: Mapping[str, str]
    older: str  # the address of the next page, "" where there is none
    is_looking: bool  # whether rows that fit may be there or not
    files: list[tuple[str, str]]  # addresses of exports with their words
    spans: list[tuple[str, str]]  # addresses of spans that are often asked for, with their words
    empty: tuple[str, str]  # what is not there, and what to do
    title: str
    note: str = ""
    refresh_s: int = 0  # the list follows what happens; 0: it does not


@dataclass(frozen=True, slots=True)
class ListView:
    """How a page shows a list.

    links: beside LINKS
    given: what is asked for whatever the address says; such filters are not shown
    """

    empty: tuple[str, str]
    links: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    most: int = MOST
    title: str = ""  # if not that of the list
    note: str = ""
    refresh_s: int = 0


async def show_list(
    request: Request,
    admin: AdminStore,
    listing: Listing,
    view: ListView,
    template: str = "screens/list.html",
    facts: Mapping[str, Any] | None = None,
) -> Response:
    """The page of a list, or the whole of it as a file. raises: Invalid for a file of too many rows"""
    if request.query_params.get("form") in FORMS:
        return await _file(request, admin, listing, view)
    return show(request, template, {"list": await list_page(request, admin, listing, view), **(facts or {})})


async def list_page(request: Request, admin: AdminStore, listing: Listing, view: ListView) -> ListPage:
    """What the address asks for; where it cannot be, the page says why in place of rows."""
    found, empty, note = ListPart([]), view.empty, view.note
    try:
        found = await admin.read(read_list, listing, _query(request, admin, listing, view))
    except (NotFound, Invalid) as error:
        empty = error_text(error), view.empty[1]
    if found.looked and not view.refresh_s:  # one that follows what happens has no next page
        note = _("The newest {count} here were looked through.", count=number(found.looked))
        empty = _("None of the newest {count} here fits.", count=number(found.looked)), _("Look further, or narrow the span.")
    place = found.place
    asked = {name: value for name, value in request.query_params.items() if name != "form"}
    older = (
        "?" + urlencode(asked | {"after": sealed_place(place, listing, admin.sealer)})
        if place is not None and not view.refresh_s
        else ""
    )
    return ListPage(
        listing=listing,
        rows=[listing.table_row(row) | {"raw": row} for row in found.rows],
        filters=await _controls(request, admin, listing, view),
        links=_may_follow(request, {**LINKS, **view.links}),
        older=older,
        is_looking=bool(found.looked),
        files=file_links(request),
        spans=_spans(request, listing, view, admin.now_ms()),
        empty=empty,
        title=view.title or _(listing.title),
        note=note,
        refresh_s=view.refresh_s,
    )


def _may_follow(request: Request, links: dict[str, str]) -> dict[str, str]:
    if not person_of(request).may(Permission.CUSTOMERS):
        links.pop("customer_id")
    return links


async def _file(request: Request, admin: AdminStore, listing: Listing, view: ListView) -> Response:
    query = _query(request, admin, listing, view)
    rows = await read_for_file(admin.acting(actor_of(request)), listing, query)
    name = f"hongyan-{listing.name}-{china_today(query.now_ms)}"
    return table_file(request.query_params["form"], name, _(listing.title), listing.names, rows)


def file_links(request: Request) -> list[tuple[str, str]]:
    """Returns the addresses of what the page shows as a file, with their words."""
    asked = {name: value for name, value in request.query_params.items() if name != "form"}
    return [("?" + urlencode(asked | {"form": form}), form.upper()) for form in FORMS]


def table_file(form: str, name: str, title: str, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Response:
    """Returns rows as a file of one of FORMS, as people read them. name: without its ending"""
    heads, table = [head(one) for one in names], cells(names, rows)
    if form == "csv":
        return as_csv(f"{name}.csv", heads, table)
    return as_workbook(f"{name}.xlsx", title, heads, table)


def _query(request: Request, admin: AdminStore, listing: Listing, view: ListView) -> ListQuery:
    """raises: Invalid"""
    given = {one.name: _asked(request, one) for one in listing.filters if one.name not in view.given}
    now_ms, after = admin.now_ms(), request.query_params.get("after")
    return ListQuery(
        view.most,
        now_ms,
        given | _span(request, listing, view, now_ms) | dict(view.given),
        opened_place(after, listing, admin.sealer) if after else None,
        person_of(request).may(Permission.PHONES),
        language(),
    )


def _asked(request: Request, param: Param) -> Any:
    """raises: Invalid"""
    text = request.query_params.get(param.name, "").strip()
    value = text == "yes" if param.kind.of is bool else text
    return param.checked(value) if text else param.usual


def _span(request: Request, listing: Listing, view: ListView, now_ms: int) -> dict[str, int]:
    """The span of the days that are asked for. raises: Invalid"""
    if listing.span is None or "since_ms" in view.given:
        return {}
    return listing.span.of_days(*_days(request), now_ms)


def _spans(request: Request, listing: Listing, view: ListView, now_ms: int) -> list[tuple[str, str]]:
    """Returns the addresses of the same list of today, yesterday and some days until now."""
    if listing.span is None or "since_ms" in view.given:
        return []
    asked = {name: value for name, value in request.query_params.items() if name not in {"form", "after", "from", "to"}}
    days = ((_("Today"), 0, 0), (_("Yesterday"), 1, 1), (_("7 days"), 6, 0), (_("31 days"), 30, 0))
    return [
        (
            "?" + urlencode(asked | {"from": china_today(now_ms - first * DAY_MS), "to": china_today(now_ms - last * DAY_MS)}),
            words,
        )
        for words, first, last in days
    ]


def _days(request: Request) -> tuple[str, str]:
    """The first day and the last one, as they were typed."""
    first, last = (request.query_params.get(name, "").strip() for name in ("from", "to"))
    return first, last


async def _controls(request: Request, admin: AdminStore, listing: Listing, view: ListView) -> list[Control]:
    days: list[Control] = []
    if listing.span is not None and "since_ms" not in view.given:
        first, last = listing.span.days(*_days(request), admin.now_ms())
        days = [
            Control("from", _("From the day"), kind="day", value=first),
            Control("to", _("To the day"), kind="day", value=last),
        ]
    return days + [await _control(request, admin, one) for one in listing.filters if one.name not in view.given]


async def _control(request: Request, admin: AdminStore, param: Param) -> Control:
    """A choice among what there is, or a line to be typed; accounts may be thousands, and are suggested."""
    value = request.query_params.get(param.name, "").strip()
    if param.kind.of is bool:
        return Control(param.name, head(param.name), kind="flag", value=value == "yes")
    if param.name == "account":
        return account_box(_("all"), value)
    usual = "" if param.usual is None else word_of(param.usual)
    options = words_of(param.name, map(word_of, param.kind.words)) if param.kind.words else None
    if param.name == "channel":
        options = pairs(await admin.read(channel_names))
    hint = head("number") if param.kind.of is int else ""
    return Control(param.name, head(param.name), value=value or usual, options=options, hint=hint)
