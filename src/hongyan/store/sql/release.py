"""SQL of the release step: slices of waiting tasks."""

from hongyan.model.ids import EVER_MS
from hongyan.model.message import TaskState
from hongyan.model.rows import SliceMessages, TaskSlice
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, SMALL, TEXT, Row, Single, insert
from hongyan.store.sql.slice_octets import decode_slice

_NEXT_TASK = Single(
    "SELECT t.id FROM task t WHERE t.state = :state AND t.state < 3 AND t.send_at_ms <= :now AND NOT t.is_paused"
    " AND EXISTS (SELECT 1 FROM task_load l WHERE l.task_id = t.id) ORDER BY t.send_at_ms, t.id LIMIT 1",
    lock="FOR UPDATE SKIP LOCKED",  # a stop of the task waits, or finds what was released
)
_SLICE_OF = Single(
    "SELECT l.task_id, l.slice, t.account_id, t.product, t.text, t.extno, t.udh, t.flash, t.cuts, t.valid_until_ms, t.protocol_id,"
    " l.numbers FROM task t JOIN task_load l ON l.task_id = t.id WHERE t.id = :task ORDER BY l.slice LIMIT 1"
)
DROP_SLICE = Single("DELETE FROM task_load WHERE task_id = :task AND slice = :slice")
_TASK_GROWS = Single(
    "UPDATE task SET state = 2, first_id = CASE WHEN first_id = 0 THEN :first ELSE first_id END, last_id = :last"
    " WHERE id = :task AND state + 0 < 3"
)
_TASK_DONE = Single(
    "UPDATE task SET state = 3 WHERE id = :task AND state + 0 < 3 AND NOT EXISTS (SELECT 1 FROM task_load WHERE task_id = :task)"
)

_MESSAGE = {"id": INT, "phone": INT, "segments": SMALL, "points": INT}
_IN_COMMON = {
    "task_id": ":task", "account_id": ":account", "product": ":product", "state": "2", "channel_id": ":channel",
    "parcel_id": ":parcel", "changed_ms": ":now", "is_open": "true",
}  # fmt: skip
_ADD_MESSAGES = insert("message", _MESSAGE, alike=_IN_COMMON)
_ADD_MESSAGES_WITH_TEXT = insert("message", _MESSAGE | {"text": TEXT}, alike=_IN_COMMON)


class ReleaseSql:
    db: Connection

    def next_slice(self, now_ms: int) -> TaskSlice | None:
        """Returns the next slice. A task that is under way goes on whatever the clock says: it may have been put back since."""
        for state, until_ms in ((TaskState.RELEASING, EVER_MS), (TaskState.WAITING, now_ms)):
            for row in self.db.run(_NEXT_TASK, state=int(state), now=until_ms):
                return self.slice_of(row[0])
        return None

    def slice_of(self, task_id: int) -> TaskSlice | None:
        for row in self.db.run(_SLICE_OF, task=task_id):
            return _slice(row)
        return None

    def add_slice_messages(self, new: SliceMessages, now_ms: int) -> None:
        part, columns = new.part, [new.ids, new.phones, new.segments, new.points]
        in_common = {
            "task": part.task_id,
            "account": part.account_id,
            "product": part.product,
            "channel": new.channel_id,
            "parcel": new.parcel_id,
            "now": now_ms,
        }
        if new.texts is None:
            self.db.write(_ADD_MESSAGES, [*zip(*columns, strict=True)], **in_common)
        else:
            self.db.write(_ADD_MESSAGES_WITH_TEXT, [*zip(*columns, new.texts, strict=True)], **in_common)

    def slice_done(self, part: TaskSlice, first_id: int, last_id: int) -> None:
        self.db.run(DROP_SLICE, task=part.task_id, slice=part.slice)
        self.db.run(_TASK_GROWS, task=part.task_id, first=first_id, last=last_id)
        self.db.run(_TASK_DONE, task=part.task_id)


def _slice(row: Row) -> TaskSlice:
    task_id, number, account_id, product, text, extno, udh, flash, cuts, valid_until_ms, protocol_id, numbers = row
    phones, texts, segments, points = decode_slice(numbers)
    return TaskSlice(
        task_id=task_id,
        slice=number,
        account_id=account_id,
        product=product,
        text=text,
        phones=phones,
        texts=texts,
        segments=segments,
        points=points,
        extno=extno,
        udh=udh,
        is_flash=bool(flash),
        cuts=cuts,
        valid_until_ms=valid_until_ms,
        protocol_id=protocol_id,
    )
