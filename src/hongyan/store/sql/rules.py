"""SQL of the rules: words that are not allowed, and black lists; both are read in pages, since they may be long."""

from collections.abc import Sequence

from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, TEXT, Batch, Single, insert

_WORDS = Single(
    "SELECT account_id, plain, text FROM word WHERE (account_id, plain) > (:account, :plain)"
    " ORDER BY account_id, plain LIMIT :most",
    returns=("account_id", "plain", "text"),
)
_WORDS_AS = Batch(
    "SELECT w.account_id, w.plain, w.text FROM {rows} JOIN word w ON w.account_id = r.account_id AND w.plain = r.plain",
    {"account_id": INT, "plain": TEXT},
    returns=("account_id", "plain", "text"),
)
_PUT_WORDS = insert(
    "word",
    {"account_id": INT, "plain": TEXT, "text": TEXT, "made_ms": INT},
    "ON CONFLICT (account_id, plain) DO NOTHING",
)
_DROP_WORDS = Batch(
    "DELETE FROM word WHERE (account_id, plain) IN (SELECT r.account_id, r.plain FROM {rows})",
    {"account_id": INT, "plain": TEXT},
)
_PUT_LISTED = insert(
    "listed",
    {"account_id": INT, "phone": INT, "end_s": INT, "note": TEXT, "made_ms": INT, "change": INT},
    "ON CONFLICT (account_id, phone) DO UPDATE SET end_s = excluded.end_s, note = excluded.note, made_ms = excluded.made_ms,"
    " change = excluded.change",
)
_LISTED_PAGE = Single(
    "SELECT account_id, phone, end_s, note, made_ms FROM listed WHERE (account_id, phone) > (:account, :phone)"
    " ORDER BY account_id, phone LIMIT :most",
    returns=("account_id", "phone", "end_s", "note", "made_ms"),
)
_LISTED_SINCE = Single(
    "SELECT account_id, phone, end_s FROM listed WHERE change > :after AND change <= :until ORDER BY change",
    returns=("account_id", "phone", "end_s"),
)
_LISTED_AS = Batch(
    "SELECT l.account_id, l.phone, l.end_s, l.note, l.made_ms FROM {rows} JOIN listed l ON l.account_id = r.account_id"
    " AND l.phone = r.phone",
    {"account_id": INT, "phone": INT},
    returns=("account_id", "phone", "end_s", "note", "made_ms"),
)
_PRUNE_LISTED = Single(
    "DELETE FROM listed WHERE (account_id, phone) IN"
    " (SELECT account_id, phone FROM listed WHERE end_s < :before_s AND made_ms < :before_ms ORDER BY end_s LIMIT 2000)"
    " RETURNING phone"
)


class RulesSql:
    db: Connection

    def words_page(self, after: tuple[int, str], most: int) -> list[tuple[int, str, str]]:
        return [(a, p, t) for a, p, t in self.db.run(_WORDS, account=after[0], plain=after[1], most=most)]

    def words_as(self, keys: Sequence[tuple[int, str]]) -> list[tuple[int, str, str]]:
        return [(a, p, t) for a, p, t in self.db.read(_WORDS_AS, keys)]

    def put_words(self, rows: Sequence[tuple[int, str, str]], now_ms: int) -> None:
        self.db.write(_PUT_WORDS, [(*row, now_ms) for row in rows])

    def drop_words(self, keys: Sequence[tuple[int, str]]) -> int:
        return self.db.change(_DROP_WORDS, keys)

    def put_listed(self, rows: Sequence[tuple[int, int, int, str]], change: int, now_ms: int) -> None:
        self.db.write(_PUT_LISTED, [(*row, now_ms, change) for row in rows])

    def listed_page(self, after: tuple[int, int], most: int) -> list[tuple[int, int, int, str, int]]:
        found = self.db.run(_LISTED_PAGE, account=after[0], phone=after[1], most=most)
        return [(a, p, e, n, m) for a, p, e, n, m in found]

    def listed_since(self, after: int, until: int) -> list[tuple[int, int, int]]:
        return [(a, p, e) for a, p, e in self.db.run(_LISTED_SINCE, after=after, until=until)]

    def listed_as(self, keys: Sequence[tuple[int, int]]) -> list[tuple[int, int, int, str, int]]:
        return [(a, p, e, n, m) for a, p, e, n, m in self.db.read(_LISTED_AS, keys)]

    def prune_listed(self, before_s: int) -> int:
        return len(self.db.run(_PRUNE_LISTED, before_s=before_s, before_ms=before_s * 1000))
