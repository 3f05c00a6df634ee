"""SQL of customers' sessions."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from hongyan.model.customer_session import CustomerSession, SessionLogin
from hongyan.ports.tx.session_parts import SessionEnds, StoredSession
from hongyan.store import schema
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, Batch, Single

_UP = Batch(
    "SELECT r.account_id AS account_id, (SELECT count(*) FROM customer_session s WHERE s.account_id = r.account_id"
    " AND s.closed_ms = 0 AND s.seen_ms > :since) AS up, (SELECT count(*) FROM customer_session s"
    " WHERE s.account_id = r.account_id AND s.closed_ms = 0 AND s.seen_ms > :since AND s.receives) AS receiving FROM {rows}",
    {"account_id": INT},
    returns=("account_id", "up", "receiving"),
)
_AT_LISTENERS = Single(
    "SELECT listener_id, count(*) FROM customer_session WHERE closed_ms = 0 AND seen_ms > :since GROUP BY listener_id"
)
_ADD = Single(
    "INSERT INTO customer_session (id, account_id, protocol, version, address, listener_id, owner, receives, opened_ms, seen_ms)"
    " VALUES (:id, :account, :protocol, :version, :address, :listener, :owner, :receives, :now, :now)"
)
_COUNTS = ("submits", "refused", "deliveries", "waiting_in", "waiting_out", "faults", "held_until_ms", "heard_ms")
_SEE = Batch(
    "UPDATE customer_session SET seen_ms = :now, submits = r.submits, refused = r.refused, deliveries = r.deliveries,"
    " waiting_in = r.waiting_in, waiting_out = r.waiting_out, faults = r.faults, held_until_ms = r.held_until_ms,"
    " heard_ms = r.heard_ms FROM {rows} WHERE customer_session.id = r.id AND customer_session.closed_ms = 0",
    {"id": INT} | dict.fromkeys(_COUNTS, INT),
)
_KICKED = Batch(
    "SELECT s.id FROM {rows} JOIN customer_session s ON s.id = r.id WHERE s.is_kicked", {"id": INT}, returns=("id",)
)
_CLOSE = Single("UPDATE customer_session SET closed_ms = :now, why = :why WHERE id = :id AND closed_ms = 0")
_CLOSE_LOST = Single(
    "UPDATE customer_session SET closed_ms = seen_ms, why = 'lost' WHERE id IN"
    " (SELECT id FROM customer_session WHERE closed_ms = 0 AND seen_ms < :before LIMIT 200) RETURNING id"
)
_ENDS = Batch(
    "SELECT s.id, s.owner, s.closed_ms, s.why, s.heard_ms FROM {rows} JOIN customer_session s ON s.id = r.id",
    {"id": INT},
    returns=("id", "owner", "closed_ms", "why", "heard_ms"),
)
_KICK = Single("UPDATE customer_session SET is_kicked = true WHERE id = :id")
_OLDEST_KEPT = Single(
    "SELECT closed_ms FROM customer_session WHERE closed_ms > 0 ORDER BY closed_ms DESC LIMIT 1 OFFSET 100000"
)
"""Bounds the rows: a program that logs in and out all day does not fill the disk."""

_PRUNE = Single(
    "DELETE FROM customer_session WHERE id IN (SELECT id FROM customer_session WHERE closed_ms > 0 AND closed_ms < :before"
    " ORDER BY closed_ms LIMIT 2000) RETURNING id"
)


class CustomerSessionsSql:
    db: Connection

    def sessions_up(self, account_ids: Iterable[int], since_ms: int) -> dict[int, int]:
        return {account_id: up for account_id, up, _ in self._up(account_ids, since_ms)}

    def receiving(self, account_ids: Iterable[int], since_ms: int) -> set[int]:
        return {account_id for account_id, _, receiving in self._up(account_ids, since_ms) if receiving}

    def _up(self, account_ids: Iterable[int], since_ms: int) -> Sequence[Any]:
        return self.db.read(_UP, [(account_id,) for account_id in sorted(account_ids)], since=since_ms)

    def add_session(self, session_id: int, account_id: int, login: SessionLogin, now_ms: int) -> None:
        self.db.run(
            _ADD,
            id=session_id,
            account=account_id,
            protocol=str(login.protocol),
            version=login.version,
            address=login.address,
            listener=login.listener_id,
            owner=login.owner,
            receives=login.receives,
            now=now_ms,
        )

    def see_sessions(self, sessions: Sequence[CustomerSession], now_ms: int) -> set[int]:
        rows = [(s.id, *(getattr(s.counts, name) for name in _COUNTS)) for s in sessions]
        self.db.write(_SEE, rows, now=now_ms)
        return {row[0] for row in self.db.read(_KICKED, [(s.id,) for s in sessions])}

    def close_session(self, session_id: int, why: str, now_ms: int) -> None:
        self.db.run(_CLOSE, id=session_id, why=why, now=now_ms)

    def session_ends(self, ids: Iterable[int]) -> SessionEnds:
        rows = self.db.read(_ENDS, [(session_id,) for session_id in sorted(ids)])
        return {
            session_id: StoredSession(owner, why if closed_ms else None, heard_ms)
            for session_id, owner, closed_ms, why, heard_ms in rows
        }

    def close_lost(self, before_ms: int) -> int:
        return len(self.db.run(_CLOSE_LOST, before=before_ms))

    def prune_customer_sessions(self, before_ms: int) -> int:
        kept = [row[0] for row in self.db.run(_OLDEST_KEPT)]
        return len(self.db.run(_PRUNE, before=max(before_ms, *kept) if kept else before_ms))

    def session_rows(self, account_id: int | None, before_id: int, most: int, *, with_closed: bool) -> list[dict[str, Any]]:
        table = schema.customer_session
        query = select(table).where(table.c.id < before_id).order_by(table.c.id.desc()).limit(most)
        if account_id is not None:
            query = query.where(table.c.account_id == account_id)
        if not with_closed:
            query = query.where(table.c.closed_ms == 0)
        return self.db.core(query)

    def sessions_at_listeners(self, since_ms: int) -> dict[int, int]:
        return {row[0]: row[1] for row in self.db.run(_AT_LISTENERS, since=since_ms)}

    def session_row(self, session_id: int) -> dict[str, Any] | None:
        table = schema.customer_session
        return next(iter(self.db.core(select(table).where(table.c.id == session_id))), None)

    def kick_session(self, session_id: int) -> None:
        self.db.run(_KICK, id=session_id)
