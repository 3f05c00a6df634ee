"""PDUs that one process asks of another: a row asks for them, the process that recorded them answers in it, and the caller
removes it.

A row lives for seconds. If its caller is gone, the next process that sees it drops it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.ids import IdSource
from hongyan.model.recording import AskedRecording, RecordedBy, Recording
from hongyan.ports.tx.recordings import RecordingsTx

ASKED_MOST = 20
"""The most rows at the same time."""

OLD_MS = 30_000


@dataclass(frozen=True, slots=True)
class RecordingAnswer:
    id: int
    pdus: bytes


def ask_recordings(tx: RecordingsTx, asked: Sequence[Recording], *, ids: IdSource, now_ms: int) -> list[int | None]:
    """Ask for each; returns the id of its row. None: no process has it, or too many are asked for."""
    room = ASKED_MOST - len(tx.asked_recordings(ASKED_MOST))
    rows: list[int | None] = []
    for one in asked:
        if room <= 0 or not _is_had(tx, one):
            rows.append(None)
            continue
        row_id, room = ids.one(now_ms), room - 1
        tx.ask_recording(row_id, one, now_ms)
        rows.append(row_id)
    return rows


def _is_had(tx: RecordingsTx, recording: Recording) -> bool:
    if recording.by is RecordedBy.SESSION:
        session = tx.session_row(int(recording.name))
        return session is not None and not session["closed_ms"]
    leases, now_ms = tx.leases(), tx.database_ms()
    rows = tx.rows_of("channel", name=recording.name)
    return any(row["id"] in leases and leases[row["id"]].expires_ms > now_ms for row in rows)


def asked_recordings(tx: RecordingsTx) -> list[AskedRecording]:
    return tx.asked_recordings(ASKED_MOST)


def answer_recordings(tx: RecordingsTx, answers: Sequence[RecordingAnswer]) -> list[None]:
    """Store the answers. A repeat changes nothing."""
    for one in answers:
        tx.answer_recording(one.id, one.pdus)
    return [None] * len(answers)


def take_recordings(tx: RecordingsTx, row_ids: Sequence[int]) -> list[bytes | None]:
    """Remove and return answers; None for one that is not there yet."""
    return [tx.take_recording(row_id) for row_id in row_ids]


def drop_recordings(tx: RecordingsTx, asked: Sequence[Sequence[int]]) -> list[None]:
    tx.drop_recordings(sorted({row_id for row_ids in asked for row_id in row_ids}))
    return [None] * len(asked)
