"""The header of every page: how many alarms fire, and what the platform is for if it is not live."""

from dataclasses import dataclass
from time import monotonic

from starlette.types import ASGIApp, Receive, Scope, Send

from hongyan.i18n import N_
from hongyan.ports.admin import AdminStore
from hongyan.services.queries.alarms import firing

FRESH_S = 5.0
"""After how many seconds alarms are counted again, since every page shows the number."""

ENVIRONMENTS = {"demo": N_("Demo"), "sandbox": N_("Sandbox")}
"""Words of the badge, by what the platform is for. A live one has none."""


@dataclass(frozen=True, slots=True)
class Header:
    badge: str  # in English; "" for none
    firing: int


class HeaderMiddleware:
    """Finds what the header shows to a person who is logged in."""

    def __init__(self, app: ASGIApp, admin: AdminStore, environment: str) -> None:
        self._app, self._admin, self._badge = app, admin, ENVIRONMENTS.get(environment, "")
        self._firing, self._fresh_until = 0, 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("hongyan.session") is not None:
            scope["hongyan.header"] = Header(self._badge, await self._count())
        await self._app(scope, receive, send)

    async def _count(self) -> int:
        if monotonic() >= self._fresh_until:
            self._firing = await self._admin.read(firing)
            self._fresh_until = monotonic() + FRESH_S
        return self._firing
