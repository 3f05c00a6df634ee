"""Pages from templates: values that all pages have, and pages of errors."""

import asyncio
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from hongyan import __version__
from hongyan.i18n import N_, _, china_time, column_head, language, reason, translated, using_language, with_cure, yes_or_no
from hongyan.model.errors import AdminError, Conflict, Forbidden, Invalid, NotFound
from hongyan.model.refusal import Refusal
from hongyan.model.staff import Permission
from hongyan.web import words
from hongyan.web.access import CrossSiteRequest, local_path, session_of
from hongyan.web.browser_files import BrowserFiles
from hongyan.web.languages import LANGUAGES, language_of
from hongyan.web.middleware import HEADERS
from hongyan.web.navigation import menu_for

log = structlog.get_logger(__name__)

BROWSER_FILES = BrowserFiles()

NOTICE = "hongyan_notice"
"""The cookie that carries one sentence over to the next page."""

_THEMES = {"light", "dark"}

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def _without_direction_marks(value: Any) -> Any:
    """Returns others' text with marks of writing direction written as escapes. Markup stays as it is."""
    if not isinstance(value, str) or value.isascii() or hasattr(value, "__html__"):
        return value
    return _TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", value)


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    finalize=_without_direction_marks,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_TEMPLATES.globals.update(
    _=_,
    column_head=column_head,
    value_word=words.value_word,
    yes_or_no=yes_or_no,
    languages=LANGUAGES,
    Permission=Permission,
    version=__version__,
    browser_file=BROWSER_FILES.url,
    head=words.head,
    tone=words.tone,
    shape=words.shape,
    is_number=words.is_number,
    tone_icons=words.TONE_ICONS,
    pairs=words.pairs,
    calendar_words=words.calendar_words,
)
_TEMPLATES.filters.update(
    china_time=china_time,
    number=words.number,
    china=words.china,
    china_ms=words.china_ms,
    utc=words.utc,
    ago=words.ago,
    translated=translated,
    seconds=words.seconds,
    filled=words.filled,
    anchor=words.anchor,
)


def load_templates() -> None:
    """Compile all templates, which takes some tenths of a second, so that nobody who opens a page waits for it."""
    for name in _TEMPLATES.list_templates():
        _TEMPLATES.get_template(name)


STATUS: dict[type[AdminError], int] = {NotFound: 404, Conflict: 409, Invalid: 422, Forbidden: 403}


class PageAnswer(HTMLResponse):
    """A page that is rendered in a thread when it is sent, so that the loop, which the doors share, goes on meanwhile."""

    def __init__(self, template: str, facts: Mapping[str, Any], status: int) -> None:
        super().__init__(status_code=status)
        self._template, self._facts = template, facts

    async def write(self) -> None:
        self.body = await asyncio.to_thread(self._written)
        self.headers["content-length"] = str(len(self.body))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.body:
            await self.write()
        await super().__call__(scope, receive, send)

    def _written(self) -> bytes:
        return _TEMPLATES.get_template(self._template).render(self._facts).encode("utf-8", "replace")


def show(request: Request, template: str, facts: Mapping[str, Any] | None = None, status: int = 200) -> Response:
    """Returns a page. Its template gets the request, the session (None without a login) and its token."""
    session, theme, notice = session_of(request), request.cookies.get("hongyan_theme", ""), request.cookies.get(NOTICE, "")
    given = {
        "request": request,
        "language": language(),
        "now_ms": time.time_ns() // 1_000_000,
        "theme": theme if theme in _THEMES else "",
        "notice": unquote(notice),
        "menu": menu_for(session.person.may) if session else [],
        "person": session.person if session else None,
        "header": request.scope.get("hongyan.header"),
        "csrf": session.token if session else "",
        **(facts or {}),
    }
    response = PageAnswer(template, given, status)
    if notice:
        response.delete_cookie(NOTICE)
    return response


def done(path: str, notice: str) -> Response:
    """Redirect to a page, which shows once what was done."""
    response = RedirectResponse(path, 303)
    response.set_cookie(NOTICE, quote(notice), max_age=60, httponly=True, samesite="lax")
    return response


def error_text(error: AdminError) -> str:
    """Returns what happened and what to do, in the person's language."""
    facts = error.facts | ({"field": column_head(str(error.facts["field"]))} if "field" in error.facts else {})
    return with_cure(_(error.sentence, **facts), _(error.cure, **facts), language())


_WORDS = {
    403: N_("Your role does not permit this."),
    404: N_("There is no such page."),
    405: N_("This page cannot be used so."),
    413: N_("This is more than a page takes."),
}


def _trouble(request: Request, what: str, status: int) -> Response:
    """A page that says what went wrong, and leads back to the page of ours from which it was asked for."""
    return show(request, "trouble.html", {"what": what, "back": _page_before(request)}, status)


def _page_before(request: Request) -> str:
    """Returns the path of the page that led here; "" for none, and for one of others."""
    before = urlsplit(request.headers.get("referer", ""))
    path = before.path + (f"?{before.query}" if before.query else "")
    is_ours = before.netloc == request.headers.get("host", "")
    return local_path(path) if is_ours and path and before.path != request.url.path else ""


async def show_trouble(request: Request, error: Exception) -> Response:
    """The page of an error that has a status."""
    assert isinstance(error, HTTPException)
    words = N_("This did not come from a page of ours. Open the page again and repeat it there.")
    what = words if isinstance(error, CrossSiteRequest) else _WORDS.get(error.status_code, N_("This did not work."))
    return _trouble(request, _(what), error.status_code)


async def show_admin_error(request: Request, error: Exception) -> Response:
    """Show the page of a change that is not allowed."""
    assert isinstance(error, AdminError)
    return _trouble(request, error_text(error), STATUS.get(type(error), 400))


async def show_refusal(request: Request, error: Exception) -> Response:
    """Show the page of a request that a rule of the platform refused."""
    assert isinstance(error, Refusal)
    return _trouble(request, reason(error, language()), 409)


async def show_bug(request: Request, error: Exception) -> Response:
    """Show the page of an unexpected error: the number under which it stands in the log, and nothing else of it."""
    number = secrets.token_hex(4)
    log.error("page_failed", number=number, path=request.url.path, error=type(error).__name__)
    with using_language(language_of(request)):
        what = _("Something broke on our side. Try again; if it stays so, look for {number} in the log.", number=number)
        page = _trouble(request, what, 500)
        assert isinstance(page, PageAnswer)
        await page.write()
    page.headers.update(HEADERS | {"cache-control": "no-store"})
    return page
