"""SQL of the question whether a submission was stored."""

from collections.abc import Sequence

from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, TEXT, Batch

_STORED = Batch(
    "SELECT t.id, w.points, t.numbers, t.points AS cost FROM {rows} JOIN task t ON t.id = r.id AND t.sms_id = r.sms_id"
    " JOIN wallet w ON w.account_id = t.account_id AND w.product = t.product",
    {"id": INT, "sms_id": TEXT},
    returns=("id", "points", "numbers", "cost"),
)


class LostAnswersSql:
    db: Connection

    def stored_tasks(self, named: Sequence[tuple[int, str]]) -> dict[int, tuple[int, int, int]]:
        return {task_id: (points, numbers, cost) for task_id, points, numbers, cost in self.db.read(_STORED, named)}
