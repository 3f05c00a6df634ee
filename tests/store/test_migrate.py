"""Migrations lead from nothing to the schema that store/schema.py says, on both engines."""

import subprocess
import sys
import warnings
from contextlib import contextmanager

import orjson
import pytest
from alembic import command, op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, insert, text
from tests.scene import NOW

from hongyan.model.ids import EPOCH_MS, HOUR_MS
from hongyan.store import migrate, schema
from hongyan.store.database import Database, SchemaWrong
from hongyan.store.sql.slice_octets import decode_slice

TABLES = set(schema.metadata.tables)

_COLUMNS = """
    SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public'
"""
_INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
_SQLITE_COLUMNS = """
    SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_master m, pragma_table_info(m.name) c
    WHERE m.type = 'table'
"""
_SQLITE_KINDS = "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main'"
_SQLITE_INDEXES = """
    SELECT m.name, i."unique", i.origin, i.partial, (SELECT group_concat(x.name) FROM pragma_index_info(i.name) x),
    (SELECT sql FROM sqlite_master s WHERE s.name = i.name) FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table'
"""
_KEYS = "SELECT relname, pg_get_partkeydef(oid) FROM pg_class WHERE relkind = 'p'"


@pytest.fixture
def make_empty(engine, request, tmp_path):
    """Returns addresses of databases in which nothing was ever made."""
    if engine == "postgres":
        return request.getfixturevalue("make_postgres_database")
    return lambda name: f"sqlite:///{tmp_path / f'{name}.db'}"


@pytest.fixture
def empty(make_empty):
    return make_empty("empty")


@pytest.fixture
def another(make_empty):
    return make_empty("another")


def _engine(url):
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))


def _asked(url, *queries):
    engine = _engine(url)
    with engine.connect() as connection:
        found = [set(map(tuple, connection.execute(text(query)))) for query in queries]
    engine.dispose()
    return found


def _described(url, engine):
    """Everything that the database itself says of our tables; partitions aside."""
    if engine == "sqlite":
        columns, kinds, indexes = _asked(url, _SQLITE_COLUMNS, _SQLITE_KINDS, _SQLITE_INDEXES)
        return {row for row in (*columns, *kinds, *indexes) if row[0] in TABLES}
    columns, indexes, keys = _asked(url, _COLUMNS, _INDEXES, _KEYS)
    return {row for row in (*columns, *indexes, *keys) if row[0] in TABLES}


def test_from_nothing_to_the_schema_of_this_release(empty, another, engine):
    migrated = Database(empty)
    assert migrate.sqlite_path(empty) is not None or migrate.revision(empty) is None
    assert migrated.upgrade(NOW) == migrate.wanted()

    made = _engine(another)
    schema.metadata.create_all(made)
    made.dispose()

    assert _described(empty, engine) == _described(another, engine)
    assert len(_described(another, engine)) > len(TABLES)


def test_alembic_finds_nothing_to_migrate(store):
    engine = _engine(store.url)

    def is_ours(thing, name, kind, is_reflected, _):
        """Partitions are not; nor are indexes over expressions, which it cannot read (the test above does)."""
        table = name if kind == "table" else thing.table.name
        return table in TABLES and name != "message_phone"

    # SQLite reports defaults in other words than it was given; the test above compares them by its own.
    options = {"compare_type": True, "compare_server_default": not store.is_sqlite, "include_object": is_ours}
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about those indexes
        found = compare_metadata(MigrationContext.configure(connection, opts=options), schema.metadata)
    engine.dispose()

    assert found == []


def test_upgrading_again_is_harmless(furnished_store):
    before = furnished_store.read(lambda tx: tx.rows_of("account"))

    assert furnished_store.upgrade(NOW) == migrate.wanted()
    assert furnished_store.upgrade(NOW) == migrate.wanted()

    assert furnished_store.read(lambda tx: tx.rows_of("account")) == before
    furnished_store.check_schema()


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9998"
down_revision = "{newest}"


def upgrade():
    op.add_column("customer", sa.Column("note", sa.Text(), server_default="none", nullable=False))
"""


@pytest.fixture
def later(monkeypatch, tmp_path):
    """Until it is left, this program is a later release, whose schema has a column more."""
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "9998_next.py").write_text(NEXT.format(newest=migrate.wanted()), encoding="utf-8")

    @contextmanager
    def released():
        with monkeypatch.context() as patch:
            patch.setattr(migrate, "_VERSIONS", (*migrate._VERSIONS, tmp_path / "later"))
            yield

    return released


def test_a_later_release_keeps_what_the_first_one_stored_and_the_first_one_says_it_apart(empty, later):
    database = Database(empty)
    ours = database.upgrade(NOW)
    with database.transaction() as tx:
        tx.add_row("customer", id=7, name="Acme", parent_id=None, made_ms=NOW)

    with later():
        with pytest.raises(SchemaWrong) as wrong:
            database.check_schema()
        assert (wrong.value.found, wrong.value.wanted) == (ours, "9998")
        assert database.upgrade(NOW) == database.upgrade(NOW) == "9998"
        database.check_schema()

    assert _asked(empty, "SELECT id, name, note FROM customer") == [{(7, "Acme", "none")}]
    assert migrate.is_newer(database.schema())
    with pytest.raises(SchemaWrong, match="9998"):
        database.check_schema()


def _upgrade_to(url, revision):
    with migrate._connected(url, "BEGIN IMMEDIATE") as connection:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_results_of_jobs_and_notices_of_alarms_stay_under_their_new_names(empty):
    _upgrade_to(empty, "0017")
    engine = _engine(empty)
    with engine.begin() as connection:
        job = (
            "(id, kind, asked, actor, state, told, made_ms) VALUES (7, 'replay', '{}', 'cli:root', 10, '{\"replayed\": 3}', 1)"
        )
        connection.exec_driver_sql(f"INSERT INTO job {job}")
        alarm = "(kind, subject, state, value, since_ms, changed_ms, told, sending_ms) VALUES ('channel_down', 'up1', 2, 1, 1, 1, 1, 0)"
        connection.exec_driver_sql(f"INSERT INTO alarm {alarm}")
    engine.dispose()

    Database(empty).upgrade(NOW)

    assert _asked(empty, "SELECT result FROM job", "SELECT notified FROM alarm") == [{('{"replayed": 3}',)}, {(1,)}]


def test_processes_go_on_with_the_version_of_the_configuration(empty):
    _upgrade_to(empty, "0029")
    engine = _engine(empty)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO counter (name, value) VALUES ('book', 17), ('task:260202', 20000)")
    engine.dispose()

    database = Database(empty)
    database.upgrade(NOW)

    assert database.read(lambda tx: tx.config_version()) == 17
    assert _asked(empty, "SELECT name, value FROM counter") == [{("config_version", 17), ("task:260202", 20000)}]


def test_slices_that_wait_while_a_release_comes_are_packed_anew(empty):
    _upgrade_to(empty, "0022")
    load = ([8613800138000, 8613000130000], ["一", "二"], [1, 2], [3, 6])
    engine = _engine(empty)
    with engine.begin() as connection:
        insert_load = text("INSERT INTO task_load (task_id, slice, numbers) VALUES (7, 0, :numbers)")
        connection.execute(insert_load, {"numbers": orjson.dumps(load)})
    engine.dispose()

    Database(empty).upgrade(NOW)

    [found] = _asked(empty, "SELECT numbers FROM task_load")
    assert [decode_slice(bytes(numbers)) for (numbers,) in found] == [load]


def test_counters_and_notes_are_filled_from_what_the_first_release_stored(empty):
    """Messages of two hours; entries, some of which were carried over; a correction with its note in the audit."""
    _upgrade_to(empty, "0001")
    Database(empty).make_partitions(NOW)
    hour = NOW // HOUR_MS
    first = (hour * HOUR_MS - EPOCH_MS) << 22
    usual = {
        "task_id": 1,
        "account_id": 1,
        "product": 1,
        "phone": 8613800138000,
        "points": 2,
        "parcel_id": 0,
        "changed_ms": NOW,
    }
    messages = [
        usual | {"id": first, "state": 10, "channel_id": 1, "segments": 2, "code": ""},
        usual | {"id": first + 1, "state": 11, "channel_id": 1, "segments": 2, "code": "MK:1"},
        usual | {"id": first - 1, "state": 4, "channel_id": 2, "segments": 1, "code": ""},
    ]
    entries = [
        {"kind": kind, "subject": first + place, "account_id": 1, "product": 1, "points": points, "made_ms": made_ms}
        for place, (kind, points, made_ms) in enumerate(
            [(1, 7, NOW), (4, -2, NOW), (5, 30, NOW - 5 * HOUR_MS), (5, 40, NOW - 9 * HOUR_MS), (2, -6, NOW)]
        )
    ]
    seen = {"actor": "cli:root", "subject": "1", "before": "{}", "at_ms": NOW}
    audit = [
        seen | {"id": first, "action": "wallet.topup", "after": '{"points": 7}'},
        seen | {"id": first + 1, "action": "wallet.adjust", "after": '{"points": 5, "note": "a slip"}'},
    ]
    engine = _engine(empty)
    with engine.begin() as connection:
        connection.execute(insert(schema.message), messages)
        connection.execute(insert(schema.entry), entries)
        connection.execute(insert(schema.audit), audit)
    engine.dispose()

    Database(empty).upgrade(NOW)

    hourly = _asked(empty, "SELECT hour, channel_id, state, messages, segments FROM hourly")[0]
    assert hourly == {(hour, 1, 0, 2, 4), (hour, 1, 10, 1, 2), (hour, 1, 11, 1, 2), (hour - 1, 2, 0, 1, 1)}
    assert _asked(empty, "SELECT hour, state, code, messages FROM hourly_code") == [{(hour, 11, "MK:1", 1)}]
    assert _asked(empty, "SELECT id FROM message WHERE is_open") == [{(first - 1,)}]
    turnover = _asked(empty, "SELECT hour, account_id, kind, points FROM turnover")[0]
    assert turnover == {(0, 1, 5, 70), (hour, 1, 1, 7), (hour, 1, 2, -6), (hour, 1, 4, -2)}
    notes = _asked(empty, "SELECT kind, points, note, actor FROM entry_note")[0]
    assert notes == {(1, 7, "", "cli:root"), (4, -2, "a slip", "cli:root")}


def test_an_upgrade_that_is_cut_off_leaves_nothing_and_can_be_repeated(empty, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(op, "create_index", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Database(empty).upgrade(NOW)
    assert migrate.revision(empty) is None

    assert Database(empty).upgrade(NOW) == migrate.wanted()


def test_a_store_that_was_never_made_is_reported_from_one_that_was(empty, engine):
    database = Database(empty)
    if engine == "sqlite":
        database.path.touch()

    with pytest.raises(SchemaWrong) as wrong:
        database.check_schema()

    assert (wrong.value.found, wrong.value.wanted) == (None, migrate.wanted())


def test_a_store_of_another_release_is_named(store):
    with store.transaction() as tx:
        tx.db.plain("UPDATE alembic_version SET version_num = '9999'")
    try:
        with pytest.raises(SchemaWrong, match="9999"):
            store.check_schema()
    finally:
        with store.transaction() as tx:
            tx.db.plain(f"UPDATE alembic_version SET version_num = '{migrate.wanted()}'")


def test_a_look_at_the_schema_does_without_alembic():
    asks = """
import sys
from hongyan.store import migrate
migrate.revision('sqlite:///:memory:'), migrate.wanted()
print('alembic' in sys.modules)
"""

    assert subprocess.run([sys.executable, "-c", asks], capture_output=True, check=True, text=True).stdout == "False\n"
