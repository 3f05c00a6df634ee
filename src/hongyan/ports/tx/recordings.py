"""What one process does inside transactions to get PDUs from another."""

from collections.abc import Sequence
from typing import Protocol

from hongyan.model.recording import AskedRecording, Recording
from hongyan.ports.tx.customer_sessions import SessionRowTx
from hongyan.ports.tx.shared import ConfigRowsTx, LeaseRowsTx


class RecordingsTx(SessionRowTx, LeaseRowsTx, ConfigRowsTx, Protocol):
    def ask_recording(self, row_id: int, recording: Recording, now_ms: int) -> None: ...

    def asked_recordings(self, most: int) -> list[AskedRecording]:
        """Returns the recordings that are asked for, the oldest first."""
        ...

    def answer_recording(self, row_id: int, pdus: bytes) -> None:
        """Store the answer, once: one that was answered stays, and one that is gone stays gone."""
        ...

    def take_recording(self, row_id: int) -> bytes | None:
        """Remove and return the answer; None if there is none yet."""
        ...

    def drop_recordings(self, row_ids: Sequence[int]) -> None: ...
