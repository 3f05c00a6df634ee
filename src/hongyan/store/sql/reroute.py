"""SQL of queueing again: what waits for a dead channel, or was refused by one, goes to another."""

from collections.abc import Iterable, Sequence

from hongyan.model.channel import ChannelNeed
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, TEXT, Batch, Single

_REQUEUE = Batch(
    "UPDATE message SET state = 2, channel_id = r.channel_id, parcel_id = r.parcel_id, tried = r.tried,"
    " first_channel_id = COALESCE(message.first_channel_id, message.channel_id) FROM {rows}"
    " WHERE message.id = r.id AND message.state < 10",
    {"id": INT, "channel_id": INT, "parcel_id": INT, "tried": TEXT},
)
_NEEDS = Batch(
    "SELECT t.id, CASE WHEN t.udh IS NOT NULL THEN 2 ELSE t.flash END AS need FROM {rows} JOIN task t ON t.id = r.id",
    {"id": INT},
    returns=("id", "need"),
)
_READY_FEW = Single(
    "SELECT priority, id FROM parcel WHERE channel_id = :channel AND state = 0 AND (priority, id) > (:priority, :parcel)"
    " ORDER BY priority, id LIMIT 4",
    lock="FOR UPDATE SKIP LOCKED",
    returns=("priority", "id"),
)
_OPEN_MEMBERS = Batch(
    "SELECT m.id FROM {rows} JOIN parcel p ON p.id = r.id"
    " JOIN message m ON m.parcel_id = p.id AND m.state = 2 AND m.is_open AND m.id BETWEEN p.first_id AND p.last_id",
    {"id": INT},
    returns=("id",),
)
_DROP_EMPTY = Batch(
    "DELETE FROM parcel WHERE id IN (SELECT r.id FROM {rows})"
    " AND NOT EXISTS (SELECT 1 FROM message m WHERE m.parcel_id = parcel.id AND m.state IN (2, 3) AND m.is_open)",
    {"id": INT},
)


class RerouteSql:
    db: Connection

    def unclaimed(self, channel_id: int, after: tuple[int, int]) -> tuple[list[tuple[int, int]], list[int]]:
        rows = self.db.run(_READY_FEW, channel=channel_id, priority=after[0], parcel=after[1])
        parcels = [(priority, parcel_id) for priority, parcel_id in rows]
        return parcels, [row[0] for row in self.db.read(_OPEN_MEMBERS, [(i,) for _, i in parcels])]

    def needs_of(self, task_ids: Iterable[int]) -> dict[int, ChannelNeed]:
        return {task_id: ChannelNeed(need) for task_id, need in self.db.read(_NEEDS, [(i,) for i in task_ids])}

    def requeue(self, rows: Sequence[tuple[int, int, int, str]]) -> None:
        self.db.write(_REQUEUE, rows)

    def drop_empty(self, parcel_ids: Iterable[int]) -> None:
        self.db.write(_DROP_EMPTY, [(i,) for i in parcel_ids])
