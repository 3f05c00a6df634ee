"""SQL of tickets: the names that we give to segments before they leave."""

from collections.abc import Iterable, Sequence

from hongyan.ports.tx.dispatch import SegmentKey
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, SMALL, Batch, Single, insert

_KEY = {"message_id": INT, "part": SMALL, "attempt": SMALL}
_OF = Batch(
    "SELECT t.message_id, t.part, t.attempt, t.number FROM {rows} JOIN ticket t ON t.message_id = r.id",
    {"id": INT},
    returns=("message_id", "part", "attempt", "number"),
)
_ADD = insert("ticket", _KEY | {"number": INT})
_DROP = Batch(
    "DELETE FROM ticket WHERE (message_id, part, attempt) IN (SELECT r.message_id, r.part, r.attempt FROM {rows})", _KEY
)
_PRUNE = Single(
    "DELETE FROM ticket WHERE (message_id, part, attempt) IN"
    " (SELECT message_id, part, attempt FROM ticket WHERE number < :before LIMIT 2000) RETURNING part"
)


class TicketSql:
    db: Connection

    def tickets_of(self, message_ids: Iterable[int]) -> dict[SegmentKey, int]:
        rows = self.db.read(_OF, [(i,) for i in message_ids])
        return {(message_id, part, attempt): number for message_id, part, attempt, number in rows}

    def add_tickets(self, rows: Sequence[tuple[int, int, int, int]]) -> None:
        self.db.write(_ADD, rows)

    def drop_tickets(self, keys: Sequence[SegmentKey]) -> None:
        self.db.write(_DROP, keys)

    def prune_tickets(self, before: int) -> int:
        return len(self.db.run(_PRUNE, before=before))
