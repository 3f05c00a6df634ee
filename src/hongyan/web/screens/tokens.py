"""Tokens of the admin API: made, listed with their last use, revoked."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.staff import Permission, Role
from hongyan.services.admin import tokens
from hongyan.services.admin.bearer import new_bearer
from hongyan.services.queries.lists.people import TOKENS
from hongyan.web.access import Page
from hongyan.web.forms import whole, words_of
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen

USUAL_DAYS = 90


class TokenScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/tokens", self.tokens, Permission.STAFF),
            Page("/tokens", self.add, Permission.STAFF, methods=["POST"]),
            Page("/tokens/{name}/revoke", self.revoke, Permission.STAFF, methods=["POST"]),
        ]

    async def tokens(self, request: Request) -> Response:
        return await self._tokens(request)

    async def _tokens(self, request: Request, made: str = "", name: str = "") -> Response:
        roles = words_of("role", [role.value for role in Role])
        empty = _("There is no token yet."), _("A program that uses the admin API shows one; it has a role and an end.")
        facts = {"roles": roles, "made": made, "name": name, "days": USUAL_DAYS}
        return await self.show_list(request, TOKENS, ListView(empty, most=tokens.TOKENS_MOST), "screens/tokens.html", facts)

    async def add(self, request: Request) -> Response:
        form, bearer = await request.form(), new_bearer(tokens.PREFIX)
        name, role = str(form.get("name", "")).strip(), tokens.ROLE.checked("role", form.get("role"))
        await self.acting(request).change(tokens.add_token, name, role, whole(form.get("days"), "days"), bearer)
        return await self._tokens(request, bearer.plain, name)

    async def revoke(self, request: Request) -> Response:
        name = request.path_params["name"]
        await self.acting(request).change(tokens.revoke_token, name)
        return done("/tokens", _("{name} opens nothing any more.", name=name))
