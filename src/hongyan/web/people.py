"""A person's own password, second factor and sessions, and the staff, for those who may change it."""

from typing import LiteralString

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import N_, _
from hongyan.model.errors import AdminError
from hongyan.model.refusal import Refusal
from hongyan.model.staff import Permission, StaffChange, Stage
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import sessions, staff
from hongyan.services.admin.bearer import new_bearer
from hongyan.services.admin.logins import Logins
from hongyan.services.queries.lists.people import STAFF
from hongyan.web.access import Page, person_of
from hongyan.web.cookies import set_cookie
from hongyan.web.forms import Control, controls, read_form
from hongyan.web.lists import ListView, show_list
from hongyan.web.login import confirmed, offer_second_factor, origin_of, wait_sentence
from hongyan.web.pages import STATUS, done, error_text, show
from hongyan.web.words import head


class PeoplePages:
    def __init__(self, admin: AdminStore, logins: Logins) -> None:
        self._admin, self._logins = admin, logins

    def pages(self) -> list[Page]:
        return [
            Page("/me", self.me, Stage.IN),
            Page("/me/password", self.change_password, Stage.IN, methods=["POST"]),
            Page("/me/second-factor", self.offer, Stage.IN),
            Page("/me/second-factor", self.confirm, Stage.IN, methods=["POST"]),
            Page("/me/sessions/{session_id:int}/end", self.end_own_session, Stage.IN, methods=["POST"]),
            Page("/staff", self.staff, Permission.STAFF),
            Page("/staff", self.add, Permission.STAFF, methods=["POST"]),
            Page("/staff/{name}", self.change, Permission.STAFF, methods=["POST"]),
            Page("/staff/{name}/invitation", self.invite, Permission.STAFF, methods=["POST"]),
            Page("/staff/{name}/second-factor/reset", self.reset, Permission.STAFF, methods=["POST"]),
            Page("/staff/sessions/{session_id:int}/end", self.end_session, Permission.STAFF, methods=["POST"]),
        ]

    async def me(self, request: Request) -> Response:
        return await self._me(request)

    async def _me(self, request: Request, trouble: str = "", status: int = 200) -> Response:
        name = person_of(request).staff.name
        mine = await self._admin.read(sessions.sessions, self._admin.now_ms(), self._logins.rule, name)
        return show(request, "me.html", {"sessions": mine, "trouble": trouble}, status)

    async def change_password(self, request: Request) -> Response:
        form = await request.form()
        old, new, again = (str(form.get(name, "")) for name in ("old", "password", "again"))
        if new != again:
            return await self._me(request, _("the two passwords differ"), 422)
        try:
            entered = await self._logins.change_password(person_of(request), old, new, origin_of(request))
        except Refusal as refusal:
            return await self._me(request, wait_sentence(refusal), 429)
        except AdminError as error:
            return await self._me(request, error_text(error), STATUS.get(type(error), 400))
        response = done("/me", _("Your password is changed, and your other sessions have ended."))
        set_cookie(request, response, entered.bearer)
        return response

    async def offer(self, request: Request) -> Response:
        return await offer_second_factor(request, self._logins)

    async def confirm(self, request: Request) -> Response:
        form, person = await request.form(), person_of(request)
        password, code = str(form.get("password", "")), str(form.get("code", ""))
        taking = self._logins.replace_second_factor(person, password, code, origin_of(request))
        return await confirmed(request, self._logins, taking)

    async def end_own_session(self, request: Request) -> Response:
        name = person_of(request).staff.name
        await self._logins.acting(name).change(sessions.end_session, request.path_params["session_id"], name)
        return done("/me", _("The session of {name} has ended.", name=name))

    async def staff(self, request: Request) -> Response:
        return await self._staff(request)

    async def _staff(self, request: Request, link: str = "", invited: str = "") -> Response:
        look = ListView((_("Nobody is here."), ""), most=staff.STAFF_MOST)
        open_sessions = await self._admin.read(sessions.sessions, self._admin.now_ms(), self._logins.rule)
        facts = {
            "controls": [Control("name", head("name"), required=True), *controls(StaffChange, {}, ("title", "role"))],
            "role_of": lambda one: controls(StaffChange, {"role": one["role"]}, ("role",)),
            "sessions": open_sessions,
            "link": link,
            "invited": invited,
        }
        return await show_list(request, self._admin, STAFF, look, "staff.html", facts)

    async def add(self, request: Request) -> Response:
        form, invitation = await request.form(), new_bearer()
        change = read_form(StaffChange, form)
        name = await self._acting(request).change(staff.add_staff, str(form.get("name", "")), change, invitation)
        return await self._staff(request, _link(request, invitation.plain), name)

    async def change(self, request: Request) -> Response:
        name, change = request.path_params["name"], read_form(StaffChange, await request.form())
        await self._acting(request).change(staff.change_staff, name, change)
        return done("/staff", _(_changed(change), name=name))

    async def invite(self, request: Request) -> Response:
        name, invitation = request.path_params["name"], new_bearer()
        await self._acting(request).change(staff.invite, name, invitation)
        return await self._staff(request, _link(request, invitation.plain), name)

    async def reset(self, request: Request) -> Response:
        name = request.path_params["name"]
        await self._acting(request).change(staff.reset_second_factor, name)
        return done("/staff", _("The second factor of {name} is forgotten; the next login asks for a new one.", name=name))

    async def end_session(self, request: Request) -> Response:
        name = await self._acting(request).change(sessions.end_session, request.path_params["session_id"])
        return done("/staff", _("The session of {name} has ended.", name=name))

    def _acting(self, request: Request) -> AdminStore:
        return self._logins.acting(person_of(request).staff.name)


def _changed(change: StaffChange) -> LiteralString:
    """Returns what is said of somebody after this change."""
    if change.is_stopped is None:
        return N_("{name} is changed.")
    return N_("{name} is stopped, and may not log in.") if change.is_stopped else N_("{name} may log in again.")


def _link(request: Request, plain: str) -> str:
    return str(request.base_url) + f"invitation/{plain}"
