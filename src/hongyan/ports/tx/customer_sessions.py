"""What the steps about customers' sessions do inside their transactions."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from hongyan.model.customer_session import CustomerSession, SessionLogin
from hongyan.ports.tx.shared import AuditTx, ConfigRowsTx, WalletsTx


class CustomerSessionsTx(WalletsTx, Protocol):
    def sessions_up(self, account_ids: Iterable[int], since_ms: int) -> dict[int, int]:
        """How many sessions of each account are open, and were seen since."""
        ...

    def receiving(self, account_ids: Iterable[int], since_ms: int) -> set[int]:
        """Those of the accounts that have such a session which takes deliveries."""
        ...

    def add_session(self, session_id: int, account_id: int, login: SessionLogin, now_ms: int) -> None: ...

    def see_sessions(self, sessions: Sequence[CustomerSession], now_ms: int) -> set[int]:
        """Store that they are up, and their counts; returns the ids of those that are to be closed."""
        ...

    def close_session(self, session_id: int, why: str, now_ms: int) -> None: ...

    def close_lost(self, before_ms: int) -> int:
        """Close up to 200 rows that were last seen before, with the moment in which they were."""
        ...


class SessionRowTx(Protocol):
    def session_row(self, session_id: int) -> dict[str, Any] | None: ...


class SessionListTx(SessionRowTx, ConfigRowsTx, AuditTx, Protocol):
    """What people see and do of sessions."""

    def session_rows(self, account_id: int | None, before_id: int, most: int, *, with_closed: bool) -> list[dict[str, Any]]:
        """Sessions with a smaller id, the newest first."""
        ...

    def sessions_at_listeners(self, since_ms: int) -> dict[int, int]:
        """How many sessions are open and were seen since, by the id of their listener."""
        ...

    def kick_session(self, session_id: int) -> None: ...
