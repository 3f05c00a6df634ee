"""The system: the conditions of this process, and the versions that run."""

import platform

from starlette.requests import Request
from starlette.responses import Response

from hongyan import __version__
from hongyan.i18n import _
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.web.access import Page
from hongyan.web.live import ServerFacts
from hongyan.web.pages import show
from hongyan.web.screens.screen import Screen


class SystemScreen(Screen):
    def __init__(self, admin: AdminStore, server: ServerFacts) -> None:
        super().__init__(admin)
        self._server = server

    def pages(self) -> list[Page]:
        return [Page("/system", self.system, Permission.SEE)]

    async def system(self, request: Request) -> Response:
        checks = await self._server.checks()
        facts = {"checks": checks, "versions": [(_("Hongyan"), __version__), ("Python", platform.python_version())]}
        return show(request, "screens/system.html", facts)
