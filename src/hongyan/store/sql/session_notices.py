"""SQL of intermediate notices: submits that ask for them, and what is owed."""

from collections.abc import Iterable, Sequence

from hongyan.model.session_delivery import SessionNotice
from hongyan.ports.tx.session_notices import NoticeWanted
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, Batch, Single, insert

_WANTED = Single(
    "SELECT w.task_id, COALESCE(t.state, 4) AS task_state, count(m.id) AS messages,"
    " CAST(COALESCE(sum(CASE WHEN m.state < 4 THEN 1 ELSE 0 END), 0) AS bigint) AS waiting"
    " FROM (SELECT task_id FROM notice_wanted WHERE task_id > :after ORDER BY task_id LIMIT :most) w LEFT JOIN task t ON t.id = w.task_id"
    " LEFT JOIN message m ON m.id BETWEEN t.first_id AND t.last_id AND m.task_id = t.id GROUP BY w.task_id, t.state ORDER BY w.task_id",
    returns=("task_id", "task_state", "messages", "waiting"),
    replans=True,
)
_TAKE = Single("DELETE FROM notice_wanted WHERE task_id = :task RETURNING task_id")
_UNDER_WAY = Batch(
    "SELECT m.account_id, m.id FROM {rows} JOIN task t ON t.id = r.task_id JOIN message m ON m.id BETWEEN t.first_id AND t.last_id"
    " AND m.task_id = t.id WHERE m.state IN (4, 5) ORDER BY m.id",
    {"task_id": INT},
    returns=("account_id", "id"),
)
_ADD = insert("session_notice", {"id": INT, "account_id": INT, "message_id": INT, "at_ms": INT})
_PAGE = Single(
    "SELECT n.id, COALESCE(m.state, 10) AS state FROM session_notice n LEFT JOIN message m ON m.id = n.message_id"
    " WHERE n.id > :after ORDER BY n.id LIMIT :most",
    returns=("id", "state"),
    replans=True,
)
_DUE = Single(
    "SELECT n.id, m.phone, t.customer_message_id, s.source, t.accepted_ms, s.service, s.reports FROM session_notice n"
    " JOIN message m ON m.id = n.message_id AND m.state < 10 JOIN task t ON t.id = m.task_id JOIN session_submit s ON s.task_id = t.id"
    " WHERE n.account_id = :account AND n.at_ms <= :now ORDER BY n.at_ms, n.id LIMIT :most",
    lock="FOR UPDATE OF n SKIP LOCKED",
    returns=("id", "phone", "customer_message_id", "source", "accepted_ms", "service", "reports"),
    replans=True,
)
_DEFER = Batch("UPDATE session_notice SET at_ms = :due FROM {rows} WHERE session_notice.id = r.id", {"id": INT})
_END = Batch("DELETE FROM session_notice WHERE id IN (SELECT r.id FROM {rows})", {"id": INT})
_ACCOUNTS_DUE = Batch(
    "SELECT r.account_id AS account_id FROM {rows} WHERE EXISTS (SELECT 1 FROM session_notice n WHERE n.account_id = r.account_id"
    " AND n.at_ms <= :now)",
    {"account_id": INT},
    returns=("account_id",),
)


_FINAL = 10


class SessionNoticesSql:
    db: Connection

    def notices_wanted(self, after: int, most: int) -> list[NoticeWanted]:
        """Returns submits that ask for notices. A task that is gone, or was cancelled before it had messages, waits for
        nothing.
        """
        found = self.db.run(_WANTED, after=after, most=most)
        return [NoticeWanted(task, bool(waiting) or (not messages and state < 4)) for task, state, messages, waiting in found]

    def take_wanted(self, task_ids: Iterable[int]) -> list[int]:
        return [row[0] for task_id in task_ids for row in self.db.run(_TAKE, task=task_id)]

    def messages_under_way(self, task_ids: Sequence[int]) -> list[tuple[int, int]]:
        return [(row[0], row[1]) for row in self.db.read(_UNDER_WAY, [(i,) for i in task_ids])] if task_ids else []

    def add_notices(self, rows: Sequence[tuple[int, int, int]], now_ms: int) -> None:
        self.db.write(_ADD, [(*row, now_ms) for row in rows])

    def drop_late_notices(self, after: int, most: int) -> int:
        page = self.db.run(_PAGE, after=after, most=most)
        self.end_notices([notice_id for notice_id, state in page if state >= _FINAL])
        return page[-1][0] if len(page) == most else 0

    def take_notices(self, account_id: int, most: int, now_ms: int, due_ms: int) -> list[tuple[SessionNotice, str]]:
        rows = self.db.run(_DUE, account=account_id, now=now_ms, most=most)
        self.defer_notices([row[0] for row in rows], due_ms)
        return [
            (SessionNotice(i, phone, tuple(names.split(",")), source, accepted_ms, service), reports)
            for i, phone, names, source, accepted_ms, service, reports in rows
        ]

    def end_notices(self, notice_ids: Sequence[int]) -> None:
        self.db.write(_END, [(i,) for i in notice_ids])

    def defer_notices(self, notice_ids: Sequence[int], due_ms: int) -> None:
        self.db.write(_DEFER, [(i,) for i in notice_ids], due=due_ms)

    def notices_due(self, account_ids: Iterable[int], now_ms: int) -> set[int]:
        return {row[0] for row in self.db.read(_ACCOUNTS_DUE, [(i,) for i in account_ids], now=now_ms)}
