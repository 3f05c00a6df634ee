"""Imports of tables from a file: first what would become of each row, then the import; and the table as such a file."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from hongyan.formats.columns import BadTable, read_lines
from hongyan.formats.workbook_reader import text_of
from hongyan.i18n import N_, _
from hongyan.model.errors import AdminError, Invalid
from hongyan.model.staff import Permission
from hongyan.services.admin.import_tables.table import IMPORT_TABLES
from hongyan.services.admin.importing import Difference, FileImport, FileRow, ImportTable, apply, as_shown, compare, exported
from hongyan.services.queries.lists.listing import EXPORT_MOST
from hongyan.web.access import Page, person_of
from hongyan.web.lists import FORMS
from hongyan.web.pages import done, error_text, show
from hongyan.web.screens.screen import Screen
from hongyan.web.spreadsheets import as_csv, as_workbook
from hongyan.web.words import number

OCTETS_MOST = 2_600_000
"""The most octets of a file: in UTF-8, half of it more if it came in GB18030, it is sent once more. A longer one is imported by the
command line.
"""

TEXT_MOST = 4_000_000
"""The most octets of its rows as they come back with the page that shows what would become of them."""

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
                Page(f"/export/{table.name}", self._exporting(table), table.needs_to_export),
            )
        ]

    def _asking(self, table: ImportTable) -> Callable[[Request], Awaitable[Response]]:
        async def ask(request: Request) -> Response:
            return _page(request, table)

        return ask

    def _importing(self, table: ImportTable) -> Callable[[Request], Awaitable[Response]]:
        async def take(request: Request) -> Response:
            said: dict[str, Any] = {}
            try:
                async with request.form() as form:
                    said = {name: str(form.get(name, "")).strip() for name in ("account", "is_whole", "sure")}
                    said["text"] = await _text(form)
                file = FileImport(list(map(_row, read_lines(said["text"]))), said["account"], said["is_whole"] == "yes")
                found = await self.admin.read(compare, table, file, self.admin.now_ms())
            except BadTable as error:
                return _page(request, table, said, trouble=_("The file cannot be read: {error}", error=error))
            except AdminError as error:
                return _page(request, table, said, trouble=error_text(error))
            if said["sure"] != "yes" or found.is_empty:
                return _page(request, table, said, found)
            await apply(self.acting(request), table, found)
            counts = {name: number(count) for name, count in found.counts.items()}
            return done(table.path, _(_IMPORTED, **counts))

        return take

    def _exporting(self, table: ImportTable) -> Callable[[Request], Awaitable[Response]]:
        async def export(request: Request) -> Response:
            """The table as a file that can be imported again. raises: NotFound, Invalid"""
            form = request.query_params.get("form", "csv")
            if form not in FORMS:
                raise Invalid(
                    "{field} cannot be {value}", "give one of {words}", field="form", value=form, words=", ".join(FORMS)
                )
            account = request.query_params.get("account", "").strip()
            head, *rows = await self.admin.read(exported, table, account, self.admin.now_ms(), EXPORT_MOST)
            name = f"hongyan-{table.name}.{form}"
            return as_csv(name, head, rows) if form == "csv" else as_workbook(name, table.name, head, rows)

        return export


_IMPORTED = N_("Imported: {added} added, {changed} changed, {removed} removed; {wrong:wrong row was|wrong rows were} left out.")


def _page(
    request: Request, table: ImportTable, said: dict[str, Any] | None = None, found: Difference | None = None, trouble: str = ""
) -> Response:
    shown: dict[str, Any] = {}
    if found is not None:
        part = as_shown(table, found, sees_phones=person_of(request).may(Permission.PHONES), most=SHOWN_MOST)
        changed = [_both(row.before, row.after) for row in part.changed]
        wrong = [{"line": row.line, "text": row.text[:_CHARACTERS], "why": error_text(row.why)} for row in part.wrong]
        groups = {"added": part.added, "changed": changed, "removed": part.removed}
        shown = {name: _headed(table, rows) for name, rows in groups.items()} | {"wrong": wrong}
    said = {"account": "", "is_whole": "", "text": ""} | (said or {})
    facts = {"table": table, "said": said, "found": found, "shown": shown, "most": SHOWN_MOST, "trouble": trouble}
    return show(request, "screens/import.html", facts, 422 if trouble else 200)


def _headed(table: ImportTable, rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Returns rows under the names by whose heads a page shows their columns."""
    return [{table.heads.get(name, name): value for name, value in row.items()} for row in rows]


def _both(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """Returns a changed row: what it is, and behind what it was where that differs."""
    return {
        name: after[name] if before[name] == after[name] else f"{before[name] or '–'} → {after[name] or '–'}" for name in after
    }


def _row(line: Any) -> FileRow:
    return FileRow(line.number, line.cells)


async def _text(form: FormData) -> str:
    """Returns the text of the file, or what was pasted. raises: BadTable, Invalid"""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return str(form.get("text", ""))
    octets = await file.read(OCTETS_MOST + 1)
    text = "" if len(octets) > OCTETS_MOST else text_of(octets)
    if len(octets) > OCTETS_MOST or len(text.encode()) > TEXT_MOST:
        raise Invalid("the file has more than {most:,} octets: import it by the command line", most=OCTETS_MOST)
    return text
