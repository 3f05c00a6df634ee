"""The system: the conditions of the serving process, leases, the settings with their origin, and versions."""

import platform
from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan import BUILD, __version__
from hongyan.i18n import _, value_word
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx import Tx
from hongyan.services.queries.processes import leases, nodes
from hongyan.web.access import Page
from hongyan.web.live import ServerFacts
from hongyan.web.pages import show
from hongyan.web.screens.screen import Screen

SettingRows = Callable[[], Sequence[tuple[str, object, str]]]
"""Returns the settings of the installation: key, value, and where the value comes from in the person's language."""


class SystemScreen(Screen):
    def __init__(self, admin: AdminStore, server: ServerFacts, settings: SettingRows) -> None:
        super().__init__(admin)
        self._server, self._settings = server, settings

    def pages(self) -> list[Page]:
        return [Page("/system", self.system, Permission.SEE)]

    async def system(self, request: Request) -> Response:
        checks = await self._server.checks()
        leases, nodes = await self.admin.read(_held)
        settings = self._settings()
        facts = {
            "checks": checks,
            "versions": [(_("Hongyan"), f"{__version__} {value_word('build', BUILD)}"), ("Python", platform.python_version())],
            "leases": leases,
            "nodes": nodes,
            "settings": settings,
            "retention": [(key, value) for key, value, _origin in settings if key.startswith("retention.")],
        }
        return show(request, "screens/system.html", facts)


def _held(tx: Tx) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Returns leases of channels, and node numbers, that are in force now."""
    return leases(tx), nodes(tx)
