"""SQL of the house: leases of channels and node numbers, counters, sweeping what has served its time."""

from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import Single

_NOW_SQLITE = Single("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)")
_NOW_POSTGRES = Single("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")
TAKE_COUNT = Single(
    "INSERT INTO counter (name, value) VALUES (:name, :count)"
    " ON CONFLICT (name) DO UPDATE SET value = counter.value + :count RETURNING value"
)
_READ_COUNT = Single("SELECT value FROM counter WHERE name = :name")
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
_LEASES = Single("SELECT channel_id, owner, epoch, expires_ms, is_up, since_ms FROM channel_lease")
_TROUBLES = Single("SELECT channel_id, trouble FROM channel_lease WHERE trouble <> ''")
_TAKE_NODE = Single(
    "INSERT INTO node (number, owner, expires_ms) VALUES (:number, :owner, :expires)"
    " ON CONFLICT (number) DO UPDATE SET owner = :owner, expires_ms = :expires"
    " WHERE node.expires_ms <= :now OR node.owner = :owner OR :always RETURNING number"
)
_NODES = Single("SELECT number FROM node WHERE expires_ms > :now AND owner <> :owner ORDER BY number")
_DROP_NODE = Single("UPDATE node SET expires_ms = 0 WHERE number = :number AND owner = :owner")
_PRUNE_REFS = Single(
    "DELETE FROM client_ref WHERE (account_id, ref) IN"
    " (SELECT account_id, ref FROM client_ref WHERE made_ms < :before ORDER BY made_ms LIMIT 2000) RETURNING account_id"
)
_PRUNE_BRIEF_REFS = Single(
    "DELETE FROM client_ref WHERE (account_id, ref) IN"
    " (SELECT account_id, ref FROM client_ref WHERE substr(ref, 1, 1) = ' ' AND made_ms < :before ORDER BY made_ms LIMIT 2000)"
    " RETURNING account_id"
)
_REF_PAGE = Single(
    "SELECT channel_id, carrier_id, made_ms FROM carrier_ref WHERE (channel_id, carrier_id) > (:channel, :carrier)"
    " ORDER BY channel_id, carrier_id LIMIT 2000"
)
_PRUNE_CARRIER_REFS = Single(
    "DELETE FROM carrier_ref WHERE (channel_id, carrier_id) > (:channel, :carrier)"
    " AND (channel_id, carrier_id) <= (:last_channel, :last_carrier) AND made_ms < :before"
)
_READ_FACT = Single("SELECT value FROM fact WHERE name = :name")
_KEEP_FACT = Single("INSERT INTO fact (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING")
_PRUNE_MARKS = Single(
    "DELETE FROM commit_mark WHERE writer IN (SELECT writer FROM commit_mark WHERE at_ms < :before LIMIT 2000) RETURNING writer"
)


class HousekeepingSql:
    db: Connection

    def database_ms(self) -> int:
        """The database's own clock: leases are told by it, since processes' clocks differ."""
        return self.db.run(_NOW_SQLITE if self.db.is_sqlite else _NOW_POSTGRES)[0][0]  # type: ignore[no-any-return]

    def take_count(self, name: str, count: int) -> int:
        """Raise a counter and give its new value."""
        return self.db.run(TAKE_COUNT, name=name, count=count)[0][0]  # type: ignore[no-any-return]

    def read_count(self, name: str) -> int:
        rows = self.db.run(_READ_COUNT, name=name)
        return rows[0][0] if rows else 0

    def read_fact(self, name: str) -> str | None:
        rows = self.db.run(_READ_FACT, name=name)
        return rows[0][0] if rows else None

    def keep_fact(self, name: str, value: str) -> None:
        self.db.run(_KEEP_FACT, name=name, value=value)

    def take_lease(self, channel_id: int, owner: str, lasts_ms: int, *, always: bool) -> int | None:
        """Become owner of a channel that nobody holds; gives the new epoch, or None. `always`: whoever holds it."""
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

    def leases(self) -> list[tuple[int, str, int, int, bool, int]]:
        """(channel, owner, epoch, expires, is up, since when) of every channel that ever had an owner."""
        return [(c, o, e, x, bool(u), s) for c, o, e, x, u, s in self.db.run(_LEASES)]

    def troubles(self) -> dict[int, str]:
        """What last went wrong on links, as their owners said it; channels without trouble are not there."""
        return {row[0]: row[1] for row in self.db.run(_TROUBLES)}

    def take_node(self, owner: str, lasts_ms: int, most: int, number: int | None = None, *, always: bool = False) -> int | None:
        """Take the given node number, or the lowest free one below `most`; also renews it. None: it is another's now."""
        now = self.database_ms()
        if number is None:
            taken = {row[0] for row in self.db.run(_NODES, now=now, owner=owner)}
            number = next(n for n in range(most) if n not in taken)
        rows = self.db.run(_TAKE_NODE, number=number, owner=owner, expires=now + lasts_ms, now=now, always=always)
        return rows[0][0] if rows else None

    def drop_node(self, number: int, owner: str) -> None:
        self.db.run(_DROP_NODE, number=number, owner=owner)

    def prune_references(self, before_ms: int) -> int:
        return len(self.db.run(_PRUNE_REFS, before=before_ms))

    def prune_brief_references(self, before_ms: int) -> int:
        return len(self.db.run(_PRUNE_BRIEF_REFS, before=before_ms))

    def prune_marks(self, before_ms: int) -> int:
        return len(self.db.run(_PRUNE_MARKS, before=before_ms))

    def prune_carrier_refs(self, after: tuple[int, str], before_ms: int) -> tuple[int, str] | None:
        """Look at 2,000 carrier ids behind a key and drop the old ones; gives the last key, None at the end."""
        page = self.db.run(_REF_PAGE, channel=after[0], carrier=after[1])
        if not page:
            return None
        last = page[-1][0], page[-1][1]
        if any(made_ms < before_ms for _, _, made_ms in page):
            self.db.run(
                _PRUNE_CARRIER_REFS,
                channel=after[0],
                carrier=after[1],
                last_channel=last[0],
                last_carrier=last[1],
                before=before_ms,
            )
        return last
