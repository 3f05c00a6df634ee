"""What is owed: handed out once by pull; by push up to three times, then parked and still to be pulled; replayed by an act."""

from dataclasses import replace
from functools import partial

import pytest
from tests.scene import HOUR_MS, NOW, mobiles

from hongyan.model.account import Delivery
from hongyan.model.errors import NotFound
from hongyan.model.owed import OwedKind, OwedState, Pushed, PushOutcome
from hongyan.model.replay import Replay
from hongyan.model.session_settings import SessionProtocol
from hongyan.services.steps.owed import GiveBack, Pull, PushClaim, PushRecord, replay
from hongyan.store.sql.tx import SqlTx

REPORT, REPLY = OwedKind.REPORT, OwedKind.REPLY
TAKEN, REFUSED, UNREACHED = PushOutcome.TAKEN, PushOutcome.REFUSED, PushOutcome.UNREACHED


@pytest.fixture
def due(scene):
    """`due("pre", 3)`: so many messages with a report each."""

    def make(account="pre", count=1, first=0):
        sent = scene.send(account, mobiles(count, first))
        ids = [f"{sent.task_id}.{n}" for n in range(count)]
        scene.record([scene.accepted(s, i) for s, i in zip(scene.claim(), ids, strict=True)])
        scene.report(*(scene.receipt(i) for i in ids))
        return sent

    return make


def states(scene):
    return [OwedState(row["state"]) for row in scene.rows("owed")]


def claim(scene, account="pushed", kind=REPORT, most=200):
    return scene.ask(scene.steps.claim_push, PushClaim(scene.account(account).id, kind, most))


def pushed(scene, items, outcome, account="pushed", kind=REPORT):
    how = Pushed(outcome, 200 if outcome is not UNREACHED else 0, "answer", scene.now, 12)
    return scene.ask(
        scene.steps.record_push,
        PushRecord(scene.account(account), kind, [i.owed_id for i in items], how, scene.ids.one(scene.now)),
    )


def is_due(scene, account="pushed"):
    return scene.ask(scene.steps.due, [scene.account(account).id])


# --- pull ------------------------------------------------------------------------------------------------------------------


def test_each_report_is_handed_out_once_with_all_that_the_customer_reads(scene, due):
    sent = due(count=3)

    first, second = scene.pull(), scene.pull()

    assert [r.mobile for r in first] == mobiles(3)
    assert {(r.task_id, r.sms_id, r.code, r.segments, r.is_delivered) for r in first} == {
        (sent.task_id, sent.sms_id, "DELIVRD", 1, True),
    }
    assert second == []
    assert states(scene) == [OwedState.HANDED] * 3


def test_two_pulls_in_one_batch_share_nothing(scene, due):
    due(count=5)
    asked = Pull(scene.account("pre"), REPORT, 3, None)
    first, second = scene.run(scene.steps.pull, asked, asked)

    assert [r.mobile for r in (*first, *second)] == mobiles(5)
    assert (len(first), len(second)) == (3, 2)


def test_a_pull_returns_the_oldest_first_up_to_its_limit(scene, due):
    due(count=2)
    scene.now += 1_000
    due(count=2, first=10)

    assert [r.mobile for r in scene.pull(most=3)] == [*mobiles(2), mobiles(1, first=10)[0]]
    assert [r.mobile for r in scene.pull(most=3)] == [mobiles(2, first=10)[1]]


def test_reports_of_one_answer_stand_in_the_order_in_which_their_messages_ended(scene):
    scene.sent(count=3)
    sent_ms, scene.now = scene.now, scene.now + HOUR_MS
    scene.report(*(replace(scene.receipt(f"c{n}"), done_ms=sent_ms + after_ms) for n, after_ms in enumerate((20, 20, 10), 1)))

    assert [r.mobile for r in scene.pull()] == [mobiles(3)[2], *mobiles(2)]


def test_a_pull_by_task_returns_that_task_only(scene, due):
    first, second = due(count=2), due(count=2, first=10)

    assert {r.task_id for r in scene.pull(task_id=second.task_id)} == {second.task_id}
    assert scene.pull(task_id=second.task_id) == []
    assert scene.pull(task_id=1) == []
    assert {r.task_id for r in scene.pull()} == {first.task_id}


def test_a_tasks_reports_are_handed_out_again_where_it_is_asked(scene, due):
    first, other = due(count=3), due(count=2, first=10)
    scene.pull()
    scene.now += 1_000

    once = scene.pull(task_id=first.task_id, is_again=True, most=2)
    scene.now += 1_000
    twice = scene.pull(task_id=first.task_id, is_again=True, most=2)

    assert [r.mobile for r in once] == mobiles(2)
    assert [r.mobile for r in twice] == [mobiles(3)[0], mobiles(3)[2]], "what was handed out longest ago comes first"
    assert {r.task_id for r in (*once, *twice)} == {first.task_id}
    assert scene.pull() == []
    assert scene.pull("taken", task_id=other.task_id, is_again=True) == []


def test_asking_again_returns_what_was_pushed_or_parked_and_leaves_what_is_to_be_pushed(scene, due):
    sent = due(count=3)
    for row, state in zip(scene.rows("owed"), (OwedState.PUSHED, OwedState.PARKED, OwedState.WAITING), strict=True):
        scene.within(partial(SqlTx.move_owed, owed_ids=[row["id"]], state=state, at_ms=scene.now))
    account = replace(scene.account("pre"), push_url="http://127.0.0.1/in")

    asked = Pull(account, REPORT, 10, sent.task_id, is_again=True)

    assert [r.mobile for r in scene.ask(scene.steps.pull, asked)] == mobiles(2)


def test_a_pull_returns_only_what_is_the_accounts_own(scene, due):
    due("pre")
    due("taken")

    assert [r.mobile for r in scene.pull("post")] == []
    assert len(scene.pull("taken")) == 1
    assert len(scene.pull("pre")) == 1


def test_reports_and_replies_are_pulled_apart(scene, due):
    due()
    scene.ask(scene.steps.replies, [scene.reply("好", "106900011299")])

    (reply,) = scene.pull(kind=REPLY)
    (report,) = scene.pull(kind=REPORT)

    assert (reply.text, reply.extno, report.code) == ("好", "99", "DELIVRD")
    assert (reply.task_id, reply.sms_id) == (0, "")


def test_a_reply_names_its_task_in_both_ways(scene, due):
    sent = due()
    scene.ask(scene.steps.replies, [scene.reply("好", "1069000112", 8613800000000)])

    (reply,) = scene.pull(kind=REPLY)

    assert (reply.task_id, reply.sms_id) == (sent.task_id, sent.sms_id)


def test_replies_are_limited_and_chosen_by_task_too(scene, due):
    sent = due()
    scene.ask(scene.steps.replies, [scene.reply(str(n), "1069000112", 8613800000000) for n in range(3)])
    scene.ask(scene.steps.replies, [scene.reply("other", "1069000112", 8613899999999)])

    assert [r.text for r in scene.pull(kind=REPLY, most=2, task_id=sent.task_id)] == ["0", "1"]
    assert [r.text for r in scene.pull(kind=REPLY)] == ["2", "other"]


def test_what_did_not_leave_our_buffer_waits_again(scene, due):
    due(count=3)
    handed = scene.pull(most=2)

    scene.ask(scene.steps.give_back, GiveBack(REPORT, [r.owed_id for r in handed]))

    assert {r.owed_id for r in scene.pull()} == {row["id"] for row in scene.rows("owed")}


def test_giving_nothing_back_is_harmless(scene, due):
    due()

    scene.ask(scene.steps.give_back, GiveBack(REPORT, []))

    assert states(scene) == [OwedState.WAITING]


# --- push ------------------------------------------------------------------------------------------------------------------


def test_an_account_that_is_pushed_to_does_not_pull_what_waits(scene, due):
    due("pushed")

    assert scene.pull("pushed") == []
    assert len(claim(scene)) == 1


def test_each_account_is_owed_by_one_way_and_pulls_what_waits_only_where_that_is_pulling(scene, due):
    due("pre")
    pulling = scene.account("pre")
    pushed, held = (
        replace(pulling, push_url="http://127.0.0.1/in"),
        replace(pulling, push_url="x", protocols=(SessionProtocol.SMPP,)),
    )

    assert [account.delivery for account in (pulling, pushed, held)] == [Delivery.PULL, Delivery.PUSH, Delivery.SESSION]
    for account in (pushed, held):
        assert scene.ask(scene.steps.pull, Pull(account, OwedKind.REPORT, 10, None)) == []
    assert len(scene.ask(scene.steps.pull, Pull(pulling, OwedKind.REPORT, 10, None))) == 1


def test_a_taken_push_is_recorded_and_never_due_again(scene, due):
    due("pushed", 3)
    items = claim(scene)

    assert pushed(scene, items, TAKEN) == 0

    assert states(scene) == [OwedState.PUSHED] * 3
    (attempt,) = scene.rows("attempt")
    assert (attempt["items"], attempt["outcome"], attempt["status"], attempt["answer"], attempt["took_ms"]) == (
        3,
        TAKEN,
        200,
        "answer",
        12,
    )
    assert attempt["url"] == scene.account("pushed").push_url
    assert claim(scene) == []
    assert is_due(scene) == []
    assert scene.pull("pushed") == []


@pytest.mark.parametrize("outcome", [REFUSED, UNREACHED])
def test_after_three_failures_it_is_parked_and_still_to_be_pulled(scene, due, outcome):
    due("pushed", 2)
    waits = []
    for _ in range(3):
        waits.append(pushed(scene, claim(scene), outcome))
        assert claim(scene) == []
        scene.now += waits[-1]

    assert waits == [30_000, 120_000, 0]
    assert states(scene) == [OwedState.PARKED] * 2
    assert [row["attempts"] for row in scene.rows("owed")] == [3, 3]
    assert len(scene.rows("attempt")) == 3
    assert is_due(scene) == []
    assert len(scene.pull("pushed")) == 2
    assert states(scene) == [OwedState.HANDED] * 2


def test_a_failed_push_is_due_when_its_pause_is_over(scene, due):
    due("pushed")
    pushed(scene, claim(scene), REFUSED)

    scene.now += 29_999
    assert (is_due(scene), claim(scene)) == ([], [])
    scene.now += 1

    assert is_due(scene) == [(scene.account("pushed").id, REPORT)]
    assert len(claim(scene)) == 1


def test_items_of_one_push_may_have_failed_differently_often(scene, due):
    due("pushed")
    pushed(scene, claim(scene), REFUSED)
    scene.now += 30_000
    due("pushed", first=10)

    items = claim(scene)
    wait = pushed(scene, items, REFUSED)

    assert wait == 30_000
    assert [(row["attempts"], row["at_ms"]) for row in scene.rows("owed")] == [
        (2, scene.now + 120_000),
        (1, scene.now + 30_000),
    ]


def test_a_claim_marks_nothing_so_a_crash_loses_nothing(scene, due):
    due("pushed", 3)

    assert claim(scene) == claim(scene)
    assert states(scene) == [OwedState.WAITING] * 3


def test_a_claim_is_bounded_and_returns_the_oldest_first(scene, due):
    due("pushed", 5)

    assert [i.mobile for i in claim(scene, most=2)] == mobiles(2)


def test_parked_and_waiting_come_together_to_who_pulls_from_now_on(scene, due):
    due("pushed")
    for _ in range(3):
        scene.now += pushed(scene, claim(scene), REFUSED)
    due("pushed", first=10)
    accounts = {**scene.snapshot.accounts, "pushed": replace(scene.account("pushed"), push_url="")}
    scene.process_state.snapshot = replace(scene.snapshot, accounts=accounts)

    assert len(scene.pull("pushed", most=1)) == 1
    assert len(scene.pull("pushed")) == 1


def test_replies_are_pushed_apart_from_reports(scene, due):
    due("pushed")
    scene.ask(scene.steps.replies, [scene.reply("好", "10690001", 8613800000000)])

    assert is_due(scene) == [(scene.account("pushed").id, REPORT), (scene.account("pushed").id, REPLY)]
    (reply,) = claim(scene, kind=REPLY)
    pushed(scene, [reply], TAKEN, kind=REPLY)

    assert is_due(scene) == [(scene.account("pushed").id, REPORT)]


# --- replay ----------------------------------------------------------------------------------------------------------------


def again(scene, account, since=NOW - HOUR_MS, until=NOW + HOUR_MS, kind=REPORT):
    return scene.within(lambda tx: replay(tx, scene.act(), account, Replay(kind=kind, since_ms=since, until_ms=until)))


def test_what_was_handed_out_is_owed_again(scene, due):
    due(count=2)
    first = scene.pull()

    assert again(scene, "pre") == 2
    assert [r.owed_id for r in scene.pull()] == [r.owed_id for r in first]
    assert scene.rows("audit")[-1]["action"] == "owed.replay"


def test_what_was_pushed_or_parked_is_pushed_again_with_all_its_attempts(scene, due):
    due("pushed")
    pushed(scene, claim(scene), TAKEN)
    due("pushed", first=10)
    for _ in range(3):
        scene.now += pushed(scene, claim(scene), UNREACHED)

    assert again(scene, "pushed") == 2
    assert len(claim(scene)) == 2
    assert [row["attempts"] for row in scene.rows("owed")] == [0, 0]


def test_what_waits_is_not_replayed_nor_what_is_anothers(scene, due):
    due(count=2)
    due("taken")
    scene.pull("taken")

    assert again(scene, "pre") == 0
    assert states(scene) == [OwedState.WAITING, OwedState.WAITING, OwedState.HANDED]


def test_a_replay_keeps_to_its_span_and_kind(scene, due):
    due()
    scene.pull()

    assert again(scene, "pre", until=NOW) == 0
    assert again(scene, "pre", since=NOW + 1_000) == 0
    assert again(scene, "pre", kind=REPLY) == 0
    assert again(scene, "pre") == 1


def test_a_replay_for_an_account_that_is_not_there_is_refused(scene):
    with pytest.raises(NotFound):
        again(scene, "nobody")
