"""Names that a box suggests while one types: options of its datalist."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.model.staff import Permission
from hongyan.services.queries.lists.filters import suggested_accounts
from hongyan.web.access import Page
from hongyan.web.pages import show
from hongyan.web.screens.screen import Screen


class SuggestionScreen(Screen):
    def pages(self) -> list[Page]:
        return [Page("/suggestions/accounts", self.accounts, Permission.SEE)]

    async def accounts(self, request: Request) -> Response:
        found = await self.admin.read(suggested_accounts, request.query_params.get("account", "").strip())
        return show(request, "parts/suggestions.html", {"accounts": found})
