"""Tokens of the admin API: made, listed with their last use, revoked."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.staff import Permission
from hongyan.model.token import TokenChange
from hongyan.services.admin import tokens
from hongyan.services.admin.bearer import new_bearer
from hongyan.services.queries.lists.people import TOKENS
from hongyan.web.access import Page
from hongyan.web.forms import controls, read_form
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen


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
        empty = _("There is no token yet."), _("A program that uses the admin API shows one; it has a role and an end.")
        facts = {"controls": controls(TokenChange, {}), "made": made, "name": name}
        return await self.show_list(request, TOKENS, ListView(empty, most=tokens.TOKENS_MOST), "screens/tokens.html", facts)

    async def add(self, request: Request) -> Response:
        bearer, change = new_bearer(tokens.PREFIX), read_form(TokenChange, await request.form())
        token = await self.acting(request).change(tokens.add_token, change, bearer)
        return await self._tokens(request, bearer.plain, token.name)

    async def revoke(self, request: Request) -> Response:
        name = request.path_params["name"]
        await self.acting(request).change(tokens.revoke_token, name)
        return done("/tokens", _("{name} opens nothing any more.", name=name))
