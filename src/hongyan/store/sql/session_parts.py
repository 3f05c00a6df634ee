"""SQL of submits over sessions: what they say beside their texts, and parts of long texts."""

from collections.abc import Iterable, Sequence

from hongyan.model.session_submit import SessionSubmit, StoredPart
from hongyan.ports.tx.session_parts import TextKey
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, SMALL, TEXT, Batch, Single, insert

_ADD_SUBMITS = insert(
    "session_submit", {"task_id": INT, "account_id": INT, "source": TEXT, "service": TEXT, "reports": TEXT, "pdus": TEXT}
)
_WANT_NOTICES = insert("notice_wanted", {"task_id": INT, "account_id": INT})
_COLUMNS = ("id", "account_id", "text_key", "part", "parts", "body", "facts", "message_id", "received_ms", "task_id")
_OF_TEXTS = Batch(
    "SELECT p.id, p.account_id, p.text_key, p.part, p.parts, p.body, p.facts, p.message_id, p.received_ms, p.task_id FROM {rows}"
    " JOIN session_part p ON p.account_id = r.account_id AND p.text_key = r.text_key ORDER BY p.id",
    {"account_id": INT, "text_key": TEXT},
    returns=_COLUMNS,
)
_KEY = Single("SELECT account_id, text_key FROM session_part WHERE id = :part AND account_id = :account AND task_id = 0")
_OPEN = Batch(
    "SELECT r.account_id AS account_id, (SELECT count(*) FROM (SELECT 1 FROM session_part p WHERE p.account_id = r.account_id"
    " AND p.task_id = 0 LIMIT 5000) AS counted) AS open FROM {rows}",
    {"account_id": INT},
    returns=("account_id", "open"),
)
_ADD = insert("session_part", {
    "id": INT, "account_id": INT, "text_key": TEXT, "part": SMALL, "parts": SMALL, "body": TEXT, "facts": TEXT, "message_id": TEXT,
    "received_ms": INT, "task_id": INT,
})  # fmt: skip
_MOVE = Batch(
    "UPDATE session_part SET text_key = r.text_key, task_id = r.task_id FROM {rows} WHERE session_part.id = r.id",
    {"id": INT, "text_key": TEXT, "task_id": INT},
)
_JOIN = Batch(
    "UPDATE session_part SET task_id = r.task_id FROM {rows} WHERE session_part.id = r.id AND session_part.task_id = 0",
    {"id": INT, "task_id": INT},
)
_STALE = Single(
    "SELECT account_id, text_key FROM session_part WHERE task_id = 0 GROUP BY account_id, text_key"
    " HAVING min(received_ms) < :before ORDER BY account_id, text_key LIMIT 100",
    returns=("account_id", "text_key"),
)
_PRUNE = Single(
    "DELETE FROM session_part WHERE id IN (SELECT id FROM session_part WHERE id < :before AND task_id <> 0 ORDER BY id LIMIT 2000)"
    " RETURNING id"
)


class SessionPartsSql:
    db: Connection

    def add_session_submits(self, rows: Sequence[SessionSubmit]) -> None:
        self.db.write(
            _ADD_SUBMITS,
            [(s.task_id, s.account_id, s.source, s.service, ",".join(map(str, s.reports)), ",".join(s.pdus)) for s in rows],
        )
        if wanting := [(s.task_id, s.account_id) for s in rows if s.has_notice]:
            self.db.write(_WANT_NOTICES, wanting)

    def join_parts(self, rows: Sequence[tuple[int, int]]) -> None:
        self.db.write(_JOIN, rows)

    def parts_of_texts(self, keys: Iterable[TextKey]) -> list[StoredPart]:
        return [StoredPart(*row) for row in self.db.read(_OF_TEXTS, sorted(keys))]

    def key_of_part(self, account_id: int, part_id: int) -> TextKey | None:
        return next(((row[0], row[1]) for row in self.db.run(_KEY, account=account_id, part=part_id)), None)

    def open_parts(self, account_ids: Iterable[int], most: int) -> dict[int, int]:
        rows = self.db.read(_OPEN, [(account_id,) for account_id in sorted(account_ids)])
        return {account_id: min(count, most) for account_id, count in rows}

    def add_parts(self, parts: Sequence[StoredPart]) -> None:
        self.db.write(
            _ADD,
            [
                (p.id, p.account_id, p.text_key, p.part, p.parts, p.body, p.facts, p.message_id, p.received_ms, p.task_id)
                for p in parts
            ],
        )

    def move_parts(self, parts: Sequence[StoredPart]) -> None:
        self.db.write(_MOVE, [(p.id, p.text_key, p.task_id) for p in parts])

    def stale_texts(self, before_ms: int) -> list[TextKey]:
        return [(row[0], row[1]) for row in self.db.run(_STALE, before=before_ms)]

    def prune_session_parts(self, before: int) -> int:
        return len(self.db.run(_PRUNE, before=before))
