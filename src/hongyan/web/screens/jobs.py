"""Long work that a running server does: how far it is, exports, and what they gave."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.errors import Invalid
from hongyan.model.ids import DAY_MS
from hongyan.model.job import JobKind
from hongyan.model.staff import Permission
from hongyan.services.admin import jobs
from hongyan.services.queries.lists.running import JOBS
from hongyan.services.queries.statistics import china_day_ms, china_today
from hongyan.web.access import Page, person_of
from hongyan.web.forms import words_of
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen
from hongyan.web.spreadsheets import as_csv
from hongyan.web.words import head

EXPORTS = (JobKind.MESSAGE_EXPORT, JobKind.WORD_EXPORT, JobKind.BLACKLIST_EXPORT)


class JobScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/jobs", self.jobs, Permission.SEE),
            Page("/jobs", self.export, Permission.TRAFFIC, methods=["POST"]),
            Page("/jobs/{number:int}/cancel", self.cancel, Permission.TRAFFIC, methods=["POST"]),
            Page("/jobs/{number:int}/result", self.result, Permission.TRAFFIC),
        ]

    async def jobs(self, request: Request) -> Response:
        facts = {
            "kinds": words_of("kind", EXPORTS),
            "day": china_today(self.admin.now_ms()),
            "accounts": await self.names("account"),
        }
        empty = (
            _("No job so far."),
            _("Exports, imports and large replays run as jobs: they survive a restart, and show how far they are."),
        )
        return await self.show_list(request, JOBS, ListView(empty, refresh_s=5), "screens/jobs.html", facts)

    async def export(self, request: Request) -> Response:
        """Ask for an export. raises: Invalid, Forbidden while too many wait"""
        form = await request.form()
        kind, account = str(form.get("kind", "")), str(form.get("account", ""))
        if kind not in EXPORTS:
            raise Invalid("there is no export of {kind}", kind=kind)
        asked: dict[str, Any] = {"account": account}
        if kind == JobKind.MESSAGE_EXPORT:
            day = china_today(self.admin.now_ms())
            first = str(form.get("from", "")).strip() or day
            span = {
                "since_ms": china_day_ms(first),
                "until_ms": china_day_ms(str(form.get("to", "")).strip() or first) + DAY_MS,
            }
            asked |= span | {"channel": "", "state": "", "full": person_of(request).may(Permission.PHONES)}
        number = await jobs.ask_for(self.acting(request), JobKind(kind), asked)
        return done("/jobs", _("Job {number} waits for its turn; its result is kept for seven days.", number=number))

    async def cancel(self, request: Request) -> Response:
        await self.acting(request).change(jobs.cancel, request.path_params["number"])
        return done("/jobs", _("The job is cancelled; what it has done stays done."))

    async def result(self, request: Request) -> Response:
        """What a job exported, as CSV. raises: NotFound, Conflict where there is none"""
        rows: list[list[Any]] = []
        await jobs.read_result(self.admin, request.path_params["number"], rows.extend)
        heads = [head(str(name)) for name in rows[0]]
        return as_csv(f"hongyan-{request.path_params['number']}.csv", heads, rows[1:])
