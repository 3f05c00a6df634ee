"""SQL of counters that any step may raise, and of facts about the store that are stored once."""

from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import Single

_TAKE_COUNT = Single(
    "INSERT INTO counter (name, value) VALUES (:name, :count)"
    " ON CONFLICT (name) DO UPDATE SET value = counter.value + :count RETURNING value"
)
_READ_COUNT = Single("SELECT value FROM counter WHERE name = :name")
_READ_FACT = Single("SELECT value FROM fact WHERE name = :name")
_KEEP_FACT = Single("INSERT INTO fact (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING")


class CounterSql:
    db: Connection

    def take_count(self, name: str, count: int) -> int:
        return self.db.run(_TAKE_COUNT, name=name, count=count)[0][0]  # type: ignore[no-any-return]

    def read_count(self, name: str) -> int:
        rows = self.db.run(_READ_COUNT, name=name)
        return rows[0][0] if rows else 0

    def read_fact(self, name: str) -> str | None:
        rows = self.db.run(_READ_FACT, name=name)
        return rows[0][0] if rows else None

    def keep_fact(self, name: str, value: str) -> None:
        self.db.run(_KEEP_FACT, name=name, value=value)
