"""SQL of the report step: receipts find their segments, messages end."""

from collections.abc import Mapping, Sequence
from typing import Any

from hongyan.model.ids import first_id, made_ms
from hongyan.model.message import MessageState, ReceiptOutcome, ReceiptState
from hongyan.model.phone import may_be_same
from hongyan.model.rows import MatchedReceipt, PageCursor
from hongyan.model.traffic import Receipt
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, SMALL, TEXT, Batch, Row, Single, insert
from hongyan.store.schema import BUCKET_SHIFT
from hongyan.store.sql.buckets import NewestIdSql, buckets
from hongyan.store.sql.code_words import short_code, word_of

_KNOWN = Batch(
    "SELECT c.channel_id, c.carrier_id, c.message_id, c.part, c.parts, c.receipt, c.phone FROM {rows} JOIN carrier_ref c"
    " ON c.channel_id = r.channel_id AND c.carrier_id = r.carrier_id AND c.n = 0",
    {"channel_id": INT, "carrier_id": TEXT},
    returns=("channel_id", "carrier_id", "message_id", "part", "parts", "receipt", "phone"),
)
_FILL = Batch(
    "UPDATE carrier_ref SET receipt = r.receipt, code = r.code, done_ms = r.done_ms, received_ms = r.received_ms"
    " FROM {rows} WHERE carrier_ref.channel_id = r.channel_id AND carrier_ref.carrier_id = r.carrier_id"
    " AND carrier_ref.message_id = r.message_id AND carrier_ref.part = r.part AND carrier_ref.receipt < 0",
    {
        "channel_id": INT,
        "carrier_id": TEXT,
        "message_id": INT,
        "part": SMALL,
        "receipt": SMALL,
        "code": TEXT,
        "done_ms": INT,
        "received_ms": INT,
    },
)
_PARK = insert("carrier_ref", {
    "channel_id": INT, "carrier_id": TEXT, "receipt": SMALL, "code": TEXT, "phone": INT, "done_ms": INT, "received_ms": INT,
    "n": INT, "also": TEXT, "made_ms": INT,
}, "ON CONFLICT (channel_id, carrier_id, n) DO NOTHING")  # fmt: skip
_OTHER_SPELLING = Single(
    "SELECT message_id, part, parts, receipt, phone FROM carrier_ref"
    " WHERE channel_id = :channel AND carrier_id = :carrier AND n = 0 AND message_id IS NOT NULL"
)
_OLDER_USES = Single(
    "SELECT message_id, part, parts, receipt, phone FROM carrier_ref"
    " WHERE channel_id = :channel AND carrier_id = :carrier AND n > 0 ORDER BY n DESC LIMIT 16"
)
_UNPARK = Single(
    "DELETE FROM carrier_ref WHERE channel_id = :channel AND carrier_id = :carrier AND n <= 0 AND phone = :phone"
    " AND message_id IS NULL"
)
_RESENT = insert(
    "resent",
    {"message_id": INT, "channel_id": INT, "code": TEXT, "failed_ms": INT, "resent_ms": INT},
    "ON CONFLICT (message_id) DO NOTHING",
)
_SILENT = Single(
    "SELECT m.id FROM message m JOIN account a ON a.id = m.account_id"
    " WHERE m.is_open AND m.state IN (4, 5) AND m.parcel_id < :made_before AND m.changed_ms <= :now - 1000 * a.unknown_after_s"
    " ORDER BY m.parcel_id, m.id LIMIT 1000",
    returns=("id",),
    replans=True,
)
_OPEN_PAGE = Single(
    "SELECT parcel_id, id, channel_id, state, changed_ms FROM message WHERE is_open AND state IN (3, 4)"
    " AND (parcel_id, id) > (:parcel, :message) AND parcel_id <= :until ORDER BY parcel_id, id LIMIT 2000",
    returns=("parcel_id", "id", "channel_id", "state", "changed_ms"),
    replans=True,
)
_NAMES = Batch(
    "SELECT s.carrier_id FROM {rows} JOIN segment s ON s.message_id = r.id"
    " WHERE s.channel_id = :channel AND s.carrier_id <> ''",
    {"id": INT},
    returns=("carrier_id",),
)
_SLIPPED = Batch(
    "SELECT c.message_id, c.part, c.parts, c.channel_id, c.carrier_id, c.phone, c.receipt, c.code, c.done_ms, c.received_ms FROM {rows}"
    " JOIN segment s ON s.message_id = r.id JOIN carrier_ref c ON c.channel_id = s.channel_id AND c.carrier_id = s.carrier_id"
    " AND c.message_id = r.id WHERE s.carrier_id <> '' AND c.receipt >= 0",
    {"id": INT},
    returns=("message_id", "part", "parts", "channel_id", "carrier_id", "phone", "receipt", "code", "done_ms", "received_ms"),
)
_PARKED = Single(
    "SELECT channel_id, carrier_id, also, phone, receipt, code, done_ms, received_ms FROM carrier_ref WHERE message_id IS NULL"
    " AND also IS NOT NULL AND made_ms BETWEEN :since AND :until ORDER BY made_ms LIMIT 1000"
)

_PARKED_OF = Single(
    "SELECT carrier_id, phone, receipt, code, done_ms, received_ms FROM carrier_ref WHERE message_id IS NULL"
    " AND channel_id = :channel AND made_ms BETWEEN :since AND :until ORDER BY made_ms LIMIT 1000"
)
_IN_DOUBT = Single(
    "SELECT m.id, s.part, CASE m.state WHEN 5 THEN (SELECT max(o.part) FROM segment o WHERE o.message_id = m.id"
    " AND o.attempt = s.attempt) ELSE m.segments END FROM message m JOIN segment s ON s.message_id = m.id"
    f" WHERE (m.id >> {BUCKET_SHIFT}) = :bucket AND m.phone = :phone AND m.state IN (3, 5) AND s.channel_id = :channel"
    " AND s.result = 3 AND s.submitted_ms BETWEEN :since AND :until LIMIT 2"
)
_ADOPT = Single(
    "UPDATE carrier_ref SET message_id = :message, part = :part, parts = :parts, also = NULL"
    " WHERE channel_id = :channel AND carrier_id = :carrier AND n <= 0 AND phone = :phone AND message_id IS NULL"
)

_PARCEL_MS = 1_000
"""By how much the id of a parcel may be behind those of its messages, at most."""

PAGE = 2_000
_SENT = int(MessageState.SENT)


class ReportSql(NewestIdSql):
    db: Connection
    counts: dict[tuple[Any, ...], int]  # ("receipts", channel, outcome) → how many

    def count_receipts(self, channel_id: int, outcome: ReceiptOutcome, count: int = 1) -> None:
        self.counts["receipts", channel_id, outcome] += count

    def match_receipts(self, receipts: Sequence[Receipt], now_ms: int) -> list[MatchedReceipt]:
        newest = {(r.channel_id, r.carrier_ids[0], r.phone): r for r in receipts}
        if len(newest) < len(receipts):
            self.count_receipts(receipts[0].channel_id, ReceiptOutcome.REPEATED, len(receipts) - len(newest))
        known = {(row[0], row[1]): row for row in self.db.read(_KNOWN, [name[:2] for name in newest])}
        matched: list[MatchedReceipt] = []
        others: list[Receipt] = []
        for (channel_id, carrier_id, _), receipt in newest.items():
            use = known.get((channel_id, carrier_id))
            if use is None or not may_be_same(receipt.phone, use[6]):
                others.append(receipt)
            elif use[5] < 0:
                matched.append(MatchedReceipt(use[2], use[3], use[4], carrier_id, receipt))
            else:
                self.count_receipts(channel_id, ReceiptOutcome.REPEATED)
        self.note_receipts([m for m in matched if m.parts > 1])
        return matched + self._match_others(others, known, now_ms)

    def note_receipts(self, matched: Sequence[MatchedReceipt]) -> None:
        self.db.write(
            _FILL,
            [
                (
                    m.receipt.channel_id,
                    m.carrier_id,
                    m.message_id,
                    m.part,
                    int(m.receipt.state),
                    short_code(m.receipt.code),
                    m.receipt.done_ms,
                    m.receipt.received_ms,
                )
                for m in matched
            ],
        )

    def _match_others(
        self, receipts: Sequence[Receipt], known: Mapping[tuple[int, str], Row], now_ms: int
    ) -> list[MatchedReceipt]:
        """Match receipts whose first spelling is unknown, or another phone's: another spelling or an older use fits, or they
        wait.
        """
        matched: list[MatchedReceipt] = []
        parked: list[Row] = []
        taken = set(known)
        for receipt in receipts:
            name = receipt.channel_id, receipt.carrier_ids[0]
            if found := self.match_spelling(receipt) or (self._match_older(receipt) if name in known else None):
                matched.append(found)
                continue
            parked.append(
                (
                    *name,
                    int(receipt.state),
                    short_code(receipt.code),
                    receipt.phone,
                    receipt.done_ms,
                    receipt.received_ms,
                    -receipt.phone if name in taken else 0,
                    ",".join(receipt.carrier_ids[1:]) or None,
                    now_ms,
                )
            )
            taken.add(name)
            self.count_receipts(receipt.channel_id, ReceiptOutcome.UNMATCHED)
        self.db.write(_PARK, parked)
        return matched

    def match_spelling(self, receipt: Receipt) -> MatchedReceipt | None:
        for name in receipt.carrier_ids[1:]:
            for use in self.db.run(_OTHER_SPELLING, channel=receipt.channel_id, carrier=name):
                # a repeat that names its phone finds its segment again
                if may_be_same(receipt.phone, use[4]) and (receipt.phone or use[3] < 0):
                    self.db.run(_UNPARK, channel=receipt.channel_id, carrier=receipt.carrier_ids[0], phone=receipt.phone)
                    return self._matched(receipt, name, use)
        return None

    def _match_older(self, receipt: Receipt) -> MatchedReceipt | None:
        """Match the message to this phone that had the id before, if the carrier used the id again and reports on the earlier
        use.
        """
        name = receipt.carrier_ids[0]
        uses = self.db.run(_OLDER_USES, channel=receipt.channel_id, carrier=name)
        use = next((one for one in uses if may_be_same(receipt.phone, one[4])), None)
        return None if use is None else self._matched(receipt, name, use)

    def _matched(self, receipt: Receipt, name: str, use: Row) -> MatchedReceipt:
        matched = MatchedReceipt(use[0], use[1], use[2], name, receipt)
        self.note_receipts([matched])
        return matched

    def note_resent(self, rows: Sequence[tuple[int, int, str, int, int]]) -> None:
        self.db.write(_RESENT, rows)

    def silent_messages(self, now_ms: int, made_before: int) -> list[int]:
        return [row[0] for row in self.db.run(_SILENT, now=now_ms, made_before=made_before)]

    def slipped(self, after: PageCursor, until_parcel: int) -> tuple[list[MatchedReceipt], PageCursor | None]:
        page, next_cursor = self._open_page(after, until_parcel)
        rows = self.db.read(_SLIPPED, [(message_id,) for _, message_id, *_ in page])
        matched = [
            MatchedReceipt(
                i,
                part,
                parts,
                name,
                _receipt(channel, (name,), phone, state, code, done, received),
            )
            for i, part, parts, channel, name, phone, state, code, done, received in rows
        ]
        return matched, next_cursor

    def _open_page(self, after: PageCursor, until_parcel: int) -> tuple[list[Row], PageCursor | None]:
        page = self.db.run(_OPEN_PAGE, parcel=after[0], message=after[1], until=until_parcel)
        return page, (page[-1][0], page[-1][1]) if len(page) == PAGE else None

    def unreported(
        self, channel_id: int, after: PageCursor, since_ms: int, until_ms: int
    ) -> tuple[list[str], PageCursor | None]:
        page, next_cursor = self._open_page(after, max(first_id(until_ms), first_id(made_ms(self.newest_made()) + _PARCEL_MS)))
        sent = [
            (i,) for _, i, channel, state, at in page if channel == channel_id and state == _SENT and since_ms < at <= until_ms
        ]
        return [name for (name,) in self.db.read(_NAMES, sent, channel=channel_id)], next_cursor

    def parked_of(self, channel_id: int, since_ms: int, until_ms: int) -> list[Receipt]:
        return [
            _receipt(channel_id, (name,), phone, state, code, done, received)
            for name, phone, state, code, done, received in self.db.run(
                _PARKED_OF, channel=channel_id, since=since_ms, until=until_ms
            )
        ]

    def match_doubt(self, receipt: Receipt, since_ms: int) -> MatchedReceipt | None:
        found: list[Row] = []
        for bucket in buckets(since_ms, receipt.received_ms, self.newest_id()):
            found += self.db.run(
                _IN_DOUBT,
                bucket=bucket,
                phone=receipt.phone,
                channel=receipt.channel_id,
                since=since_ms,
                until=receipt.received_ms,
            )
        if len(found) != 1:
            return None
        message_id, part, parts = found[0]
        name = receipt.carrier_ids[0]
        self.db.run(
            _ADOPT, message=message_id, part=part, parts=parts, channel=receipt.channel_id, carrier=name, phone=receipt.phone
        )
        return MatchedReceipt(message_id, part, parts, name, receipt)

    def parked(self, since_ms: int, until_ms: int) -> list[Receipt]:
        return [
            _receipt(channel, (name, *also.split(",")), phone, state, code, done, received)
            for channel, name, also, phone, state, code, done, received in self.db.run(_PARKED, since=since_ms, until=until_ms)
        ]


def _receipt(
    channel_id: int, names: tuple[str, ...], phone: int, state: int, code: str, done_ms: int, received_ms: int
) -> Receipt:
    return Receipt(
        channel_id=channel_id,
        carrier_ids=names,
        phone=phone,
        state=ReceiptState(state),
        code=word_of(code, is_delivered=state == ReceiptState.DELIVERED),
        done_ms=done_ms,
        received_ms=received_ms,
    )
