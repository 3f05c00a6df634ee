"""Lists of tasks: the codes with which their messages failed, their filters, and their progress."""

import pytest
from tests.scene import mobiles
from tests.services.test_stopping import cancel, pause

from hongyan.model.account import Product
from hongyan.model.message import ReceiptState
from hongyan.services.queries.lists import tasks
from hongyan.services.queries.lists.tasks import TASK_CODES, TASKS, TaskSize, TaskStateWord
from hongyan.store import schema


def test_codes_of_a_task_are_counted_with_their_meaning_and_no_others(scene):
    scene.sent("pre", count=4)
    scene.report(scene.receipt("c1"), *(scene.receipt(f"c{n}", state=ReceiptState.FAILED, code="MK:0001") for n in (2, 3)))
    scene.report(scene.receipt("c4", state=ReceiptState.FAILED, code="ZZ:9"))
    task_id = max(row["id"] for row in scene.rows("task"))

    rows = scene.listed(TASK_CODES, task=task_id)

    assert [(row["code"], row["count"], row["share"]) for row in rows] == [("MK:0001", 2, 66.67), ("ZZ:9", 1, 33.33)]
    assert rows[0]["meaning"]
    assert scene.listed(TASK_CODES, task=1) == []


def test_tasks_that_wait_are_listed_alone_and_page_by_page(scene):
    scene.send("pre")
    waiting = [scene.send(account, send_at_ms=scene.now + 60_000).task_id for account in ("pre", "taken", "pre")]

    newest_first = [row["id"] for row in scene.listed(TASKS, state=TaskStateWord.WAITING)]
    assert newest_first == sorted(waiting, reverse=True)
    (first,) = scene.listed(TASKS, 1, state=TaskStateWord.WAITING)
    behind = scene.listed(TASKS, after=[first["accepted_ms"], first["id"]], state=TaskStateWord.WAITING, account="pre")
    assert [row["id"] for row in behind] == [waiting[0]]
    assert scene.listed(TASKS, state=TaskStateWord.RELEASING) == []


@pytest.fixture
def several(scene):
    """By name: a task of one number, an older one of three, one that is paused, one that waits, and one that was cancelled."""
    batch = scene.send("pre", mobiles(3)).task_id
    scene.now += 1000
    single = scene.send("taken").task_id
    paused = scene.send("pre").task_id
    pause(scene, paused)
    waiting = scene.send("pre", send_at_ms=scene.now + 60_000).task_id
    cancelled = scene.send("pre", send_at_ms=scene.now + 60_000).task_id
    cancel(scene, cancelled)
    return {"batch": batch, "single": single, "paused": paused, "waiting": waiting, "cancelled": cancelled}


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, "cancelled waiting paused single batch"),
        ({"state": TaskStateWord.PAUSED}, "paused"),
        ({"state": TaskStateWord.WAITING}, "waiting"),
        ({"state": TaskStateWord.CANCELLED}, "cancelled"),
        ({"state": TaskStateWord.RELEASED}, "single batch"),
        ({"state": TaskStateWord.RELEASED, "account": "taken"}, "single"),
        ({"size": TaskSize.BATCH}, "batch"),
        ({"size": TaskSize.SINGLE, "account": "pre"}, "cancelled waiting paused"),
        ({"product": Product.MMS}, ""),
        ({"product": Product.SMS, "account": "taken"}, "single"),
    ],
)
@pytest.mark.parametrize("most", [1, 100])
def test_tasks_are_narrowed_by_whatever_is_known_of_them(scene, several, given, names, most):
    names_of = {task_id: name for name, task_id in several.items()}
    rows, after = [], None
    while page := scene.listed(TASKS, most, after=after, **given):
        rows += page
        after = [page[-1]["accepted_ms"], page[-1]["id"]]

    assert [names_of[row["id"]] for row in rows] == names.split()


def test_tasks_are_narrowed_to_a_span(scene, several):
    younger = scene.listed(TASKS, since_ms=scene.now)
    older = scene.listed(TASKS, until_ms=scene.now)

    assert several["batch"] not in {row["id"] for row in younger}
    assert [row["id"] for row in older] == [several["batch"]]


def test_the_progress_of_a_task_is_counted_by_what_became_of_its_messages(scene):
    scene.sent("pre", count=4)
    scene.report(scene.receipt("c1"), scene.receipt("c2", state=ReceiptState.FAILED, code="MK:0001"))
    (task,) = scene.listed(TASKS)

    assert {name: task[name] for name in ("progress", "sent", "delivered", "failed", "unknown", "cancelled")} == {
        "progress": 50.0, "sent": 2, "delivered": 1, "failed": 1, "unknown": 0, "cancelled": 0,
    }  # fmt: skip


def test_the_progress_of_large_tasks_is_left_out_where_a_page_would_read_too_much(scene, monkeypatch):
    scene.send("pre", mobiles(3))
    scene.send("pre")
    monkeypatch.setattr(tasks, "LOOKED_MOST", 3)

    assert [row["progress"] for row in scene.listed(TASKS)] == [0.0, None]


def test_the_progress_of_a_page_of_tasks_is_one_query(scene, monkeypatch):
    for _ in range(60):
        scene.send("pre", mobiles(2))
    asked, core = [], scene.connection.core
    monkeypatch.setattr(scene.connection, "core", lambda statement: asked.append(statement) or core(statement))

    assert [row["progress"] for row in scene.listed(TASKS, 50)] == [0.0] * 50
    assert len(asked) == 2  # the tasks, and what became of their messages


def test_messages_of_others_among_a_tasks_are_not_counted_and_too_many_leave_its_progress_out(scene, monkeypatch):
    """Those of a large task that is released slice by slice lie among those of others."""
    large = scene.send("pre", mobiles(5)).task_id
    small = scene.send("pre", mobiles(1)).task_id
    (last,) = {row["last_id"] for row in scene.rows("task") if row["id"] == small}
    scene.connection.core(schema.task.update().where(schema.task.c.id == large).values(last_id=last))

    assert {row["id"]: row["progress"] for row in scene.listed(TASKS)} == {small: 0.0, large: 0.0}
    monkeypatch.setattr(tasks, "LOOKED_MOST", 6)
    assert {row["id"]: row["progress"] for row in scene.listed(TASKS)} == {small: 0.0, large: None}
