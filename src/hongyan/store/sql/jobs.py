"""SQL of jobs: their owners, their progress, and their rows piece by piece."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import select

from hongyan.model.act import Actor
from hongyan.model.job import Job, JobKind, JobRows, JobState, unpacked
from hongyan.store import schema
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, Batch, Row, Single

_WHAT = "id, kind, asked, actor, done, total, place, result, pieces"
_ADD = Single(
    "INSERT INTO job (id, kind, asked, actor, state, total, made_ms) VALUES (:id, :kind, :asked, :actor, 1, :total, :now)"
)
_ADD_PIECE = Single(
    "INSERT INTO job_piece (job_id, side, number, rows) VALUES (:job, :side, :number, :rows)"
    " ON CONFLICT (job_id, side, number) DO NOTHING"
)
_PIECE = Single("SELECT rows FROM job_piece WHERE job_id = :job AND side = :side AND number = :number")
_WAITING = Single("SELECT id FROM job WHERE state IN (1, 2) AND state < 10")
_NEXT = Single(
    "SELECT id FROM job WHERE state IN (1, 2) AND state < 10"
    " AND (state = 1 OR expires_ms <= :now OR expires_ms > :latest OR (:alone AND owner <> :owner))"
    " ORDER BY state, id LIMIT 1",
    lock="FOR UPDATE SKIP LOCKED",
)
_TAKE = Single(
    "UPDATE job SET state = 2, owner = :owner, expires_ms = :expires, began_ms = CASE WHEN began_ms = 0 THEN :now ELSE began_ms END"
    f" WHERE id = :job RETURNING {_WHAT}"
)
_LOCK = Single(f"SELECT {_WHAT}, is_cancelled FROM job WHERE id = :job AND owner = :owner AND state = 2", lock="FOR UPDATE")
_GO_ON = Single(
    "UPDATE job SET done = :done, place = :place, result = :result, pieces = :pieces, expires_ms = :expires WHERE id = :job"
)
_END = Single("UPDATE job SET state = :state, result = :result, ended_ms = :now, owner = '' WHERE id = :job AND state < 10")
_CANCEL = Single(
    "UPDATE job SET is_cancelled = true, state = CASE WHEN state = 1 THEN 12 ELSE state END,"
    " ended_ms = CASE WHEN state = 1 THEN :now ELSE ended_ms END WHERE id = :job AND state < 10 RETURNING id"
)
_OLD = Single("SELECT id FROM job WHERE ended_ms > 0 AND ended_ms < :before ORDER BY ended_ms LIMIT 1")
_UNASKED = Single(
    "SELECT p.job_id FROM job_piece p WHERE p.job_id < :job AND NOT EXISTS (SELECT 1 FROM job j WHERE j.id = p.job_id)"
    " ORDER BY p.job_id LIMIT 1"
)
"""Rows whose caller died before it asked for the job."""

_DROP_PIECES = Single(
    "DELETE FROM job_piece WHERE job_id = :job AND number IN"
    " (SELECT number FROM job_piece WHERE job_id = :job ORDER BY side, number LIMIT 200) RETURNING number"
)
_DROP = Batch("DELETE FROM job WHERE id IN (SELECT r.id FROM {rows})", {"id": INT})


class JobsSql:
    db: Connection

    def add_job(self, job_id: int, kind: JobKind, asked: Mapping[str, Any], actor: Actor, total: int, now_ms: int) -> None:
        asked_json = orjson.dumps(asked).decode()
        self.db.run(_ADD, id=job_id, kind=kind.value, asked=asked_json, actor=str(actor), total=total, now=now_ms)

    def add_piece(self, job_id: int, side: JobRows, number: int, rows: bytes) -> None:
        self.db.run(_ADD_PIECE, job=job_id, side=int(side), number=number, rows=rows)

    def piece(self, job_id: int, side: JobRows, number: int) -> list[Any] | None:
        for (rows,) in self.db.run(_PIECE, job=job_id, side=int(side), number=number):
            return unpacked(bytes(rows))
        return None

    def jobs_waiting(self) -> int:
        return len(self.db.run(_WAITING))

    def take_job(self, owner: str, expires_ms: int, now_ms: int, *, is_alone: bool) -> Job | None:
        latest = expires_ms + (expires_ms - now_ms)  # a later end was stored before a clock was put back
        for (job_id,) in self.db.run(_NEXT, owner=owner, now=now_ms, latest=latest, alone=is_alone):
            for row in self.db.run(_TAKE, job=job_id, owner=owner, expires=expires_ms, now=now_ms):
                return _job(row)
        return None

    def lock_job(self, job_id: int, owner: str) -> tuple[Job, bool] | None:
        for row in self.db.run(_LOCK, job=job_id, owner=owner):
            return _job(row[:-1]), bool(row[-1])
        return None

    def job_goes_on(self, job: Job, expires_ms: int) -> None:
        result = orjson.dumps(job.result).decode()
        self.db.run(_GO_ON, job=job.id, done=job.done, place=job.place, result=result, pieces=job.pieces, expires=expires_ms)

    def end_job(self, job_id: int, state: JobState, result: Mapping[str, Any], now_ms: int) -> None:
        self.db.run(_END, job=job_id, state=int(state), result=orjson.dumps(result).decode(), now=now_ms)

    def cancel_job(self, job_id: int, now_ms: int) -> bool:
        return bool(self.db.run(_CANCEL, job=job_id, now=now_ms))

    def jobs(self, before_id: int, most: int) -> list[dict[str, Any]]:
        query = select(schema.job).where(schema.job.c.id < before_id).order_by(schema.job.c.id.desc())
        return [_read(row) for row in self.db.core(query.limit(most))]

    def job(self, job_id: int) -> dict[str, Any] | None:
        rows = self.db.core(select(schema.job).where(schema.job.c.id == job_id))
        return _read(rows[0]) if rows else None

    def prune_jobs(self, before_ms: int) -> int:
        for (job_id,) in self.db.run(_OLD, before=before_ms):
            unasked = self.db.run(_UNASKED, job=job_id)
            pieces = len(self.db.run(_DROP_PIECES, job=unasked[0][0] if unasked else job_id))
            if not pieces:
                self.db.write(_DROP, [(job_id,)])
            return pieces or 1
        return 0


def _job(row: Row) -> Job:
    job_id, kind, asked, actor, done, total, place, result, pieces = row
    who, _, name = actor.partition(":")
    return Job(
        id=job_id,
        kind=JobKind(kind),
        asked=orjson.loads(asked),
        actor=Actor(who, name),
        done=done,
        total=total,
        place=place,
        result=orjson.loads(result),
        pieces=pieces,
    )


def _read(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "asked": orjson.loads(row["asked"]),
        "result": orjson.loads(row["result"]),
    }
