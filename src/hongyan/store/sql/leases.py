"""SQL of leases: owners of channels, and of node numbers."""

from collections.abc import Sequence

from hongyan.model.rows import Lease
from hongyan.model.translatable import packed, unpacked
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import FLAG, INT, TEXT, Batch, Single

_NOW_SQLITE = Single("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)")
_NOW_POSTGRES = Single("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")
_TAKE_LEASE = Single(
    "INSERT INTO channel_lease (channel_id, owner, epoch, expires_ms, is_up, since_ms)"
    " VALUES (:channel, :owner, 1, :expires, false, :now)"
    " ON CONFLICT (channel_id) DO UPDATE SET owner = :owner, expires_ms = :expires, epoch = channel_lease.epoch + 1,"
    " renewals = channel_lease.renewals + 1, is_up = false, since_ms = :now, trouble = ''"
    " WHERE channel_lease.expires_ms = 0 OR channel_lease.renewals = :seen OR :always RETURNING epoch"
)
_RENEW_LEASES = Batch(
    "UPDATE channel_lease SET expires_ms = :expires, renewals = renewals + 1, trouble = r.trouble,"
    " since_ms = CASE WHEN channel_lease.is_up = r.is_up THEN since_ms ELSE :now END, is_up = r.is_up FROM {rows}"
    " WHERE channel_lease.channel_id = r.channel_id AND channel_lease.epoch = r.epoch AND channel_lease.owner = :owner",
    {"channel_id": INT, "epoch": INT, "is_up": FLAG, "trouble": TEXT},
)
_DROP_LEASE = Single(
    "UPDATE channel_lease SET expires_ms = 0, is_up = false, since_ms = :now, trouble = ''"
    " WHERE channel_id = :channel AND owner = :owner AND epoch = :epoch"
)
_HOLDS_LEASE = Single(
    "SELECT 1 FROM channel_lease WHERE channel_id = :channel AND epoch = :epoch AND owner = :owner AND expires_ms > 0",
    lock="FOR SHARE",
)
_RETURN_PARCELS = Single(
    "UPDATE parcel SET state = 0 WHERE channel_id = :channel AND state = 1 AND epoch < :epoch RETURNING id"
)
_LEASES = Single("SELECT channel_id, owner, epoch, expires_ms, is_up, since_ms, renewals FROM channel_lease")
_TROUBLES = Single("SELECT channel_id, trouble FROM channel_lease WHERE trouble <> ''")
_NODES = Single("SELECT number, expires_ms FROM node WHERE number < :most AND expires_ms > 0 AND owner <> :owner")
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

    def take_lease(self, channel_id: int, owner: str, lasts_ms: int, seen: int, *, always: bool) -> int | None:
        now = self.database_ms()
        rows = self.db.run(
            _TAKE_LEASE, channel=channel_id, owner=owner, expires=now + lasts_ms, now=now, seen=seen, always=always
        )
        return rows[0][0] if rows else None

    def renew_leases(self, owner: str, rows: Sequence[tuple[int, int, bool, str]], lasts_ms: int) -> None:
        now = self.database_ms()
        kept = [(channel_id, epoch, is_up, packed(trouble)) for channel_id, epoch, is_up, trouble in rows]
        self.db.write(_RENEW_LEASES, kept, expires=now + lasts_ms, now=now, owner=owner)

    def drop_lease(self, channel_id: int, owner: str, epoch: int) -> None:
        self.db.run(_DROP_LEASE, channel=channel_id, owner=owner, epoch=epoch, now=self.database_ms())

    def holds_lease(self, channel_id: int, owner: str, epoch: int) -> bool:
        return bool(self.db.run(_HOLDS_LEASE, channel=channel_id, owner=owner, epoch=epoch))

    def return_parcels(self, channel_id: int, epoch: int) -> int:
        return len(self.db.run(_RETURN_PARCELS, channel=channel_id, epoch=epoch))

    def leases(self) -> dict[int, Lease]:
        return {c: Lease(o, e, x, bool(u), s, r) for c, o, e, x, u, s, r in self.db.run(_LEASES)}

    def troubles(self) -> dict[int, str]:
        return {row[0]: unpacked(row[1]) for row in self.db.run(_TROUBLES)}

    def take_node(self, owner: str, lasts_ms: int, most: int, number: int | None = None, *, always: bool = False) -> int | None:
        now = self.database_ms()
        if number is None:
            number = self._free_node(owner, most)
        rows = self.db.run(_TAKE_NODE, number=number, owner=owner, expires=now + lasts_ms, now=now, always=always)
        return rows[0][0] if rows else None

    def _free_node(self, owner: str, most: int) -> int:
        """Returns the lowest free number; else the one that was renewed longest ago, which no clock can make one in use."""
        expires = {row[0]: row[1] for row in self.db.run(_NODES, most=most, owner=owner)}
        free = next((n for n in range(most) if n not in expires), None)
        return min(expires, key=lambda n: expires[n]) if free is None else free

    def drop_node(self, number: int, owner: str) -> None:
        self.db.run(_DROP_NODE, number=number, owner=owner)
