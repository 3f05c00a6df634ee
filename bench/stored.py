"""Millions of messages that were sent and receipted in the last month, made by SQL alone, and how long each list takes over them."""

import time
from collections.abc import Iterator

from bench.installation import ACCOUNT
from hongyan.i18n import language
from hongyan.model.ids import EPOCH_MS, IDS_AN_HOUR, TASKS_A_DAY, china_day
from hongyan.services.queries.lists.listing import Listing, ListQuery, read_list
from hongyan.services.queries.lists.table import LISTS
from hongyan.store.database import Database, Reader
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import Single

DAYS = 28
DAY_MS = 86_400_000
BITE = 100_000
"""Rows of one commit."""

_ID_A_MS = IDS_AN_HOUR // 3_600_000
_OF_A_TASK, _OF_A_POST = 10, 100
_FIRST_TASK = 5 * 10**9
"""Of a day: what the platform itself takes on that day begins with 1."""

_N = "WITH RECURSIVE s(n) AS (SELECT CAST(:first AS bigint) UNION ALL SELECT n + 1 FROM s WHERE n < :last)"
_MESSAGE = "(CAST(:begin AS bigint) + n * :step)"
_TASK = f"(CAST(:task AS bigint) + n / {_OF_A_TASK})"
_PHONE = "8613800000000 + n % 100000000"
_AT = "(CAST(:begin_ms AS bigint) + n * :step_ms)"
_ROWS = {
    "message": (
        "id, task_id, account_id, product, phone, segments, points, state, channel_id, parcel_id, changed_ms",
        f"{_MESSAGE}, {_TASK}, :account, 1, {_PHONE}, 1, 1, CASE WHEN n % 50 = 0 THEN 11 ELSE 10 END, :channel, {_MESSAGE}, {_AT} + 4000",
    ),
    "segment": (
        "message_id, part, attempt, channel_id, carrier_id, result, code, submitted_ms, answered_ms",
        f"{_MESSAGE}, 1, 1, :channel, CAST(n AS text), 1, '', {_AT} + 10, {_AT} + 30",
    ),
    "carrier_ref": (
        "channel_id, carrier_id, n, message_id, part, parts, receipt, code, phone, done_ms, received_ms, made_ms",
        f":channel, CAST(n AS text), 0, {_MESSAGE}, 1, 1, -1, '', {_PHONE}, {_AT}, {_AT}, {_AT}",
    ),
    "owed": (
        "id, account_id, kind, task_id, state, at_ms, attempts, attempt_id",
        f"{_MESSAGE}, :account, 1, {_TASK}, 11, {_AT} + 5000, 1, {_MESSAGE} - n % {_OF_A_POST} * :step",
    ),
    "attempt": (
        "id, account_id, kind, items, url, outcome, status, answer, took_ms",
        f"{_MESSAGE}, :account, 1, {_OF_A_POST}, 'http://127.0.0.1/', 1, 200, '', 5",
    ),
    "task": (
        "id, account_id, product, source, address, text, extno, numbers, points, state, send_at_ms, accepted_ms, sms_id, first_id, last_id",
        (
            f"{_TASK}, :account, 1, 'sms.aspx', '127.0.0.1', 'a text', '', {_OF_A_TASK}, {_OF_A_TASK}, 3, {_AT}, {_AT}, '', {_MESSAGE},"
            f" {_MESSAGE} + {_OF_A_TASK - 1} * :step"
        ),
    ),
    "entry": (
        "kind, subject, account_id, product, points, made_ms",
        f"2, {_TASK}, :account, 1, -{_OF_A_TASK}, {_AT}",
    ),
}
"""Of each table, columns and what they hold."""

_EACH = {"attempt": _OF_A_POST, "task": _OF_A_TASK, "entry": _OF_A_TASK}
"""Tables with a row for so many messages only."""


def fill(url: str, messages: int, now_ms: int) -> None:
    """Store so many messages of the account and the channel that are there, spread over the days before."""
    database = Database(url)
    connection = database.connect()
    begin_ms, a_day = now_ms - DAYS * DAY_MS, messages // DAYS
    for first, last in _bites(messages):
        day = begin_ms + first // a_day * DAY_MS
        _store(connection, first, last, begin_ms, DAY_MS // a_day, int(china_day(day)) * TASKS_A_DAY + _FIRST_TASK)
    connection.close()
    tidy(database)


def _bites(messages: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + BITE, messages) - 1) for first in range(0, messages, BITE))


def _store(connection: Connection, first: int, last: int, begin_ms: int, step_ms: int, task: int) -> None:
    facts = {
        "first": first,
        "last": last,
        "begin": (begin_ms - EPOCH_MS) * _ID_A_MS,
        "step": step_ms * _ID_A_MS,
        "task": task,
        "begin_ms": begin_ms,
        "step_ms": step_ms,
        "account": 1,
        "channel": 1,
    }
    with connection.transaction():
        for table, (columns, values) in _ROWS.items():
            text = f"{_N} INSERT INTO {table} ({columns}) SELECT {values} FROM s WHERE n % {_EACH.get(table, 1)} = 0"
            connection.run(Single(text, replans=True), **{name: value for name, value in facts.items() if f":{name}" in text})


def tidy(database: Database) -> None:
    """As autovacuum, or a night, would leave it."""
    connection = database.connect()
    if not database.is_sqlite:
        connection.plain("VACUUM (ANALYZE)")
    connection.close()


def lists_ms(url: str, now_ms: int) -> dict[str, float]:
    """How long the first page of each list takes, and the second: the longer of both, of three tries the best."""
    reader = Database(url).reader()
    took = {}
    for listing in LISTS:
        query = ListQuery(50, now_ms, _given(listing, now_ms), language=language())
        took[listing.name] = max(min(_once(reader, listing, one) for _ in range(3)) for one in _pages(reader, listing, query))
    reader.close()
    return took


def _given(listing: Listing, now_ms: int) -> dict[str, object]:
    asked = {one.name: ACCOUNT if one.is_required else one.usual for one in listing.filters}
    span = {} if listing.span is None else listing.span.checked(now_ms - 7 * DAY_MS, now_ms, now_ms)
    return asked | span | ({"account": ACCOUNT} if "account" in asked else {})


def _pages(reader: Reader, listing: Listing, query: ListQuery) -> list[ListQuery]:
    place = reader.read(lambda tx: read_list(tx, listing, query)).place
    second = ListQuery(query.most, query.now_ms, query.given, place, language=query.language)
    return [query] if place is None else [query, second]


def _once(reader: Reader, listing: Listing, query: ListQuery) -> float:
    began = time.perf_counter()
    reader.read(lambda tx: read_list(tx, listing, query))
    return (time.perf_counter() - began) * 1e3
