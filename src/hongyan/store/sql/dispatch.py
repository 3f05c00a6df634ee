"""SQL of the dispatch step: claiming parcels, recording answers."""

from collections.abc import Iterable, Sequence

from hongyan.model.message import MessageState, ReceiptState, SegmentResult
from hongyan.model.phone import may_be_same
from hongyan.model.rows import ClaimedMessage, MatchedReceipt, PartRow
from hongyan.model.traffic import Answered, Receipt
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, SMALL, TEXT, Batch, Row, Single, insert
from hongyan.store.sql.code_words import word_of

# `is_open` beside a state names the partial index over open messages. A look-up by id says only the state, and so keeps away from it:
# PostgreSQL takes that index for empty if nothing was open at ANALYZE, and walks it.
# The limit of parcels that one claim looks at stands in the text: PostgreSQL plans it well only if it sees the number.
_READY = Single(
    "SELECT id, messages FROM parcel WHERE channel_id = :channel AND state = 0 ORDER BY priority, id LIMIT 256",
    lock="FOR UPDATE SKIP LOCKED",
    returns=("id", "messages"),
    replans=True,
)
_CLAIM = Batch("UPDATE parcel SET state = 1, epoch = :epoch FROM {rows} WHERE parcel.id = r.id", {"id": INT})
_MEMBERS = Batch(
    "SELECT m.id, m.parcel_id, m.account_id, m.phone, COALESCE(m.text, t.text) AS text, m.segments, t.extno, m.tried,"
    " t.udh, t.flash, t.cuts, t.valid_until_ms, t.protocol_id FROM {rows} JOIN parcel p ON p.id = r.id"
    " JOIN message m ON m.parcel_id = p.id AND m.state IN (2, 3) AND m.is_open AND m.id BETWEEN p.first_id AND p.last_id"
    " JOIN task t ON t.id = m.task_id ORDER BY p.priority, m.id",
    {"id": INT},
    returns=(
        "id",
        "parcel_id",
        "account_id",
        "phone",
        "text",
        "segments",
        "extno",
        "tried",
        "udh",
        "flash",
        "cuts",
        "valid_until_ms",
        "protocol_id",
    ),
)
_PARTS_DONE = Batch(
    "SELECT s.message_id, s.part FROM {rows} JOIN segment s ON s.message_id = r.id WHERE s.result = 1 AND s.channel_id = :channel",
    {"id": INT},
    returns=("message_id", "part"),
)
_CLOSE_PARCELS = Batch(
    "DELETE FROM parcel WHERE id IN (SELECT r.id FROM {rows}) AND epoch = :epoch"
    " AND NOT EXISTS (SELECT 1 FROM message m WHERE m.parcel_id = parcel.id AND m.state IN (2, 3) AND m.is_open)",
    {"id": INT},
)

_CLAIMED = Single(
    "SELECT id FROM parcel WHERE channel_id = :channel AND state = 1 AND epoch = :epoch AND id < :before", returns=("id",)
)
_GIVE_BACK = Batch("UPDATE parcel SET state = 0 FROM {rows} WHERE parcel.id = r.id AND parcel.state = 1", {"id": INT})

_ADD_SEGMENTS = insert("segment", {
    "message_id": INT, "part": SMALL, "attempt": SMALL, "carrier_id": TEXT, "result": SMALL, "code": TEXT,
    "submitted_ms": INT, "answered_ms": INT,
}, "ON CONFLICT (message_id, part, attempt) DO NOTHING", {"channel_id": ":channel"})  # fmt: skip

_SENT = Batch(
    "UPDATE message SET state = r.state, changed_ms = r.at_ms FROM {rows} WHERE message.id = r.id AND message.state IN (2, 3, 5)",
    {"id": INT, "state": SMALL, "at_ms": INT},
)
_PART_ROWS = Batch(
    "SELECT s.message_id, s.part, s.attempt, s.channel_id, s.result, s.code, c.receipt,"
    " c.code AS receipt_code, c.done_ms FROM {rows} JOIN segment s ON s.message_id = r.id"
    " LEFT JOIN carrier_ref c ON c.channel_id = s.channel_id AND c.carrier_id = s.carrier_id AND c.message_id = s.message_id"
    " AND c.part = s.part AND s.carrier_id <> ''",
    {"id": INT},
    returns=("message_id", "part", "attempt", "channel_id", "result", "code", "receipt", "receipt_code", "done_ms"),
)

_NAME_ANSWER = insert("carrier_ref", {
    "carrier_id": TEXT, "message_id": INT, "part": SMALL, "parts": SMALL, "phone": INT,
}, "ON CONFLICT (channel_id, carrier_id, n) DO NOTHING", {
    "channel_id": ":channel", "n": "0", "receipt": "-1", "code": "''", "done_ms": ":now", "received_ms": ":now", "made_ms": ":now",
})  # fmt: skip
_NAMED = Batch(
    "SELECT c.carrier_id, c.message_id, c.part, c.receipt, c.code, c.phone, c.done_ms, c.received_ms FROM {rows} JOIN carrier_ref c"
    " ON c.channel_id = :channel AND c.carrier_id = r.carrier_id AND c.n = 0",
    {"carrier_id": TEXT},
    returns=("carrier_id", "message_id", "part", "receipt", "code", "phone", "done_ms", "received_ms"),
)
_ADOPT = Batch(
    "UPDATE carrier_ref SET message_id = r.message_id, part = r.part, parts = r.parts, also = NULL FROM {rows}"
    " WHERE carrier_ref.channel_id = :channel AND carrier_ref.carrier_id = r.carrier_id AND carrier_ref.n = 0"
    " AND carrier_ref.message_id IS NULL",
    {"carrier_id": TEXT, "message_id": INT, "part": SMALL, "parts": SMALL},
)
_MOVE_UP = Single(
    "UPDATE carrier_ref SET n = (SELECT max(o.n) + 1 FROM carrier_ref o WHERE o.channel_id = :channel AND o.carrier_id = :carrier)"
    " WHERE channel_id = :channel AND carrier_id = :carrier AND n = 0"
)

_FORGET_APART = Single("DELETE FROM carrier_ref WHERE channel_id = :channel AND carrier_id = :carrier AND n = :apart")
_MOVE_APART = Single(
    "UPDATE carrier_ref SET n = :apart WHERE channel_id = :channel AND carrier_id = :carrier AND n = 0 AND message_id IS NULL"
)
_ADOPT_APART = Single(
    "UPDATE carrier_ref SET n = 0, message_id = :message, part = :part, parts = :parts, also = NULL WHERE channel_id = :channel"
    " AND carrier_id = :carrier AND n = :apart AND message_id IS NULL RETURNING receipt, code, phone, done_ms, received_ms"
)


class DispatchSql:
    db: Connection

    def claim_parcels(
        self, channel_id: int, epoch: int, most: int, *, may_cut_short: bool = False
    ) -> list[ClaimedMessage] | None:
        picked = self._pick_ready(channel_id, most)
        if not picked:
            return None
        self.db.write(_CLAIM, picked, epoch=epoch)
        claimed = [ClaimedMessage(*row) for row in self.db.read(_MEMBERS, picked)]
        self.close_parcels({i for (i,) in picked} - {m.parcel_id for m in claimed}, epoch)  # whose messages ended meanwhile
        self._add_parts_done([m for m in claimed if m.segments > 1 or may_cut_short], channel_id)
        return claimed

    def _pick_ready(self, channel_id: int, most: int) -> list[tuple[int]]:
        picked: list[tuple[int]] = []
        for parcel_id, messages in self.db.run(_READY, channel=channel_id):
            if most <= 0:
                break
            picked.append((parcel_id,))
            most -= messages
        return picked

    def _add_parts_done(self, messages: Sequence[ClaimedMessage], channel_id: int) -> None:
        done: dict[int, set[int]] = {}
        for message_id, part in self.db.read(_PARTS_DONE, [(m.id,) for m in messages], channel=channel_id):
            done.setdefault(message_id, set()).add(part)
        for m in messages:
            m.parts_done = frozenset(done.get(m.id, ()))

    def close_parcels(self, parcel_ids: Iterable[int], epoch: int) -> None:
        self.db.write(_CLOSE_PARCELS, [(i,) for i in parcel_ids], epoch=epoch)

    def claimed_parcels(self, channel_id: int, epoch: int, before: int) -> list[int]:
        return [row[0] for row in self.db.run(_CLAIMED, channel=channel_id, epoch=epoch, before=before)]

    def give_back_parcels(self, parcel_ids: Iterable[int]) -> None:
        self.db.write(_GIVE_BACK, [(i,) for i in parcel_ids])

    def add_segments(self, answers: Sequence[Answered], channel_id: int) -> None:
        self.db.write(
            _ADD_SEGMENTS,
            [
                (
                    a.segment.message_id,
                    a.segment.part,
                    a.segment.attempt,
                    a.carrier_id,
                    int(a.result),
                    a.code,
                    a.segment.submitted_ms,
                    a.at_ms,
                )
                for a in answers
            ],
            channel=channel_id,
        )

    def mark_sent(self, rows: Sequence[tuple[int, MessageState, int]]) -> None:
        self.db.write(_SENT, [(i, int(state), at_ms) for i, state, at_ms in rows])

    def parts_of(self, message_ids: Iterable[int]) -> dict[int, list[PartRow]]:
        parts: dict[int, list[PartRow]] = {}
        for message_id, part, attempt, channel_id, result, code, receipt, receipt_code, done_ms in self.db.read(
            _PART_ROWS, [(i,) for i in message_ids]
        ):
            state = None if receipt is None or receipt < 0 else ReceiptState(receipt)
            row = PartRow(
                message_id=message_id,
                part=part,
                attempt=attempt,
                channel_id=channel_id,
                result=SegmentResult(result),
                code=code,
                receipt=state,
                receipt_code=word_of(receipt_code or "", is_delivered=receipt == ReceiptState.DELIVERED),
                done_ms=done_ms or 0,
            )
            parts.setdefault(message_id, []).append(row)
        return parts

    def name_answers(self, answers: Sequence[Answered], channel_id: int, now_ms: int) -> list[MatchedReceipt]:
        by_name = {a.carrier_id: a for a in answers}
        rows = [_named(a) for a in by_name.values()]
        if self.db.change(_NAME_ANSWER, rows, channel=channel_id, now=now_ms) == len(rows):
            return []
        return self._match_named(by_name, channel_id, now_ms)

    def _match_named(self, answers: dict[str, Answered], channel_id: int, now_ms: int) -> list[MatchedReceipt]:
        """Some of these ids are in the table already: parked receipts, repeats of ours, or earlier uses."""
        matched: list[MatchedReceipt] = []
        adopted: list[Row] = []
        for carrier_id, message_id, part, *row in self.db.read(_NAMED, [(name,) for name in answers], channel=channel_id):
            answer, (state, _, phone, *_) = answers[carrier_id], row
            segment = answer.segment
            if message_id is None and may_be_same(phone, segment.phone):
                adopted.append((carrier_id, segment.message_id, segment.part, segment.parts))
            elif (message_id, part) != (segment.message_id, segment.part):
                matched += self._name_anew(answer, channel_id, now_ms, parked_for=phone if message_id is None else 0)
                continue
            if state >= 0:
                matched.append(_matched(answer, channel_id, row))
        self.db.write(_ADOPT, adopted, channel=channel_id)
        return matched

    def _name_anew(self, answer: Answered, channel_id: int, now_ms: int, parked_for: int) -> list[MatchedReceipt]:
        """The id is that of another message, or of a receipt to another phone, which gives way.

        parked_for: the other phone; 0 if it is a message
        returns:    the receipt that waited apart for this phone, if there is one
        """
        where = {"channel": channel_id, "carrier": answer.carrier_id}
        if parked_for:
            self.db.run(_FORGET_APART, **where, apart=-parked_for)
            self.db.run(_MOVE_APART, **where, apart=-parked_for)
        else:
            self.db.run(_MOVE_UP, **where)
        segment = answer.segment
        for row in self.db.run(
            _ADOPT_APART, **where, apart=-segment.phone, message=segment.message_id, part=segment.part, parts=segment.parts
        ):
            return [_matched(answer, channel_id, row)]
        self.db.write(_NAME_ANSWER, [_named(answer)], channel=channel_id, now=now_ms)
        return []


def _matched(answer: Answered, channel_id: int, row: Row) -> MatchedReceipt:
    state, code, phone, done_ms, received_ms = row
    segment, name = answer.segment, answer.carrier_id
    receipt = Receipt(
        channel_id=channel_id,
        carrier_ids=(name,),
        phone=phone,
        state=ReceiptState(state),
        code=word_of(code, is_delivered=state == ReceiptState.DELIVERED),
        done_ms=done_ms,
        received_ms=received_ms,
    )
    return MatchedReceipt(segment.message_id, segment.part, segment.parts, name, receipt)


def _named(answer: Answered) -> Row:
    segment = answer.segment
    return answer.carrier_id, segment.message_id, segment.part, segment.parts, segment.phone
