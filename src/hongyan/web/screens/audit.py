"""The audit: who changed what, before and after, page by page."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.staff import Permission
from hongyan.services.queries.lists.people import AUDIT
from hongyan.web.access import Page
from hongyan.web.lists import ListView
from hongyan.web.screens.screen import Screen


class AuditScreen(Screen):
    def pages(self) -> list[Page]:
        return [Page("/audit", self.audit, Permission.AUDIT)]

    async def audit(self, request: Request) -> Response:
        empty = (
            _("Nothing was changed like this."),
            _("Every change of configuration, money or people stands here, with who made it."),
        )
        return await self.show_list(request, AUDIT, ListView(empty))
