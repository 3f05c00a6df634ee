"""SQL of PDUs that one process asks of another."""

from collections.abc import Sequence

from hongyan.model.recording import AskedRecording, RecordedBy, Recording
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, Batch, Single

_ASK = Single("INSERT INTO recording (id, kind, name, is_clear, asked_ms) VALUES (:id, :kind, :name, :clear, :now)")
_ASKED = Single("SELECT id, kind, name, is_clear, asked_ms, pdus IS NOT NULL FROM recording ORDER BY id LIMIT :most")
_ANSWER = Single("UPDATE recording SET pdus = :pdus WHERE id = :id AND pdus IS NULL")
_TAKE = Single("DELETE FROM recording WHERE id = :id AND pdus IS NOT NULL RETURNING pdus")
_DROP = Batch("DELETE FROM recording WHERE id IN (SELECT r.id FROM {rows})", {"id": INT})


class RecordingsSql:
    db: Connection

    def ask_recording(self, row_id: int, recording: Recording, now_ms: int) -> None:
        kind, name = recording.by.value, recording.name
        self.db.run(_ASK, id=row_id, kind=kind, name=name, clear=recording.is_clear, now=now_ms)

    def asked_recordings(self, most: int) -> list[AskedRecording]:
        return [
            AskedRecording(row_id, Recording(RecordedBy(kind), name, bool(is_clear)), asked_ms, bool(is_answered))
            for row_id, kind, name, is_clear, asked_ms, is_answered in self.db.run(_ASKED, most=most)
        ]

    def answer_recording(self, row_id: int, pdus: bytes) -> None:
        self.db.run(_ANSWER, id=row_id, pdus=pdus)

    def take_recording(self, row_id: int) -> bytes | None:
        rows = self.db.run(_TAKE, id=row_id)
        return bytes(rows[0][0]) if rows else None

    def drop_recordings(self, row_ids: Sequence[int]) -> None:
        self.db.write(_DROP, [(row_id,) for row_id in row_ids])
