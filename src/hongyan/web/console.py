"""The console: all its pages behind the same middleware."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hongyan.model.staff import Stage
from hongyan.model.told import Told
from hongyan.ports.admin import AdminStore
from hongyan.services.admin.logins import Logins
from hongyan.web.access import Page
from hongyan.web.login import LoginPages
from hongyan.web.middleware import KnowsPerson, SecretWayOnly, SpeaksTheirLanguage, StrictHeaders
from hongyan.web.pages import show_told, show_trouble
from hongyan.web.people import PeoplePages


async def home(_: Request) -> Response:
    return RedirectResponse("/me", 303)


def console(admin: AdminStore, logins: Logins) -> Starlette:
    """The application of the console's pages."""
    pages = [Page("/", home, Stage.IN), *LoginPages(logins).pages(), *PeoplePages(admin, logins).pages()]
    middleware = [
        Middleware(StrictHeaders),
        Middleware(SpeaksTheirLanguage),
        Middleware(SecretWayOnly),
        Middleware(KnowsPerson, logins),
    ]
    return Starlette(routes=pages, middleware=middleware, exception_handlers={HTTPException: show_trouble, Told: show_told})
