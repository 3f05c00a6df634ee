"""Tokens of the admin API: made, listed with their last use, revoked."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.staff import Permission, Role
from hongyan.services.admin import tokens
from hongyan.services.admin.bearer import new_bearer
from hongyan.web.access import Page
from hongyan.web.forms import whole, words_of
from hongyan.web.pages import done, show
from hongyan.web.screens.screen import Screen

COLUMNS = ("name", "role", "state", "maker", "made_ms", "ends_ms", "used_ms")
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
        rows = await self.admin.read(tokens.tokens, self.admin.now_ms())
        roles = words_of("role", [role.value for role in Role])
        facts = {"rows": rows, "columns": COLUMNS, "roles": roles, "made": made, "name": name, "days": USUAL_DAYS}
        return show(request, "screens/tokens.html", facts)

    async def add(self, request: Request) -> Response:
        form, bearer = await request.form(), new_bearer(tokens.PREFIX)
        name, role = str(form.get("name", "")).strip(), tokens.ROLE.checked("role", form.get("role"))
        await self.acting(request).change(tokens.add_token, name, role, whole(form.get("days"), "days"), bearer)
        return await self._tokens(request, bearer.plain, name)

    async def revoke(self, request: Request) -> Response:
        name = request.path_params["name"]
        await self.acting(request).change(tokens.revoke_token, name)
        return done("/tokens", _("{name} opens nothing any more.", name=name))
