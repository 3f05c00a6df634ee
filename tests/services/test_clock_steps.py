"""A clock that is put forward, and back again: ids go on from where they were, ahead of it, and nothing gets lost behind them."""

import pytest
from tests.scene import HOUR_MS, mobiles

from hongyan.cli.trace import spaced
from hongyan.model.channel import OnDoubt
from hongyan.model.ids import IdSource, made_ms
from hongyan.model.message import MessageState
from hongyan.model.owed import OwedKind, Pushed, PushOutcome
from hongyan.policy.release import AT_ONCE, SLICE
from hongyan.services.queries.trace import TraceQuery, trace
from hongyan.services.steps.owed import PushClaim, PushRecord
from hongyan.services.steps.report_sweeps import OpenPage, UnreportedPage

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


def test_new_messages_are_found_by_their_phone_and_reported_in_order(stepped):
    lived(stepped)

    (traced,) = stepped.within(lambda tx: trace(tx, TraceQuery(PHONE, stepped.now, back_ms=HOUR_MS)))

    assert [one.event for one in traced.events] == [
        "accepted",
        "queued",
        "submitted",
        "answered",
        "receipt",
        "ended",
        "handed",
    ]
    moments = [one.at_ms for one in traced.events]
    assert moments == sorted(moments)


def test_a_clock_that_is_put_back_within_a_trace_turns_no_step_round(scene):
    scene.send(numbers=[PHONE])
    (segment,) = scene.claim()
    segment.submitted_ms = scene.now
    scene.now -= HOUR_MS
    scene.record([scene.accepted(segment, "d0")])
    scene.report(scene.receipt("d0"))

    (traced,) = scene.within(lambda tx: trace(tx, TraceQuery("d0", scene.now)))

    assert [one.event for one in traced.events][:6] == ["accepted", "queued", "submitted", "answered", "receipt", "ended"]
    assert all(after >= 0 for _, after in spaced(traced))


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

    stepped.ask(stepped.steps.slipped, OpenPage((0, 0), -1))

    assert MessageState.DELIVERED in stepped.states()


def test_messages_without_a_report_are_asked_for(stepped):
    stepped.sent()

    names, _ = stepped.ask(stepped.steps.unreported, UnreportedPage(1, (0, 0), stepped.now - 1, stepped.now))

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


def test_reports_that_came_while_the_clock_was_ahead_are_pushed(scene):
    pushed = scene.account("pushed")
    scene.now += STEP_MS
    scene.sent("pushed")
    scene.report(scene.receipt("c1"))
    scene.now -= STEP_MS

    assert scene.ask(scene.steps.due, [pushed.id]) == [(pushed.id, OwedKind.REPORT)]
    assert len(scene.ask(scene.steps.claim_push, PushClaim(pushed.id, OwedKind.REPORT, 10))) == 1


def test_a_push_that_failed_waits_for_its_moment_and_no_longer_than_any_delay_is(scene):
    pushed = scene.account("pushed")
    scene.sent("pushed")
    scene.report(scene.receipt("c1"))
    items = scene.ask(scene.steps.claim_push, PushClaim(pushed.id, OwedKind.REPORT, 10))
    failed = Pushed(PushOutcome.UNREACHED, 0, "", scene.now, 12)
    record = PushRecord(pushed, OwedKind.REPORT, [i.owed_id for i in items], failed, scene.ids.one(scene.now))
    scene.ask(scene.steps.record_push, record)

    assert scene.ask(scene.steps.due, [pushed.id]) == []
    scene.now -= HOUR_MS
    assert scene.ask(scene.steps.due, [pushed.id]) == [(pushed.id, OwedKind.REPORT)]


def test_a_large_task_goes_on_and_one_that_waits_for_its_time_waits(scene):
    scene.now += STEP_MS
    scene.send(numbers=mobiles(AT_ONCE + 1))
    scene.send(numbers=mobiles(1), send_at_ms=scene.now + HOUR_MS)
    scene.now -= STEP_MS

    slices = AT_ONCE // SLICE
    assert [one.count for one in scene.run(scene.steps.release, *[None] * (slices + 2))] == [*[SLICE] * slices, 1, 0]


def test_a_long_reply_that_lacks_a_part_is_handed_on(scene):
    scene.now += STEP_MS
    scene.sent()
    scene.ask(scene.steps.replies, [scene.reply("前", reference=7, part=1, parts=2)])
    scene.now -= STEP_MS

    scene.ask(scene.steps.parts)

    assert [row["is_whole"] for row in scene.rows("mo")] == [False]


def test_ids_after_a_restart_are_none_that_were_given(stepped):
    newest = stepped.within(lambda tx: tx.newest_made())
    again = IdSource(stepped.ids.node, newest)

    (one,) = again.take(1, stepped.now)

    assert one > newest
    assert made_ms(one) - made_ms(newest) <= 1
