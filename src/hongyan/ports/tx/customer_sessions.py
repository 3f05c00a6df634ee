"""What the steps about customers' sessions do inside their transactions."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from hongyan.model.customer_session import CustomerSession, SessionLogin
from hongyan.ports.tx.shared import AuditTx, ConfigRowsTx, WalletsTx


class CustomerSessionsTx(WalletsTx, Protocol):
    def sessions_up(self, account_ids: Iterable[int], since_ms: int) -> dict[int, int]:
        """Returns how many sessions of each account are open and were seen since."""
        ...

    def receiving(self, account_ids: Iterable[int], since_ms: int) -> set[int]:
        """Returns those of the accounts that have such a session which takes deliveries."""
        ...

    def add_session(self, session_id: int, account_id: int, login: SessionLogin, now_ms: int) -> None: ...

    def see_sessions(self, sessions: Sequence[CustomerSession], now_ms: int) -> set[int]:
        """Store that these sessions are up, with their counts; returns the ids of those that are to be closed."""
        ...

    def close_session(self, session_id: int, why: str, now_ms: int) -> None: ...

    def close_lost(self, before_ms: int) -> int:
        """Close up to 200 rows that were last seen before then, at the moment at which they were last seen."""
        ...


class SessionRowTx(Protocol):
    def session_row(self, session_id: int) -> dict[str, Any] | None: ...


class SessionListTx(SessionRowTx, ConfigRowsTx, AuditTx, Protocol):
    """What people see and do about sessions."""

    def session_rows(self, account_id: int | None, before_id: int, most: int, *, with_closed: bool) -> list[dict[str, Any]]:
        """Returns sessions with a smaller id, the newest first."""
        ...

    def sessions_at_listeners(self, since_ms: int) -> dict[int, int]:
        """Returns how many sessions are open and were seen since, by the id of their listener."""
        ...

    def kick_session(self, session_id: int) -> None: ...
