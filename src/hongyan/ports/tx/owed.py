"""What the steps that hand out reports and replies do inside their transactions."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from hongyan.model.customer_session import SessionReport
from hongyan.model.owed import OwedKind, OwedReply, OwedReport, OwedState, Pushed
from hongyan.ports.tx.session_notices import OwedNoticesTx
from hongyan.ports.tx.shared import AuditTx, ConfigRowsTx


class OwedTx(OwedNoticesTx, Protocol):
    def pick_owed(
        self, account_id: int, kind: OwedKind, state: OwedState, span_ms: tuple[int, int], most: int, task_id: int | None = None
    ) -> list[int]:
        """Lock up to `most` owed rows that are due within a span, oldest first, of one task if given."""
        ...

    def pick_again(self, account_id: int, task_id: int, most: int, *, with_waiting: bool) -> list[int]:
        """Lock up to `most` reports of one task that are parked, handed out or pushed; with_waiting: those that wait too.

        The ones that were handed out longest ago come first, so that a customer who asks on and on gets all of them.
        """
        ...

    def move_owed(self, owed_ids: Sequence[int], state: OwedState, at_ms: int) -> None: ...

    def owed_reports(self, owed_ids: Sequence[int]) -> list[OwedReport]: ...

    def owed_replies(self, owed_ids: Sequence[int]) -> list[OwedReply]: ...

    def session_reports(self, owed_ids: Sequence[int]) -> list[tuple[SessionReport, str]]:
        """Reports with all that a session needs, each with ReportsWanted for each of its parts, by comma; "" where nobody said."""
        ...

    def defer_owed(self, rows: Sequence[tuple[int, int]]) -> None:
        """Count an attempt that failed: (owed, when it is due again)."""
        ...

    def add_attempt(self, attempt_id: int, account_id: int, kind: OwedKind, items: int, url: str, pushed: Pushed) -> bool:
        """Store how a push went; returns whether it is new."""
        ...

    def mark_pushed(self, owed_ids: Sequence[int], attempt_id: int, now_ms: int) -> None: ...

    def attempts_of(self, owed_ids: Sequence[int]) -> dict[int, int]:
        """How often each was pushed."""
        ...

    def mark_failed(self, rows: Sequence[tuple[int, OwedState, int]], attempt_id: int) -> None:
        """Store what follows a push that failed: (owed, WAITING or PARKED, due)."""
        ...

    def due_of(self, account_ids: Iterable[int], now_ms: int, latest_ms: int) -> list[tuple[int, OwedKind]]:
        """Returns which of these accounts have something due by now, or later than anything can be due (`latest_ms`)."""
        ...


class ReplayTx(ConfigRowsTx, AuditTx, Protocol):
    def replay(self, account_id: int, kind: OwedKind, first_id: int, last_id: int, now_ms: int) -> int:
        """Owe again what was parked, handed out or pushed, by the ids' range; returns how many."""
        ...
