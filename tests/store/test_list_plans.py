"""Pages of lists that grow are read by an index, in its order, on both engines: a page costs the same however long the list is."""

import re

import pytest
from tests.shared_store import shared_store

from hongyan.model.account import Product
from hongyan.model.approval import ApprovalState
from hongyan.model.hourly import SUBMITTED
from hongyan.model.message import MessageState
from hongyan.model.signature import SignatureState
from hongyan.ports.tx.queries import TaskSpan
from hongyan.services.queries.lists.customers import ACCOUNTS, CUSTOMERS
from hongyan.services.queries.lists.delivery import OWED, PUSHES, UNMATCHED
from hongyan.services.queries.lists.listing import ListQuery, read_list
from hongyan.services.queries.lists.messages import MESSAGES, REPLIES
from hongyan.services.queries.lists.money import APPROVALS, ENTRIES
from hongyan.services.queries.lists.people import AUDIT
from hongyan.services.queries.lists.rules import SIGNATURES, TEMPLATES
from hongyan.services.queries.lists.tasks import TASKS, TaskSize, TaskStateWord
from hongyan.store import schema
from hongyan.store.engine import postgres_connection, sqlite_connection
from hongyan.store.sql.tx import SqlTx


@pytest.fixture(scope="module")
def _postgres_shared(make_postgres_database):
    """A store of their own: dead rows that other tests left in indexes would change plans."""
    with shared_store(make_postgres_database("list_plans")) as shared:
        yield shared


BAD = r"(?<!Incremental )\bSort\b(?! Key)|TEMP B-TREE(?! FOR (?:RIGHT PART|LAST TERM))|^SCAN(?! looked)|Seq Scan"
"""Steps of a plan that read the whole of a list; to sort what is alike by its first column does not. Rows that are looked through are
numbered.
"""

TABLES = set(schema.metadata.tables)
SPAN = {"since_ms": 1_700_000_000_000, "until_ms": 1_800_000_000_000}

PAGES = [
    (MESSAGES, SPAN, None, "message"),
    (MESSAGES, SPAN | {"state": MessageState.FAILED}, None, "message"),
    (REPLIES, {}, None, "mo"),
    (REPLIES, {"account": "pre"}, None, "mo_account"),
    (REPLIES, {"account": "pre"} | SPAN, None, "mo_account"),
    (PUSHES, {"account": "pre"}, None, "attempt_account"),
    (AUDIT, {}, None, "audit"),
    (AUDIT, {"actor": "cli:root"}, None, "audit_actor"),
    (AUDIT, {"actor": "cli:root"} | SPAN, None, "audit_actor"),
    (AUDIT, {"action": "account.change"}, None, "audit_action"),
    (AUDIT, {"subject": "pre"}, None, "audit_subject"),
    (SIGNATURES, {}, 5, "signature"),
    (SIGNATURES, {"state": SignatureState.PENDING}, 5, "signature_state"),
    (TEMPLATES, {}, 5, "template"),
    (APPROVALS, {"state": ApprovalState.WAITING}, None, "approval_state"),
    (CUSTOMERS, {}, 5, "customer"),
    (ACCOUNTS, {}, "m", "account"),
    (OWED, {}, [1, 1, 1], "owed_due"),
    (ENTRIES, {"account": "pre"}, [5, 5, 5], "entry_note_of"),
    (UNMATCHED, SPAN, [5, 5, "5", 5], "carrier_ref_parked"),
    (UNMATCHED, SPAN | {"channel": "up1"}, None, "carrier_ref_parked"),
    (UNMATCHED, SPAN | {"channel": "up1"}, [5, 5, "5", 5], "carrier_ref_parked"),
]
"""Lists, what is asked of them, behind which row, and the index that serves: of that name, or the table's key."""


FORGET = """
    SELECT pg_clear_relation_stats('public', c.relname), pg_clear_attribute_stats('public', c.relname, a.attname, false)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND c.relname LIKE %s || '%%'
"""
"""What autovacuum noted about tables that tests fill and empty would change plans."""


def plan_of(connection, table, ask, sorts="ORDER BY"):
    """How the rows of a table are found that are asked for."""
    if not connection.is_sqlite:
        connection.raw.execute(FORGET, [table])
    asked, core = [], connection.core
    connection.core = lambda statement: asked.append(statement) or core(statement)
    ask(SqlTx(connection))
    del connection.core
    found = [one for one in asked if f"FROM {table} " in str(one).replace("\n", " ") and sorts in str(one)]
    assert found
    return [line for statement in found for line in explained(connection, statement)]


def explained(connection, statement):
    compiled = statement.compile(
        dialect=sqlite_connection.DIALECT if connection.is_sqlite else postgres_connection.DIALECT,
        compile_kwargs={"render_postcompile": True},
    )
    if connection.is_sqlite:
        return [row[3] for row in connection._raw.execute(f"EXPLAIN QUERY PLAN {compiled}", compiled.params)]
    return [row[0] for row in connection.raw.execute(f"EXPLAIN (COSTS OFF) {compiled}".encode(), compiled.params)]


@pytest.mark.parametrize(("listing", "given", "after", "index"), PAGES, ids=lambda value: getattr(value, "name", str(value)))
def test_a_page_is_read_by_an_index_in_its_order(scene, listing, given, after, index):
    table = max((name for name in TABLES if f"{index}_".startswith(f"{name}_")), key=len)
    query = ListQuery(50, scene.now, given, after)

    plan = plan_of(scene.connection, table, lambda tx: read_list(tx, listing, query))

    assert not [line for line in plan if re.search(BAD, line)], plan
    if index != table:
        expected = rf"{index}|attempt_\w+account_id_id_idx|owed_\w+account_id_kind_state_at_ms_id_idx"
        assert [line for line in plan if re.search(expected, line)], plan


TASKS_BY = [
    ({}, "task_accepted"),
    (SPAN, "task_accepted"),
    ({"account": "pre"}, "task_accepted"),
    ({"product": Product.SMS, "size": TaskSize.BATCH}, "task_accepted"),
    ({"state": TaskStateWord.RELEASED}, "task_accepted"),
    ({"state": TaskStateWord.CANCELLED} | SPAN, "task_unusual"),
    ({"state": TaskStateWord.PAUSED, "size": TaskSize.SINGLE}, "task_unusual"),
    ({"state": TaskStateWord.WAITING, "account": "pre"}, "task_unusual|task_waiting"),
]
"""What tasks are narrowed to, and the index that finds them: that of all, or one of those that are not just released."""


@pytest.mark.parametrize(("given", "index"), TASKS_BY, ids=lambda value: "-".join(value) if isinstance(value, dict) else value)
@pytest.mark.parametrize("after", [None, [SPAN["until_ms"] - 1, 2611210000000005]], ids=["first", "next"])
def test_tasks_are_found_in_their_order(scene, given, index, after):
    scene.sent("pre", count=3)
    plan = plan_of(scene.connection, "task", lambda tx: read_list(tx, TASKS, ListQuery(50, scene.now, given, after)))

    (found,) = {name for line in plan for name in re.findall(r"\btask_[a-z]\w+", line)} - {"task_pkey"}
    assert re.fullmatch(index, found), plan


HOURS = [
    ("hourly", "hourly_of", lambda tx: tx.hours_with_messages(range(9, 99), 9, SUBMITTED, {"account_id": 3, "channel_id": 4})),
    ("turnover", "turnover_of", lambda tx: tx.hours_with_tasks(3, range(9, 99), 9)),
]


@pytest.mark.parametrize(("table", "index", "ask"), HOURS, ids=lambda value: value if isinstance(value, str) else "")
def test_the_hours_of_an_account_are_found_by_an_index_in_its_order(scene, table, index, ask):
    plan = plan_of(scene.connection, table, ask)

    assert not [line for line in plan if re.search(BAD, line)], plan
    assert [line for line in plan if index in line], plan


@pytest.mark.parametrize("equal", [{}, {"account_id": 3}], ids=["all", "account"])
def test_figures_by_the_hour_are_read_in_order_on_sqlite(scene, equal):
    plan = plan_of(scene.connection, "hourly", lambda tx: tx.hourly_sums("hour", range(9, 99), **equal), sorts="GROUP BY")

    assert not scene.connection.is_sqlite or not [line for line in plan if re.search(BAD, line)], plan


def test_the_progress_of_a_task_is_counted_between_its_first_message_and_its_last(scene):
    scene.sent("pre", count=3)
    (task,) = scene.rows("task")
    within = TaskSpan(task["id"], task["first_id"], task["last_id"], 100)
    plan = plan_of(scene.connection, "message", lambda tx: tx.task_states_within([within, within]), sorts="LIMIT")

    assert not [line for line in plan if re.search(r"SCAN message|Seq Scan", line)], plan
    assert [line for line in plan if re.search(r"rowid>\? AND rowid<\?|Index Cond: \(\(.*id >= .*id <= ", line)], plan
