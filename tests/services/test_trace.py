"""What people read: the life of a phone, a task, a message or a carrier's id; lists with their live state; secrets never."""

import pytest
from tests.scene import HOUR_MS, LONG, NOW, UP2, mobiles

from hongyan.model.errors import NotFound
from hongyan.model.ids import first_task_id
from hongyan.model.message import ReceiptState
from hongyan.model.owed import OwedKind, Pushed, PushOutcome
from hongyan.model.replay import Replay
from hongyan.services.queries.account_details import account_details, accounts_after
from hongyan.services.queries.backlog import backlog
from hongyan.services.queries.channel_details import channel_details
from hongyan.services.queries.lists.customers import CUSTOMERS
from hongyan.services.queries.lists.delivery import OWED, PUSHES, UNMATCHED
from hongyan.services.queries.lists.tasks import TASKS
from hongyan.services.queries.routes import routes_in_order
from hongyan.services.queries.task_details import task_details
from hongyan.services.queries.trace import TraceQuery, trace
from hongyan.services.steps.owed import PushClaim, PushRecord, replay


def traces(scene, what, **facts):
    return scene.within(lambda tx: trace(tx, TraceQuery(str(what), scene.now, **facts)))


def events(traced):
    return [one.event for one in traced.events]


def test_what_waits_is_known_by_channel_and_kind(scene):
    scene.sent(count=2)
    scene.report(scene.receipt("c1"), scene.receipt("c2", state=ReceiptState.FAILED, code="ZZ:1"))
    scene.send(numbers=mobiles(3, first=50))
    scene.now += 7_000

    found = scene.within(lambda tx: backlog(tx, scene.now))

    assert found.queues == [("up1", 3, 7.0), ("up2", 0, 0.0), ("up3", 0, 0.0)]
    assert (found.owed, found.unknown_codes) == ({"report": 2, "reply": 0}, 1)


@pytest.fixture
def ended(scene):
    """One message to 13800000000 from its acceptance to its pull, a second later at each step."""
    task = scene.send(numbers=mobiles(1), source="sms.aspx", address="10.1.2.3")
    scene.now += 1_000
    segments = scene.claim()
    scene.record([scene.accepted(s, "c1") for s in segments])
    scene.now += 1_000
    scene.report(scene.receipt("c1"))
    scene.now += 1_000
    scene.pull()
    return task.task_id, segments[0].message_id


@pytest.mark.parametrize("which", ["phone", "task", "sms id", "message", "carrier id"])
def test_a_trace_is_found_from_either_end(scene, ended, which):
    task_id, message_id = ended
    names = {"task": task_id, "sms id": f"0123456789ABCDEF{task_id:016X}", "message": message_id, "carrier id": "c1"}
    what = {"phone": "138 0000 0000", **names}[which]

    (traced,) = traces(scene, what)

    assert (traced.kind, traced.id, traced.task_id, traced.account) == ("message", message_id, task_id, "pre")
    assert (traced.state, traced.code) == ("delivered", "DELIVRD")


def test_a_trace_has_every_step_with_its_moment(scene, ended):
    (traced,) = traces(scene, ended[1])

    assert [(one.event, one.at_ms - NOW) for one in traced.events if one.event != "receipt"] == [
        ("accepted", 0),
        ("queued", 0),
        ("answered", 1_000),
        ("ended", 2_000),
        ("handed", 3_000),
    ]
    accepted = traced.events[0].facts
    assert (accepted["source"], accepted["address"], accepted["segments"], accepted["points"]) == ("sms.aspx", "10.1.2.3", 1, 1)


def test_phones_and_texts_are_masked_unless_asked_for(scene, ended):
    (masked,) = traces(scene, ended[1])
    (full,) = traces(scene, ended[1], full=True)

    assert (masked.phone, masked.text) == ("138****0000", "(2 characters)")
    assert (full.phone, full.text) == ("13800000000", "您好")


def test_a_message_that_went_through_two_channels_shows_both(scene):
    scene.send(text=LONG)
    scene.record([scene.refused(s, "88") for s in scene.claim()])
    scene.now += 1
    scene.record([scene.accepted(s, f"c{s.part}") for s in scene.claim(UP2)], UP2)
    scene.report(*(scene.receipt(f"c{n}", channel_id=UP2) for n in (1, 2, 3)))

    (traced,) = traces(scene, "13800138000")

    answered = [one.facts for one in traced.events if one.event == "answered"]
    assert [(f["channel"], f["part"], f["attempt"], f["result"]) for f in answered] == [
        *(("up1", n, 0, "refused") for n in (1, 2, 3)),
        *(("up2", n, 1, "accepted") for n in (1, 2, 3)),
    ]
    assert events(traced).count("receipt") == 3
    assert [one.facts["channel"] for one in traced.events if one.event == "queued"] == ["up1"]  # where it was queued first


def test_a_message_that_no_channel_moved_was_queued_for_its_own(scene):
    scene.sent()

    (traced,) = traces(scene, "c1")

    assert [one.facts["channel"] for one in traced.events if one.event == "queued"] == ["up1"]


def test_a_late_receipt_is_shown(scene):
    scene.sent()
    scene.now += 73 * HOUR_MS
    scene.ask(scene.steps.silent)
    scene.now += 1_000
    scene.report(scene.receipt("c1", state=ReceiptState.FAILED, code="EXPIRED"))

    (traced,) = traces(scene, "c1")

    assert (traced.state, traced.code) == ("unknown", "UNKNOWN")
    late = next(one for one in traced.events if one.event == "receipt")
    assert (late.facts["code"], late.at_ms) == ("EXPIRED", scene.now)


def test_pushes_are_shown_with_their_outcome(scene):
    scene.sent("pushed")
    scene.report(scene.receipt("c1"))
    account = scene.account("pushed")
    items = scene.ask(scene.steps.claim_push, PushClaim(account.id, OwedKind.REPORT, 10))
    pushed = Pushed(PushOutcome.REFUSED, 200, "error", scene.now, 12)
    scene.ask(
        scene.steps.record_push, PushRecord(account, OwedKind.REPORT, [items[0].owed_id], pushed, scene.ids.one(scene.now))
    )

    (traced,) = traces(scene, "c1")

    facts = next(one.facts for one in traced.events if one.event == "pushed")
    assert (facts["outcome"], facts["status"], facts["answer"], facts["attempts"]) == ("refused", 200, "error", 1)
    assert events(traced)[-1] == "report_waiting"


def test_replies_stand_beside_messages_newest_first(scene):
    scene.send("pre", mobiles(1))
    scene.now += 1_000
    scene.ask(scene.steps.replies, [scene.reply("好", "1069000112", 8613800000000)])
    scene.now += 1_000
    scene.pull(kind=OwedKind.REPLY)

    reply, message = traces(scene, "13800000000", full=True)

    assert (reply.kind, reply.account, reply.text, reply.state, events(reply)) == (
        "reply",
        "pre",
        "好",
        "whole",
        ["received", "handed"],
    )
    assert (message.kind, message.state) == ("message", "queued")


def test_a_reply_that_is_nobodys_is_found_by_its_phone(scene):
    scene.ask(scene.steps.replies, [scene.reply("好", "10690001")])

    (traced,) = traces(scene, "13800138000")

    assert (traced.account, events(traced)) == ("", ["received"])


def test_a_phone_is_looked_for_as_far_back_as_asked_and_never_beyond_a_month(scene):
    scene.send(numbers=mobiles(1))
    scene.now += 30 * HOUR_MS
    with pytest.raises(NotFound):
        traces(scene, "13800000000")
    assert len(traces(scene, "13800000000", back_ms=36 * HOUR_MS)) == 1
    scene.now += 40 * 24 * HOUR_MS

    with pytest.raises(NotFound):
        traces(scene, "13800000000", back_ms=10**12)


def test_lists_of_traces_are_bounded_and_newest_first(scene):
    for _ in range(5):
        scene.send(numbers=mobiles(1))
        scene.now += 6 * HOUR_MS

    found = traces(scene, "13800000000", most=3, back_ms=48 * HOUR_MS)

    assert [traced.id for traced in found] == sorted((m["id"] for m in scene.rows("message")), reverse=True)[:3]


def test_the_messages_of_a_task_are_its_own(scene):
    batch = [scene.admission(numbers=mobiles(3, 10 * n)) for n in range(2)]
    scene.run(scene.steps.accept, *batch)

    assert {traced.task_id for traced in traces(scene, batch[0].task_id)} == {batch[0].task_id}
    assert len(traces(scene, batch[0].task_id)) == 3


@pytest.mark.parametrize("what", ["13899999999", "1234567890123456", "99", "9" * 19, "zz", "", "　", "1" * 300, "'; --"])
def test_what_nobody_knows_is_missing(scene, what):
    with pytest.raises(NotFound):
        traces(scene, what)


# --- lists -------------------------------------------------------------------------------------------------------------


def test_channels_are_listed_with_their_connection_and_what_waits(scene):
    scene.send(numbers=mobiles(3))
    before = scene.within(lambda tx: channel_details(tx, "up1"))
    scene.own()
    after = scene.within(lambda tx: channel_details(tx, "up1"))

    assert (before["link"], before["owner"], before["queued"], before["oldest_ms"]) == ("nobody's", "", 3, NOW)
    assert (after["link"], after["owner"], after["state"]) == ("down", "me", "running")
    assert "secret" not in after


def test_accounts_are_listed_with_their_balance_and_without_secrets(scene):
    scene.send()

    shown = scene.within(lambda tx: account_details(tx, "pre"))

    assert (shown["points"], shown["topped_up"], shown["state"], shown["pay_mode"]) == (9_999, 10_000, "live", "prepaid")
    assert "secret" not in shown
    assert len(scene.within(lambda tx: accounts_after(tx, None, 100))) == 5
    assert len(scene.listed(CUSTOMERS)) == 5


def test_tasks_are_listed_newest_first_and_counted_by_state(scene):
    first = scene.send(numbers=mobiles(3))
    scene.record([scene.accepted(s, f"c{n}") for n, s in enumerate(scene.claim())][:2], done=[])
    second = scene.send("taken")

    listed = scene.listed(TASKS)
    one = scene.within(lambda tx: task_details(tx, first.task_id))

    assert [t["id"] for t in listed] == [second.task_id, first.task_id]
    assert [t["id"] for t in scene.listed(TASKS, 1)] == [second.task_id]
    assert [t["id"] for t in scene.listed(TASKS, account="pre")] == [first.task_id]
    assert "text" not in one
    assert one["messages"] == {"sent": 2, "queued": 1}
    with pytest.raises(NotFound):
        scene.within(lambda tx: task_details(tx, 1))


def test_tasks_of_several_processes_are_listed_by_their_time_whatever_blocks_of_ids_they_took(scene):
    """A command, or another process, takes later numbers of the day than a server that goes on with its block."""
    tasks = []
    for day, number in ((0, 7), (1, 10_000), (1, 3), (1, 10_001), (1, 4)):
        scene.now = NOW + day * 24 * HOUR_MS + len(tasks) * 1_000
        scene.next_task(first_task_id(scene.now) + number)
        tasks.append(scene.send().task_id)

    assert [task["id"] for task in scene.listed(TASKS)] == tasks[::-1]
    assert [task["id"] for task in scene.listed(TASKS, 3, account="pre")] == tasks[:1:-1]


def test_what_is_owed_is_counted_until_it_is_handed_out(scene):
    scene.sent(count=3)
    scene.report(scene.receipt("c1"), scene.receipt("c2"))

    assert scene.listed(OWED) == [{"account": "pre", "kind": "report", "state": "waiting", "count": 2}]
    scene.pull()
    assert scene.listed(OWED) == []


def test_routes_are_listed_in_the_order_in_which_they_are_tried(scene):
    shown = scene.within(routes_in_order)

    assert [(r["channel"], r["carrier"], r["tier"]) for r in shown] == [("up1", "any", 0), ("up2", "any", 1), ("up3", "any", 2)]


def test_pushes_are_listed_newest_first(scene):
    account = scene.account("pushed")
    for n in range(3):
        scene.now += 1_000
        pushed = Pushed(PushOutcome.UNREACHED, 0, f"n{n}", scene.now, 5)
        scene.ask(scene.steps.record_push, PushRecord(account, OwedKind.REPORT, [], pushed, scene.ids.one(scene.now)))

    shown = scene.listed(PUSHES, 2, account="pushed")

    assert [(p["answer"], p["outcome"], p["kind"], p["at_ms"] - NOW) for p in shown] == [
        ("n2", "unreached", "report", 3_000),
        ("n1", "unreached", "report", 2_000),
    ]


def test_receipts_that_met_nothing_are_listed(scene):
    scene.sent()
    scene.report(scene.receipt("c1"), scene.receipt("stray"))

    found = scene.within(lambda tx: tx.unmatched_receipts(NOW - 1, 10))

    assert [row["carrier_id"] for row in found] == ["stray"]


def test_a_message_replayed_keeps_its_trace(scene, ended):
    scene.within(lambda tx: replay(tx, scene.act(), "pre", Replay(since_ms=NOW - 1, until_ms=NOW + HOUR_MS)))

    (traced,) = traces(scene, ended[1])

    assert events(traced)[-1] == "report_waiting"


def test_a_receipt_for_another_phone_stands_in_the_trace_of_the_message_and_in_the_list(scene):
    scene.sent()
    scene.now += 1_000
    scene.report(scene.receipt("c1", phone=8613999999999, code="EXPIRED", state=ReceiptState.FAILED))

    (traced,) = traces(scene, "c1")
    (strange,) = [one for one in traced.events if one.event == "receipt_for_other"]
    (listed,) = scene.listed(UNMATCHED, channel="up1", since_ms=NOW)

    assert (strange.facts["phone"], strange.facts["state"], strange.facts["code"]) == ("139****9999", "failed", "EXPIRED")
    assert (listed["channel"], listed["phone"], listed["why"]) == ("up1", "139****9999", "another phone has the id")
    assert scene.listed(UNMATCHED, channel="up2", since_ms=NOW) == []
