"""What is over is deleted after its time, batch by batch, with all that belongs to it; what is open stays, and the books balance."""

from hypothesis import given
from hypothesis import strategies as st
from tests.scene import UP1, mobiles

from hongyan.model.ids import first_task_id
from hongyan.model.ledger import EntryKind
from hongyan.model.message import ReceiptState
from hongyan.services.steps.retention import RetainedKind, RetentionBatch

DAY_MS = 24 * 3_600_000


def forget(scene, before_ms=None):
    """Delete batch after batch until nothing is left to delete; returns how many rows went."""
    before_ms = scene.now + 1 if before_ms is None else before_ms
    gone = 0
    for kind in RetainedKind:
        while count := scene.ask(scene.steps.forget, RetentionBatch(kind, before_ms)):
            gone += count
    return gone


def lived(scene, account="pre", count=3):
    """Messages that were delivered, but the first, which failed and whose points came back, and whose reports were pulled."""
    scene.sent(account, count)
    failed = scene.receipt("c1", state=ReceiptState.FAILED, code="UNDELIV")
    scene.report(failed, *(scene.receipt(f"c{n}") for n in range(2, count + 1)))
    scene.pull(account)


def left(scene, *tables):
    return [len(scene.rows(table)) for table in tables]


def later(scene, days=20):
    scene.now += days * DAY_MS


def on_sqlite(scene):
    return scene.database.is_sqlite


def test_what_is_over_goes_with_all_that_belongs_to_it(scene):
    lived(scene, count=450)
    points = scene.points()
    later(scene)
    scene.send()

    forget(scene, scene.now)

    if on_sqlite(scene):
        assert left(scene, "task", "message", "segment", "owed") == [1, 1, 0, 0]
        assert {row["kind"] for row in scene.rows("entry")} == {EntryKind.HOLD, EntryKind.CARRIED}
    else:  # months of messages go as a whole, and tasks after them: tests/store/test_partitions.py
        assert left(scene, "task", "message") == [2, 451]
    assert scene.points() == points - 1
    assert scene.books_balance()


def test_nothing_goes_before_its_time(scene):
    lived(scene)
    before = scene.everything()

    assert forget(scene, scene.now - DAY_MS) == 0
    assert scene.everything() == before


def test_an_open_message_stays_and_so_does_its_task(scene):
    scene.send(numbers=mobiles(2))
    (first, _) = scene.claim()
    scene.record([scene.accepted(first, "c1")], done=())
    scene.report(scene.receipt("c1"))
    later(scene)

    forget(scene)

    assert left(scene, "task", "message") == [1, 1 if on_sqlite(scene) else 2]
    assert scene.books_balance()


def test_a_task_that_waits_for_its_time_stays(scene):
    scene.send(numbers=mobiles(3), send_at_ms=scene.now + 300 * DAY_MS)
    later(scene)

    forget(scene)

    assert left(scene, "task", "task_load") == [1, 1]
    assert scene.books_balance()


def test_what_was_carried_is_carried_again(scene):
    for _ in range(3):
        lived(scene)
        later(scene)
        forget(scene)

    assert scene.books_balance()
    if on_sqlite(scene):
        mine = [row for row in scene.rows("entry") if row["account_id"] == scene.account("pre").id]
        assert [row["kind"] for row in mine] == [EntryKind.CARRIED] * len(mine)
        assert sum(row["points"] for row in mine) == scene.points()


def test_replies_go_with_what_is_owed_of_them(scene):
    scene.ask(scene.steps.replies, [scene.reply("TD")])
    later(scene)
    scene.ask(scene.steps.replies, [scene.reply("T")])

    forget(scene, scene.now)

    assert left(scene, "mo", "owed") == [1, 1]


def test_a_batch_is_bounded(scene):
    scene.ask(scene.steps.replies, [scene.reply("T", phone=8613800000000 + n) for n in range(201)])
    later(scene)

    assert scene.ask(scene.steps.forget, RetentionBatch(RetainedKind.REPLIES, scene.now)) == 200
    assert scene.ask(scene.steps.forget, RetentionBatch(RetainedKind.REPLIES, scene.now)) == 1
    assert scene.ask(scene.steps.forget, RetentionBatch(RetainedKind.REPLIES, scene.now)) == 0


def test_a_channel_goes_on_after_old_messages_went(scene):
    lived(scene)
    later(scene)
    forget(scene)
    scene.send()

    assert len(scene.claim(UP1)) == 1


@given(st.integers(1_577_836_800_000, 4_000_000_000_000))
def test_the_task_ids_of_a_day_begin_with_it_in_china(at_ms):
    assert first_task_id(at_ms) <= first_task_id(at_ms + DAY_MS)
    assert first_task_id(1_769_961_600_000 - 1) == 260201 * 10**10
    assert first_task_id(1_769_961_600_000) == 260202 * 10**10  # 2026-02-02 00:00 in China
