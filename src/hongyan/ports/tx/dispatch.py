"""What the dispatch step does inside its transaction."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from hongyan.model.message import MessageState
from hongyan.model.mms import Media
from hongyan.model.rows import ClaimedMessage, MatchedReceipt
from hongyan.model.traffic import Answered
from hongyan.ports.tx.shared import LeaseHeldTx, VerdictTx

SegmentKey = tuple[int, int, int]
"""Message, part and attempt."""


class DispatchTx(VerdictTx, LeaseHeldTx, Protocol):
    def claim_parcels(
        self, channel_id: int, epoch: int, most: int, *, may_cut_short: bool = False
    ) -> list[ClaimedMessage] | None:
        """Move ready parcels to this epoch until they hold about `most` messages; returns their queued messages in order, None if no
        parcel is ready. A parcel of which nothing is queued is deleted.

        may_cut_short: this channel may cut a message into parts that is charged as one segment
        """
        ...

    def close_parcels(self, parcel_ids: Iterable[int], epoch: int) -> None:
        """Delete those of the epoch's parcels that have no queued message left."""
        ...

    def claimed_parcels(self, channel_id: int, epoch: int, before: int) -> list[int]:
        """Returns the parcels with ids below this one that the epoch has claimed."""
        ...

    def give_back_parcels(self, parcel_ids: Iterable[int]) -> None:
        """Let claimed parcels wait again."""
        ...

    def media_of(self, message_ids: Sequence[int]) -> dict[int, tuple[Media, ...]]:
        """Returns the parts of these messages' MMS, in order. Messages of one task share them. A part that was dropped is
        empty.
        """
        ...

    def tickets_of(self, message_ids: Iterable[int]) -> dict[SegmentKey, int]:
        """Returns the tickets that an earlier owner gave to segments of these messages and that were not answered."""
        ...

    def add_tickets(self, rows: Sequence[tuple[int, int, int, int]]) -> None:
        """Store tickets: (message, part, attempt, number)."""
        ...

    def drop_tickets(self, keys: Sequence[SegmentKey]) -> None: ...

    def add_segments(self, answers: Sequence[Answered], channel_id: int) -> None: ...

    def name_answers(self, answers: Sequence[Answered], channel_id: int, now_ms: int) -> list[MatchedReceipt]:
        """Store carrier ids; returns the receipts that came before their answers.

        If a carrier uses an id again, the id gets a new row; the older row gets the next `n` and takes no more receipts.
        """
        ...

    def mark_sent(self, rows: Sequence[tuple[int, MessageState, int]]) -> None:
        """Set the state of open messages to SENDING, SENT or IN_DOUBT: (message, state, at)."""
        ...
