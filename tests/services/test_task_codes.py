"""Lists of tasks: the codes with which their messages failed, and tasks that are still to come."""

from hongyan.model.message import ReceiptState
from hongyan.services.queries.lists.traffic import TASK_CODES, TASKS, OpenState


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

    newest_first = [row["id"] for row in scene.listed(TASKS, state=OpenState.WAITING)]
    assert newest_first == sorted(waiting, reverse=True)
    (first,) = scene.listed(TASKS, 1, state=OpenState.WAITING)
    behind = scene.listed(TASKS, after=[first["accepted_ms"], first["id"]], state=OpenState.WAITING, account="pre")
    assert [row["id"] for row in behind] == [waiting[0]]
    assert scene.listed(TASKS, state=OpenState.RELEASING) == []
