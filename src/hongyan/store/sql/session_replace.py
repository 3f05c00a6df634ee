"""SQL of texts that customers replace over their sessions."""

from hongyan.model.message import TaskState
from hongyan.model.rows import LockedTask
from hongyan.ports.tx.session_replace import ReplacedText
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import Single
from hongyan.store.sql.slice_octets import decode_slice, encode_slice

_CODING = Single(
    "SELECT s.pdus FROM task t JOIN session_submit s ON s.task_id = t.id WHERE t.id = :task AND t.account_id = :account"
    " AND s.source = :source AND t.numbers = 1 AND t.udh IS NULL AND t.cuts IS NULL AND t.state IN (1, 3)"
)
_WAITING = Single(
    "SELECT l.numbers, t.extno FROM task_load l JOIN task t ON t.id = l.task_id WHERE l.task_id = :task AND l.slice = 0"
)
_MESSAGE = Single("SELECT m.phone, t.extno FROM task t JOIN message m ON m.id = t.first_id WHERE t.id = :task")
_COSTS = Single("SELECT points, send_at_ms FROM task WHERE id = :task")
_TEXT = Single(
    "UPDATE task SET text = :text, points = :points, send_at_ms = COALESCE(CAST(:at AS bigint), send_at_ms),"
    " valid_until_ms = COALESCE(CAST(:until AS bigint), valid_until_ms) WHERE id = :task"
)
_COST = Single("UPDATE message SET segments = :segments, points = :points WHERE id = :message AND state = 2")
_LOAD = Single("UPDATE task_load SET numbers = :numbers WHERE task_id = :task AND slice = 0")


class SessionReplaceSql:
    db: Connection

    def replaceable_coding(self, account_id: int, task_id: int, source: str) -> int | None:
        for (pdus,) in self.db.run(_CODING, account=account_id, task=task_id, source=source):
            facts = pdus.split(":")
            return int(facts[3]) if len(facts) == _PDU_FACTS else None
        return None

    def recipient_of(self, task: LockedTask) -> tuple[int, str]:
        if task.state is TaskState.WAITING:
            [(numbers, extno)] = self.db.run(_WAITING, task=task.id)
            return decode_slice(numbers)[0][0], extno
        [(phone, extno)] = self.db.run(_MESSAGE, task=task.id)
        return phone, extno

    def costs_of(self, task_id: int) -> tuple[int, int]:
        [(points, send_at_ms)] = self.db.run(_COSTS, task=task_id)
        return points, send_at_ms

    def replace_text(self, task: LockedTask, message_id: int | None, new: ReplacedText) -> None:
        at_ms = None if message_id else new.send_at_ms or None
        self.db.run(_TEXT, task=task.id, text=new.text, points=new.points, at=at_ms, until=new.valid_until_ms or None)
        if message_id is not None:
            self.db.run(_COST, message=message_id, segments=new.segments, points=new.points)
            return
        phone, _ = self.recipient_of(task)
        self.db.run(_LOAD, task=task.id, numbers=encode_slice([phone], None, [new.segments], [new.points]))


_PDU_FACTS = 4
