"""Monthly partitions on PostgreSQL: made ahead of time, each row in the month that its id names."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scene import NOW, Scene, furnish

from hongyan.model.ids import first_id
from hongyan.model.ledger import EntryKind
from hongyan.model.message import ReceiptState
from hongyan.services.steps.retention import RetainedKind, RetentionBatch
from hongyan.store.database import Database
from hongyan.store.partitions import MONTHS_AHEAD, month_start_ms, spans
from hongyan.store.schema import PARTITIONED

CHINA = timedelta(hours=8)


def china_ms(year, month, day=1, hour=0):
    return round((datetime(year, month, day, hour, tzinfo=UTC) - CHINA).timestamp() * 1000)


moments = st.integers(china_ms(2024, 1), china_ms(2060, 1))


@given(moments)
def test_the_months_of_each_table_join_without_a_gap(now_ms):
    found = list(spans(now_ms, MONTHS_AHEAD))

    for table in PARTITIONED:
        ranges = [(span.start, span.end) for span in found if span.table == table and "_t" not in span.name]
        assert [end for _, end in ranges[:-1]] == [start for start, _ in ranges[1:]]
        assert ranges[0][0] < first_id(now_ms) < ranges[-1][1]
        assert all(start < end for start, end in ranges)
    assert len({span.name for span in found}) == len(found)


@given(moments)
def test_a_process_that_sleeps_for_a_month_still_finds_its_partition(now_ms):
    """Names and ranges depend on the month alone, so what is made later joins what is there."""
    early, late = list(spans(now_ms, MONTHS_AHEAD)), list(spans(now_ms + 31 * 86_400_000, MONTHS_AHEAD))
    ranges = {span.name: (span.table, span.start, span.end) for span in early}

    assert {span.name for span in early} & {span.name for span in late}
    assert all(ranges.get(span.name, found) == found for span in late if (found := (span.table, span.start, span.end)))
    assert any(span.start <= first_id(now_ms + 31 * 86_400_000) < span.end for span in early)


@given(moments)
def test_task_ids_of_a_day_stand_in_its_month(now_ms):
    day = datetime.fromtimestamp(now_ms / 1000, UTC) + CHINA
    ids = [int(f"{day:%y%m%d}{number:010}") for number in (0, 10**10 - 1)]
    named = [span.name for span in spans(now_ms, 0) if span.table == "entry" and span.start <= ids[0] and ids[1] < span.end]

    assert named == [f"entry_t{day:%Y%m}"]


@pytest.fixture
def raw(postgres_store):
    with psycopg.connect(postgres_store.url, autocommit=True) as connection:
        yield connection


INSERTS = {
    "message": "INSERT INTO message (id, task_id, account_id, product, phone, segments, points, state, channel_id, parcel_id,"
    " changed_ms, is_open) VALUES (%s, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, true)",
    "segment": "INSERT INTO segment (message_id, part, attempt, channel_id, carrier_id, result, code, submitted_ms, answered_ms)"
    " VALUES (%s, 1, 0, 1, '', 1, '', 1, 1)",
    "owed": "INSERT INTO owed (id, account_id, kind, task_id, state, at_ms, attempt_id) VALUES (%s, 1, 1, 1, 2, 1, 1)",
    "attempt": "INSERT INTO attempt (id, account_id, kind, items, url, outcome, status, answer, took_ms)"
    " VALUES (%s, 1, 1, 1, '', 1, 200, '', 1)",
    "entry": "INSERT INTO entry (kind, subject, account_id, product, points, made_ms) VALUES (1, %s, 1, 1, 1, 1)",
}


@pytest.mark.parametrize("table", list(PARTITIONED))
def test_ids_land_in_the_month_in_which_they_were_made(raw, table):
    column = PARTITIONED[table]
    edges = [china_ms(2026, 1), china_ms(2026, 2) - 1, china_ms(2026, 2), NOW, china_ms(2026, 3) - 1, china_ms(2026, 3)]
    for at_ms in edges:
        raw.execute(INSERTS[table].encode(), (first_id(at_ms),))

    found = raw.execute(f"SELECT tableoid::regclass::text FROM {table} ORDER BY {column}".encode()).fetchall()

    months = ["202601", "202601", "202602", "202602", "202602", "202603"]
    assert [name for (name,) in found] == [f"{table}_{month}" for month in months]


def test_entries_of_tasks_stand_apart_from_those_of_messages(raw):
    raw.execute(INSERTS["entry"].encode(), (260228 * 10**10,))
    raw.execute(INSERTS["entry"].encode(), (260301 * 10**10,))

    found = raw.execute("SELECT tableoid::regclass::text FROM entry ORDER BY subject").fetchall()

    assert [name for (name,) in found] == ["entry_t202602", "entry_t202603"]


def test_a_month_that_nobody_made_refuses_its_rows(raw):
    with pytest.raises(psycopg.errors.CheckViolation):
        raw.execute(INSERTS["message"].encode(), (first_id(china_ms(2059, 1)),))


def test_partitions_are_made_once_and_ahead(make_postgres_database):
    database = Database(make_postgres_database("partitions"))
    database.upgrade(NOW)

    assert database.make_partitions(NOW) == 0
    assert database.make_partitions(china_ms(2026, 3)) == len(PARTITIONED) + 1  # one month more
    assert database.make_partitions(china_ms(2026, 3)) == 0


def test_sending_a_page_of_messages_touches_no_index(make_postgres_database):
    """Pages keep room for it: such an update of PostgreSQL is HOT."""
    database = Database(make_postgres_database("room"))
    database.upgrade(NOW)
    furnish(database)
    scene: Any = Scene(database)  # its connection is PostgreSQL's
    try:
        scene.sent(count=500)

        scene.connection.raw.execute("SELECT pg_stat_force_next_flush()")
        ((all_updates, hot),) = scene.connection.raw.execute(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'message_202602'"
        ).fetchall()
    finally:
        scene.close()

    assert all_updates == 500
    assert hot >= 0.5 * all_updates


# --- months that are over ----------------------------------------------------------------------------------------------------


@pytest.fixture
def old(make_postgres_database):
    """A furnished store whose messages of February are over, but for one that is open; later they would be five months old."""
    database = Database(make_postgres_database("months"))
    database.upgrade(NOW)
    furnish(database)
    scene = Scene(database)
    scene.sent(count=3)
    scene.report(scene.receipt("c1", state=ReceiptState.FAILED, code="UNDELIV"), scene.receipt("c2"))
    scene.now = china_ms(2026, 8, 15)
    database.make_partitions(scene.now)
    yield scene
    scene.close()


def months(scene):
    found = scene.connection.raw.execute("SELECT inhrelid::regclass::text FROM pg_inherits ORDER BY 1").fetchall()
    return [name for (name,) in found if name.endswith(("_202602", "_t202602"))]


def forget(scene, before_ms):
    return scene.database.forget_months(before_ms, scene.now, lambda count: scene.ids.take(count, scene.now))


def test_a_month_with_an_open_message_stays_whole(old):
    assert forget(old, china_ms(2026, 3)) != []  # January's
    assert len(months(old)) == len(PARTITIONED) + 1
    assert old.books_balance()


def test_a_month_goes_when_it_is_over_and_its_points_are_carried(old):
    old.report(old.receipt("c3"))
    points = old.points()

    forget(old, china_ms(2026, 3) - 1)
    assert len(months(old)) == len(PARTITIONED) + 1  # it is not over by then
    forget(old, china_ms(2026, 3))

    assert months(old) == []
    assert old.rows("message") == old.rows("segment") == []
    assert {row["kind"] for row in old.rows("entry")} == {EntryKind.CARRIED}
    assert old.points() == points
    assert old.books_balance()
    assert forget(old, china_ms(2026, 3)) == []


def test_tasks_go_after_the_months_of_their_messages(old):
    old.report(old.receipt("c3"))
    before = old.database.kept_from_ms(china_ms(2026, 3, 20))
    batch = RetentionBatch(RetainedKind.TASKS, before)

    assert old.ask(old.steps.forget, batch) == 0
    forget(old, before)
    assert old.ask(old.steps.forget, batch) == 1
    assert old.books_balance()


def test_a_table_in_use_is_left_for_the_next_time(old):
    old.report(old.receipt("c3"))
    with psycopg.connect(old.database.url) as other:
        other.execute("SELECT count(*) FROM message_202602")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            forget(old, china_ms(2026, 3))
    assert old.books_balance()

    forget(old, china_ms(2026, 3))
    assert months(old) == []
    assert old.books_balance()


@given(moments)
def test_whole_months_are_kept(at_ms):
    start_ms = month_start_ms(at_ms)

    assert 0 <= at_ms - start_ms < 31 * 86_400_000
    assert (datetime.fromtimestamp(start_ms / 1000, UTC) + CHINA).strftime("%d %H:%M:%S") == "01 00:00:00"


def test_sqlite_has_no_partitions(sqlite_store):
    assert sqlite_store.make_partitions(NOW) == 0
