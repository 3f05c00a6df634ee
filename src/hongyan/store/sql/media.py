"""SQL of media: the parts of MMS, each stored once under its SHA-256, beside the messages and in their transactions.

Whatever adds or drops media locks the row that counts their octets, so the count is right and two processes cannot deadlock.
"""

from collections.abc import Sequence

import orjson

from hongyan.model.ids import DAY_MS
from hongyan.model.mms import Media
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, Batch, Single
from hongyan.store.sql.counters import CounterSql

COUNTED = "media_octets"
"""The counter that holds the octets of all media."""

ROW_OCTETS = 512
"""What a part costs besides its octets; so very many small parts are bounded too."""


_USED = Single("SELECT used_ms FROM media WHERE hash = :hash")
_ADD = Single("INSERT INTO media (hash, octets, used_ms, body) VALUES (:hash, :octets, :used, :body)")
_TOUCH = Single("UPDATE media SET used_ms = :used WHERE hash = :hash")
_ADD_TASK = Single("INSERT INTO task_media (task_id, parts) VALUES (:task, :parts)")
_TASKS = Batch(
    "SELECT m.id, k.task_id, k.parts FROM {rows} JOIN message m ON m.id = r.id JOIN task_media k ON k.task_id = m.task_id",
    {"id": INT},
    returns=("id", "task_id", "parts"),
)
_ADD_REPLY = Single("INSERT INTO mo_media (mo_id, parts) VALUES (:reply, :parts)")
_REPLY = Single("SELECT parts FROM mo_media WHERE mo_id = :reply")
_LAST_FROM = Single(
    "SELECT k.mo_id FROM mo_media k CROSS JOIN mo m WHERE m.id = k.mo_id AND m.phone = :phone ORDER BY k.mo_id DESC LIMIT 1"
)
"""CROSS: so SQLite walks the replies with media, the newest first, and not all replies."""
_BODY = Single("SELECT body FROM media WHERE hash = :hash")
_PRUNE = Single(
    "DELETE FROM media WHERE hash IN (SELECT hash FROM media WHERE used_ms < :before ORDER BY used_ms LIMIT 100) RETURNING octets"
)


class MediaSql(CounterSql):
    db: Connection

    def lock_media(self) -> int:
        return self._count(0)

    def add_media(self, task_id: int, media: Sequence[Media], used_ms: int) -> None:
        self._count(sum(self._keep(one, used_ms) for one in media))
        self.db.run(_ADD_TASK, task=task_id, parts=_names(media))

    def add_reply_media(self, reply_id: int, media: Sequence[Media], used_ms: int) -> None:
        self._count(sum(self._keep(one, used_ms) for one in media))
        self.db.run(_ADD_REPLY, reply=reply_id, parts=_names(media))

    def media_of_reply(self, reply_id: int) -> tuple[Media, ...]:
        rows = self.db.run(_REPLY, reply=reply_id)
        return self._media(rows[0][0], {}) if rows else ()

    def last_mms_from(self, phone: int) -> int | None:
        rows = self.db.run(_LAST_FROM, phone=phone)
        return rows[0][0] if rows else None

    def media_of(self, message_ids: Sequence[int]) -> dict[int, tuple[Media, ...]]:
        tasks: dict[int, tuple[Media, ...]] = {}
        bodies: dict[str, bytes] = {}
        found: dict[int, tuple[Media, ...]] = {}
        for message_id, task_id, parts in self.db.read(_TASKS, [(i,) for i in message_ids]):
            if task_id not in tasks:
                tasks[task_id] = self._media(parts, bodies)
            found[message_id] = tasks[task_id]
        return found

    def prune_media(self, before_ms: int) -> int:
        self.lock_media()
        dropped = self.db.run(_PRUNE, before=before_ms)
        self._count(-sum(octets + ROW_OCTETS for (octets,) in dropped))
        return len(dropped)

    def _count(self, octets: int) -> int:
        return self.take_count(COUNTED, octets)

    def _keep(self, one: Media, used_ms: int) -> int:
        """Store a part, or note the day on which it is used again; returns the octets that were added.

        Only the day, because SQLite writes the whole row anew, body included, when a number in it changes.
        """
        known = self.db.run(_USED, hash=one.digest)
        if not known:
            self.db.run(_ADD, hash=one.digest, octets=len(one.data), used=used_ms, body=one.data)
            return len(one.data) + ROW_OCTETS
        if used_ms >= known[0][0] + DAY_MS:
            self.db.run(_TOUCH, hash=one.digest, used=used_ms)
        return 0

    def _media(self, parts: str, bodies: dict[str, bytes]) -> tuple[Media, ...]:
        media = []
        for name, kind, digest in orjson.loads(parts):
            if digest not in bodies:
                rows = self.db.run(_BODY, hash=bytes.fromhex(digest))
                bodies[digest] = bytes(rows[0][0]) if rows else b""
            media.append(Media(name, kind, bodies[digest], bytes.fromhex(digest)))
        return tuple(media)


def _names(media: Sequence[Media]) -> str:
    return orjson.dumps([[one.name, one.kind, one.digest.hex()] for one in media]).decode()
