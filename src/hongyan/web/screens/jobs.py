"""Long work that a running server does: its progress, exports, and results."""

import asyncio
from dataclasses import replace
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.errors import Invalid
from hongyan.model.ids import DAY_MS
from hongyan.model.job import JobKind, ListExport, MessageExport
from hongyan.model.kinds import word_of
from hongyan.model.message import MessageState
from hongyan.model.staff import Permission
from hongyan.services.admin import jobs
from hongyan.services.admin.import_tables.table import IMPORT_TABLES
from hongyan.services.queries.lists.cells import people_cells
from hongyan.services.queries.lists.running import JOBS
from hongyan.services.queries.statistics import china_day_ms, china_today
from hongyan.web.access import Page, person_of
from hongyan.web.forms import Control, controls, read_form, words_of
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen
from hongyan.web.spreadsheets import as_csv
from hongyan.web.words import head, pairs

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
        needs = {table.name: table.needs for table in IMPORT_TABLES.values()}
        facts = {"controls": await self._controls(request), "import_needs": needs}
        empty = (
            _("No job so far."),
            _("Exports, imports and large replays run as jobs: they survive a restart, and show how far they are."),
        )
        return await self.show_list(request, JOBS, ListView(empty, refresh_s=5), "screens/jobs.html", facts)

    async def _controls(self, request: Request) -> list[Control]:
        day, sees_phones = china_today(self.admin.now_ms()), person_of(request).may(Permission.PHONES)
        own = {one.name: one for one in controls(MessageExport, {"full": sees_phones})}
        own["account"] = replace(own["account"], kind="account", hint=_("all"))
        own["channel"] = replace(own["channel"], options=[("", _("all")), *pairs(await self.channel_names())])
        own["state"] = replace(own["state"], options=[("", _("all")), *words_of("state", map(word_of, MessageState))])
        return [
            Control("kind", head("kind"), options=words_of("kind", EXPORTS)),
            Control("from", _("From the day"), kind="day", value=day),
            Control("to", _("To the day"), kind="day", value=day),
            *own.values(),
        ]

    async def export(self, request: Request) -> Response:
        """Ask for an export. raises: Invalid, Forbidden if too many wait"""
        form = await request.form()
        named = str(form.get("kind", ""))
        if named not in EXPORTS:
            raise Invalid("there is no export of {kind}", kind=named)
        kind = JobKind(named)
        facts = self._message_facts(form) if kind is JobKind.MESSAGE_EXPORT else read_form(ListExport, form).facts()
        jobs.check_phones(kind.value, facts, sees_phones=person_of(request).may(Permission.PHONES))
        number = await jobs.ask_for(self.acting(request), kind, facts)
        return done("/jobs", _("Job {number} waits for its turn; its result is kept for seven days.", number=number))

    def _message_facts(self, form: FormData) -> dict[str, Any]:
        first = str(form.get("from", "")).strip() or china_today(self.admin.now_ms())
        last = str(form.get("to", "")).strip() or first
        return read_form(MessageExport, form).facts(china_day_ms(first), china_day_ms(last) + DAY_MS)

    async def cancel(self, request: Request) -> Response:
        number = request.path_params["number"]
        await self.acting(request).change(jobs.cancel, number)
        return done("/jobs", _("Job {number} is cancelled; what it has done stays done.", number=number))

    async def result(self, request: Request) -> Response:
        """Returns the result of a job as CSV. raises: NotFound, Conflict if there is none"""
        rows: list[list[Any]] = []
        sees_phones = person_of(request).may(Permission.PHONES)
        await jobs.read_result(self.acting(request), request.path_params["number"], rows.extend, sees_phones=sees_phones)
        return await asyncio.to_thread(_file, f"hongyan-{request.path_params['number']}.csv", rows)


def _file(name: str, rows: list[list[Any]]) -> Response:
    """Returns a result as people read it. It takes seconds where there are many rows."""
    names, *facts = rows
    return as_csv(name, [head(str(one)) for one in names], people_cells(names, facts))
