"""Every hand-written statement compiles against the schema on both engines, and finds its rows by an index."""

import importlib
import pkgutil
import re
from contextlib import closing, contextmanager

import pytest
from tests.scene import NOW, Scene, furnish
from tests.store.test_list_plans import explained

from hongyan import store as room
from hongyan.model.message import TaskState
from hongyan.ports.tx.queries import TaskFilter
from hongyan.store import schema
from hongyan.store.database import Database
from hongyan.store.engine.postgres_connection import PostgresConnection
from hongyan.store.engine.sqlite_connection import SqliteConnection
from hongyan.store.engine.statement import Batch, Single
from hongyan.store.sql.tx import SqlTx

ONE_ENGINE = {
    "_NOW_SQLITE": "sqlite",
    "_NOW_POSTGRES": "postgres",
    "_NOTIFY": "postgres",
    "READ_MARK": "postgres",
    "WRITE_MARK": "postgres",
    "END_SESSION": "postgres",
}

WALKED_BY_A_SHORT_INDEX = {
    "customer_session_up": "sessions that are up",
    "session_part_open": "parts that wait for their rest",
}
"""Partial indexes of so few rows that a statement may walk them."""

WALK_WHOLE_TABLES = {
    "buckets._NEWEST": "the last row of each month",
    "buckets._NEWEST_MADE": "the last row of each",
    "codes._NEW": "a thousand rows at most",
    "ledger._WALLETS": "the proof of the ledger",
    "ledger._SUMS": "the proof of the ledger",
    "ledger._TURNOVERS": "the proof of the ledger",
    "alarms._ALARMS": "what is bad",
    "alarms._COUNT": "what is bad, every few seconds for all pages",
    "alarms._RULES": "rules that were set by hand",
    "alarms._SILENCES": "silences that were set by hand",
    "alarms._WALLETS": "every wallet, four times a minute",
    "leases._LEASES": "as many rows as channels",
    "commit_mark.PRUNE_MARKS": "as many rows as connections",
    "leases._NODES": "as many rows as processes",
    "leases._TAKE_NODE": "as many rows as processes",
    "leases._TROUBLES": "as many rows as channels",
    "link_figures._READ": "as many rows as channels",
    "recordings._ASKED": "at most 20 rows, which live for seconds",
    "stopping._UNFINISHED_ONES": "pauses whose command was killed in the middle, once a second",
    "tickets._PRUNE": "what was claimed and never answered, once a minute",
    "media._LAST_FROM": "replies with media, newest first, until one is from the phone: an operator's question",
    "session_parts._STALE": "parts that wait for their rest, by an index of these alone, twice a minute",
    "inbound._STALE": "parts that wait for their rest, twice a minute",
}
_NAME = re.compile(r":([a-z_]+)")


def _found():
    for module in pkgutil.walk_packages(room.__path__, "hongyan.store."):
        if ".migrations" not in module.name:
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, Single | Batch):
                    yield f"{module.name.rpartition('.')[2]}.{name}", value


STATEMENTS = dict(sorted(_found()))


def _for(engine):
    named = [(name, s) for name, s in STATEMENTS.items() if ONE_ENGINE.get(name.split(".")[1], engine) == engine]
    return pytest.mark.parametrize("name", [name for name, _ in named])


def _scalars(statement):
    return tuple(dict.fromkeys(_NAME.findall(statement.text)))


@pytest.fixture(scope="module")
def sqlite(_sqlite_stores):
    connection = SqliteConnection(_sqlite_stores[0], read_only=True)
    yield connection._raw
    connection.close()


@pytest.fixture(scope="module")
def postgres_raw(make_postgres_database):
    """A store that nobody writes to: what autovacuum notes about tables that tests fill and empty would change plans."""
    database = Database(make_postgres_database("plans"))
    database.upgrade(NOW)
    with _planning(database.url) as connection:
        yield connection


@contextmanager
def _planning(url):
    """As steps are planned: whatever can use an index does, also while tables are empty."""
    with closing(PostgresConnection(url)) as connection:
        yield connection.raw


def _sqlite_plan(raw, statement, how, count=3):
    if isinstance(statement, Single):
        return raw.execute(f"{how} {statement.sqlite()}", dict.fromkeys(_scalars(statement))).fetchall()
    said = statement.sqlite(count)
    rows = [[None] * len(statement.columns)] * count
    return raw.execute(f"{how} {said.text}", said.values(dict.fromkeys(_scalars(statement)), rows)).fetchall()


def _postgres_plan(raw, statement):
    rows = raw.execute(f"EXPLAIN (GENERIC_PLAN, COSTS OFF) {statement.postgres().text}".encode()).fetchall()
    return [row[0] for row in rows]


def test_there_are_statements():
    assert len(STATEMENTS) > 60


@_for("sqlite")
def test_it_compiles_on_sqlite(sqlite, name):
    assert _sqlite_plan(sqlite, STATEMENTS[name], "EXPLAIN")


@_for("postgres")
def test_it_compiles_on_postgresql(postgres_raw, name):
    assert _postgres_plan(postgres_raw, STATEMENTS[name])


@pytest.mark.parametrize("name", [n for n, s in STATEMENTS.items() if isinstance(s, Batch)])
@pytest.mark.parametrize("count", [1, 256])
def test_a_batch_compiles_at_its_shortest_and_longest(sqlite, name, count):
    assert _sqlite_plan(sqlite, STATEMENTS[name], "EXPLAIN", count)


@pytest.mark.parametrize("name", [n for n in STATEMENTS if n not in WALK_WHOLE_TABLES])
def test_it_scans_no_table_on_sqlite(sqlite, name):
    if ONE_ENGINE.get(name.split(".")[1]) == "postgres":
        return
    details = [row[3] for row in _sqlite_plan(sqlite, STATEMENTS[name], "EXPLAIN QUERY PLAN")]
    tables = "|".join(schema.metadata.tables)
    aliases = {alias: table for table, alias in re.findall(rf"\b({tables})(?: AS)? ([a-z])\b", STATEMENTS[name].text)}

    scanned = [aliases.get(what, what) for detail in details if (what := (re.match(r"SCAN (\w+)", detail) or ("", ""))[1])]

    assert set(scanned) & set(schema.metadata.tables) == set(), details


@pytest.mark.parametrize("name", [n for n in STATEMENTS if n not in WALK_WHOLE_TABLES])
def test_it_scans_no_table_on_postgresql(postgres_raw, name):
    if ONE_ENGINE.get(name.split(".")[1]) == "sqlite":
        return
    plan = _postgres_plan(postgres_raw, STATEMENTS[name])

    assert _walks(plan) == [], "\n".join(plan)


def _walks(plan):
    """The lines that read a table or an index from end to end; one that is read for its first row only is not."""
    walks = []
    for place, line in enumerate(plan):
        index = re.search(r"Index (?:Only )?Scan(?: Backward)? using (\w+)", line)
        has_condition = "Index Cond" in "".join(plan[place + 1 : place + 2])
        if "Seq Scan on" in line or (index and not has_condition and index[1] not in WALKED_BY_A_SHORT_INDEX):
            walks.append(line.strip())
    return walks


def test_a_pause_is_looked_up_from_the_few_that_are_unfinished(postgres_raw):
    """The other way round it read every task of the store once a second."""
    plan = _postgres_plan(postgres_raw, STATEMENTS["stopping._UNFINISHED_ONES"])

    assert [line for line in _walks(plan) if "unfinished_pause" not in line] == [], "\n".join(plan)


@pytest.mark.parametrize("name", WALK_WHOLE_TABLES)
def test_the_exceptions_are_statements(name):
    assert name in STATEMENTS


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("dispatch._READY", "parcel_next"),
        ("reroute._READY_FEW", "parcel_next"),
        ("dispatch._MEMBERS", "message_open"),
        ("dispatch._CLOSE_PARCELS", "message_open"),
        ("report._SILENT", "message_open"),
        ("report._OPEN_PAGE", "message_open"),
        ("report._PARKED", "carrier_ref_parked"),
        ("owed._PICK_DUE", "owed_due"),
        ("owed._DUE", "owed_due"),
        ("pruning._PRUNE_BRIEF_REFS", "client_ref_brief"),
        ("inbound._LAST_MT", "message_phone"),
        ("inbound._SEEN", "mo_repeat"),
        ("release._NEXT_TASK", "task_waiting"),
    ],
)
def test_the_index_that_was_made_for_it_serves_it(sqlite, postgres_raw, name, index):
    on_sqlite = " ".join(row[3] for row in _sqlite_plan(sqlite, STATEMENTS[name], "EXPLAIN QUERY PLAN"))
    on_postgres = " ".join(_postgres_plan(postgres_raw, STATEMENTS[name]))

    assert f"INDEX {index}" in on_sqlite
    columns = {"message_open": "parcel_id", "message_phone": "expr_phone", "owed_due": "account_id_kind_state_at_ms"}
    assert re.search(rf"using (\w*_)?({index}|{columns.get(index, index)})", on_postgres), on_postgres


@pytest.mark.parametrize(
    "name",
    ["dispatch._READY", "reroute._READY_FEW", "owed._PICK_DUE", "report._SILENT", "report._OPEN_PAGE", "release._SLICE_OF"],
)
def test_a_queue_is_read_in_the_order_of_its_index(postgres_raw, name):
    """A table that was never analysed is taken for small: sorting the backlog at each claim took 73 ms at 300,000 parcels."""
    assert [line for line in _postgres_plan(postgres_raw, STATEMENTS[name]) if re.search(r"\bSort *$", line)] == []


@pytest.mark.parametrize("name", ["inbound._LAST_MT", "inbound._LAST_MT_OF"])
def test_a_young_table_that_was_analysed_is_looked_up_by_its_index_too(furnished_postgres_store, name):
    """Plans are kept: one that walks a small table would walk it when it is large."""
    with closing(Scene(furnished_postgres_store)) as scene:
        scene.sent(count=3)
    with _planning(furnished_postgres_store.url) as connection:
        connection.execute("ANALYZE message")
        plan = _postgres_plan(connection, STATEMENTS[name])

    assert [line for line in plan if "Scan" in line and "expr_phone" not in line] == [], "\n".join(plan)


@pytest.mark.parametrize("name", ["release._NEXT_TASK", "release._SLICE_OF"])
def test_the_next_slice_of_a_task_is_read_without_those_behind_it(sqlite, name):
    """Sorting them would read the packed numbers of all."""
    plan = [row[3] for row in _sqlite_plan(sqlite, STATEMENTS[name], "EXPLAIN QUERY PLAN")]

    assert [step for step in plan if "TEMP B-TREE" in step] == []


@pytest.mark.parametrize("name", ["ending._LOCK", "owed._REPORTS", "owed._SESSION_REPORTS", "report._KNOWN"])
def test_what_is_looked_up_by_id_is_not_sorted(sqlite, name):
    """A sorter costs a third of the look-up, for every message."""
    plan = [row[3] for row in _sqlite_plan(sqlite, STATEMENTS[name], "EXPLAIN QUERY PLAN")]

    assert [step for step in plan if "TEMP B-TREE" in step] == []


PARTIAL = re.compile(r"parcel_id_id_idx|message_open|account_id_kind_state|owed_due|task_waiting|task_unusual")
BY_ID = re.compile(r"\b(?:message|owed|task|m|o|t)\.id = (?:r\.id|r\.task_id|n\.message_id|:task|:message)\b|WHERE id = :")


MORE_TASKS = """
    INSERT INTO task SELECT (jsonb_populate_record(task, jsonb_build_object('id', id + n, 'accepted_ms', accepted_ms + n))).*
    FROM task, generate_series(1, 1000) n
"""
"""Among a few tasks any index is as good as another."""


@pytest.fixture(scope="module")
def analysed_store(make_postgres_database):
    """A store that was analysed while everything had ended: its plans take an index of what is open for empty."""
    database = Database(make_postgres_database("analysed"))
    database.upgrade(NOW)
    furnish(database)
    with closing(Scene(database)) as scene:
        segments = scene.sent(count=500)
        scene.report(*(scene.receipt(f"c{n}") for n in range(1, len(segments) + 1)))
        scene.pull()
    with _planning(database.url) as connection:
        connection.execute(MORE_TASKS)
        connection.execute("ANALYZE")
    return database


@pytest.fixture(scope="module")
def analysed(analysed_store):
    with _planning(analysed_store.url) as connection:
        yield connection


@pytest.mark.parametrize(
    "name", [n for n, s in STATEMENTS.items() if BY_ID.search(s.text) and re.search(r"\b(message|owed|task)\b", s.text)]
)
def test_what_is_looked_up_by_id_is_no_walk_through_what_is_open(analysed, name):
    """Such an index grows by whatever passes through it, and was walked for each row."""
    plan = _postgres_plan(analysed, STATEMENTS[name])

    assert [line.strip() for line in plan if PARTIAL.search(line)] == [], "\n".join(plan)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (TaskFilter(), "task_accepted"),
        (TaskFilter(account_id=1, since_ms=NOW, until_ms=NOW + 1), "task_accepted"),
        (TaskFilter(product=1, is_batch=True), "task_accepted"),
        (TaskFilter(state=int(TaskState.RELEASED), is_paused=False), "task_accepted"),
        (TaskFilter(state=int(TaskState.CANCELLED), is_batch=False), "task_unusual"),
        (TaskFilter(is_paused=True), "task_unusual"),
        (TaskFilter(state=int(TaskState.WAITING), account_id=1), "task_unusual"),
    ],
    ids=str,
)
def test_the_list_of_tasks_is_read_in_its_order_whatever_it_is_narrowed_to(analysed_store, wanted, index):
    with closing(PostgresConnection(analysed_store.url)) as connection:
        asked, core = [], connection.core
        connection.core = lambda statement: asked.append(statement) or core(statement)
        with connection.transaction():
            SqlTx(connection).tasks(50, wanted)
        plans = [line for statement in asked for line in explained(connection, statement)]

    assert not [line for line in plans if "Seq Scan" in line], plans
    read = {found[1] for line in plans if (found := re.search(r"using (task_\w+)", line))}
    assert index in read
    assert read <= {"task_pkey", index}, plans
