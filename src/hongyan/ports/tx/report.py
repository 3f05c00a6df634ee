"""What the report step and its sweeps do inside their transactions."""

from collections.abc import Sequence
from typing import Protocol

from hongyan.model.rows import MatchedReceipt, PageCursor
from hongyan.model.traffic import Receipt
from hongyan.ports.tx.shared import NewestIdTx, VerdictTx


class ReportTx(VerdictTx, NewestIdTx, Protocol):
    def match_receipts(self, receipts: Sequence[Receipt], now_ms: int) -> list[MatchedReceipt]:
        """Store receipts under their carrier ids; returns those whose segment is known. A repeat changes nothing.

        A receipt that fits no segment under any spelling waits under its first spelling. So does a receipt whose id belongs to
        a message to another phone. A receipt for a message of one part is not written beside its segment: the verdict has all
        of it (see `note_receipts`).
        """
        ...

    def match_spelling(self, receipt: Receipt) -> MatchedReceipt | None:
        """Try the less likely spellings of an id, guarded by the phone. If one fits, the receipt parked under the first one is
        dropped.
        """
        ...

    def match_doubt(self, receipt: Receipt, since_ms: int) -> MatchedReceipt | None:
        """Match a receipt with the only unanswered segment to its phone that was submitted since; returns None for none or
        several.
        """
        ...

    def parked(self, since_ms: int, until_ms: int) -> list[Receipt]:
        """Returns up to 1,000 receipts that wait and have other spellings to try."""
        ...

    def parked_of(self, channel_id: int, since_ms: int, until_ms: int) -> list[Receipt]:
        """Returns up to 1,000 receipts of a channel that fit no segment."""
        ...

    def silent_messages(self, now_ms: int, made_before: int) -> list[int]:
        """Returns up to 1,000 sent messages that had no receipt within their account's time."""
        ...

    def slipped(self, after: PageCursor, until_parcel: int) -> tuple[list[MatchedReceipt], PageCursor | None]:
        """Returns receipts that found their segment although their message is still open: a crash came between.

        Looks at one page of open messages behind a cursor (parcel, message).

        returns: the receipts, and the next page's cursor; None at the end
        """
        ...

    def unreported(
        self, channel_id: int, after: PageCursor, since_ms: int, until_ms: int
    ) -> tuple[list[str], PageCursor | None]:
        """Returns the carrier ids of a channel's messages that were sent within a span and have no verdict; pages as in
        `slipped`.
        """
        ...
