"""Long work that a running server does: imports, exports and replays, with their results."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from hongyan.i18n import N_, _
from hongyan.model.errors import NotFound
from hongyan.model.fields import Param
from hongyan.model.job import JobKind, JobRows, ListExport, MessageExport
from hongyan.model.kinds import number
from hongyan.model.number_list import FOREVER_S
from hongyan.model.replay import Replay
from hongyan.model.staff import Permission
from hongyan.ports.tx import Tx
from hongyan.services.admin import jobs
from hongyan.services.queries.lists import running as lists
from hongyan.services.queries.lists.filters import ACCOUNT
from hongyan.web.api.call import Asked, Call
from hongyan.web.api.calls.rules import ENDS, NOTE, NUMBERS, WORDS
from hongyan.web.api.calls.traffic import FROM, TO_MOMENT
from hongyan.web.api.list_call import list_call
from hongyan.web.api.params import FOR_ACCOUNT, NUMBER
from hongyan.web.api.shapes import ASKED, DONE, row_of, shape

PIECE = shape("JobPiece", "rows:list")

PIECE_NUMBER = Param(
    "piece", "Which piece of the result, of about a thousand rows; 0 is the first.", number(0, 10_000), usual=0
)


async def show_job(asked: Asked) -> Any:
    return _shown(await asked.admin.read(jobs.job, asked.path["number"]))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"why": _(row["why"], **row["facts"])}


async def cancel_job(asked: Asked) -> Any:
    await asked.admin.change(jobs.cancel, asked.path["number"])
    return {"is_done": True}


async def show_result(asked: Asked) -> Any:
    """Returns one piece of rows; the first row of the first piece has the names of the columns."""
    job_id = asked.path["number"]
    facts = await asked.admin.read(jobs.job, job_id)
    jobs.check_phones(facts["kind"], facts["asked"], sees_phones=asked.sees_phones)
    rows = await asked.admin.read(_piece, job_id, asked.given["piece"])
    if rows is None:
        raise NotFound("job {number} has no such piece of a result", number=job_id)
    if not asked.given["piece"]:
        await jobs.note_result(asked.admin, facts)
    return {"rows": rows}


def _piece(tx: Tx, job_id: int, number: int) -> list[Any] | None:
    return tx.piece(job_id, JobRows.RESULT, number)


async def export_messages(asked: Asked) -> Any:
    return await _export(asked, JobKind.MESSAGE_EXPORT, asked.change.facts(asked.given["since_ms"], asked.given["until_ms"]))


async def export(kind: JobKind, asked: Asked) -> Any:
    return await _export(asked, kind, asked.change.facts())


async def _export(asked: Asked, kind: JobKind, facts: dict[str, Any]) -> Any:
    jobs.check_phones(kind.value, facts, sees_phones=asked.sees_phones)
    return {"job": await jobs.ask_for(asked.admin, kind, facts)}


async def import_words(asked: Asked) -> Any:
    return await _ask(asked, JobKind.WORD_IMPORT, {}, [[word] for word in asked.given["words"]])


async def import_black_list(asked: Asked) -> Any:
    given = asked.given
    end_s = FOREVER_S if given["end_s"] is None else given["end_s"]
    return await _ask(asked, JobKind.BLACKLIST_IMPORT, {}, [[phone, end_s, given["note"]] for phone in given["phones"]])


async def replay(asked: Asked) -> Any:
    return await _ask(asked, JobKind.REPLAY, asked.change.facts(asked.admin.now_ms()))


async def _ask(asked: Asked, kind: JobKind, facts: dict[str, Any], rows: Sequence[Sequence[Any]] = ()) -> Any:
    whose = {"account": asked.given["account"] or ""}
    return {"job": await jobs.ask_for(asked.admin, kind, whose | facts, rows)}


_JOB = {"number": NUMBER}

_EXPORTS = tuple(
    Call("POST", f"/jobs/exports/{what}", summary, needs, partial(export, kind), ASKED, status=201, of=ListExport)
    for what, kind, needs, summary in (
        ("words", JobKind.WORD_EXPORT, Permission.SEE, N_("Export words as a job.")),
        ("blacklist", JobKind.BLACKLIST_EXPORT, Permission.PHONES, N_("Export a black list as a job.")),
    )
)

CALLS = (
    list_call(lists.JOBS, "/jobs"),
    Call("GET", "/jobs/{number}", "Show how far a job is, and what came of it.", Permission.SEE, show_job, row_of(lists.JOBS), params=_JOB),
    Call("POST", "/jobs/{number}/cancel", "Stop a job; what it has done stays done.", Permission.TRAFFIC, cancel_job, DONE, params=_JOB),
    Call("GET", "/jobs/{number}/result", "Show a piece of what a job exported.", Permission.SEE, show_result, PIECE, query=(PIECE_NUMBER,), params=_JOB),
    Call(
        "POST", "/jobs/exports/messages", "Export messages of a span as a job.", Permission.SEE, export_messages, ASKED, status=201,
        of=MessageExport, body=(FROM, TO_MOMENT),
    ),
    *_EXPORTS,
    Call("POST", "/jobs/imports/words", "Add words as a job.", Permission.REVIEW, import_words, ASKED, status=201, body=(WORDS, FOR_ACCOUNT)),
    Call("POST", "/jobs/imports/blacklist", "Black-list numbers as a job.", Permission.BLACK_LIST, import_black_list, ASKED, status=201, body=(NUMBERS, FOR_ACCOUNT, ENDS, NOTE)),
    Call("POST", "/jobs/replays", "Owe again what was handed out, pushed or parked, as a job.", Permission.TRAFFIC, replay, ASKED, status=201, of=Replay, body=(ACCOUNT,)),
)  # fmt: skip
