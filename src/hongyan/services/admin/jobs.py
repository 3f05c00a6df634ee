"""Starting jobs, cancelling them, and reading their results."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from hongyan.model.act import Act, AuditAction
from hongyan.model.columns import Facts
from hongyan.model.errors import Conflict, Forbidden, Invalid, NotFound
from hongyan.model.job import ROWS_MOST, WAITING_MOST, JobKind, JobRows, JobState, packed
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx.jobs import JobsTx
from hongyan.services.admin.downloads import note_download
from hongyan.services.admin.import_tables.black_list import BLACK_LIST

PIECE = 1_000
"""Rows in one piece of a job's input. One transaction imports one piece."""


async def ask_for(store: AdminStore, kind: JobKind, asked: Mapping[str, Any], rows: Sequence[Sequence[Any]] = ()) -> int:
    """Ask a running server for a job; returns the job's number. raises: Invalid for too many rows, Forbidden if too many jobs
    wait

    asked: `facts` of MessageExport, ListExport or Replay; an import and a replay also have their account
    rows:  of an import: [word], or [phone, end in seconds, note]
    """
    if len(rows) > ROWS_MOST:
        raise Invalid("{count} rows are too many; a job takes {most}", count=len(rows), most=ROWS_MOST)
    job_id = await store.change(new_number)
    for number, begin in enumerate(range(0, len(rows), PIECE)):
        await store.change(add_piece, job_id, number, packed(rows[begin : begin + PIECE]))
    await store.change(add, job_id, kind, asked, len(rows))  # last, so that a job that is found has all its rows
    return job_id


def new_number(tx: JobsTx, _: Act) -> int:
    """Returns the number of a job to be asked for. raises: Forbidden if too many wait"""
    if tx.jobs_waiting() >= WAITING_MOST:
        raise Forbidden("{count} jobs wait already; let some end, or cancel them", count=WAITING_MOST)
    return tx.take_count("job", 1)


def add_piece(tx: JobsTx, _: Act, job_id: int, number: int, rows: bytes) -> None:
    """Store some rows of a job that is to be asked for."""
    tx.add_piece(job_id, JobRows.GIVEN, number, rows)


def add(tx: JobsTx, act: Act, job_id: int, kind: JobKind, asked: Mapping[str, Any], total: int) -> None:
    """Ask for a job whose rows are stored."""
    tx.add_job(job_id, kind, asked, act.actor, total, act.now_ms)
    tx.audit(act, AuditAction.JOB_ASK, str(job_id), {}, {"kind": kind.value, "rows": total, **asked})


def check_phones(kind: str, asked: Mapping[str, Any], *, sees_phones: bool) -> None:
    """Raises Forbidden if the result has whole phones and the caller may not see them."""
    if (_is_of_black_list(kind, asked) or asked.get("full")) and not sees_phones:
        raise Forbidden("phones are shown to roles that may see them")


def _is_of_black_list(kind: str, asked: Mapping[str, Any]) -> bool:
    return kind == JobKind.BLACKLIST_EXPORT.value or asked.get("table") == BLACK_LIST.name


async def note_result(store: AdminStore, facts: Facts) -> None:
    """Note in the audit that a result was taken, if it has phones. facts: of the job"""
    if facts["kind"] == JobKind.MESSAGE_EXPORT or _is_of_black_list(facts["kind"], facts["asked"]):
        await store.change(note_download, facts["kind"], facts["done"], {"job": facts["id"], **facts["asked"]})


def cancel(tx: JobsTx, act: Act, job_id: int) -> None:
    """End a job; what it has done stays done. raises: NotFound, Conflict if it has ended"""
    job = _found(tx, job_id)
    if not tx.cancel_job(job_id, act.now_ms):
        raise Conflict("job {number} has ended", number=job_id)
    tx.audit(act, AuditAction.JOB_CANCEL, str(job_id), {"state": job["state"]}, {"state": "cancelled"})


def jobs(tx: JobsTx, before_id: int, most: int) -> list[Facts]:
    """Returns jobs with a smaller id, the newest first."""
    return [_shown(row) for row in tx.jobs(before_id, most)]


def job(tx: JobsTx, job_id: int) -> Facts:
    """raises: NotFound"""
    return _found(tx, job_id)


def _found(tx: JobsTx, job_id: int) -> Facts:
    row = tx.job(job_id)
    if row is None:
        raise NotFound("there is no job {number}", number=job_id)
    return _shown(row)


def _shown(row: Facts) -> Facts:
    state = JobState(row["state"])
    is_ending = row["is_cancelled"] and state is JobState.RUNNING
    result = {name: value for name, value in row["result"].items() if name not in {"why", "facts"}}
    return {
        "id": row["id"],
        "kind": row["kind"],
        "state": "cancelling" if is_ending else state.name.lower(),
        "done": row["done"],
        "total": row["total"],
        "actor": row["actor"],
        "asked": row["asked"],
        "result": result,
        "pieces": row["pieces"],
        "why": row["result"].get("why", ""),
        "facts": row["result"].get("facts", {}),
        "made_ms": row["made_ms"],
        "began_ms": row["began_ms"],
        "ended_ms": row["ended_ms"],
    }


def _piece(tx: JobsTx, job_id: int, number: int) -> list[Any] | None:
    return tx.piece(job_id, JobRows.RESULT, number)


async def read_result(
    store: AdminStore, job_id: int, take: Callable[[list[list[Any]]], None], *, sees_phones: bool = True
) -> None:
    """Pass the rows of a result to `take`, some thousand at a time. The first row has the names of the columns.

    raises: NotFound, Conflict if the job has no result, or none yet, and as `check_phones`
    """
    facts = await store.read(job, job_id)
    check_phones(facts["kind"], facts["asked"], sees_phones=sees_phones)
    if facts["state"] != JobState.DONE.name.lower() or not facts["pieces"]:
        raise Conflict("job {number} has no result: it is {state}", number=job_id, state=facts["state"])
    await note_result(store, facts)
    for number in count():
        rows = await store.read(_piece, job_id, number)
        if rows is None:
            return
        take(rows)
