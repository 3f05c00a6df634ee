"""Login and logout: the password, the second factor, the link that sets a password."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from urllib.parse import quote

import segno
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hongyan.i18n import CHINA, _
from hongyan.model.errors import AdminError
from hongyan.model.refusal import Refusal
from hongyan.model.staff import Origin, Stage
from hongyan.services.admin.bearer import Bearer
from hongyan.services.admin.logins import LoggedIn, Logins
from hongyan.web.access import Page, local_path, person_of, session_of
from hongyan.web.cookies import drop_cookie, set_cookie
from hongyan.web.languages import COOKIE, LANGUAGES
from hongyan.web.pages import STATUS, error_text, show

log = structlog.get_logger(__name__)

_NEXT = {Stage.CODE: "/login/code", Stage.ENROL: "/login/second-factor"}
_YEAR_S = 365 * 86_400


class LoginPages:
    def __init__(self, logins: Logins) -> None:
        self._logins = logins

    def pages(self) -> list[Page]:
        return [
            Page("/login", self.ask_password, None),
            Page("/login", self.enter, None, methods=["POST"]),
            Page("/login/code", self.ask_code, Stage.CODE),
            Page("/login/code", self.show_code, Stage.CODE, methods=["POST"]),
            Page("/login/second-factor", self.offer, Stage.ENROL),
            Page("/login/second-factor", self.confirm, Stage.ENROL, methods=["POST"]),
            Page("/invitation/{link}", self.ask_new_password, None),
            Page("/invitation/{link}", self.accept_invitation, None, methods=["POST"]),
            Page("/logout", self.leave, None, methods=["POST"]),
            Page("/language/{named}", self.choose_language, None),
        ]

    async def ask_password(self, request: Request) -> Response:
        return show(request, "login.html", _asked(request))

    async def enter(self, request: Request) -> Response:
        """Log in. The cookie of the request is ignored, since a login sets a new one."""
        form = await request.form()
        given = {name: str(form.get(name, "")) for name in ("name", "password", "next")}
        coming = self._logins.enter(given["name"], given["password"], origin_of(request))
        facts = {"name": given["name"], "next": given["next"]}
        return await _entered(request, coming, "login.html", facts)

    async def ask_code(self, request: Request) -> Response:
        return show(request, "login_code.html", _asked(request))

    async def show_code(self, request: Request) -> Response:
        form = await request.form()
        coming = self._logins.show_code(person_of(request), str(form.get("code", "")), origin_of(request))
        return await _entered(request, coming, "login_code.html", {"next": str(form.get("next", ""))})

    async def offer(self, request: Request) -> Response:
        return await offer_second_factor(request, self._logins)

    async def confirm(self, request: Request) -> Response:
        code = str((await request.form()).get("code", ""))
        return await confirmed(request, self._logins, self._logins.confirm(person_of(request), code))

    async def ask_new_password(self, request: Request) -> Response:
        """Show the form of a link. A program that opens links in advance does not use it up."""
        name = await self._logins.invited(Bearer(request.path_params["link"]))
        return show(request, "invitation.html", {"name": name, "trouble": ""})

    async def accept_invitation(self, request: Request) -> Response:
        invitation = Bearer(request.path_params["link"])
        name = await self._logins.invited(invitation)
        form = await request.form()
        password = str(form.get("password", ""))
        if password != form.get("again"):
            return show(request, "invitation.html", {"name": name, "trouble": _("the two passwords differ")}, 422)
        coming = self._logins.accept_invitation(invitation, password, origin_of(request))
        return await _entered(request, coming, "invitation.html", {"name": name})

    async def leave(self, request: Request) -> Response:
        if session := session_of(request):
            await self._logins.leave(session.person)
        response = RedirectResponse("/login", 303)
        drop_cookie(request, response)
        return response

    async def choose_language(self, request: Request) -> Response:
        """Set the language, and return to the page."""
        response = RedirectResponse(local_path(request.query_params.get("next", "/")), 303)
        if (named := request.path_params["named"]) in LANGUAGES:
            is_secure = request.url.scheme == "https"
            response.set_cookie(COOKIE, named, max_age=_YEAR_S, secure=is_secure, httponly=True, samesite="lax")
        return response


async def offer_second_factor(request: Request, logins: Logins, trouble: str = "", status: int = 200) -> Response:
    """Show the secret for an authenticator."""
    offered = await logins.offer(person_of(request))
    picture = segno.make(offered.address).svg_inline(scale=5, border=2, light="#ffffff")
    facts = {"secret": offered.secret, "picture": picture, "trouble": trouble, "path": request.url.path}
    return show(request, "second_factor.html", facts, status)


async def confirmed(request: Request, logins: Logins, taking: Awaitable[tuple[LoggedIn, list[str]]]) -> Response:
    """Confirm the second factor, and show the recovery codes, once."""
    try:
        entered, codes = await taking
    except Refusal as refusal:
        return await offer_second_factor(request, logins, wait_sentence(refusal), 429)
    except AdminError as error:
        return await offer_second_factor(request, logins, error_text(error), STATUS.get(type(error), 400))
    response = show(request, "recovery_codes.html", {"codes": codes})
    set_cookie(request, response, entered.bearer)
    return response


def origin_of(request: Request) -> Origin:
    address = request.client.host if request.client else ""
    return Origin(address, request.headers.get("user-agent", ""))


def wait_sentence(refusal: Refusal) -> str:
    """Returns the sentence for a person who tried too often: until when to wait."""
    until = datetime.now(CHINA) + timedelta(seconds=int(str(refusal.facts["seconds"])))
    return _("too many wrong tries; the next one is looked at after {time} (Asia/Shanghai)", time=f"{until:%H:%M:%S}")


def _asked(request: Request) -> dict[str, str]:
    return {"name": "", "next": request.query_params.get("next", ""), "trouble": ""}


async def _entered(request: Request, coming: Awaitable[LoggedIn], template: str, facts: dict[str, str]) -> Response:
    """Go on to what is asked for next, or show the form again with what was wrong."""
    try:
        entered = await coming
    except Refusal as refusal:
        log.warning("login_slowed", address=origin_of(request).address)
        return show(request, template, facts | {"trouble": wait_sentence(refusal)}, 429)
    except AdminError as error:
        log.warning("login_refused", address=origin_of(request).address)  # what was typed as a name may be a password
        return show(request, template, facts | {"trouble": error_text(error)}, STATUS.get(type(error), 400))
    path = local_path(facts.get("next", "/"))
    further = _NEXT.get(entered.stage)
    response = RedirectResponse(f"{further}?next={quote(path)}" if further else path, 303)
    set_cookie(request, response, entered.bearer)
    return response
