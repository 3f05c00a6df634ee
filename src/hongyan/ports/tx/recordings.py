"""What is done inside the transactions by which one process asks another for PDUs."""

from collections.abc import Sequence
from typing import Protocol

from hongyan.model.recording import AskedRecording, Recording
from hongyan.ports.tx.customer_sessions import SessionRowTx
from hongyan.ports.tx.shared import ConfigRowsTx, LeaseRowsTx


class RecordingsTx(SessionRowTx, LeaseRowsTx, ConfigRowsTx, Protocol):
    def ask_recording(self, row_id: int, recording: Recording, now_ms: int) -> None: ...

    def asked_recordings(self, most: int) -> list[AskedRecording]:
        """The oldest first."""
        ...

    def answer_recording(self, row_id: int, pdus: bytes) -> None:
        """Once: what was answered stays, and what is gone stays gone."""
        ...

    def take_recording(self, row_id: int) -> bytes | None:
        """Take the answer away; None where there is none yet."""
        ...

    def drop_recordings(self, row_ids: Sequence[int]) -> None: ...
