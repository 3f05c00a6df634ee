"""A clock that is put forward, and back again: ids go on from where they were, ahead of it, and nothing gets lost behind them."""

import pytest
from tests.scene import HOUR_MS, mobiles

from hongyan.model.channel import OnDoubt
from hongyan.model.ids import IdSource, made_ms
from hongyan.model.message import MessageState
from hongyan.services.queries.trace import Sought, trace
from hongyan.services.steps.report import Page, Silence

STEP_MS = 100 * HOUR_MS
PHONE = "13800000000"


@pytest.fixture
def stepped(scene):
    """The scene after its clock was days ahead for a message."""
    scene.now += STEP_MS
    scene.send(numbers=["13900000000"])
    scene.claim()
    scene.now -= STEP_MS
    return scene


def lived(scene):
    """A message from its acceptance to its pull, some milliseconds a step."""
    scene.send(numbers=[PHONE])
    for n, segment in enumerate(scene.claim()):
        scene.now += 5
        segment.submitted_ms = scene.now
        scene.now += 5
        scene.record([scene.accepted(segment, f"d{n}")])
    scene.now += 5
    scene.report(scene.receipt("d0"))
    scene.now += 5
    scene.pull()


def test_new_messages_are_found_by_their_phone_and_told_in_order(stepped):
    lived(stepped)

    (life,) = stepped.within(lambda tx: trace(tx, Sought(PHONE, stepped.now, back_ms=HOUR_MS)))

    assert [one.event for one in life.events] == [
        "accepted",
        "queued",
        "submitted",
        "answered",
        "receipt",
        "ended",
        "handed",
    ]
    moments = [one.at_ms for one in life.events]
    assert moments == sorted(moments)


def test_a_clock_that_is_put_back_within_a_life_turns_no_step_round(scene):
    scene.send(numbers=[PHONE])
    (segment,) = scene.claim()
    segment.submitted_ms = scene.now
    scene.now -= HOUR_MS
    scene.record([scene.accepted(segment, "d0")])
    scene.report(scene.receipt("d0"))

    (life,) = scene.within(lambda tx: trace(tx, Sought("d0", scene.now)))

    assert [one.event for one in life.events][:6] == ["accepted", "queued", "submitted", "answered", "receipt", "ended"]


def test_a_message_without_a_receipt_ends_in_its_time(stepped):
    stepped.sent()
    stepped.now += 73 * HOUR_MS
    stepped.ask(stepped.steps.silent)

    assert MessageState.UNKNOWN in stepped.states()


def test_a_reply_finds_the_last_message_to_its_phone(stepped):
    task = stepped.send(numbers=["13800138000"])

    stepped.ask(stepped.steps.replies, [stepped.reply("好", dest="10690001")])

    assert [row["task_id"] for row in stepped.rows("mo")] == [task.task_id]


def test_a_receipt_that_slipped_is_concluded(stepped):
    stepped.sent()
    stepped.within(lambda tx: tx.match_receipts([stepped.receipt("c1")], stepped.now))
    stepped.within(lambda tx: tx.note_receipts(tx.match_receipts([stepped.receipt("c1")], stepped.now)))

    stepped.ask(stepped.steps.slipped, Page((0, 0), -1))

    assert MessageState.DELIVERED in stepped.states()


def test_messages_without_a_report_are_asked_for(stepped):
    stepped.sent()

    names, _ = stepped.ask(stepped.steps.unreported, Silence(1, (0, 0), stepped.now - 1, stepped.now))

    assert names == ["c1"]


def test_a_receipt_for_what_is_in_doubt_finds_it(stepped):
    stepped.change_channel(on_doubt=OnDoubt.HOLD)
    stepped.send(numbers=mobiles(1))
    (segment,) = stepped.claim()
    segment.submitted_ms = stepped.now
    stepped.record([stepped.unanswered(segment)])
    stepped.report(stepped.receipt("elsewhere", phone=segment.phone))
    stepped.ask(stepped.steps.parked, (stepped.now - 1, stepped.now + 1))

    assert MessageState.DELIVERED in stepped.states()


def test_reports_that_came_while_the_clock_was_ahead_are_handed_out(scene):
    scene.now += STEP_MS
    scene.sent()
    scene.report(scene.receipt("c1"))
    scene.now -= STEP_MS

    assert len(scene.pull()) == 1


def test_ids_after_a_restart_are_none_that_were_given(stepped):
    newest = stepped.within(lambda tx: tx.newest_made())
    again = IdSource(stepped.ids.node, newest)

    (one,) = again.take(1, stepped.now)

    assert one > newest
    assert made_ms(one) - made_ms(newest) <= 1
