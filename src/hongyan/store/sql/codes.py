"""SQL of codes without a rule: a short list for operators."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from hongyan.store import schema
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, TEXT, Batch

MOST = 1_000
"""About how many are kept: a carrier that invents codes must not fill the store."""

_COLUMNS = {"channel_id": INT, "code": TEXT, "seen": INT}
_AGAIN = Batch(
    "UPDATE unknown_code SET seen = unknown_code.seen + r.seen, last_ms = :now FROM {rows}"
    " WHERE unknown_code.channel_id = r.channel_id AND unknown_code.code = r.code",
    _COLUMNS,
)
_NEW = Batch(
    "INSERT INTO unknown_code (channel_id, code, seen, first_ms, last_ms) SELECT r.channel_id, r.code, r.seen, :now, :now"
    " FROM {rows} WHERE (SELECT count(*) FROM unknown_code) < :most ON CONFLICT (channel_id, code) DO NOTHING",
    _COLUMNS,
)


class CodesSql:
    db: Connection

    def note_unknown_codes(self, rows: Sequence[tuple[int, str, int]], now_ms: int) -> None:
        ordered = sorted(rows)
        self.db.write(_AGAIN, ordered, now=now_ms)
        self.db.write(_NEW, ordered, now=now_ms, most=MOST)

    def unknown_codes(self) -> list[dict[str, Any]]:
        table, channel = schema.unknown_code, schema.channel
        query = select(table, channel.c.name.label("channel"), channel.c.protocol).join(
            channel, channel.c.id == table.c.channel_id
        )
        return self.db.core(query.order_by(table.c.seen.desc(), table.c.code, table.c.channel_id))

    def forget_unknown_code(self, code: str, channel_id: int | None) -> None:
        table = schema.unknown_code
        query = table.delete().where(table.c.code == code)
        self.db.core(query if channel_id is None else query.where(table.c.channel_id == channel_id))
