"""SQL of pruning: what a customer or a carrier may ask for again is dropped when its time is over."""

from hongyan.store.engine import commit_mark
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import Single

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
_PRUNE_DONE_ONCE = Single(
    "DELETE FROM done_once WHERE key IN (SELECT key FROM done_once WHERE made_ms < :before ORDER BY made_ms LIMIT 2000)"
    " RETURNING key"
)


class PruningSql:
    db: Connection

    def prune_references(self, before_ms: int) -> int:
        return len(self.db.run(_PRUNE_REFS, before=before_ms))

    def prune_brief_references(self, before_ms: int) -> int:
        return len(self.db.run(_PRUNE_BRIEF_REFS, before=before_ms))

    def prune_carrier_refs(self, after: tuple[int, str], before_ms: int) -> tuple[int, str] | None:
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

    def prune_done_once(self, before_ms: int) -> int:
        return len(self.db.run(_PRUNE_DONE_ONCE, before=before_ms))

    def prune_marks(self, before_ms: int) -> int:
        return len(self.db.run(commit_mark.PRUNE_MARKS, before=before_ms))
