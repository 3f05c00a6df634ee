"""SQL of the accept step: references and wallets first, everything else in one round trip."""

from collections.abc import Iterable, Sequence

import orjson

from hongyan.model.channel import Parcel
from hongyan.model.ledger import Entry, Wallet
from hongyan.model.rows import NewMessage, NewTask, TaskSlice
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, OCTETS, SMALL, TEXT, Batch, Single, insert

_KNOWN_REFS = Batch(
    "SELECT r.place AS place, client_ref.hash = r.hash AS is_same, client_ref.answer FROM {rows}"
    " JOIN client_ref ON client_ref.account_id = r.account_id AND client_ref.ref = r.ref",
    {"place": INT, "account_id": INT, "ref": TEXT, "hash": OCTETS},
    gives=("place", "is_same", "answer"),
)
_ADD_REFS = insert("client_ref", {"account_id": INT, "ref": TEXT, "hash": OCTETS, "answer": TEXT, "made_ms": INT})

_LOCK_WALLET = Single(
    "SELECT points, credit, topped_up FROM wallet WHERE account_id = :account AND product = :product", lock="FOR UPDATE"
)

_ADD_TASKS = insert("task", {
    "id": INT, "account_id": INT, "product": SMALL, "source": TEXT, "address": TEXT, "text": TEXT, "extno": TEXT,
    "numbers": INT, "points": INT, "state": SMALL, "send_at_ms": INT, "accepted_ms": INT, "sms_id": TEXT,
    "first_id": INT, "last_id": INT, "udh": TEXT, "flash": SMALL,
})  # fmt: skip
_ADD_MESSAGES = insert("message", {
    "id": INT, "task_id": INT, "account_id": INT, "product": SMALL, "phone": INT, "text": TEXT, "segments": SMALL, "points": INT,
    "state": SMALL, "channel_id": INT, "parcel_id": INT, "code": TEXT, "changed_ms": INT,
})  # fmt: skip
_ADD_PARCELS = insert("parcel", {
    "id": INT, "channel_id": INT, "priority": SMALL, "messages": INT, "first_id": INT, "last_id": INT,
})  # fmt: skip
_ADD_ENTRIES = insert("entry", {
    "kind": SMALL, "subject": INT, "account_id": INT, "product": SMALL, "points": INT, "made_ms": INT,
})  # fmt: skip
_MOVE_WALLETS = Batch(
    "UPDATE wallet SET points = wallet.points + r.points FROM {rows}"
    " WHERE wallet.account_id = r.account_id AND wallet.product = r.product",
    {"account_id": INT, "product": SMALL, "points": INT},
)
_ADD_LOAD = Single("INSERT INTO task_load (task_id, slice, numbers, is_done) VALUES (:task, :slice, :numbers, false)")


class AcceptSql:
    """Part of the transaction object; see ports/tx.py for what each call promises."""

    db: Connection
    returned: dict[int, int]  # product → points that come back with this transaction

    def known_references(self, asked: Sequence[tuple[int, int, str, bytes]]) -> dict[int, tuple[bool, str]]:
        return {place: (bool(is_same), answer) for place, is_same, answer in self.db.read(_KNOWN_REFS, asked)}

    def add_references(self, answered: Iterable[tuple[int, str, bytes, str]], now_ms: int) -> None:
        self.db.write(_ADD_REFS, [(*named, now_ms) for named in sorted(answered)])

    def lock_wallets(self, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Wallet]:
        found = {}
        for account_id, product in sorted(keys):
            for row in self.db.run(_LOCK_WALLET, account=account_id, product=product):
                found[account_id, product] = Wallet(*row)
        return found

    def add_tasks(self, tasks: Sequence[NewTask]) -> None:
        self.db.write(_ADD_TASKS, [
            (t.id, t.account_id, int(t.product), t.source, t.address, t.text, t.extno, t.numbers, t.points, int(t.state), t.send_at_ms,
             t.accepted_ms, t.sms_id, t.first_id, t.last_id, t.udh, int(t.is_flash)) for t in tasks
        ])  # fmt: skip

    def add_messages(self, messages: Sequence[NewMessage]) -> None:
        self.db.write(_ADD_MESSAGES, [
            (m.id, m.task_id, m.account_id, int(m.product), m.phone, m.text, m.segments, m.points, int(m.state), m.channel_id, m.parcel_id,
             m.code, m.changed_ms) for m in messages
        ])  # fmt: skip

    def add_parcels(self, parcels: Sequence[Parcel]) -> None:
        self.db.write(_ADD_PARCELS, [(p.id, p.channel_id, p.priority, p.messages, p.first_id, p.last_id) for p in parcels])

    def post(self, entries: Sequence[Entry], now_ms: int) -> None:
        """Write entries and move their wallets by the sum."""
        self.carry(entries, now_ms)
        sums: dict[tuple[int, int], int] = {}
        for e in entries:
            sums[e.account_id, e.product] = sums.get((e.account_id, e.product), 0) + e.points
        self.db.write(_MOVE_WALLETS, [(*key, points) for key, points in sorted(sums.items()) if points])

    def carry(self, entries: Sequence[Entry], now_ms: int) -> None:
        self.db.write(_ADD_ENTRIES, [(int(e.kind), e.subject, e.account_id, int(e.product), e.points, now_ms) for e in entries])

    def post_returns(self, entries: Sequence[Entry], now_ms: int) -> None:
        self.post(entries, now_ms)
        for entry in entries:
            self.returned[entry.product] = self.returned.get(entry.product, 0) + entry.points

    def add_load(self, part: TaskSlice) -> None:
        numbers = orjson.dumps([part.phones, part.texts, part.segments, part.points])
        self.db.run(_ADD_LOAD, task=part.task_id, slice=part.slice, numbers=numbers)
