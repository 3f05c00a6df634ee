"""SQL of the report step: receipts meet their segments, messages end."""

from collections.abc import Iterable, Sequence

from hongyan.model.message import MessageState, ReceiptState, Verdict
from hongyan.model.owed import OwedKind, OwedState
from hongyan.model.rows import EndedMessage, MetReceipt, OpenMessage
from hongyan.model.traffic import Receipt
from hongyan.store.connection import Connection
from hongyan.store.statement import INT, SMALL, TEXT, USUAL_WORD, Batch, Single, insert

_NAME_RECEIPT = insert("carrier_ref", {
    "channel_id": INT, "carrier_id": TEXT, "n": INT, "receipt": SMALL, "code": TEXT, "phone": INT, "done_ms": INT,
    "received_ms": INT, "also": TEXT, "made_ms": INT,
}, "ON CONFLICT (channel_id, carrier_id, n) DO UPDATE SET receipt = excluded.receipt, code = excluded.code,"
   " phone = excluded.phone, done_ms = excluded.done_ms, received_ms = excluded.received_ms WHERE carrier_ref.receipt < 0"
   " RETURNING channel_id, carrier_id, message_id, part, parts", returning=True)  # fmt: skip
_OTHER_SPELLING = Single(
    "SELECT c.message_id, c.part, c.parts FROM carrier_ref c JOIN message m ON m.id = c.message_id"
    " WHERE c.channel_id = :channel AND c.carrier_id = :carrier AND c.n = 0 AND c.receipt < 0"
    " AND (:phone = 0 OR m.phone = :phone)"
)
_FILL = Single(
    "UPDATE carrier_ref SET receipt = :receipt, code = :code, phone = :phone, done_ms = :done, received_ms = :received"
    " WHERE channel_id = :channel AND carrier_id = :carrier AND n = 0"
)
_UNPARK = Single(
    "DELETE FROM carrier_ref WHERE channel_id = :channel AND carrier_id = :carrier AND n = 0 AND message_id IS NULL"
)
_LOCK = Batch(
    "SELECT m.id, m.task_id, m.account_id, m.product, m.phone, m.segments, m.points, m.state, m.channel_id, m.tried"
    " FROM {rows} JOIN message m ON m.id = r.id WHERE m.state < 10 ORDER BY m.id",
    {"id": INT}, returning=True, lock="FOR UPDATE OF m",
)  # fmt: skip
_FINISH = Batch(
    "UPDATE message SET state = r.state, code = r.code, changed_ms = r.at_ms FROM {rows}"
    " WHERE message.id = r.id AND message.state < 10"
    " RETURNING message.id, message.task_id, message.account_id, message.product, message.points",
    {"id": INT, "state": SMALL, "code": TEXT, "at_ms": INT}, returning=True,
)  # fmt: skip
_OWE = insert("owed", {
    "id": INT, "account_id": INT, "kind": SMALL, "task_id": INT, "state": SMALL, "at_ms": INT, "attempt_id": INT,
}, "ON CONFLICT (id) DO NOTHING")  # fmt: skip
_SILENT = Single(
    "SELECT m.id FROM message m JOIN account a ON a.id = m.account_id"
    " WHERE m.state IN (4, 5) AND m.state < 10 AND m.parcel_id < :made_before AND m.changed_ms <= :now - 1000 * a.unknown_after_s"
    " ORDER BY m.parcel_id, m.id LIMIT 1000"
)
_OPEN_PAGE = Single(
    "SELECT parcel_id, id FROM message WHERE state IN (3, 4) AND state < 10 AND (parcel_id, id) > (:parcel, :message)"
    " AND parcel_id <= :until ORDER BY parcel_id, id LIMIT 2000"
)
_SLIPPED = Batch(
    "SELECT c.message_id, c.part, c.parts, c.channel_id, c.receipt, c.code, c.done_ms FROM {rows}"
    " JOIN segment s ON s.message_id = r.id JOIN carrier_ref c ON c.channel_id = s.channel_id AND c.carrier_id = s.carrier_id"
    " AND c.message_id = r.id WHERE s.carrier_id <> '' AND c.receipt >= 0",
    {"id": INT}, returning=True,
)  # fmt: skip
_PARKED = Single(
    "SELECT channel_id, carrier_id, also, phone, receipt, code, done_ms, received_ms FROM carrier_ref WHERE message_id IS NULL"
    " AND n = 0 AND also IS NOT NULL AND made_ms BETWEEN :since AND :until ORDER BY made_ms LIMIT 1000"
)

PAGE = 2_000
Place = tuple[int, int]
"""A parcel and a message: where a page of open messages begins."""


class ReportSql:
    db: Connection

    def match_receipts(self, receipts: Sequence[Receipt], now_ms: int) -> list[MetReceipt]:
        """Store receipts under their carrier ids; give those whose segment is known. A repeat changes nothing.

        What fits no segment waits under its first spelling, once the other spellings were tried.
        """
        by_name = {(r.channel_id, r.carrier_ids[0]): r for r in receipts}
        rows = self.db.write(_NAME_RECEIPT, [
            (r.channel_id, name, 0, r.state, _short(r.code), r.phone, r.done_ms, r.received_ms,
             ",".join(r.carrier_ids[1:]) or None, now_ms) for (_, name), r in by_name.items()
        ])  # fmt: skip
        met = []
        for channel_id, carrier_id, message_id, part, parts in rows:
            receipt = by_name[channel_id, carrier_id]
            if message_id is not None:
                met.append(MetReceipt(message_id, part, parts, channel_id, receipt.state, receipt.code, receipt.done_ms))
            elif len(receipt.carrier_ids) > 1 and (other := self.match_spelling(receipt)):
                met.append(other)
        return met

    def match_spelling(self, receipt: Receipt) -> MetReceipt | None:
        """Try the less likely spellings of an id, guarded by the phone; the parked first spelling goes when one fits."""
        for name in receipt.carrier_ids[1:]:
            for message_id, part, parts in self.db.run(
                _OTHER_SPELLING, channel=receipt.channel_id, carrier=name, phone=receipt.phone
            ):
                self.db.run(
                    _FILL, channel=receipt.channel_id, carrier=name, receipt=int(receipt.state), code=_short(receipt.code),
                    phone=receipt.phone, done=receipt.done_ms, received=receipt.received_ms,
                )  # fmt: skip
                self.db.run(_UNPARK, channel=receipt.channel_id, carrier=receipt.carrier_ids[0])
                return MetReceipt(message_id, part, parts, receipt.channel_id, receipt.state, receipt.code, receipt.done_ms)
        return None

    def lock_messages(self, message_ids: Iterable[int]) -> list[OpenMessage]:
        """Those of the messages that have no verdict yet, in id order."""
        found = self.db.write(_LOCK, [(i,) for i in sorted(set(message_ids))])
        return [
            OpenMessage(i, task, account, product, phone, segments, points, MessageState(state), channel, tried)
            for i, task, account, product, phone, segments, points, state, channel, tried in found
        ]

    def finish(self, verdicts: Sequence[tuple[int, Verdict]]) -> list[EndedMessage]:
        """Give open messages their verdicts; those that had one already are not touched and not returned."""
        rows = self.db.write(_FINISH, [(i, v.state, _short(v.code), v.at_ms) for i, v in sorted(verdicts, key=_by_id)])
        return [EndedMessage(*row) for row in rows]

    def owe(self, kind: OwedKind, rows: Sequence[tuple[int, int, int]], now_ms: int) -> None:
        """Owe to customers: (message or mo, account, task). A repeat changes nothing."""
        self.db.write(_OWE, [(i, account_id, kind, task_id, OwedState.WAITING, now_ms, i) for i, account_id, task_id in rows])

    def silent_messages(self, now_ms: int, made_before: int) -> list[int]:
        """Up to 1,000 sent messages whose account's time without a receipt is over."""
        return [row[0] for row in self.db.run(_SILENT, now=now_ms, made_before=made_before)]

    def slipped(self, after: Place, until_parcel: int) -> tuple[list[MetReceipt], Place | None]:
        """Receipts that met their segment while their message stayed open: a crash came between.

        Looks at one page of open messages behind a place (parcel, message); gives the next place, None at the end.
        """
        page = self.db.run(_OPEN_PAGE, parcel=after[0], message=after[1], until=until_parcel)
        rows = self.db.write(_SLIPPED, [(message_id,) for _, message_id in page])
        met = [
            MetReceipt(i, part, parts, channel, ReceiptState(state), code or USUAL_WORD, done)
            for i, part, parts, channel, state, code, done in rows
        ]
        return met, (page[-1][0], page[-1][1]) if len(page) == PAGE else None

    def parked(self, since_ms: int, until_ms: int) -> list[Receipt]:
        """Up to 1,000 receipts that wait and have other spellings to try."""
        return [
            Receipt(channel, (name, *also.split(",")), phone, ReceiptState(state), code or USUAL_WORD, done, received)
            for channel, name, also, phone, state, code, done, received in self.db.run(_PARKED, since=since_ms, until=until_ms)
        ]


def _short(code: str) -> str:
    return "" if code == USUAL_WORD else code


def _by_id(pair: tuple[int, Verdict]) -> int:
    return pair[0]
