"""What the steps that hand out reports and replies do inside their transactions."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from hongyan.model.owed import OwedKind, OwedReply, OwedReport, OwedState, Pushed
from hongyan.ports.tx.session_notices import OwedNoticesTx
from hongyan.ports.tx.shared import AuditTx, ConfigRowsTx, SessionReportsTx


class OwedTx(OwedNoticesTx, SessionReportsTx, Protocol):
    def pick_owed(
        self, account_id: int, kind: OwedKind, state: OwedState, span_ms: tuple[int, int], most: int, task_id: int | None = None
    ) -> list[int]:
        """Lock up to `most` owed rows that are due within a span, the oldest first, of one task if given."""
        ...

    def pick_again(self, account_id: int, task_id: int, most: int, *, with_waiting: bool) -> list[int]:
        """Lock up to `most` reports of one task that are parked, handed out or pushed. with_waiting: those that wait too

        Those that were handed out longest ago come first, so that a customer who asks repeatedly gets all of them.
        """
        ...

    def owed_reports(self, owed_ids: Sequence[int]) -> list[OwedReport]: ...

    def owed_replies(self, owed_ids: Sequence[int]) -> list[OwedReply]: ...

    def defer_owed(self, rows: Sequence[tuple[int, int]]) -> None:
        """Count an attempt that failed: (owed, when it is due again)."""
        ...

    def add_attempt(self, attempt_id: int, account_id: int, kind: OwedKind, items: int, url: str, pushed: Pushed) -> bool:
        """Store the outcome of a push; returns whether it is new."""
        ...

    def mark_pushed(self, owed_ids: Sequence[int], attempt_id: int, now_ms: int) -> None: ...

    def attempts_of(self, owed_ids: Sequence[int]) -> dict[int, int]:
        """Returns how often each was pushed."""
        ...

    def mark_failed(self, rows: Sequence[tuple[int, OwedState, int]], attempt_id: int) -> None:
        """Store the state after a push that failed: (owed, WAITING or PARKED, due)."""
        ...

    def due_of(self, account_ids: Iterable[int], now_ms: int, latest_ms: int) -> list[tuple[int, OwedKind]]:
        """Returns which of these accounts have something due by now, or due later than any time that we set (`latest_ms`)."""
        ...


class ReplayTx(ConfigRowsTx, AuditTx, Protocol):
    def replay(self, account_id: int, kind: OwedKind, first_id: int, last_id: int, now_ms: int) -> int:
        """Owe again what was parked, handed out or pushed, within a range of ids; returns how many."""
        ...
