"""SQL of leases: who owns a channel, and who has a node number, by the clock of the database."""

from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import Single

_NOW_SQLITE = Single("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)")
_NOW_POSTGRES = Single("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")
_TAKE_LEASE = Single(
    "INSERT INTO channel_lease (channel_id, owner, epoch, expires_ms, is_up, since_ms)"
    " VALUES (:channel, :owner, 1, :expires, false, :now)"
    " ON CONFLICT (channel_id) DO UPDATE SET owner = :owner, expires_ms = :expires, epoch = channel_lease.epoch + 1,"
    " is_up = false, since_ms = :now, trouble = ''"
    " WHERE channel_lease.expires_ms <= :now OR :always RETURNING epoch"
)
_RENEW_LEASE = Single(
    "UPDATE channel_lease SET expires_ms = :expires, since_ms = CASE WHEN is_up = :up THEN since_ms ELSE :now END, is_up = :up,"
    " trouble = :trouble"
    " WHERE channel_id = :channel AND owner = :owner AND epoch = :epoch RETURNING epoch"
)
_DROP_LEASE = Single(
    "UPDATE channel_lease SET expires_ms = 0, is_up = false, since_ms = :now, trouble = ''"
    " WHERE channel_id = :channel AND owner = :owner AND epoch = :epoch"
)
_HOLDS_LEASE = Single(
    "SELECT 1 FROM channel_lease WHERE channel_id = :channel AND epoch = :epoch AND owner = :owner", lock="FOR SHARE"
)
_RETURN_PARCELS = Single(
    "UPDATE parcel SET state = 0 WHERE channel_id = :channel AND state = 1 AND epoch < :epoch RETURNING id"
)
_LEASES = Single("SELECT channel_id, owner, epoch, expires_ms, is_up, since_ms FROM channel_lease")
_TROUBLES = Single("SELECT channel_id, trouble FROM channel_lease WHERE trouble <> ''")
_NODES = Single("SELECT number FROM node WHERE expires_ms > :now AND owner <> :owner ORDER BY number")
_TAKE_NODE = Single(
    "INSERT INTO node (number, owner, expires_ms) VALUES (:number, :owner, :expires)"
    " ON CONFLICT (number) DO UPDATE SET owner = :owner, expires_ms = :expires"
    " WHERE node.expires_ms <= :now OR node.owner = :owner OR :always RETURNING number"
)
_DROP_NODE = Single("UPDATE node SET expires_ms = 0 WHERE number = :number AND owner = :owner")


class LeaseSql:
    db: Connection

    def database_ms(self) -> int:
        return self.db.run(_NOW_SQLITE if self.db.is_sqlite else _NOW_POSTGRES)[0][0]  # type: ignore[no-any-return]

    def take_lease(self, channel_id: int, owner: str, lasts_ms: int, *, always: bool) -> int | None:
        now = self.database_ms()
        rows = self.db.run(_TAKE_LEASE, channel=channel_id, owner=owner, expires=now + lasts_ms, now=now, always=always)
        return rows[0][0] if rows else None

    def renew_lease(self, channel_id: int, owner: str, epoch: int, lasts_ms: int, *, is_up: bool, trouble: str = "") -> bool:
        now = self.database_ms()
        renewed = self.db.run(
            _RENEW_LEASE, channel=channel_id, owner=owner, epoch=epoch, expires=now + lasts_ms, up=is_up, now=now,
            trouble=trouble,
        )  # fmt: skip
        return bool(renewed)

    def drop_lease(self, channel_id: int, owner: str, epoch: int) -> None:
        self.db.run(_DROP_LEASE, channel=channel_id, owner=owner, epoch=epoch, now=self.database_ms())

    def holds_lease(self, channel_id: int, owner: str, epoch: int) -> bool:
        return bool(self.db.run(_HOLDS_LEASE, channel=channel_id, owner=owner, epoch=epoch))

    def return_parcels(self, channel_id: int, epoch: int) -> int:
        return len(self.db.run(_RETURN_PARCELS, channel=channel_id, epoch=epoch))

    def leases(self) -> list[tuple[int, str, int, int, bool, int]]:
        return [(c, o, e, x, bool(u), s) for c, o, e, x, u, s in self.db.run(_LEASES)]

    def troubles(self) -> dict[int, str]:
        return {row[0]: row[1] for row in self.db.run(_TROUBLES)}

    def take_node(self, owner: str, lasts_ms: int, most: int, number: int | None = None, *, always: bool = False) -> int | None:
        now = self.database_ms()
        if number is None:
            taken = {row[0] for row in self.db.run(_NODES, now=now, owner=owner)}
            number = next(n for n in range(most) if n not in taken)
        rows = self.db.run(_TAKE_NODE, number=number, owner=owner, expires=now + lasts_ms, now=now, always=always)
        return rows[0][0] if rows else None

    def drop_node(self, number: int, owner: str) -> None:
        self.db.run(_DROP_NODE, number=number, owner=owner)
