"""Lists as pages: a row of filters that stands in the address, a table, and the next page by the last row's id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from hongyan.services.queries.pages import NEWEST, Page
from hongyan.web.forms import Control
from hongyan.web.pages import show

MOST = 50


@dataclass(frozen=True, slots=True)
class ListPage:
    title: str
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    empty: tuple[str, str]  # what is not there, and what to do
    filters: Sequence[Control] = ()
    links: Mapping[str, str] = field(default_factory=dict)  # by column, a path whose gaps the row fills
    refresh_s: int = 0  # the list follows what happens; 0: it does not
    downloads: Sequence[tuple[str, str]] = ()  # paths with their words
    note: str = ""


def asked_of(request: Request, *names: str) -> dict[str, str]:
    """What the filters of these names say."""
    return {name: request.query_params.get(name, "").strip() for name in names}


def page_of(request: Request, most: int = MOST) -> Page:
    """The page that is asked for, one row longer: that shows whether another one follows."""
    told = request.query_params.get("before", "")
    return Page(int(told) if told.isascii() and told.isdigit() and len(told) < 20 else NEWEST, most + 1)


def show_list(request: Request, page: ListPage, most: int = MOST) -> Response:
    shown, older = page.rows[:most], ""
    if len(page.rows) > most:
        older = "?" + urlencode({**request.query_params, "before": shown[-1]["id"]})
    return show(request, "screens/list.html", {"list": page, "rows": shown, "older": older})
