"""A large import as its two jobs: how far they are, what the file would do, and the rows that are wrong as a file to be mended."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _, choice_word
from hongyan.model.errors import Invalid
from hongyan.model.job import ROWS_MOST
from hongyan.model.staff import Permission
from hongyan.services.admin import jobs
from hongyan.services.admin.file_imports import ACTIONS, DONE, Comparison, ask_to_import, find_comparison, rows_of
from hongyan.services.admin.import_tables.black_list import BLACK_LIST
from hongyan.services.admin.import_tables.table import IMPORT_TABLES
from hongyan.services.admin.importing import ImportTable
from hongyan.web.access import Endpoint, Page, person_of
from hongyan.web.lists import FORMS
from hongyan.web.pages import done, show
from hongyan.web.screens.imports import SHOWN_MOST, headed
from hongyan.web.screens.screen import Screen
from hongyan.web.spreadsheets import as_csv, as_workbook
from hongyan.web.words import head

_RUNNING = {"queued", "running", "cancelling"}
_KINDS = {"differing": DONE, "wrong": ("wrong",)}
"""Which rows a file has, by what it is called."""


class FileImportScreen(Screen):
    def pages(self) -> list[Page]:
        return [page for table in IMPORT_TABLES.values() for page in self._pages(table)]

    def _pages(self, table: ImportTable) -> list[Page]:
        path = f"/import/{table.name}/{{number:int}}"
        return [
            Page(path, _of(table, self.comparison), table.needs),
            Page(path, _of(table, self.begin), table.needs, methods=["POST"]),
            Page(f"{path}/cancel", _of(table, self.cancel), table.needs, methods=["POST"]),
            Page(f"{path}/rows", _of(table, self.rows), table.needs),
        ]

    async def comparison(self, table: ImportTable, request: Request) -> Response:
        found = await self._found(table, request)
        job = found.import_job or found.job
        facts = {
            "table": table,
            "comparison": found,
            "job": job | {"why": _(job["why"], **job["facts"])},
            "is_running": job["state"] in _RUNNING,
            "shown": await self._shown(found, sees_phones=_sees_rows(table, request)) if found.is_done else {},
            "most": SHOWN_MOST,
            "sees_rows": _sees_rows(table, request),
        }
        return show(request, "screens/file_import.html", facts)

    async def _found(self, table: ImportTable, request: Request) -> Comparison:
        """raises: NotFound"""
        return await self.admin.read(find_comparison, table, request.path_params["number"])

    async def _shown(self, found: Comparison, *, sees_phones: bool) -> dict[str, list[dict[str, str]]]:
        """Returns the first rows of each kind, with the columns that a page shows of them."""
        table, rows = found.table, {name: await self.admin.read(rows_of, found, [name], SHOWN_MOST) for name in ACTIONS}
        if not sees_phones:
            rows = {name: [table.masked(row) for row in rows[name]] for name in DONE} | {
                "wrong": [{name: row[name] for name in ("line", "why")} for row in rows["wrong"]]
            }
        return {name: headed(table, [_cut(row, name) for row in rows[name]]) for name in ACTIONS}

    async def begin(self, table: ImportTable, request: Request) -> Response:
        number = request.path_params["number"]
        job = await self.acting(request).change(ask_to_import, table, number)
        return done(f"/import/{table.name}/{number}", _("Job {number} imports it as soon as it is its turn.", number=job))

    async def cancel(self, table: ImportTable, request: Request) -> Response:
        found = await self._found(table, request)
        job = found.import_job or found.job
        await self.acting(request).change(jobs.cancel, job["id"])
        notice = _("Job {number} is cancelled; what it has done stays done.", number=job["id"])
        return done(f"/import/{table.name}/{found.job['id']}", notice)

    async def rows(self, table: ImportTable, request: Request) -> Response:
        """The rows that differ or are wrong as a file. raises: NotFound, Invalid, Forbidden"""
        form, of = (request.query_params.get(name, "") for name in ("form", "of"))
        if form not in FORMS or of not in _KINDS:
            raise Invalid("{field} cannot be {value}", "give one of {words}", field="form", value=form, words=", ".join(FORMS))
        found = await self._found(table, request)
        jobs.check_phones(found.job["kind"], found.job["asked"], sees_phones=person_of(request).may(Permission.PHONES))
        await jobs.note_result(self.acting(request), found.job)
        names = ("line", "why", *table.columns) if of == "wrong" else ("action", *table.columns, "before")
        rows = await self.admin.read(rows_of, found, _KINDS[of], ROWS_MOST)
        return await asyncio.to_thread(_file, f"hongyan-{table.name}-{of}", form, table, names, rows)


def _of(table: ImportTable, answer: Callable[[ImportTable, Request], Awaitable[Response]]) -> Endpoint:
    async def of_table(request: Request) -> Response:
        return await answer(table, request)

    return of_table


def _sees_rows(table: ImportTable, request: Request) -> bool:
    return person_of(request).may(Permission.PHONES) or table is not BLACK_LIST


def _cut(row: dict[str, Any], action: str) -> dict[str, Any]:
    """Returns a row with what is said of rows of this kind, what is most asked for first."""
    hidden = {"action"} | {"wrong": {"before"}, "changed": {"line", "why"}}.get(action, {"before", "line", "why"})
    first = {name: row[name] for name in ("line", "why") if action == "wrong"}
    return first | {name: value for name, value in row.items() if name not in hidden}


def _file(name: str, form: str, table: ImportTable, names: Sequence[str], rows: Sequence[dict[str, Any]]) -> Response:
    """Columns of the table have the names by which they are imported."""
    heads = [one if one in table.columns else head(one) for one in names]
    cells = [[choice_word("action", row[one]) if one == "action" else row[one] for one in names] for row in rows]
    return as_csv(f"{name}.csv", heads, cells) if form == "csv" else as_workbook(f"{name}.xlsx", table.name, heads, cells)
