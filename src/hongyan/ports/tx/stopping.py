"""What stopping a task does inside its transactions."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from hongyan.model.message import TaskState
from hongyan.model.rows import LockedTask, TaskSlice, UnclaimedMessage
from hongyan.ports.tx.shared import AuditTx, EndingTx, LockedTaskTx, RequeueTx, SliceMessagesTx


class StoppingTx(SliceMessagesTx, RequeueTx, EndingTx, LockedTaskTx, AuditTx, Protocol):
    def set_task_state(self, task_id: int, state: TaskState) -> None: ...

    def set_task_paused(self, task_id: int, *, is_paused: bool) -> None:
        """Set whether a task is paused. From then on the pause, or the resumption, is unfinished."""
        ...

    def unfinished_pauses(self) -> list[tuple[int, bool]]:
        """Returns up to 100 tasks that are being paused or resumed: (task, whether it is paused)."""
        ...

    def pause_finished(self, task_id: int) -> None: ...

    def cancelling_tasks(self) -> list[int]:
        """Returns up to 100 tasks that are being cancelled."""
        ...

    def cancelled_of(self, task_id: int) -> tuple[int, int]:
        """Returns how many messages of a task were cancelled, and their points."""
        ...

    def held_of(self, task_id: int) -> int:
        """Returns how many messages of a task are held back."""
        ...

    def has_waiting(self, task_id: int) -> bool:
        """Returns whether some of its numbers are not released, or some messages are not sent."""
        ...

    def open_tasks(self, account_id: int) -> list[int]:
        """Returns the tasks of an account of which something is not released, or queued."""
        ...

    def slice_of(self, task_id: int) -> TaskSlice | None:
        """Returns the next unreleased slice of a task that is locked."""
        ...

    def slice_taken(self, part: TaskSlice, first_id: int, last_id: int) -> None:
        """Drop a slice whose messages are stored now; it will not be released."""
        ...

    def lock_unclaimed(
        self, task: LockedTask, after: int, *, held: bool | None = None
    ) -> tuple[list[UnclaimedMessage], list[int], int | None]:
        """Look at up to 500 messages of a locked task behind an id, and lock the parcels of those that wait.

        held:    only of parcels that are held back, or only of others; None: of both
        returns: the queued messages that no owner of a channel has claimed; those that are leaving, which are claimed or partly
                 sent; and the id behind which the next page begins, None at the end
        """
        ...

    def hold_parcels(self, parcel_ids: Sequence[int]) -> None:
        """Let nobody claim these parcels until they are released."""
        ...

    def let_parcels_go(self, parcel_ids: Iterable[int]) -> None: ...
