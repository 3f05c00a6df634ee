"""Traffic, as lists: messages by filters and as they come, and replies."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.ids import DAY_MS
from hongyan.model.staff import Permission
from hongyan.services.queries.lists.messages import MESSAGES, REPLIES
from hongyan.services.queries.traffic_rate import traffic_rates
from hongyan.web.access import Page
from hongyan.web.lists import ListView
from hongyan.web.screens.screen import Screen

_MESSAGE_LINKS = {"id": "/messages/{id}"}
_LIVE = 30
_LIVE_S = 2


class TrafficScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/messages/list", self.messages, Permission.SEE),
            Page("/live", self.live, Permission.SEE),
            Page("/replies", self.replies, Permission.SEE),
        ]

    async def messages(self, request: Request) -> Response:
        return await self.show_list(request, MESSAGES, ListView(_nothing(), _MESSAGE_LINKS))

    async def live(self, request: Request) -> Response:
        """Show the newest messages, as they come."""
        now_ms = self.admin.now_ms()
        look = ListView(
            _nothing(),
            _MESSAGE_LINKS,
            {"since_ms": now_ms - DAY_MS, "until_ms": now_ms + DAY_MS},
            _LIVE,
            title=_("Live"),
            note=_("The newest {count} of the last day; the list follows by itself.", count=_LIVE),
            refresh_s=_LIVE_S,
        )
        busiest = await self.admin.read(traffic_rates, now_ms)
        return await self.show_list(request, MESSAGES, look, "screens/live.html", {"rates": busiest})

    async def replies(self, request: Request) -> Response:
        empty = _("No reply so far."), _("What handsets write back is shown here, and given to the account that it is for.")
        return await self.show_list(request, REPLIES, ListView(empty))


def _nothing() -> tuple[str, str]:
    return _("Nothing here."), _("Choose another filter, or wait.")
