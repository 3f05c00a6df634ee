"""Statements: the balance of each wallet, what changed it, its balance then, and the messages; by span, month or day."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.staff import Permission
from hongyan.services.queries.lists.money import STATEMENTS
from hongyan.web.access import Page
from hongyan.web.lists import ListView
from hongyan.web.screens.screen import Screen


class StatementScreen(Screen):
    def pages(self) -> list[Page]:
        return [Page("/statements", self.statements, Permission.SEE)]

    async def statements(self, request: Request) -> Response:
        look = ListView(
            (_("Nothing in this span."), _("Choose other days, or all accounts.")),
            note=_("Closing is opening and what was topped up, less what was charged, and what came back or was adjusted."),
        )
        return await self.show_list(request, STATEMENTS, look)
