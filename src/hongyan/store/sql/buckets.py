"""SQL of the newest ids, and the buckets of message ids that a span of time covers."""

from hongyan.model.ids import first_id, made_ms
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import Single
from hongyan.store.schema import BUCKET_SHIFT

_NEWEST = Single("SELECT COALESCE(max(id), 0) FROM message")
_NEWEST_MADE = Single(
    "SELECT max(id) FROM (SELECT 0 AS id UNION ALL SELECT max(id) FROM message UNION ALL SELECT max(id) FROM parcel"
    " UNION ALL SELECT max(id) FROM mo UNION ALL SELECT max(id) FROM attempt) AS made"
)


class NewestIdSql:
    db: Connection

    def newest_id(self) -> int:
        """Returns the newest id of all messages; 0 without any. It may be ahead of a clock that was put back."""
        return self.db.run(_NEWEST)[0][0]  # type: ignore[no-any-return]

    def newest_made(self) -> int:
        return self.db.run(_NEWEST_MADE)[0][0]  # type: ignore[no-any-return]


def buckets(since_ms: int, until_ms: int, newest_id: int) -> list[int]:
    """Returns the buckets in which messages of a span may lie, the newest first.

    newest_id: of all messages. If a clock was put back, the ids of new messages are ahead of it; then a span of the same length
               that ends with the newest message is covered too
    """
    found = set(_between(since_ms, until_ms))
    ahead_ms = made_ms(newest_id) - until_ms
    if ahead_ms > 0:
        found.update(_between(since_ms + ahead_ms, until_ms + ahead_ms))
    return sorted(found, reverse=True)


def _between(since_ms: int, until_ms: int) -> range:
    return range(first_id(since_ms) >> BUCKET_SHIFT, (first_id(until_ms) >> BUCKET_SHIFT) + 1)
