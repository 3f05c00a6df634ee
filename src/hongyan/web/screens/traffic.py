"""What happened, as lists: messages by filters and as they come, and replies."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import N_, _
from hongyan.model.message import MessageState
from hongyan.model.staff import Permission
from hongyan.model.told import Missing
from hongyan.services.queries import pages, reading
from hongyan.services.queries.pages import MessagesAsked
from hongyan.services.queries.statistics import china_day_ms
from hongyan.web.access import Page, person_of
from hongyan.web.forms import Control, words_of
from hongyan.web.lists import ListPage, asked_of, page_of, show_list
from hongyan.web.screens.screen import Screen
from hongyan.web.screens.statistics import DAY_MS, today
from hongyan.web.words import head, pairs

_MESSAGE_COLUMNS = ("id", "accepted_ms", "phone", "account", "channel", "state", "code", "segments", "points", "task_id")
_LINKS = {
    "id": "/messages/{id}",
    "task_id": "/tasks/{task_id}",
    "account": "/accounts/{account}",
    "channel": "/channels/{channel}",
}
_LIVE = 30
_LIVE_S = 2

_NONE = N_("Nothing here."), N_("Choose another filter, or wait.")


class TrafficScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/messages/list", self.messages, Permission.SEE),
            Page("/live", self.live, Permission.SEE),
            Page("/replies", self.replies, Permission.SEE),
        ]

    async def messages(self, request: Request) -> Response:
        """Messages of some days, by account, channel and state. raises: Unfit for what is no day"""
        now_ms = self.admin.now_ms()
        asked = asked_of(request, "from", "to", "account", "channel", "state")
        asked["from"] = asked["from"] or today(now_ms)
        asked["to"] = asked["to"] or asked["from"]
        span = china_day_ms(asked["from"]), china_day_ms(asked["to"]) + DAY_MS
        page = ListPage(
            _("Messages"), _MESSAGE_COLUMNS, await self._found(request, asked, span), _told(_NONE), links=_LINKS,
            filters=[
                Control("from", _("From the day"), "2026-11-29", value=asked["from"]),
                Control("to", _("To the day"), "2026-11-29", value=asked["to"]),
                *await self._of_whom(asked),
            ],
        )  # fmt: skip
        return show_list(request, page)

    async def live(self, request: Request) -> Response:
        """The newest messages, as they come."""
        asked, now_ms = asked_of(request, "account", "channel", "state"), self.admin.now_ms()
        rows = await self._found(request, asked, (now_ms - DAY_MS, now_ms + DAY_MS), _LIVE)
        page = ListPage(
            _("Live"), _MESSAGE_COLUMNS, rows[:_LIVE], _told(_NONE), await self._of_whom(asked), _LINKS, refresh_s=_LIVE_S,
            note=_("The newest {count} of the last day; the list follows by itself.", count=_LIVE),
        )  # fmt: skip
        return show_list(request, page)

    async def _found(
        self, request: Request, asked: dict[str, str], span: tuple[int, int], most: int | None = None
    ) -> list[dict[str, Any]]:
        state = MessageState[asked["state"].upper()] if asked["state"].upper() in MessageState.__members__ else None
        is_full = person_of(request).may(Permission.PHONES)
        wanted = MessagesAsked(*span, asked["account"], asked["channel"], state, is_full)
        try:
            return await self.admin.read(pages.messages_page, page_of(request, most) if most else page_of(request), wanted)
        except Missing:
            return []

    async def _of_whom(self, asked: dict[str, str]) -> list[Control]:
        states = words_of("state", (state.name.lower() for state in MessageState))
        return [
            await self._account(asked["account"]),
            Control("channel", head("channel"), value=asked["channel"], options=pairs(await self._names(reading.channels))),
            Control("state", head("state"), value=asked["state"], options=states),
        ]

    async def _account(self, chosen: str) -> Control:
        return Control("account", head("account"), value=chosen, options=pairs(await self._names(reading.accounts)))

    async def _names(self, rows: Any) -> list[str]:
        return [row["name"] for row in await self.admin.read(rows)]

    async def replies(self, request: Request) -> Response:
        asked, is_full = asked_of(request, "account"), person_of(request).may(Permission.PHONES)
        try:
            rows = await self.admin.read(pages.replies_page, page_of(request), asked["account"], full=is_full)
        except Missing:
            rows = []
        page = ListPage(
            _("Replies"), ("received_ms", "phone", "text", "account", "channel", "dest", "extno", "task_id"), rows,
            (_("No reply so far."), _("What handsets write back is shown here, and given to the account that it is for.")),
            [await self._account(asked["account"])], _LINKS,
        )  # fmt: skip
        return show_list(request, page)


def _told(words: tuple[Any, Any]) -> tuple[str, str]:
    return _(words[0]), _(words[1])
