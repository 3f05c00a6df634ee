"""SQL of how much accounts have sent, as far as a limit counts it."""

from collections.abc import Iterable, Mapping

from hongyan.model.usage import UsageKey
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, TEXT, Batch, Single, insert

_KEY = {"ends_ms": INT, "account_id": INT, "rule": TEXT, "subject": INT}
_LOCK = insert(
    "usage", _KEY | {"times": INT}, "ON CONFLICT (ends_ms, account_id, rule, subject) DO UPDATE SET times = usage.times"
)
_TIMES = Batch(
    "SELECT u.ends_ms, u.account_id, u.rule, u.subject, u.times FROM {rows} JOIN usage u ON u.ends_ms = r.ends_ms"
    " AND u.account_id = r.account_id AND u.rule = r.rule AND u.subject = r.subject",
    _KEY,
    returns=("ends_ms", "account_id", "rule", "subject", "times"),
)
_ADD = Batch(
    "UPDATE usage SET times = usage.times + r.times FROM {rows} WHERE usage.ends_ms = r.ends_ms"
    " AND usage.account_id = r.account_id AND usage.rule = r.rule AND usage.subject = r.subject",
    _KEY | {"times": INT},
)
_PRUNE = Single(
    "DELETE FROM usage WHERE (ends_ms, account_id, rule, subject) IN"
    " (SELECT ends_ms, account_id, rule, subject FROM usage WHERE ends_ms < :before ORDER BY ends_ms LIMIT 2000)"
    " RETURNING subject"
)


class UsageSql:
    db: Connection

    def lock_usage(self, keys: Iterable[UsageKey]) -> dict[UsageKey, int]:
        asked = sorted(keys)
        self.db.write(_LOCK, [(*key, 0) for key in asked])
        return {UsageKey(*key): times for *key, times in self.db.read(_TIMES, asked)}

    def add_usage(self, more: Mapping[UsageKey, int]) -> None:
        self.db.write(_ADD, [(*key, times) for key, times in sorted(more.items())])

    def prune_usage(self, before_ms: int) -> int:
        return len(self.db.run(_PRUNE, before=before_ms))
