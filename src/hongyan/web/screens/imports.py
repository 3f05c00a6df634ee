"""Imports of tables from a file: first what would become of each row, then the import; and the table as such a file.

A small file is compared and imported at once. A large one is compared by a job and imported by another, whose page is in
web/screens/file_imports.py; browsers send it in parts, since no request may be so large.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from hongyan.formats.columns import BadTable, read_lines
from hongyan.formats.workbook_reader import text_of
from hongyan.i18n import N_, _
from hongyan.model.errors import AdminError, Invalid
from hongyan.model.staff import Permission
from hongyan.services.admin.downloads import export_for_file
from hongyan.services.admin.file_imports import ask_to_compare
from hongyan.services.admin.import_tables.table import IMPORT_TABLES
from hongyan.services.admin.importing import Difference, FileImport, FileRow, ImportTable, apply, as_shown, compare
from hongyan.web.access import FIELD_MOST, Page, person_of
from hongyan.web.forms import whole
from hongyan.web.lists import FORMS
from hongyan.web.pages import done, error_text, show
from hongyan.web.screens.screen import Screen
from hongyan.web.spreadsheets import as_csv, as_workbook
from hongyan.web.uploads import keep_part, read_upload
from hongyan.web.words import number

ROWS_AT_ONCE, CHARACTERS_AT_ONCE = 2_000, 300_000
"""The most rows, and characters of them, that are compared and imported at once, and come back with the page in between."""

SHOWN_MOST = 50
"""The most rows of each kind that a page shows."""

_CHARACTERS = 60  # of a wrong row


class ImportScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            page
            for table in IMPORT_TABLES.values()
            for page in (
                Page(f"/import/{table.name}", self._asking(table), table.needs),
                Page(f"/import/{table.name}", self._importing(table), table.needs, methods=["POST"]),
                Page(f"/import/{table.name}/parts", self._keeping(table), table.needs, methods=["POST"]),
                Page(f"/export/{table.name}", self._exporting(table), table.needs_to_export),
            )
        ]

    def _asking(self, table: ImportTable) -> Callable[[Request], Awaitable[Response]]:
        async def ask(request: Request) -> Response:
            return _page(request, table)

        return ask

    def _importing(self, table: ImportTable) -> Callable[[Request], Awaitable[Response]]:
        async def take(request: Request) -> Response:
            typed: dict[str, Any] = {}
            try:
                async with request.form(max_part_size=FIELD_MOST) as form:
                    typed = {name: str(form.get(name, "")).strip() for name in ("account", "is_whole", "sure")}
                    octets = await self._octets(request, table, form)
                typed["text"], rows = await asyncio.to_thread(_read, octets)
                file = FileImport(rows, typed["account"], typed["is_whole"] == "yes")
                if len(rows) > ROWS_AT_ONCE or len(typed["text"]) > CHARACTERS_AT_ONCE:
                    typed["text"] = ""
                    job_id = await ask_to_compare(self.acting(request), table, file)
                    return RedirectResponse(f"/import/{table.name}/{job_id}", 303)
                found = await self.admin.read(compare, table, file, self.admin.now_ms())
            except BadTable as error:
                return _page(request, table, typed, trouble=_("The file cannot be read: {error}", error=error))
            except AdminError as error:
                return _page(request, table, typed, trouble=error_text(error))
            if typed["sure"] != "yes" or found.is_empty:
                return _page(request, table, typed, found)
            await apply(self.acting(request), table, found)
            counts = {name: number(count) for name, count in found.counts.items()}
            return done(table.path, _(_IMPORTED, **counts))

        return take

    def _keeping(self, table: ImportTable) -> Callable[[Request], Awaitable[Response]]:
        async def keep(request: Request) -> Response:
            """Take a part of a large file. raises: Invalid, Forbidden"""
            number = whole(request.query_params.get("part", ""), "part")
            name = request.query_params.get("name", "")
            return PlainTextResponse(await keep_part(self.admin, _owner(request, table), name, number, await request.body()))

        return keep

    async def _octets(self, request: Request, table: ImportTable, form: FormData) -> bytes:
        """Returns the file, sent with the form or before it, or what was pasted. raises: Invalid, NotFound"""
        if name := str(form.get("upload", "")):
            parts = whole(form.get("parts", ""), "parts")
            return await read_upload(self.admin, _owner(request, table), name, parts)
        file = form.get("file")
        if isinstance(file, UploadFile) and file.filename:
            return await file.read()
        return str(form.get("text", "")).encode()

    def _exporting(self, table: ImportTable) -> Callable[[Request], Awaitable[Response]]:
        async def export(request: Request) -> Response:
            """The table as a file that can be imported again. raises: NotFound, Invalid"""
            form = request.query_params.get("form", "csv")
            if form not in FORMS:
                raise Invalid(
                    "{field} cannot be {value}", "give one of {words}", field="form", value=form, words=", ".join(FORMS)
                )
            account = request.query_params.get("account", "").strip()
            head, *rows = await export_for_file(self.acting(request), table, account)
            name = f"hongyan-{table.name}.{form}"
            return as_csv(name, head, rows) if form == "csv" else as_workbook(name, table.name, head, rows)

        return export


_IMPORTED = N_("Imported: {added} added, {changed} changed, {removed} removed; {wrong:wrong row was|wrong rows were} left out.")


def _page(
    request: Request,
    table: ImportTable,
    typed: dict[str, Any] | None = None,
    found: Difference | None = None,
    trouble: str = "",
) -> Response:
    shown: dict[str, Any] = {}
    if found is not None:
        part = as_shown(table, found, sees_phones=person_of(request).may(Permission.PHONES), most=SHOWN_MOST)
        changed = [_both(row.before, row.after) for row in part.changed]
        wrong = [{"line": row.line, "text": row.text[:_CHARACTERS], "why": error_text(row.why)} for row in part.wrong]
        groups = {"added": part.added, "changed": changed, "removed": part.removed}
        shown = {name: headed(table, rows) for name, rows in groups.items()} | {"wrong": wrong}
    typed = {"account": "", "is_whole": "", "text": ""} | (typed or {})
    facts = {"table": table, "typed": typed, "found": found, "shown": shown, "most": SHOWN_MOST, "trouble": trouble}
    return show(request, "screens/import.html", facts, 422 if trouble else 200)


def headed(table: ImportTable, rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Returns rows under the names by whose heads a page shows their columns."""
    return [{table.heads.get(name, name): value for name, value in row.items()} for row in rows]


def _both(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """Returns a changed row: what it is, and behind what it was where that differs."""
    return {
        name: after[name] if before[name] == after[name] else f"{before[name] or '–'} → {after[name] or '–'}" for name in after
    }


def _owner(request: Request, table: ImportTable) -> str:
    """Returns whose an upload is: nobody else's, and for no other table."""
    return f"upload {table.name} {person_of(request).staff.name}"


def _read(octets: bytes) -> tuple[str, list[FileRow]]:
    """Returns the text of a file and its rows; takes seconds for a large one. raises: BadTable"""
    text = text_of(octets)
    return text, [FileRow(line.number, line.cells) for line in read_lines(text)]
