"""SQL of the inbound step: parts of replies, and the accounts that replies belong to."""

from collections.abc import Sequence

from hongyan.model.rows import NewReply
from hongyan.model.traffic import ReplyPart
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import FLAG, INT, TEXT, Single, insert
from hongyan.store.schema import BUCKET_SHIFT
from hongyan.store.sql.buckets import NewestIdSql, buckets

_KEY = " WHERE channel_id = :channel AND phone = :phone AND dest = :dest AND reference = :reference AND parts = :parts"
_SET, _HANDED_ON = 0, "handed on"  # the part number, and the word, of the row that stands for a whole set

_OPEN_SET = Single(
    "INSERT INTO mo_part (channel_id, phone, dest, reference, parts, part, body, carrier_id, received_ms)"
    " VALUES (:channel, :phone, :dest, :reference, :parts, :part, :body, '', :received)"
    " ON CONFLICT (channel_id, phone, dest, reference, parts, part) DO UPDATE SET body = excluded.body RETURNING carrier_id"
)
"""Changing the row locks it: of two processes with a part each, the second one sees what the first one stored."""

_CLOSE_SET = Single("UPDATE mo_part SET carrier_id = :word" + _KEY + " AND part = :part")
_ADD_PART = Single(
    "INSERT INTO mo_part (channel_id, phone, dest, reference, parts, part, body, charset, carrier_id, received_ms)"
    " VALUES (:channel, :phone, :dest, :reference, :parts, :part, :body, :charset, :carrier, :received)"
    " ON CONFLICT (channel_id, phone, dest, reference, parts, part) DO NOTHING"
)
_PARTS = Single("SELECT part, body, charset, carrier_id, received_ms FROM mo_part" + _KEY + " AND part > 0 ORDER BY part")
_DROP_PARTS = Single("DELETE FROM mo_part" + _KEY)
_STALE = Single(
    "SELECT channel_id, phone, dest, reference, parts, min(received_ms) FROM mo_part"
    " GROUP BY channel_id, phone, dest, reference, parts HAVING min(received_ms) NOT BETWEEN :before AND :after LIMIT 100"
)
_SEEN = Single(
    "SELECT carrier_id FROM mo WHERE channel_id = :channel AND phone = :phone AND received_ms > :since"
    " ORDER BY received_ms DESC LIMIT 200"
)
_ADD_REPLIES = insert("mo", {
    "id": INT, "account_id": INT, "channel_id": INT, "phone": INT, "dest": TEXT, "extno": TEXT, "text": TEXT, "task_id": INT,
    "carrier_id": TEXT, "is_whole": FLAG, "received_ms": INT,
})  # fmt: skip
_LAST_MT = Single(
    f"SELECT account_id, task_id FROM message WHERE (id >> {BUCKET_SHIFT}) = :bucket AND phone = :phone ORDER BY id + 0 DESC LIMIT 1"
)  # `+ 0`: by id alone PostgreSQL walks the primary key backwards while a table is young, and keeps that plan when it is full
_LAST_MT_OF = Single(
    f"SELECT account_id, task_id FROM message WHERE (id >> {BUCKET_SHIFT}) = :bucket AND phone = :phone"
    " AND account_id = :account ORDER BY id + 0 DESC LIMIT 1"
)


def _key(part: ReplyPart) -> dict[str, object]:
    return {
        "channel": part.channel_id,
        "phone": part.phone,
        "dest": part.dest,
        "reference": part.reference,
        "parts": part.parts,
    }


class InboundSql(NewestIdSql):
    db: Connection

    def is_repeat(self, part: ReplyPart, since_ms: int) -> bool:
        if not part.carrier_id:
            return False
        seen = self.db.run(_SEEN, channel=part.channel_id, phone=part.phone, since=since_ms)
        return any(part.carrier_id in row[0].split(",") for row in seen)

    def open_set(self, part: ReplyPart) -> tuple[list[ReplyPart], bool]:
        ((word,),) = self.db.run(_OPEN_SET, **_key(part), part=_SET, body=b"", received=part.received_ms)
        return self._parts_like(part), word == _HANDED_ON

    def close_set(self, part: ReplyPart) -> None:
        self.db.run(_CLOSE_SET, **_key(part), part=_SET, word=_HANDED_ON)

    def add_part(self, part: ReplyPart) -> list[ReplyPart]:
        self.db.run(
            _ADD_PART,
            **_key(part),
            part=part.part,
            body=part.body,
            charset=part.charset,
            carrier=part.carrier_id,
            received=part.received_ms,
        )
        return self._parts_like(part)

    def _parts_like(self, part: ReplyPart) -> list[ReplyPart]:
        return [
            ReplyPart(
                channel_id=part.channel_id,
                phone=part.phone,
                dest=part.dest,
                body=bytes(body),
                carrier_id=carrier_id,
                received_ms=received_ms,
                reference=part.reference,
                part=n,
                parts=part.parts,
                charset=charset,
            )
            for n, body, charset, carrier_id, received_ms in self.db.run(_PARTS, **_key(part))
        ]

    def drop_parts(self, part: ReplyPart) -> None:
        self.db.run(_DROP_PARTS, **_key(part))

    def stale_parts(self, now_ms: int, within_ms: int) -> list[ReplyPart]:
        return [
            ReplyPart(
                channel_id=channel_id,
                phone=phone,
                dest=dest,
                body=b"",
                carrier_id="",
                received_ms=received_ms,
                reference=reference,
                part=1,
                parts=parts,
            )
            for channel_id, phone, dest, reference, parts, received_ms in self.db.run(
                _STALE, before=now_ms - within_ms, after=now_ms + within_ms
            )
        ]

    def last_task(self, phone: int, account_id: int | None, now_ms: int, back_ms: int) -> tuple[int, int] | None:
        for bucket in buckets(now_ms - back_ms, now_ms, self.newest_id()):
            if account_id is None:
                rows = self.db.run(_LAST_MT, bucket=bucket, phone=phone)
            else:
                rows = self.db.run(_LAST_MT_OF, bucket=bucket, phone=phone, account=account_id)
            if rows:
                return rows[0][0], rows[0][1]
        return None

    def add_replies(self, replies: Sequence[NewReply]) -> None:
        self.db.write(
            _ADD_REPLIES,
            [
                (
                    r.id,
                    r.account_id,
                    r.channel_id,
                    r.phone,
                    r.dest,
                    r.extno,
                    r.text,
                    r.task_id,
                    r.carrier_id,
                    r.is_whole,
                    r.received_ms,
                )
                for r in replies
            ],
        )
