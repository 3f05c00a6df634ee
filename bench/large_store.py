"""Millions of messages of the last three months, made by SQL alone, and how long each list takes over them.

Half of them are the first account's, the other half that of thousands more; each channel has as many as any other.
"""

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Table

from bench.installation import ACCOUNT, SECRET
from hongyan.i18n import language
from hongyan.model.account import Product
from hongyan.model.approval import ApprovalState
from hongyan.model.channel import ChannelState
from hongyan.model.errors import Invalid
from hongyan.model.ids import EPOCH_MS, IDS_AN_HOUR, TASKS_A_DAY, china_day
from hongyan.model.message import MessageState
from hongyan.ports.tx.queries import TaskFilter
from hongyan.services.admin.sealing import Sealer
from hongyan.services.queries.lists.listing import Listing, ListPart, ListQuery, read_list
from hongyan.services.queries.lists.table import LISTS
from hongyan.services.queries.lists.tasks import TaskSize, TaskStateWord
from hongyan.store import schema
from hongyan.store.database import Database, Reader
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import Single

DAYS, ACCOUNTS, CHANNELS = 90, 2_000, 40
DAY_MS = 86_400_000
SELDOM, SELDOM_CHANNEL = f"{ACCOUNT}-{ACCOUNTS}", f"up1-{CHANNELS}"
BATCH = 100_000
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
_POST = f"(n / {_OF_A_POST})"
_ACCOUNT = f"CASE WHEN {_POST} % 2 = 0 THEN 1 ELSE 2 + {_POST} / 2 % {ACCOUNTS - 1} END"
_STATE = "CASE WHEN n % 50 = 0 THEN 11 ELSE 10 END"
_COUNTED = {0: _OF_A_POST, 10: _OF_A_POST - _OF_A_POST // 50, 11: _OF_A_POST // 50}
"""Messages of a post that were submitted, delivered and not delivered."""

_CHANNEL = f"1 + {_POST} % {CHANNELS}"
_NAME = f"'{ACCOUNT}-' || {_ACCOUNT}"
_ROWS = (
    (
        "message",
        1,
        "id, task_id, account_id, product, phone, segments, points, state, channel_id, parcel_id, changed_ms",
        f"{_MESSAGE}, {_TASK}, {_ACCOUNT}, 1, {_PHONE}, 1, 1, {_STATE}, {_CHANNEL}, {_MESSAGE}, {_AT} + 4000",
    ),
    (
        "segment",
        1,
        "message_id, part, attempt, channel_id, carrier_id, result, code, submitted_ms, answered_ms",
        f"{_MESSAGE}, 1, 1, {_CHANNEL}, CAST(n AS text), 1, '', {_AT} + 10, {_AT} + 30",
    ),
    (
        "carrier_ref",
        1,
        "channel_id, carrier_id, n, message_id, part, parts, receipt, code, phone, done_ms, received_ms, made_ms",
        f"{_CHANNEL}, CAST(n AS text), 0, {_MESSAGE}, 1, 1, -1, '', {_PHONE}, {_AT}, {_AT}, {_AT}",
    ),
    (
        "carrier_ref",
        1_000,
        "channel_id, carrier_id, n, receipt, code, phone, done_ms, received_ms, made_ms",
        f"{_CHANNEL}, 'strange ' || n, 0, 1, '', {_PHONE}, {_AT}, {_AT}, {_AT}",
    ),
    (
        "owed",
        1,
        "id, account_id, kind, task_id, state, at_ms, attempts, attempt_id",
        f"{_MESSAGE}, {_ACCOUNT}, 1, {_TASK}, 11, {_AT} + 5000, 1, {_MESSAGE} - n % {_OF_A_POST} * :step",
    ),
    (
        "attempt",
        _OF_A_POST,
        "id, account_id, kind, items, url, outcome, status, answer, took_ms",
        f"{_MESSAGE}, {_ACCOUNT}, 1, {_OF_A_POST}, 'http://127.0.0.1/', 1, 200, '', 5",
    ),
    (
        "task",
        _OF_A_TASK,
        "id, account_id, product, source, address, text, extno, numbers, points, state, send_at_ms, accepted_ms, sms_id, first_id, last_id",
        (
            f"{_TASK}, {_ACCOUNT}, 1, 'sms.aspx', '127.0.0.1', 'a text', '', {_OF_A_TASK}, {_OF_A_TASK}, 3, {_AT}, {_AT}, '', {_MESSAGE},"
            f" {_MESSAGE} + {_OF_A_TASK - 1} * :step"
        ),
    ),
    (
        "entry",
        _OF_A_TASK,
        "kind, subject, account_id, product, points, made_ms",
        f"2, {_TASK}, {_ACCOUNT}, 1, -{_OF_A_TASK}, {_AT}",
    ),
    *(
        (
            "hourly",
            _OF_A_POST,
            "hour, account_id, product, channel_id, carrier, state, messages, segments",
            f"{_AT} / 3600000, {_ACCOUNT}, 1, {_CHANNEL}, 'mobile', {state}, {of_a_post}, {of_a_post}",
        )
        for state, of_a_post in _COUNTED.items()
    ),
    (
        "turnover",
        _OF_A_POST,
        "hour, account_id, product, kind, points",
        f"{_AT} / 3600000, {_ACCOUNT}, 1, 2, -{_OF_A_POST}",
    ),
    (
        "mo",
        _OF_A_POST,
        "id, account_id, channel_id, phone, dest, extno, text, task_id, carrier_id, is_whole, received_ms",
        f"{_MESSAGE}, {_ACCOUNT}, {_CHANNEL}, {_PHONE}, '1069', '', 'a reply', {_TASK}, CAST(n AS text), true, {_AT}",
    ),
    (
        "customer_session",
        _OF_A_POST,
        "id, account_id, protocol, version, address, listener_id, owner, receives, opened_ms, seen_ms, closed_ms, why",
        f"{_MESSAGE}, {_ACCOUNT}, 'smpp', '3.4', '127.0.0.1', 1, 'bench', true, {_AT}, {_AT}, {_AT} + 60000, 'it left'",
    ),
    (
        "audit",
        _OF_A_POST,
        "id, actor, action, subject, before, after, at_ms",
        f"{_MESSAGE}, 'bench', 'account.change', {_NAME}, '{{}}', '{{}}', {_AT}",
    ),
    (
        "approval",
        1_000,
        "id, kind, subject, facts, state, maker, made_ms",
        f"{_MESSAGE}, 'topup', {_NAME}, '{{}}', 'approved', 'bench', {_AT}",
    ),
    (
        "job",
        1_000,
        "id, kind, asked, actor, state, made_ms, ended_ms",
        f"{_MESSAGE}, 'message_export', '{{}}', 'bench', 10, {_AT}, {_AT} + 5000",
    ),
    (
        "listed",
        _OF_A_POST,
        "account_id, phone, end_s, note, made_ms, change",
        f"{_ACCOUNT}, {_PHONE}, 4102444800, '', {_AT}, n",
    ),
)
"""Tables, for how many messages each has a row, its columns and what they hold. Of what is counted by the hour the first post
counts: so many rows there are, not more.
"""


def fill(url: str, messages: int, now_ms: int, key: bytes) -> None:
    """Store so many messages, spread over the days before; other accounts and channels are as the ones that are there.

    key: seals secrets
    """
    database = Database(url)
    connection = database.connect()
    begin_ms, a_day = now_ms - DAYS * DAY_MS, messages // DAYS
    for day in range(0, DAYS, 28):
        database.make_partitions(begin_ms + day * DAY_MS)
    with connection.transaction():
        _multiply(connection, schema.account, ACCOUNTS, Sealer(key))
        _multiply(connection, schema.channel, CHANNELS, Sealer(key), state=int(ChannelState.STOPPED))
    for first, last in _bites(messages):
        day = begin_ms + first // a_day * DAY_MS
        _store(connection, first, last, begin_ms, DAY_MS // a_day, int(china_day(day)) * TASKS_A_DAY + _FIRST_TASK)
    connection.close()
    tidy(database)


def _multiply(connection: Connection, table: Table, count: int, sealer: Sealer, **others: object) -> None:
    """Copies of the first row, up to so many, each with a number behind its name and a secret that opens."""
    given = {"id": "n", "name": "name || '-' || n"} | {name: str(value) for name, value in others.items()}
    columns = [column.name for column in table.columns]
    values = ", ".join(given.get(name, f'{table.name}."{name}"') for name in columns)
    quoted = ", ".join(f'"{name}"' for name in columns)
    text = f"{_N} INSERT INTO {table.name} ({quoted}) SELECT {values} FROM s, {table.name} WHERE {table.name}.id = 1"
    connection.run(Single(text, replans=True), first=2, last=count)
    for number in range(2, count + 1):
        sealed = sealer.seal(SECRET, f"{table.name}:{number}")
        connection.core(table.update().where(table.c.id == number).values(secret=sealed))


def _bites(messages: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + BATCH, messages) - 1) for first in range(0, messages, BATCH))


def _store(connection: Connection, first: int, last: int, begin_ms: int, step_ms: int, task: int) -> None:
    facts = {
        "first": first,
        "last": last,
        "begin": (begin_ms - EPOCH_MS) * _ID_A_MS,
        "step": step_ms * _ID_A_MS,
        "task": task,
        "begin_ms": begin_ms,
        "step_ms": step_ms,
    }
    with connection.transaction():
        for table, each, columns, values in _ROWS:
            text = f"{_N} INSERT INTO {table} ({columns}) SELECT {values} FROM s WHERE n % {each} = 0 ON CONFLICT DO NOTHING"
            connection.run(Single(text, replans=True), **{name: value for name, value in facts.items() if f":{name}" in text})


def tidy(database: Database) -> None:
    """As autovacuum, or a night, would leave it."""
    connection = database.connect()
    if not database.is_sqlite:
        connection.plain("VACUUM (ANALYZE)")
    connection.close()


_NARROWED = (
    ("account", ACCOUNT), ("account", SELDOM), ("channel", SELDOM_CHANNEL), ("size", TaskSize.SINGLE), ("closed", True),
    ("actor", "bench"), ("actor", "nobody"), ("subject", SELDOM), ("phone", 8613800000000), ("phone", 8613900000000),
    ("code", "none"), ("product", Product.MMS),
)  # fmt: skip
_STATES = (
    ("Message", MessageState.QUEUED),
    ("Message", MessageState.FAILED),
    *(("Task", state) for state in TaskStateWord),
    ("Approval", ApprovalState.WAITING),
    ("Approval", ApprovalState.APPROVED),
)


def lists_ms(url: str, now_ms: int, *, is_cold: bool = False) -> dict[str, float]:
    """How long the first page of each list takes, and the second: the longest of what it is narrowed to.

    is_cold: once each, after SQLite's file was put out of memory; else of three tries the best
    """
    reader = Database(url).reader()
    took: dict[str, float] = {}

    def once_ms(listing: Listing, query: ListQuery) -> float:
        if is_cold:
            reader.close()
            _forget(Path(url.removeprefix("sqlite:///")))
            reader.read(lambda tx: tx.read_count(""))  # opens the file, and reads the schema
        return _once(reader, listing, query)

    for listing in LISTS:
        queries = [ListQuery(50, now_ms, given, language=language()) for given in _given(reader, listing, now_ms)]
        of_pages = (
            min(once_ms(listing, one) for _ in range(1 if is_cold else 3))
            for query in queries
            for one in _pages(reader, listing, query)
        )
        took[listing.name] = max(took.get(listing.name, 0.0), *of_pages)
    reader.close()
    return took


def _forget(file: Path) -> None:
    """Put a file out of the page cache."""
    with file.open("rb") as opened:
        os.fsync(opened)
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _given(reader: Reader, listing: Listing, now_ms: int) -> Iterator[dict[str, object]]:
    """What each list is narrowed to: nothing, whatever has much or little of it, and each two of these."""
    span = {} if listing.span is None else listing.span.checked(now_ms - 30 * DAY_MS, now_ms, now_ms)
    usual = {one.name: one.usual for one in listing.filters} | span
    needed = {"account": ACCOUNT, "task": reader.read(lambda tx: tx.tasks(1, TaskFilter()))[0]["id"]}
    usual |= {one.name: needed[one.name] for one in listing.filters if one.is_required}
    narrowed: list[tuple[str, object]] = [(name, said) for name, said in _NARROWED if name in usual]
    narrowed += [("state", state) for thing, state in _STATES if thing == listing.thing]
    yield usual
    yield from (usual | {name: said} for name, said in narrowed)
    yield from (usual | dict(two) for two in itertools.combinations(narrowed, 2) if two[0][0] != two[1][0])


def _pages(reader: Reader, listing: Listing, query: ListQuery) -> list[ListQuery]:
    found = _asked(reader, listing, query)
    if found is None or found.place is None:
        return [query]
    return [query, ListQuery(query.most, query.now_ms, query.given, found.place, language=query.language)]


def _once(reader: Reader, listing: Listing, query: ListQuery) -> float:
    began = time.perf_counter()
    _asked(reader, listing, query)
    return (time.perf_counter() - began) * 1e3


def _asked(reader: Reader, listing: Listing, query: ListQuery) -> ListPart | None:
    """None where it says that the span is to be narrowed: that takes its time, too."""
    with suppress(Invalid):
        return reader.read(lambda tx: read_list(tx, listing, query))
    return None
