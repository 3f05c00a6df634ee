"""SQL of what is owed to customers: pull, push, give back, park, replay."""

from collections.abc import Iterable, Sequence
from operator import itemgetter

from hongyan.model.message import MessageState
from hongyan.model.owed import OwedKind, OwedReply, OwedReport, OwedState, Pushed
from hongyan.model.session_delivery import SessionReport
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, SMALL, Batch, Row, Single
from hongyan.store.sql.code_words import word_of
from hongyan.store.sql.ending import STATES

_PICK = (
    "SELECT id FROM owed WHERE account_id = :account AND kind = :kind AND state = :state AND state < 10"
    " AND at_ms BETWEEN :since AND :until ORDER BY at_ms, id LIMIT :most"
)
_PICK_DUE = Single(_PICK, lock="FOR UPDATE SKIP LOCKED", returns=("id",), replans=True)
_PICK_OF_TASK = Single(
    _PICK.replace(" ORDER", " AND task_id = :task ORDER"), lock="FOR UPDATE SKIP LOCKED", returns=("id",), replans=True
)
_PICK_AGAIN = Single(
    "SELECT o.id FROM task t JOIN owed o ON o.id BETWEEN t.first_id AND t.last_id AND o.task_id = t.id"
    " WHERE t.id = :task AND o.account_id = :account AND o.kind = :kind AND o.state IN (:waiting, 3, 10, 11, 12)"
    " ORDER BY o.at_ms, o.id LIMIT :most",
    lock="FOR UPDATE OF o SKIP LOCKED",
    returns=("id",),
    replans=True,
)
_MOVE = Batch("UPDATE owed SET state = :state, at_ms = :at FROM {rows} WHERE owed.id = r.id", {"id": INT})
_REPORTS = Batch(
    "SELECT m.id, m.phone, m.task_id, t.sms_id, m.state, m.code, m.changed_ms, t.extno, m.segments, t.customer_message_id"
    " FROM {rows} JOIN message m ON m.id = r.id JOIN task t ON t.id = m.task_id",
    {"id": INT},
    returns=("id", "phone", "task_id", "sms_id", "state", "code", "changed_ms", "extno", "segments", "customer_message_id"),
)
_REPLIES = Batch(
    "SELECT m.id, m.phone, m.task_id, m.text, m.received_ms, m.extno, m.dest, COALESCE(t.sms_id, '') AS sms_id"
    " FROM {rows} JOIN mo m ON m.id = r.id LEFT JOIN task t ON t.id = m.task_id ORDER BY m.id",
    {"id": INT},
    returns=("id", "phone", "task_id", "text", "received_ms", "extno", "dest", "sms_id"),
)
_SESSION_REPORTS = Batch(
    "SELECT m.id, m.phone, m.task_id, t.sms_id, m.state, m.code, m.changed_ms, t.extno, m.segments, t.customer_message_id,"
    " t.accepted_ms, s.source, s.service, s.reports"
    " FROM {rows} JOIN message m ON m.id = r.id JOIN task t ON t.id = m.task_id LEFT JOIN session_submit s ON s.task_id = m.task_id",
    {"id": INT},
    returns=(
        "id",
        "phone",
        "task_id",
        "sms_id",
        "state",
        "code",
        "changed_ms",
        "extno",
        "segments",
        "customer_message_id",
        "accepted_ms",
        "source",
        "service",
        "reports",
    ),
)
_ENDED = itemgetter(6, 0)
"""When the message of a report ended, then its id: the order of reports."""
_DELIVERED = MessageState.DELIVERED
_DEFER = Batch(
    "UPDATE owed SET at_ms = r.at_ms, attempts = attempts + 1 FROM {rows} WHERE owed.id = r.id AND owed.state + 0 = 2",
    {"id": INT, "at_ms": INT},
)
_ADD_ATTEMPT = Single(
    "INSERT INTO attempt (id, account_id, kind, items, url, outcome, status, answer, took_ms)"
    " VALUES (:id, :account, :kind, :items, :url, :outcome, :status, :answer, :took) ON CONFLICT (id) DO NOTHING RETURNING id"
)
_PUSHED = Batch(
    "UPDATE owed SET state = 11, attempts = attempts + 1, attempt_id = :attempt, at_ms = :now FROM {rows}"
    " WHERE owed.id = r.id AND owed.state + 0 = 2",
    {"id": INT},
)
_FAILED = Batch(
    "UPDATE owed SET state = r.state, attempts = attempts + 1, attempt_id = :attempt, at_ms = r.at_ms FROM {rows}"
    " WHERE owed.id = r.id AND owed.state + 0 = 2",
    {"id": INT, "state": SMALL, "at_ms": INT},
)
_ATTEMPTS = Batch("SELECT o.id, o.attempts FROM {rows} JOIN owed o ON o.id = r.id", {"id": INT}, returns=("id", "attempts"))
_WAITS = "EXISTS (SELECT 1 FROM owed o WHERE o.account_id = r.account_id AND o.kind = r.kind AND o.state = 2 AND o.state < 10 AND o.at_ms "
_DUE = Batch(
    f"SELECT r.account_id AS account_id, r.kind AS kind FROM {{rows}} WHERE {_WAITS} <= :now) OR {_WAITS} > :latest)",
    {"account_id": INT, "kind": SMALL},
    returns=("account_id", "kind"),
)
_REPLAY = Single(
    "UPDATE owed SET state = 2, attempts = 0, at_ms = :now WHERE account_id = :account AND kind = :kind"
    " AND state IN (3, 10, 11, 12) AND id BETWEEN :first AND :last RETURNING id"
)


class OwedSql:
    db: Connection

    def pick_owed(
        self, account_id: int, kind: OwedKind, state: OwedState, span_ms: tuple[int, int], most: int, task_id: int | None = None
    ) -> list[int]:
        since, until = span_ms
        asked = {"account": account_id, "kind": int(kind), "state": int(state), "since": since, "until": until, "most": most}
        rows = self.db.run(_PICK_DUE, **asked) if task_id is None else self.db.run(_PICK_OF_TASK, **asked, task=task_id)
        return [row[0] for row in rows]

    def pick_again(self, account_id: int, task_id: int, most: int, *, with_waiting: bool) -> list[int]:
        waiting = OwedState.WAITING if with_waiting else OwedState.PARKED
        rows = self.db.run(
            _PICK_AGAIN, account=account_id, kind=int(OwedKind.REPORT), task=task_id, most=most, waiting=int(waiting)
        )
        return [row[0] for row in rows]

    def move_owed(self, owed_ids: Sequence[int], state: OwedState, at_ms: int) -> None:
        self.db.write(_MOVE, [(i,) for i in owed_ids], state=int(state), at=at_ms)

    def owed_reports(self, owed_ids: Sequence[int]) -> list[OwedReport]:
        return [_report(row) for row in sorted(self.db.read(_REPORTS, [(i,) for i in owed_ids]), key=_ENDED)]

    def owed_replies(self, owed_ids: Sequence[int]) -> list[OwedReply]:
        return [OwedReply(*row) for row in self.db.read(_REPLIES, [(i,) for i in owed_ids])]

    def session_reports(self, owed_ids: Sequence[int]) -> list[tuple[SessionReport, str]]:
        rows = sorted(self.db.read(_SESSION_REPORTS, [(i,) for i in owed_ids]), key=_ENDED)
        return [
            (_session_report(_report(report), accepted_ms, source, service, wanted), wanted or "")
            for *report, accepted_ms, source, service, wanted in rows
        ]

    def defer_owed(self, rows: Sequence[tuple[int, int]]) -> None:
        self.db.write(_DEFER, rows)

    def add_attempt(self, attempt_id: int, account_id: int, kind: OwedKind, items: int, url: str, pushed: Pushed) -> bool:
        added = self.db.run(
            _ADD_ATTEMPT,
            id=attempt_id,
            account=account_id,
            kind=int(kind),
            items=items,
            url=url,
            outcome=int(pushed.outcome),
            status=pushed.status,
            answer=pushed.stored_answer,
            took=pushed.took_ms,
        )
        return bool(added)

    def mark_pushed(self, owed_ids: Sequence[int], attempt_id: int, now_ms: int) -> None:
        self.db.write(_PUSHED, [(i,) for i in owed_ids], attempt=attempt_id, now=now_ms)

    def attempts_of(self, owed_ids: Sequence[int]) -> dict[int, int]:
        return {row[0]: row[1] for row in self.db.read(_ATTEMPTS, [(i,) for i in owed_ids])}

    def mark_failed(self, rows: Sequence[tuple[int, OwedState, int]], attempt_id: int) -> None:
        self.db.write(_FAILED, [(i, int(state), due) for i, state, due in rows], attempt=attempt_id)

    def due_of(self, account_ids: Iterable[int], now_ms: int, latest_ms: int) -> list[tuple[int, OwedKind]]:
        asked = [(account_id, int(kind)) for account_id in account_ids for kind in OwedKind]
        return [(account_id, OwedKind(kind)) for account_id, kind in self.db.read(_DUE, asked, now=now_ms, latest=latest_ms)]

    def replay(self, account_id: int, kind: OwedKind, first_id: int, last_id: int, now_ms: int) -> int:
        rows = self.db.run(_REPLAY, account=account_id, kind=int(kind), first=first_id, last=last_id, now=now_ms)
        return len(rows)


def _report(row: Row) -> OwedReport:
    """Returns the report of a row with the columns of _REPORTS, in their order."""
    message_id, phone, task_id, sms_id, number, code, at_ms, extno, segments, own_id = row
    state = STATES[number]
    return OwedReport(
        owed_id=message_id,
        phone=phone,
        task_id=task_id,
        sms_id=sms_id,
        state=state,
        code=word_of(code, is_delivered=state is _DELIVERED),
        at_ms=at_ms,
        extno=extno,
        segments=segments,
        customer_message_id=own_id or "",
    )


def _session_report(
    report: OwedReport, accepted_ms: int, source: str | None, service: str | None, wanted: str | None
) -> SessionReport:
    own = report.customer_message_id
    message_ids = tuple(own.split(",")) if own and wanted else (str(report.task_id),)  # what came by a door may have any name
    return SessionReport(report, message_ids, source or "", accepted_ms, service or "")
