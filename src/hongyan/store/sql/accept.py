"""SQL of the accept step: references and wallets first, everything else in one round trip."""

from collections.abc import Iterable, Sequence

from hongyan.model.parcel import Parcel
from hongyan.model.rows import NewMessage, NewTask, TaskSlice
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, OCTETS, SMALL, TEXT, Batch, Row, Single, insert
from hongyan.store.sql.slice_octets import encode_slice

_KNOWN_REFS = Batch(
    "SELECT r.place AS place, client_ref.hash = r.hash AS is_same, client_ref.answer FROM {rows}"
    " JOIN client_ref ON client_ref.account_id = r.account_id AND client_ref.ref = r.ref",
    {"place": INT, "account_id": INT, "ref": TEXT, "hash": OCTETS},
    returns=("place", "is_same", "answer"),
)
_ADD_REFS = insert("client_ref", {"account_id": INT, "ref": TEXT, "hash": OCTETS, "answer": TEXT, "made_ms": INT})


_TASK = {
    "id": INT, "account_id": INT, "product": SMALL, "source": TEXT, "address": TEXT, "text": TEXT, "extno": TEXT,
    "numbers": INT, "points": INT, "state": SMALL, "send_at_ms": INT, "accepted_ms": INT, "sms_id": TEXT,
    "first_id": INT, "last_id": INT,
}  # fmt: skip
_ADD_TASKS = insert("task", _TASK)
_ADD_SPECIAL_TASKS = insert(
    "task",
    _TASK
    | {"udh": TEXT, "flash": SMALL, "cuts": TEXT, "customer_message_id": TEXT, "valid_until_ms": INT, "protocol_id": SMALL},
)
"""Tasks with more than a usual text. SQLite's driver takes four times as long for a NULL as for a number."""
_MESSAGE = {
    "id": INT, "task_id": INT, "account_id": INT, "product": SMALL, "phone": INT, "segments": SMALL, "points": INT,
    "state": SMALL, "channel_id": INT, "parcel_id": INT, "changed_ms": INT,
}  # fmt: skip
_ADD_MESSAGES = insert("message", _MESSAGE, alike={"is_open": "true"})
_ADD_MESSAGES_WITH_TEXT = insert("message", _MESSAGE | {"text": TEXT}, alike={"is_open": "true"})
_ADD_PARCELS = insert("parcel", {
    "id": INT, "channel_id": INT, "priority": SMALL, "state": SMALL, "epoch": INT, "messages": INT, "first_id": INT, "last_id": INT,
})  # fmt: skip
_ADD_LOAD = Single("INSERT INTO task_load (task_id, slice, numbers) VALUES (:task, :slice, :numbers)")


class AcceptSql:
    db: Connection

    def known_references(self, asked: Sequence[tuple[int, int, str, bytes]]) -> dict[int, tuple[bool, str]]:
        return {place: (bool(is_same), answer) for place, is_same, answer in self.db.read(_KNOWN_REFS, asked)}

    def add_references(self, answered: Iterable[tuple[int, str, bytes, str]], now_ms: int) -> None:
        self.db.write(_ADD_REFS, [(*named, now_ms) for named in sorted(answered)])

    def add_tasks(self, tasks: Sequence[NewTask]) -> None:
        plain: list[Row] = []
        special: list[Row] = []
        for t in tasks:
            row = (
                t.id,
                t.account_id,
                int(t.product),
                t.source,
                t.address,
                t.text,
                t.extno,
                t.numbers,
                t.points,
                int(t.state),
                t.send_at_ms,
                t.accepted_ms,
                t.sms_id,
                t.first_id,
                t.last_id,
            )
            if t.is_plain:
                plain.append(row)
            else:
                special.append((*row, t.udh, int(t.is_flash), t.cuts, t.customer_message_id, t.valid_until_ms, t.protocol_id))
        self.db.write(_ADD_TASKS, plain)
        self.db.write(_ADD_SPECIAL_TASKS, special)

    def add_messages(self, messages: Sequence[NewMessage]) -> None:
        self.db.write(_ADD_MESSAGES, [_message(m) for m in messages if m.text is None])
        self.db.write(_ADD_MESSAGES_WITH_TEXT, [(*_message(m), m.text) for m in messages if m.text is not None])

    def add_parcels(self, parcels: Sequence[Parcel]) -> None:
        self.db.write(
            _ADD_PARCELS,
            [(p.id, p.channel_id, p.priority, int(p.epoch > 0), p.epoch, p.messages, p.first_id, p.last_id) for p in parcels],
        )

    def add_load(self, part: TaskSlice) -> None:
        numbers = encode_slice(part.phones, part.texts, part.segments, part.points)
        self.db.run(_ADD_LOAD, task=part.task_id, slice=part.slice, numbers=numbers)


def _message(new: NewMessage) -> Row:
    return (
        new.id,
        new.task_id,
        new.account_id,
        int(new.product),
        new.phone,
        new.segments,
        new.points,
        int(new.state),
        new.channel_id,
        new.parcel_id,
        new.changed_ms,
    )
