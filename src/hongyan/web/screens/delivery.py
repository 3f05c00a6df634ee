"""What goes back to customers: what they are owed, the outcomes of posts, and receipts without a message."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.ids import DAY_MS
from hongyan.model.job import JobKind
from hongyan.model.replay import Replay
from hongyan.model.staff import Permission
from hongyan.services.admin import jobs
from hongyan.services.queries.lists.delivery import OWED, PUSHES, UNMATCHED
from hongyan.services.steps import owed
from hongyan.web.access import Page
from hongyan.web.forms import controls, read_form
from hongyan.web.lists import ListView
from hongyan.web.pages import done, show
from hongyan.web.screens.screen import Screen
from hongyan.web.words import number

MOST = 100
_HOURS, _SPAN = ("kind", "hours"), ("kind", "since_ms", "until_ms")
_TO_PUSHES = {"account": "/pushes?account={account}"}
_DAYS = 7


class DeliveryScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/pushes", self.pushes, Permission.SEE),
            Page("/pushes/replay", self.replay, Permission.TRAFFIC, methods=["POST"]),
            Page("/unmatched", self.unmatched, Permission.SEE),
        ]

    async def pushes(self, request: Request) -> Response:
        account = request.query_params.get("account", "")
        none = _("Nothing was posted to it so far."), ""
        all_had = _("Nothing: every report and reply was pulled or posted."), ""
        facts = {
            "owed": await self.listed(request, OWED, ListView(all_had, _TO_PUSHES)),
            "account": account,
            "controls": controls(Replay, {"hours": 1}, dict.fromkeys((*_HOURS, *_SPAN))),
        }
        if not account:
            return show(request, "screens/pushes.html", facts | {"list": None})
        return await self.show_list(request, PUSHES, ListView(none, given={"account": account}), "screens/pushes.html", facts)

    async def replay(self, request: Request) -> Response:
        """Owe again what was handed out, pushed or parked, at once or by a job: of a span if one is said, else of the last hours."""
        form = await request.form()
        names = _SPAN if form.get("since_ms") or form.get("until_ms") else _HOURS
        account, asked = str(form.get("account", "")), read_form(Replay, form, names)
        if form.get("as_job") == "yes":
            facts = {"account": account} | asked.facts(self.admin.now_ms())
            job = await jobs.ask_for(self.acting(request), JobKind.REPLAY, facts)
            return done(
                "/jobs", _("Job {number} waits for its turn: it owes {account} again what it had.", number=job, account=account)
            )
        count = await self.acting(request).change(owed.replay, account, asked)
        return done(
            f"/pushes?account={account}",
            _("{count:is|are} owed again; {account} gets them with their old ids.", count=number(count), account=account),
        )

    async def unmatched(self, request: Request) -> Response:
        now_ms = self.admin.now_ms()
        empty = (
            _("Every report of the last {count} days met its message.", count=_DAYS),
            _(
                "A report waits here when no message has its id: the carrier spells ids otherwise, or sent it twice. "
                "The setting 'id form' of the channel says how it spells them."
            ),
        )
        given = {"since_ms": now_ms - _DAYS * DAY_MS, "until_ms": now_ms}
        return await self.show_list(request, UNMATCHED, ListView(empty, given=given, most=MOST))
