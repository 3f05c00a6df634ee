"""What the release step does inside its transaction."""

from typing import Protocol

from hongyan.model.rows import TaskSlice
from hongyan.ports.tx.shared import EndingTx, OutletsTx, SliceMessagesTx, UsageTx


class ReleaseTx(UsageTx, SliceMessagesTx, EndingTx, OutletsTx, Protocol):
    def next_slice(self, now_ms: int) -> TaskSlice | None:
        """Lock the next unreleased slice of a task that is under way, or else of one whose time has come."""
        ...

    def slice_done(self, part: TaskSlice, first_id: int, last_id: int) -> None:
        """Drop a slice that is released. Dropping the last one ends the task's release."""
        ...
