"""Imports of tables from the text of a file, and the tables as such files."""

from functools import partial
from typing import Any

from hongyan.formats.columns import BadTable, read_lines, write_line
from hongyan.i18n import N_
from hongyan.model.errors import Invalid
from hongyan.model.fields import Param
from hongyan.model.kinds import FLAG
from hongyan.model.names import NAME
from hongyan.services.admin import file_imports, importing
from hongyan.services.admin.downloads import export_for_file
from hongyan.services.admin.import_tables.table import IMPORT_TABLES
from hongyan.services.admin.importing import FileImport, FileRow, ImportTable, as_answer, compare
from hongyan.services.queries.lists.filters import OF_ACCOUNT
from hongyan.web.api.call import Asked, Call
from hongyan.web.api.params import NUMBER, content
from hongyan.web.api.shapes import ASKED, shape

CHARACTERS_MOST = 900_000

FILE = Param(
    "file", "The text of the file: CSV, with a head of the columns' names.", content(CHARACTERS_MOST), is_required=True
)
ROWS_OF = Param("account", "Rows that name no account are of this one, and no row may be of another.", NAME)
WHOLE = Param(
    "is_whole", "The file is the whole list: what it does not have is removed, unless a row is wrong.", FLAG, usual=False
)
DRY_RUN = Param("is_dry_run", "Say what would become of each row, and change nothing.", FLAG, usual=False)

DIFFERING = shape("DifferingRow", "action before:map after:map")
WRONG = shape("WrongRow", "line:int text why")
DIFFERENCE = shape(
    "ImportDifference",
    "rows:int added:int changed:int removed:int same:int repeated:int wrong:int",
    differing=DIFFERING,
    wrong_rows=WRONG,
)
AS_FILE = shape("ImportFile", "file")


async def import_file(table: ImportTable, asked: Asked) -> Any:
    """raises: NotFound, Invalid"""
    found = await asked.admin.read(compare, table, _file_of(asked), asked.admin.now_ms())
    if not asked.given["is_dry_run"]:
        await importing.apply(asked.admin, table, found)
    return as_answer(table, found, sees_phones=asked.sees_phones)


async def ask_to_compare(table: ImportTable, asked: Asked) -> Any:
    """raises: Invalid, Forbidden if too many jobs wait"""
    return {"job": await file_imports.ask_to_compare(asked.admin, table, _file_of(asked))}


async def ask_to_import(table: ImportTable, asked: Asked) -> Any:
    """raises: NotFound, Conflict, Forbidden"""
    return {"job": await asked.admin.change(file_imports.ask_to_import, table, asked.path["number"])}


def _file_of(asked: Asked) -> FileImport:
    """raises: Invalid"""
    given = asked.given
    try:
        rows = [FileRow(line.number, line.cells) for line in read_lines(given["file"])]
    except BadTable as error:
        raise Invalid("the file cannot be read: {error}", error=error) from error
    return FileImport(rows, given["account"] or "", given["is_whole"])


async def export_file(table: ImportTable, asked: Asked) -> Any:
    """raises: NotFound, Invalid"""
    rows = await export_for_file(asked.admin, table, asked.given["account"] or "")
    return {"file": "".join(f"{write_line(row)}\r\n" for row in rows)}


_SUMMARIES = {
    "signatures": (N_("Import signatures."), N_("Export signatures as a file that can be imported again.")),
    "templates": (N_("Import templates."), N_("Export templates as a file that can be imported again.")),
    "codes": (N_("Import the meanings of codes."), N_("Export the meanings of codes as a file that can be imported again.")),
    "words": (N_("Import words."), N_("Export words as a file that can be imported again.")),
    "blacklist": (N_("Import black lists."), N_("Export black lists as a file that can be imported again.")),
}

CALLS = tuple(
    call
    for name, table in IMPORT_TABLES.items()
    for call in (
        Call(
            "POST",
            f"/imports/{name}",
            _SUMMARIES[name][0],
            table.needs,
            partial(import_file, table),
            DIFFERENCE,
            body=(FILE, ROWS_OF, WHOLE, DRY_RUN),
        ),
        Call(
            "POST",
            f"/imports/{name}/jobs",
            N_(
                "Compare a file with the list as a job; its result has what would be added, changed and removed, and what is wrong."
            ),
            table.needs,
            partial(ask_to_compare, table),
            ASKED,
            status=201,
            body=(FILE, ROWS_OF, WHOLE),
        ),
        Call(
            "POST",
            f"/imports/{name}/jobs/{{number}}",
            N_("Import what such a job has found, as a job."),
            table.needs,
            partial(ask_to_import, table),
            ASKED,
            status=201,
            params={"number": NUMBER},
        ),
        Call(
            "GET",
            f"/imports/{name}",
            _SUMMARIES[name][1],
            table.needs_to_export,
            partial(export_file, table),
            AS_FILE,
            query=(OF_ACCOUNT,),
        ),
    )
)
