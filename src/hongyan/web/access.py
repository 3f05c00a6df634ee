"""Access to pages: each page names once what it needs. Nothing else is done before that, the request's origin and its token are
checked.

A page needs a permission, or a stage of the login, or nothing. A request that changes something must come from a page of ours:
the browser says so itself (Sec-Fetch-Site, else Origin), and if there is a session, its form brings the session's token.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hongyan.model.act import Actor
from hongyan.model.staff import Permission, Person, Stage
from hongyan.web.cookies import is_same_token

Needs = Permission | Stage | None
"""A permission; Stage.IN: to be logged in; another stage: to be exactly there; None: nothing."""

Endpoint = Callable[[Request], Awaitable[Response]]

_READS = {"GET", "HEAD"}
_WHERE = {Stage.CODE: "/login/code", Stage.ENROL: "/login/second-factor", Stage.IN: "/"}


class CrossSiteRequest(HTTPException):
    """A change was asked for by a page that is not ours."""

    def __init__(self) -> None:
        super().__init__(403)


FIELD_MOST = 4 * 1024 * 1024
"""The most octets of one field of a form, which is what the console takes of a whole request: rows of a file come back in one."""


class Page(Route):
    """A route that names what it needs."""

    def __init__(self, path: str, endpoint: Endpoint, needs: Needs, *, methods: Sequence[str] = ("GET",)) -> None:
        self.needs = needs

        async def guarded(request: Request) -> Response:
            refused = _refused(request, needs)
            if refused is not None:
                return refused
            if request.method not in _READS:
                await _check_ours(request)
            return await endpoint(request)

        super().__init__(path, guarded, methods=list(methods), name=endpoint.__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """The session of a request's cookie."""

    person: Person
    token: str  # the token that forms bring along


def session_of(request: Request) -> Session | None:
    session: Session | None = request.scope.get("hongyan.session")
    return session


def person_of(request: Request) -> Person:
    """Returns the person who asks for a page that needs one."""
    session = session_of(request)
    assert session is not None
    return session.person


def actor_of(request: Request) -> Actor:
    """Returns the same person as the audit names those who change something."""
    return Actor("staff", person_of(request).staff.name)


def _refused(request: Request, needs: Needs) -> Response | None:
    """Returns None if the request may go on. raises: HTTPException 403"""
    if needs is None:
        return None
    session = session_of(request)
    if session is None:
        return _elsewhere(request, f"/login?next={quote(_target(request), safe='/')}")
    stage = needs if isinstance(needs, Stage) else Stage.IN
    if session.person.stage is not stage:
        return _elsewhere(request, _WHERE[session.person.stage])
    if isinstance(needs, Permission) and not session.person.may(needs):
        raise HTTPException(403)
    return None


def _elsewhere(request: Request, path: str) -> Response:
    """Redirect there. If htmx asked for a piece of a page, the whole page is redirected."""
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


def _target(request: Request) -> str:
    """Returns what was asked for, to return to it after the login."""
    if request.method not in _READS:
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def local_path(path: str) -> str:
    """Returns a path of ours, or / for one that leads elsewhere."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_local else "/"


async def _check_ours(request: Request) -> None:
    """raises: CrossSiteRequest"""
    if not _came_from_us(request):
        raise CrossSiteRequest
    session = session_of(request)
    if session is not None and not is_same_token(session.token, await _shown_token(request)):
        raise CrossSiteRequest


def _came_from_us(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("origin") == f"{request.url.scheme}://{request.headers.get('host', '')}"


async def _shown_token(request: Request) -> str:
    if (token := request.headers.get("x-csrf-token")) is not None:
        return token
    shown = (await request.form(max_part_size=FIELD_MOST)).get("csrf")
    return shown if isinstance(shown, str) else ""
