"""Imports: each piece of the job's rows is one slice, done by the same services as a change by hand.

A file is compared first, as one slice, since each of its rows may be a repeat of any other. Its import does piece by piece what the
comparison has found.
"""

from typing import Any

from hongyan.i18n import using_language
from hongyan.model.act import Act
from hongyan.model.black_list import ListedNumber
from hongyan.model.errors import Conflict
from hongyan.model.job import Job, JobRows, Slice
from hongyan.ports.tx import Tx
from hongyan.services.admin import rules
from hongyan.services.admin.file_imports import done_as, found_pieces
from hongyan.services.admin.import_tables.table import IMPORT_TABLES
from hongyan.services.admin.importing import FileImport, FileRow, compare


def compare_file(tx: Tx, job: Job, now_ms: int) -> Slice:
    """Say what the file would do. raises: as `compare`"""
    table, asked = IMPORT_TABLES[job.asked["table"]], job.asked
    rows, number = list[FileRow](), 0
    while piece := tx.piece(job.id, JobRows.GIVEN, number):
        rows += [FileRow(line, cells) for line, *cells in piece]
        number += 1
    found = compare(tx, table, FileImport(rows, asked["account"], asked["is_whole"]), now_ms)
    with using_language(asked["language"]):
        return Slice(found.rows, None, found.counts, found_pieces(table, found))


def import_file(tx: Tx, act: Act, job: Job) -> Slice:
    """Do one piece of what a comparison found. raises: Conflict if it is no longer kept, and as the table's own changes"""
    table, number = IMPORT_TABLES[job.asked["table"]], int(job.place or 1)  # the first piece has the names of columns
    piece = tx.piece(job.asked["comparison"], JobRows.RESULT, number) if job.done < job.total else None
    if piece is None:
        if job.done < job.total:
            raise Conflict("what job {number} found is no longer kept", number=job.asked["comparison"])
        return Slice(0, None, {})
    action, rows = done_as(table, piece)
    (table.drop if action == "removed" else table.put)(tx, act, rows)
    return Slice(len(rows), str(number + 1), {action: len(rows)})


def import_words(tx: Tx, act: Act, job: Job) -> Slice:
    number, rows = _piece(tx, job)
    if rows is None:
        return Slice(0, None, {})
    added = rules.add_words(tx, act, [row[0] for row in rows], job.asked["account"])
    return Slice(len(rows), str(number + 1), {"added": added, "known": len(rows) - added})


def import_listed(tx: Tx, act: Act, job: Job) -> Slice:
    number, rows = _piece(tx, job)
    if rows is None:
        return Slice(0, None, {})
    entries = [ListedNumber(phone=phone, end_s=end_s, note=note) for phone, end_s, note in rows]
    return Slice(len(rows), str(number + 1), {"listed": rules.add_listed(tx, act, entries, job.asked["account"])})


def _piece(tx: Tx, job: Job) -> tuple[int, list[list[Any]] | None]:
    number = int(job.place or 0)
    return number, tx.piece(job.id, JobRows.GIVEN, number)
