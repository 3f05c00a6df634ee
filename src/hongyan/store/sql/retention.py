"""SQL of what is kept for months and then dropped, the oldest first, a batch at a time.

What is not over stays, however old it is: open messages, and tasks that still have messages or are not released. PostgreSQL
drops messages, segments, attempts, entries and what is owed by whole months (partitions.py), so their batches are for SQLite.
"""

from collections.abc import Sequence

from hongyan.model.ledger import EntryKind
from hongyan.model.rows import Dropped
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, Batch, Row, Single

_OVER = Single("SELECT id FROM message WHERE id < :before AND state >= 10 ORDER BY id LIMIT 200", returns=("id",))
_RESENT = Single(
    "DELETE FROM resent WHERE message_id IN (SELECT message_id FROM resent WHERE message_id < :before LIMIT 200) RETURNING message_id"
)
_TASKS = Single(
    "SELECT id FROM task WHERE id < :first_task AND state >= 3 AND last_id < :before AND NOT EXISTS (SELECT 1 FROM message m"
    " WHERE m.id BETWEEN task.first_id AND task.last_id AND m.task_id = task.id) ORDER BY id LIMIT 200",
    lock="FOR UPDATE SKIP LOCKED",
    returns=("id",),
)
_REPLIES = Single("SELECT id FROM mo WHERE id < :before ORDER BY id LIMIT 200", lock="FOR UPDATE SKIP LOCKED", returns=("id",))
_ATTEMPTS = Single("DELETE FROM attempt WHERE id IN (SELECT id FROM attempt WHERE id < :before LIMIT 200) RETURNING id")
_ENTRIES = Single(
    "SELECT kind, subject FROM entry WHERE kind IN (1, 4, 5) AND subject < :before ORDER BY kind, subject LIMIT 200",
    returns=("kind", "subject"),
)
_SUMS = Batch(
    "SELECT e.account_id, e.product, CAST(sum(e.points) AS bigint) AS points FROM {rows}"
    " JOIN entry e ON e.kind = :kind AND e.subject = r.id GROUP BY e.account_id, e.product",
    {"id": INT},
    returns=("account_id", "product", "points"),
)


def _drop(table: str, column: str, condition: str = "") -> Batch:
    return Batch(f"DELETE FROM {table} WHERE {condition}{column} IN (SELECT r.id FROM {{rows}})", {"id": INT})


_DROP_MESSAGES, _DROP_SEGMENTS, _DROP_OWED = _drop("message", "id"), _drop("segment", "message_id"), _drop("owed", "id")
_DROP_TASKS, _DROP_TASK_MEDIA = _drop("task", "id"), _drop("task_media", "task_id")
_DROP_SESSION_SUBMITS, _DROP_WANTED = _drop("session_submit", "task_id"), _drop("notice_wanted", "task_id")
_DROP_REPLIES, _DROP_REPLY_MEDIA = _drop("mo", "id"), _drop("mo_media", "mo_id")
_DROP_ENTRIES = _drop("entry", "subject", "kind = :kind AND ")


class RetentionSql:
    db: Connection

    def drop_messages(self, before: int) -> Dropped:
        rows = self.db.run(_OVER, before=before) if self.db.is_sqlite else []
        for statement in (_DROP_MESSAGES, _DROP_SEGMENTS, _DROP_OWED):
            self.db.write(statement, rows)
        return Dropped(len(rows), self._drop_entries(EntryKind.RETURN, rows))

    def drop_resent(self, before: int) -> Dropped:
        return Dropped(len(self.db.run(_RESENT, before=before)), {})

    def drop_tasks(self, first_task: int, before: int) -> Dropped:
        rows = self.db.run(_TASKS, first_task=first_task, before=before)
        for statement in (_DROP_TASKS, _DROP_TASK_MEDIA, _DROP_SESSION_SUBMITS, _DROP_WANTED):
            self.db.write(statement, rows)
        return Dropped(len(rows), self._drop_entries(EntryKind.HOLD, rows))

    def drop_replies(self, before: int) -> Dropped:
        rows = self.db.run(_REPLIES, before=before)
        for statement in (_DROP_REPLIES, _DROP_REPLY_MEDIA, _DROP_OWED):
            self.db.write(statement, rows)
        return Dropped(len(rows), {})

    def drop_attempts(self, before: int) -> Dropped:
        return Dropped(len(self.db.run(_ATTEMPTS, before=before)) if self.db.is_sqlite else 0, {})

    def drop_entries(self, before: int) -> Dropped:
        rows = self.db.run(_ENTRIES, before=before) if self.db.is_sqlite else []
        points: dict[tuple[int, int], int] = {}
        for kind in EntryKind:
            for key, more in self._drop_entries(kind, [(subject,) for k, subject in rows if k == kind]).items():
                points[key] = points.get(key, 0) + more
        return Dropped(len(rows), points)

    def _drop_entries(self, kind: EntryKind, rows: Sequence[Row]) -> dict[tuple[int, int], int]:
        """Drop the entries of this kind with these subjects; returns their points by account and product."""
        points: dict[tuple[int, int], int] = {}
        for account_id, product, more in self.db.read(_SUMS, rows, kind=int(kind)) if rows else ():
            points[account_id, product] = points.get((account_id, product), 0) + more
        self.db.write(_DROP_ENTRIES, rows, kind=int(kind))
        return points
