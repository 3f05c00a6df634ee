"""Imports: each piece of the job's rows is one slice, done by the same services as a change by hand."""

from typing import Any

from hongyan.model.act import Act
from hongyan.model.black_list import ListedNumber
from hongyan.model.job import Job, JobRows, Slice
from hongyan.ports.tx import Tx
from hongyan.services.admin import rules


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
