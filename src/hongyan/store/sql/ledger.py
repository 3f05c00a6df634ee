"""SQL of the ledger: entries, the wallets that they move, and the proof of both."""

from collections.abc import Iterable, Sequence
from typing import Any

from hongyan.model.ids import HOUR_MS
from hongyan.model.ledger import Entry, EntryKind, EntryNote, Sums, Wallet
from hongyan.model.rows import LockedTask
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, SMALL, TEXT, Batch, Single, insert

_LOCK_WALLET = Single(
    "SELECT points, credit, topped_up FROM wallet WHERE account_id = :account AND product = :product", lock="FOR UPDATE"
)
_ADD_ENTRIES = insert(
    "entry", {"kind": SMALL, "subject": INT, "account_id": INT, "product": SMALL, "points": INT, "made_ms": INT}
)
_MOVE_WALLETS = Batch(
    "UPDATE wallet SET points = wallet.points + r.points FROM {rows}"
    " WHERE wallet.account_id = r.account_id AND wallet.product = r.product",
    {"account_id": INT, "product": SMALL, "points": INT},
)
_READ_WALLET = Single("SELECT points, credit, topped_up FROM wallet WHERE account_id = :account AND product = :product")
_READ_WALLETS = Batch(
    "SELECT w.account_id, w.points, w.credit, w.topped_up FROM {rows}"
    " JOIN wallet w ON w.account_id = r.account_id AND w.product = :product",
    {"account_id": INT},
    returns=("account_id", "points", "credit", "topped_up"),
)
_WALLETS = Single("SELECT account_id, product, points, credit, topped_up FROM wallet")
_SUMS = Single(
    "SELECT account_id, product, CAST(sum(points) AS bigint), CAST(sum(CASE WHEN kind = :topup THEN points ELSE 0 END) AS bigint),"
    " max(CASE WHEN kind = :carried THEN 1 ELSE 0 END) FROM entry GROUP BY account_id, product"
)


_ADD_NOTES = insert("entry_note", {
    "kind": SMALL, "subject": INT, "account_id": INT, "product": SMALL, "points": INT, "note": TEXT, "actor": TEXT, "made_ms": INT,
})  # fmt: skip
_TURNOVERS = Single("SELECT account_id, product, CAST(sum(points) AS bigint) FROM turnover GROUP BY account_id, product")
_PRUNE_NOTES = Single(
    "DELETE FROM entry_note WHERE (kind, subject) IN (SELECT kind, subject FROM entry_note WHERE made_ms < :before LIMIT 2000)"
    " RETURNING subject"
)
_ENDED_PAGE = Single(
    "SELECT id FROM message WHERE id > :after AND id <= :last AND task_id = :task ORDER BY id LIMIT 500",
    returns=("id",),
    replans=True,
)
_REFUNDABLE = Batch(
    "SELECT m.id, m.account_id, m.product, m.points FROM {rows} JOIN message m ON m.id = r.id WHERE m.state >= 10 AND m.points > 0"
    " AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.kind = 3 AND e.subject = m.id) ORDER BY m.id",
    {"id": INT},
    returns=("id", "account_id", "product", "points"),
)


PAGE = 500


class LedgerSql:
    db: Connection
    turnover: dict[tuple[int, int, int, int], int]
    counts: dict[tuple[Any, ...], int]  # ("returned", product) → points that come back with this transaction

    def lock_wallets(self, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Wallet]:
        found = {}
        for account_id, product in sorted(keys):
            for row in self.db.run(_LOCK_WALLET, account=account_id, product=product):
                found[account_id, product] = Wallet(*row)
        return found

    def post(self, entries: Sequence[Entry], now_ms: int) -> None:
        self.carry(entries, now_ms)
        moved: dict[tuple[int, int, int], int] = {}
        for e in entries:
            key = (e.account_id, e.product, e.kind)
            moved[key] = moved.get(key, 0) + e.points
        hour, turnover = now_ms // HOUR_MS, self.turnover
        sums: dict[tuple[int, int], int] = {}
        for (account_id, product, kind), points in moved.items():
            of_hour, wallet = (hour, account_id, int(product), int(kind)), (account_id, int(product))
            turnover[of_hour] = turnover.get(of_hour, 0) + points
            sums[wallet] = sums.get(wallet, 0) + points
        self.db.write(_MOVE_WALLETS, [(*wallet, points) for wallet, points in sorted(sums.items()) if points])

    def carry(self, entries: Sequence[Entry], now_ms: int) -> None:
        self.db.write(_ADD_ENTRIES, [(int(e.kind), e.subject, e.account_id, int(e.product), e.points, now_ms) for e in entries])

    def post_returns(self, entries: Sequence[Entry], now_ms: int) -> None:
        self.post(entries, now_ms)
        for entry in entries:
            self.counts["returned", entry.product] += entry.points

    def add_entry_notes(self, notes: Sequence[EntryNote], now_ms: int) -> None:
        self.db.write(
            _ADD_NOTES,
            [(int(n.kind), n.subject, n.account_id, int(n.product), n.points, n.note, n.actor, now_ms) for n in notes],
        )

    def prune_entry_notes(self, before_ms: int) -> int:
        return len(self.db.run(_PRUNE_NOTES, before=before_ms))

    def messages_of(self, task: LockedTask, after: int) -> tuple[list[int], int | None]:
        page = [row[0] for row in self.db.run(_ENDED_PAGE, task=task.id, after=after, last=task.last_id)]
        return page, page[-1] if len(page) == PAGE else None

    def refundable(self, message_ids: Sequence[int]) -> list[Entry]:
        rows = self.db.read(_REFUNDABLE, [(i,) for i in message_ids])
        return [Entry(EntryKind.RETURN, i, account, product, points) for i, account, product, points in rows]

    def turnover_sums(self) -> dict[tuple[int, int], int]:
        return {(account, product): points for account, product, points in self.db.run(_TURNOVERS)}

    def read_wallet(self, account_id: int, product: int) -> Wallet | None:
        for row in self.db.run(_READ_WALLET, account=account_id, product=product):
            return Wallet(*row)
        return None

    def read_wallets(self, account_ids: Iterable[int], product: int) -> dict[int, Wallet]:
        rows = self.db.read(_READ_WALLETS, [(i,) for i in account_ids], product=product)
        return {account_id: Wallet(*row) for account_id, *row in rows}

    def wallet_sums(self) -> tuple[dict[tuple[int, int], Wallet], dict[tuple[int, int], Sums]]:
        wallets = {(account_id, product): Wallet(*row) for account_id, product, *row in self.db.run(_WALLETS)}
        found = self.db.run(_SUMS, topup=int(EntryKind.TOPUP), carried=int(EntryKind.CARRIED))
        sums = {(row[0], row[1]): Sums(row[2], row[3], bool(row[4])) for row in found}
        return wallets, sums
