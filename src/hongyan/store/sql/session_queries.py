"""SQL of what customers ask over their sessions."""

from collections import Counter
from collections.abc import Iterable

from hongyan.model.hourly import SUBMITTED
from hongyan.model.message import MessageState
from hongyan.model.owed import OwedState
from hongyan.model.session_question import MessageCounts
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import Single
from hongyan.store.schema import BUCKET_SHIFT
from hongyan.store.sql.buckets import NewestIdSql, buckets
from hongyan.store.sql.code_words import word_of
from hongyan.store.sql.slice_octets import decode_slice

_PART = Single("SELECT task_id FROM session_part WHERE id = :part AND account_id = :account")
_STATUS = Single(
    "SELECT m.state, m.code, m.changed_ms FROM task t LEFT JOIN message m ON m.id BETWEEN t.first_id AND t.last_id"
    " AND m.task_id = t.id WHERE t.id = :task AND t.account_id = :account ORDER BY m.channel_id = 0, m.id LIMIT 1"
)
"""Numbers that were refused at once have no channel, and say nothing about the others."""

_BETWEEN = Single(
    "SELECT m.id, m.task_id FROM message m JOIN session_submit s ON s.task_id = m.task_id"
    f" WHERE (m.id >> {BUCKET_SHIFT}) = :bucket AND m.phone = :phone AND m.state = 2 AND m.account_id = :account"
    " AND s.source = :source AND (:service = '' OR s.service = :service) ORDER BY m.id LIMIT 100",
    returns=("id", "task_id"),
    replans=True,
)
_WAITING = Single(
    "SELECT t.id, l.numbers FROM task t JOIN session_submit s ON s.task_id = t.id JOIN task_load l ON l.task_id = t.id AND l.slice = 0"
    " WHERE t.state = 1 AND t.state < 3 AND t.id > :after AND t.account_id = :account AND t.numbers = 1"
    " AND s.source = :source AND (:service = '' OR s.service = :service) ORDER BY t.id LIMIT :most",
    replans=True,
)
_NAME = Single("SELECT customer_message_id FROM task WHERE id = :task")
_DAY = Single(
    "SELECT state, CAST(sum(messages) AS bigint) AS messages FROM hourly WHERE hour BETWEEN :first AND :last AND account_id = :account"
    " GROUP BY state",
    returns=("state", "messages"),
)
_SERVICE = Single(
    "SELECT m.state, count(*) AS messages, count(DISTINCT m.task_id) AS tasks FROM (SELECT task_id FROM session_submit"
    " WHERE account_id = :account AND service = :service AND task_id BETWEEN :first AND :last ORDER BY task_id LIMIT 50000) s"
    " JOIN task t ON t.id = s.task_id JOIN message m ON m.id BETWEEN t.first_id AND t.last_id AND m.task_id = t.id GROUP BY m.state",
    returns=("state", "messages", "tasks"),
    replans=True,
)
_REPLIES = Single(
    "SELECT o.state, count(*) AS replies FROM mo m JOIN owed o ON o.id = m.id WHERE m.id BETWEEN :first AND :last"
    " AND m.account_id = :account GROUP BY o.state",
    returns=("state", "replies"),
    replans=True,
)

_CANCELS_MOST = 100
_FAILED = (MessageState.FAILED, MessageState.UNKNOWN, MessageState.CANCELLED)


class SessionQueriesSql(NewestIdSql):
    db: Connection

    def queued_by_addresses(
        self, account_id: int, source: str, phone: int, service: str, span_ms: tuple[int, int]
    ) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for bucket in buckets(*span_ms, self.newest_id()):
            asked = {"bucket": bucket, "phone": phone, "account": account_id, "source": source, "service": service}
            found += [(row[0], row[1]) for row in self.db.run(_BETWEEN, **asked)]
        return found[:_CANCELS_MOST]

    def waiting_by_source(self, account_id: int, source: str, service: str, after: int, most: int) -> list[tuple[int, int]]:
        asked = {"account": account_id, "source": source, "service": service, "after": after, "most": most}
        return [(task_id, decode_slice(numbers)[0][0]) for task_id, numbers in self.db.run(_WAITING, **asked)]

    def part_of_task(self, account_id: int, part_id: int) -> int | None:
        return next((row[0] for row in self.db.run(_PART, account=account_id, part=part_id)), None)

    def state_of_task(self, account_id: int, task_id: int) -> tuple[MessageState, str, int] | None:
        for state, code, changed_ms in self.db.run(_STATUS, account=account_id, task=task_id):
            if state is None:
                return MessageState.QUEUED, "", 0
            known = MessageState(state)
            return known, word_of(code, is_delivered=known is MessageState.DELIVERED), changed_ms
        return None

    def name_of_task(self, task_id: int) -> str:
        return next((row[0] or "" for row in self.db.run(_NAME, task=task_id)), "")

    def count_day(self, account_id: int, first_hour: int, last_hour: int) -> MessageCounts:
        found = dict(map(tuple, self.db.run(_DAY, first=first_hour, last=last_hour, account=account_id)))
        return _counts(found.pop(SUBMITTED, 0), found)

    def count_service(self, account_id: int, service: str, first_task: int, last_task: int) -> MessageCounts:
        rows = self.db.run(_SERVICE, account=account_id, service=service, first=first_task, last=last_task)
        found = {state: messages for state, messages, _ in rows}
        return _counts(sum(found.values()), found)

    def count_replies(self, account_id: int, first_id: int, last_id: int) -> dict[OwedState, int]:
        rows = self.db.run(_REPLIES, account=account_id, first=first_id, last=last_id)
        return {OwedState(state): count for state, count in rows}


def _counts(submitted: int, by_state: dict[int, int]) -> MessageCounts:
    ended = Counter({MessageState(state): count for state, count in by_state.items() if state >= MessageState.DELIVERED})
    delivered, failed = ended[MessageState.DELIVERED], _sum(ended, _FAILED)
    return MessageCounts(submitted, submitted, delivered, max(0, submitted - delivered - failed), failed)


def _sum(ended: Counter[MessageState], states: Iterable[MessageState]) -> int:
    return sum(ended[state] for state in states)
