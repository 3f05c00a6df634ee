"""Imports of files by two jobs: the first compares a file with its table; the second does what was found, once a person has seen it.

The result of a comparison has a piece with the names of its columns, then pieces of rows that are added, changed, removed or wrong, in
this order. No piece has rows of two kinds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from hongyan.i18n import _, column_head, language
from hongyan.model.act import Act
from hongyan.model.columns import Facts
from hongyan.model.errors import Conflict, NotFound
from hongyan.model.job import JobKind, JobRows, packed
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx.jobs import JobsTx
from hongyan.services.admin import jobs
from hongyan.services.admin.importing import Difference, FileImport, ImportTable, TableRow, WrongRow

DONE = ("added", "changed", "removed")
ACTIONS = (*DONE, "wrong")

_BEHIND = ("before", "line", "why")
"""Columns of a result beside those of its table: what was there before a change; of a wrong row, where it stands and why it is wrong."""


def columns_found(table: ImportTable) -> tuple[str, ...]:
    """Returns the columns of a comparison's result."""
    return ("action", *table.columns, *_BEHIND)


def found_pieces(table: ImportTable, found: Difference) -> list[bytes]:
    """Returns a difference as the pieces of a result, in the language that is in use."""
    rows = {
        "added": (_found(table, "added", row) for row in found.added),
        "changed": (_found(table, "changed", row.after, _before(row.before, row.after)) for row in found.changed),
        "removed": (_found(table, "removed", row) for row in found.removed),
        "wrong": (_wrong(table, row) for row in found.wrong),
    }
    return [packed([columns_found(table)]), *(piece for name in ACTIONS for piece in _pieces(table, list(rows[name])))]


def _pieces(table: ImportTable, rows: Sequence[Sequence[Any]]) -> Iterator[bytes]:
    most = _piece_rows(table)
    for begin in range(0, len(rows), most):
        yield packed(rows[begin : begin + most])


def _piece_rows(table: ImportTable) -> int:
    """Returns the most rows of a piece; one transaction imports one piece."""
    return min(table.slice, jobs.PIECE)


def _found(table: ImportTable, action: str, row: Mapping[str, str], before: str = "") -> list[Any]:
    return [action, *(row.get(name, "") for name in table.columns), before, "", ""]


def _wrong(table: ImportTable, row: WrongRow) -> list[Any]:
    return [*_found(table, "wrong", row.cells)[: -len(_BEHIND)], "", row.line, _(row.why.sentence, **row.why.facts)]


def _before(before: TableRow, after: TableRow) -> str:
    """Returns what a changed row was, where it differs."""
    return "; ".join(f"{column_head(name)}: {value or '–'}" for name, value in before.items() if value != after[name])


def done_as(table: ImportTable, piece: Sequence[Sequence[Any]]) -> tuple[str, list[TableRow]]:
    """Returns what is done with the rows of a piece, and the rows."""
    return piece[0][0], [dict(zip(table.columns, row[1:], strict=False)) for row in piece]


async def ask_to_compare(store: AdminStore, table: ImportTable, file: FileImport) -> int:
    """Ask for a comparison; returns the number of its job. raises: as `jobs.ask_for`"""
    asked = {"table": table.name, "account": file.account, "is_whole": file.is_whole, "language": language()}
    return await jobs.ask_for(store, JobKind.FILE_COMPARISON, asked, [[row.line, *row.cells] for row in file.rows])


def ask_to_import(tx: JobsTx, act: Act, table: ImportTable, comparison: int) -> int:
    """Ask for what a comparison found; returns the number of the job.

    raises: NotFound; Conflict if it has not ended, found nothing, or is imported already; Forbidden if too many jobs wait
    """
    found = find_comparison(tx, table, comparison)
    if not found.is_to_import:
        raise Conflict("job {number} has found nothing to import, or it is imported already", number=comparison)
    number = jobs.new_number(tx, act)
    jobs.add(tx, act, number, JobKind.FILE_IMPORT, {"table": table.name, "comparison": comparison}, found.total)
    return number


@dataclass(frozen=True, slots=True)
class Comparison:
    """A job that compares a file, and the last one that imports it, if that was asked for."""

    table: ImportTable
    job: Facts
    import_job: Facts | None

    @property
    def is_done(self) -> bool:
        return bool(self.job["state"] == "done")

    @property
    def is_to_import(self) -> bool:
        """Returns whether it has found something that no job has imported, or imports."""
        is_tried = self.import_job is not None and self.import_job["state"] not in {"failed", "cancelled"}
        return self.is_done and self.total > 0 and not is_tried

    @property
    def counts(self) -> Mapping[str, int]:
        """Returns the counts of a difference; empty until it is found."""
        result: Mapping[str, int] = self.job["result"]
        return result

    @property
    def total(self) -> int:
        """Returns how many rows its import changes."""
        return sum(self.counts[name] for name in DONE)

    def pieces(self, action: str) -> range:
        """Returns the numbers of the pieces that have rows of this kind."""
        begin = 1
        for name in ACTIONS:
            end = begin + ceil(self.counts[name] / _piece_rows(self.table))
            if name == action:
                return range(begin, end)
            begin = end
        raise AssertionError(action)


def find_comparison(tx: JobsTx, table: ImportTable, number: int) -> Comparison:
    """raises: NotFound"""
    job = jobs.job(tx, number)
    if job["kind"] != JobKind.FILE_COMPARISON or job["asked"]["table"] != table.name:
        raise NotFound("job {number} compares no such file", number=number)
    return Comparison(table, job, _import_of(tx, number))


_PAGE = 100


def _import_of(tx: JobsTx, comparison: int) -> Facts | None:
    """Looks through the jobs that came later."""
    before = 2**63 - 1
    while page := jobs.jobs(tx, before, _PAGE):
        for job in page:
            if job["id"] <= comparison:
                return None
            if job["kind"] == JobKind.FILE_IMPORT and job["asked"]["comparison"] == comparison:
                return job
        before = page[-1]["id"]
    return None


def rows_of(tx: JobsTx, comparison: Comparison, actions: Iterable[str], most: int) -> list[Facts]:
    """Returns the first rows of a comparison's result that are of these kinds, by column."""
    names, found = columns_found(comparison.table), list[Facts]()
    for number in (number for action in actions for number in comparison.pieces(action)):
        if len(found) >= most:
            break
        piece = tx.piece(comparison.job["id"], JobRows.RESULT, number) or ()
        found += [dict(zip(names, row, strict=True)) for row in piece]
    return found[:most]
