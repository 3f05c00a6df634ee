"""What asking for jobs, running them and reading them do inside their transactions."""

from collections.abc import Mapping
from typing import Any, Protocol

from hongyan.model.act import Actor
from hongyan.model.job import Job, JobKind, JobRows, JobState
from hongyan.ports.tx.shared import AuditTx, CountersTx


class JobPiecesTx(Protocol):
    def add_piece(self, job_id: int, side: JobRows, number: int, rows: bytes) -> None:
        """Store some rows of a job. A repeat changes nothing."""
        ...

    def piece(self, job_id: int, side: JobRows, number: int) -> list[Any] | None: ...


class JobsTx(JobPiecesTx, CountersTx, AuditTx, Protocol):
    def add_job(self, job_id: int, kind: JobKind, asked: Mapping[str, Any], actor: Actor, total: int, now_ms: int) -> None: ...

    def jobs_waiting(self) -> int:
        """Returns how many jobs have not ended."""
        ...

    def cancel_job(self, job_id: int, now_ms: int) -> bool:
        """End a job that waits, or ask one that runs to end. Returns False if it has ended."""
        ...

    def jobs(self, before_id: int, most: int) -> list[dict[str, Any]]:
        """Returns jobs, the newest first."""
        ...

    def job(self, job_id: int) -> dict[str, Any] | None: ...


class RunJobsTx(JobPiecesTx, Protocol):
    def take_job(self, owner: str, expires_ms: int, now_ms: int, *, is_alone: bool) -> Job | None:
        """Take the next job that waits, or whose owner is gone. is_alone: no other process can have one"""
        ...

    def lock_job(self, job_id: int, owner: str) -> tuple[Job, bool] | None:
        """Lock a job that this owner runs; returns it, and whether it is to be cancelled. None if another owner has it by now."""
        ...

    def job_goes_on(self, job: Job, expires_ms: int) -> None:
        """Store how far a job has come."""
        ...

    def end_job(self, job_id: int, state: JobState, result: Mapping[str, Any], now_ms: int) -> None: ...


class ExportsTx(Protocol):
    def message_page(self, after: int, until: int, most: int) -> list[dict[str, Any]]:
        """Returns what exports need of the messages of all accounts between two ids, in the order of ids."""
        ...
