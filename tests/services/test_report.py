"""Receipts and segments meet, whichever comes first, however the id is spelled, and each message ends once."""

import pytest
from tests.scene import HOUR_MS, NOW, POINTS, UP1, UP2, mobiles

from hongyan.model.meaning import CodeClass, CodeRule
from hongyan.model.message import MessageState, ReceiptState
from hongyan.model.owed import OwedKind, OwedState
from hongyan.policy.codes import as_ruled
from hongyan.services.admin.codes import unknown_codes
from hongyan.services.steps import dispatch
from hongyan.services.steps.report_sweeps import OpenPage, UnreportedPage

QUEUED, SENT, IN_DOUBT = MessageState.QUEUED, MessageState.SENT, MessageState.IN_DOUBT
DELIVERED, FAILED, UNKNOWN = MessageState.DELIVERED, MessageState.FAILED, MessageState.UNKNOWN


def parked(scene):
    """Receipts that wait for their segment, by the spelling under which they wait."""
    return [row["carrier_id"] for row in scene.rows("carrier_ref") if row["message_id"] is None]


@pytest.fixture
def claimed(scene):
    """One message at the carrier, not yet answered."""
    scene.send()
    (segment,) = scene.claim()
    return segment


# --- one receipt, one report -------------------------------------------------------------------------------------------


def test_a_receipt_ends_its_message_and_owes_its_report(scene):
    (segment,) = scene.sent()
    scene.now += 61_000

    owed = scene.report(scene.receipt("c1", code="DELIVRD"))

    assert owed == {scene.account("pre").id}
    (message,), (row,) = scene.rows("message"), scene.rows("owed")
    assert (message["state"], message["changed_ms"]) == (DELIVERED, scene.now)
    assert (row["id"], row["kind"], row["state"]) == (segment.message_id, OwedKind.REPORT, OwedState.WAITING)
    (report,) = scene.pull()
    assert (report.state, report.code, report.at_ms, report.mobile) == (DELIVERED, "DELIVRD", scene.now, "13800000000")


@pytest.mark.parametrize(
    ("state", "ended"),
    [(ReceiptState.DELIVERED, DELIVERED), (ReceiptState.FAILED, FAILED), (ReceiptState.UNKNOWN, UNKNOWN)],
)
def test_the_carriers_word_reaches_the_customer(scene, state, ended):
    scene.sent()

    scene.report(scene.receipt("c1", state=state, code="QX:0011"))

    assert [(r.state, r.code) for r in scene.pull()] == [(ended, "QX:0011")]


def test_a_word_that_only_the_code_table_knows_fails_a_message(scene):
    scene.sent(count=2)

    scene.report(
        scene.receipt("c1", state=ReceiptState.UNKNOWN, code="MK:0011"),
        scene.receipt("c2", state=ReceiptState.UNKNOWN, code="QX:0011"),
    )

    assert [(r.state, r.code) for r in scene.pull()] == [(FAILED, "MK:0011"), (UNKNOWN, "QX:0011")]
    assert [row["code"] for row in scene.within(unknown_codes)] == ["QX:0011"]


def test_what_an_operator_said_of_a_word_is_believed(scene):
    scene.change_channel(codes={"OKAY": as_ruled(CodeRule("OKAY", CodeClass.DELIVERED), None)})
    scene.sent()

    scene.report(scene.receipt("c1", state=ReceiptState.UNKNOWN, code="OKAY"))

    assert scene.states() == [DELIVERED]


@pytest.mark.parametrize(
    ("state", "code", "ended", "word"),
    [(ReceiptState.FAILED, code, FAILED, "UNDELIV") for code in ("", "DELIVRD", "Delivered", "000")]
    + [(ReceiptState.UNKNOWN, code, UNKNOWN, "UNKNOWN") for code in ("", "Delivered", "000")],
)
def test_no_word_of_success_stands_beside_another_end(scene, state, code, ended, word):
    scene.sent(text="一" * 71)

    scene.report(scene.receipt("c1", state=state, code=code), scene.receipt("c2"))

    assert [(r.state, r.code) for r in scene.pull()] == [(ended, word)]


def test_an_intermediate_notice_is_no_receipt(scene):
    scene.sent()

    assert scene.report(scene.receipt("c1", state=ReceiptState.PENDING, code="ENROUTE")) == set()
    assert scene.states() == [SENT]
    scene.report(scene.receipt("c1"))

    assert scene.states() == [DELIVERED]


def test_receipts_of_a_batch_of_batches_are_reported_to_all_who_asked(scene):
    scene.sent(count=3)
    first, second = [scene.receipt("c1"), scene.receipt("c2")], [scene.receipt("c3")]

    answers = scene.run(scene.steps.receipts, first, second)

    assert answers == [{scene.account("pre").id}] * 2
    assert scene.states() == [DELIVERED] * 3


def test_a_doubled_receipt_reports_once(scene):
    scene.sent()

    scene.report(scene.receipt("c1"), scene.receipt("c1"))
    assert scene.report(scene.receipt("c1")) == set()

    assert len(scene.rows("owed")) == 1
    assert len(scene.pull()) == 1


def test_the_first_of_two_contrary_receipts_holds(scene):
    scene.sent("delivered")

    scene.report(scene.receipt("c1", state=ReceiptState.FAILED, code="EXPIRED"))
    scene.report(scene.receipt("c1"))

    assert scene.states() == [FAILED]
    assert scene.points("delivered") == POINTS
    assert [r.code for r in scene.pull("delivered")] == ["EXPIRED"]


def test_a_moment_that_the_carrier_cuts_to_the_minute_is_that_of_receiving(scene):
    scene.sent()
    receipt = scene.receipt("c1")
    receipt.done_ms = receipt.received_ms - 40_000

    scene.report(receipt)

    assert scene.pull()[0].at_ms == receipt.received_ms


@pytest.mark.parametrize(
    ("done_ms", "seen"),
    [
        (lambda scene: scene.now - 8 * HOUR_MS, "sent"),  # a clock of UTC
        (lambda scene: 1_500_000_000_000, "sent"),  # 2017
        (lambda scene: scene.now + 8 * HOUR_MS, "received"),
        (lambda scene: scene.now + 1, "received"),
        (lambda scene: scene.now - 600_000, "done"),
    ],
)
@pytest.mark.parametrize("text", ["您好", "一" * 71], ids=["short", "long"])
def test_a_moment_before_sending_or_to_come_is_not_believed(scene, text, done_ms, seen):
    segments = scene.sent(text=text)
    sent = scene.now
    scene.now += HOUR_MS
    receipts = [scene.receipt(f"c{n}") for n in range(1, len(segments) + 1)]
    for receipt in receipts:
        receipt.done_ms = done_ms(scene)

    scene.report(*receipts)

    assert scene.pull()[0].at_ms == {"sent": sent, "received": scene.now, "done": receipts[0].done_ms}[seen]


# --- the order of answer and receipt -------------------------------------------------------------------------------------


def test_an_early_receipt_waits_for_its_answer(scene, claimed):
    assert scene.report(scene.receipt("c1", state=ReceiptState.FAILED, code="X")) == set()
    assert parked(scene) == ["c1"]
    assert scene.states() == [QUEUED]

    recorded = scene.record([scene.accepted(claimed, "c1")])

    assert recorded.owed == {scene.account("pre").id}
    assert parked(scene) == []
    assert [(r.state, r.code) for r in scene.pull()] == [(FAILED, "X")]


def test_an_early_receipt_that_came_twice_reports_once(scene, claimed):
    scene.report(scene.receipt("c1"))
    scene.report(scene.receipt("c1"), scene.receipt("c1"))

    scene.record([scene.accepted(claimed, "c1")])
    scene.report(scene.receipt("c1"))

    assert len(scene.pull()) == 1


def test_an_early_receipt_on_another_channel_is_anothers(scene, claimed):
    scene.report(scene.receipt("c1", channel_id=UP2))

    scene.record([scene.accepted(claimed, "c1")])

    assert scene.states() == [SENT]
    assert parked(scene) == ["c1"]


def test_receipts_of_unknown_ids_are_kept_and_harm_nobody(scene):
    scene.sent()

    scene.report(*(scene.receipt(f"unknown{n}") for n in range(300)))

    assert len(parked(scene)) == 300
    assert scene.states() == [SENT]
    assert scene.pull() == []


# --- other spellings -----------------------------------------------------------------------------------------------------

SPELLINGS = [("1a2b", "6699"), ("255", "ff"), ("00042", "42")]


@pytest.mark.parametrize(("answered", "spelled"), SPELLINGS)
def test_with_the_answer_first_another_spelling_finds_it(scene, claimed, answered, spelled):
    scene.record([scene.accepted(claimed, answered)])

    owed = scene.report(scene.receipt(spelled, answered, phone=claimed.phone))

    assert owed == {scene.account("pre").id}
    assert scene.states() == [DELIVERED]
    assert parked(scene) == []


@pytest.mark.parametrize(("answered", "spelled"), SPELLINGS)
def test_with_the_receipt_first_the_sweep_tries_its_other_spellings(scene, claimed, answered, spelled):
    scene.report(scene.receipt(spelled, "other", answered, phone=claimed.phone))
    scene.record([scene.accepted(claimed, answered)])
    assert scene.states() == [SENT]

    owed = scene.ask(scene.steps.parked, (NOW - 60_000, NOW))

    assert owed == {scene.account("pre").id}
    assert scene.states() == [DELIVERED]
    assert parked(scene) == []
    assert scene.ask(scene.steps.parked, (NOW - 60_000, NOW)) == set()


@pytest.mark.parametrize(("answered", "spelled"), SPELLINGS)
def test_a_repeat_in_another_spelling_reports_once(scene, claimed, answered, spelled):
    scene.record([scene.accepted(claimed, answered)])

    scene.report(scene.receipt(spelled, answered, phone=claimed.phone))
    assert scene.report(scene.receipt(spelled, answered, phone=claimed.phone)) == set()
    assert scene.report(scene.receipt(answered, spelled, phone=claimed.phone)) == set()

    assert len(scene.pull()) == 1


def test_another_spelling_must_agree_on_the_phone(scene):
    """Two ids that are each other's spelling: the likely one wins, and the other needs the phone."""
    a, b = scene.sent(count=2)
    scene.send(numbers=["13899999999"])
    (c,) = scene.claim()
    scene.record([scene.accepted(c, "255")])

    scene.report(scene.receipt("ff", "255", phone=a.phone))
    assert scene.states()[-1] is SENT
    scene.report(scene.receipt("fe", "255", phone=c.phone))

    assert scene.states() == [SENT, SENT, DELIVERED]
    assert b.phone != c.phone


def test_a_receipt_that_says_no_phone_may_still_use_another_spelling(scene, claimed):
    scene.record([scene.accepted(claimed, "255")])

    scene.report(scene.receipt("ff", "255"))

    assert scene.states() == [DELIVERED]


def test_the_likeliest_spelling_wins_over_the_others(scene):
    a, b = scene.sent(count=2)

    scene.report(scene.receipt("c2", "c1"))

    assert scene.states() == [SENT, DELIVERED]
    assert a.message_id < b.message_id


# --- ids that a carrier uses again ---------------------------------------------------------------------------------------


def test_an_id_used_again_belongs_to_its_newest_message(scene):
    scene.sent()
    scene.report(scene.receipt("c1"))
    scene.now += HOUR_MS
    scene.sent()

    scene.report(scene.receipt("c1", state=ReceiptState.FAILED, code="X"))

    assert scene.states() == [DELIVERED, FAILED]
    assert [(row["carrier_id"], row["n"]) for row in scene.rows("carrier_ref")] == [("c1", 0), ("c1", 1)]
    assert [r.state for r in scene.pull()] == [DELIVERED, FAILED]


def test_an_id_used_a_third_time_keeps_all_its_uses_apart(scene):
    for _ in range(3):
        scene.sent()
    messages = [m["id"] for m in scene.rows("message")]

    assert [(row["n"], row["message_id"]) for row in scene.rows("carrier_ref")] == [
        (0, messages[2]),
        (1, messages[0]),
        (2, messages[1]),
    ]
    scene.report(scene.receipt("c1"))
    assert scene.states() == [SENT, SENT, DELIVERED]


def test_a_message_of_several_parts_under_an_id_used_again_still_folds(scene):
    scene.sent(count=3)
    parts = scene.sent(text="一" * 150)

    scene.report(*(scene.receipt(f"c{n}") for n in (1, 2, 3)))

    assert len(parts) == 3
    assert scene.states() == [SENT, SENT, SENT, DELIVERED]


# --- silence -------------------------------------------------------------------------------------------------------------


def test_silence_ends_as_unknown_after_the_accounts_time(scene):
    scene.sent(count=2)
    scene.report(scene.receipt("c2"))
    scene.pull()
    scene.now += 72 * HOUR_MS - 1
    assert scene.ask(scene.steps.silent) == (0, set())
    scene.now += 2

    assert scene.ask(scene.steps.silent) == (1, {scene.account("pre").id})

    assert scene.states() == [UNKNOWN, DELIVERED]
    assert [(r.state, r.code, r.at_ms) for r in scene.pull()] == [(UNKNOWN, "UNKNOWN", scene.now)]
    assert scene.ask(scene.steps.silent) == (0, set())


def test_a_message_in_doubt_ends_by_silence_too(scene, claimed):
    scene.record([scene.unanswered(claimed)])
    scene.now += 73 * HOUR_MS

    scene.ask(scene.steps.silent)

    assert scene.states() == [UNKNOWN]


def test_what_a_channel_sent_within_a_span_and_has_no_report_for_is_known_by_its_names(scene):
    def unreported(since_ms, until_ms, channel_id=UP1):
        return scene.ask(scene.steps.unreported, UnreportedPage(channel_id, (0, 0), since_ms, until_ms))

    began = scene.now
    scene.sent(count=3)
    scene.report(scene.receipt("c2"))
    scene.send()  # waits in its queue
    scene.now += HOUR_MS

    assert unreported(0, scene.now) == (["c1", "c3"], None)
    assert unreported(began, scene.now) == ([], None), "a round begins behind the end of the last one"
    assert unreported(0, began - 1) == ([], None)
    assert unreported(0, scene.now, UP1 + 1) == ([], None)


def test_silence_is_read_page_by_page(scene):
    for first in (0, 1_000, 2_000):
        scene.send(numbers=mobiles(1_000, first))
    scene.record([scene.accepted(s, f"c{n}") for n, s in enumerate(scene.claim(), 1)])
    scene.now += HOUR_MS

    names, place = scene.ask(scene.steps.unreported, UnreportedPage(UP1, (0, 0), 0, scene.now))
    rest, end = scene.ask(scene.steps.unreported, UnreportedPage(UP1, place, 0, scene.now))

    assert (len(names), len(rest), end) == (2_000, 1_000, None)
    assert {*names, *rest} == {f"c{n}" for n in range(1, 3_001)}


def test_what_was_never_sent_is_not_silent(scene):
    scene.send()
    scene.now += 100 * 24 * HOUR_MS

    assert scene.ask(scene.steps.silent) == (0, set())
    assert scene.states() == [QUEUED]


def test_a_message_that_waited_long_in_its_queue_gets_its_whole_time_after_sending(scene):
    scene.send()
    scene.now += 100 * HOUR_MS
    scene.record([scene.accepted(s, "c1") for s in scene.claim()])

    assert scene.ask(scene.steps.silent) == (0, set())


def test_a_receipt_after_the_verdict_is_kept_and_neither_reported_nor_charged(scene):
    scene.sent("delivered")
    scene.now += 73 * HOUR_MS
    scene.ask(scene.steps.silent)
    scene.pull("delivered")

    assert scene.report(scene.receipt("c1")) == set()

    assert scene.states() == [UNKNOWN]
    assert scene.pull("delivered") == []
    assert scene.points("delivered") == POINTS
    assert scene.rows("carrier_ref")[0]["receipt"] == ReceiptState.DELIVERED


def test_many_silent_messages_end_in_bites(scene):
    scene.sent(count=1_000)
    scene.send(numbers=mobiles(500, first=5_000))
    scene.record([scene.accepted(s, f"d{n}") for n, s in enumerate(scene.claim())])
    scene.now += 73 * HOUR_MS

    assert [scene.ask(scene.steps.silent)[0] for _ in range(3)] == [1_000, 500, 0]
    assert set(scene.states()) == {UNKNOWN}
    assert scene.books_balance()


# --- what a crash left ----------------------------------------------------------------------------------------------------


@pytest.fixture
def slipping(monkeypatch):
    """Receipts that were there before their answers are not concluded, as in stores of earlier releases."""
    monkeypatch.setattr(dispatch, "conclude", lambda *_: set())


def sweep(scene):
    return scene.ask(scene.steps.slipped, OpenPage((0, 0), -1))


@pytest.mark.interpreted
@pytest.mark.usefixtures("slipping")
def test_the_sweep_ends_a_message_whose_early_receipt_was_met_and_not_concluded(scene, claimed):
    scene.report(scene.receipt("c1", state=ReceiptState.FAILED, code="X"))
    scene.record([scene.accepted(claimed, "c1")])
    assert scene.states() == [SENT]

    swept = sweep(scene)

    assert (swept.owed, swept.next_cursor) == ({scene.account("pre").id}, None)
    assert [(r.state, r.code) for r in scene.pull()] == [(FAILED, "X")]
    assert sweep(scene).owed == set()


@pytest.mark.interpreted
@pytest.mark.usefixtures("slipping")
def test_the_sweep_ends_a_long_message_too(scene):
    scene.send(text="一" * 71)
    scene.report(scene.receipt("c1"), scene.receipt("c2"))
    scene.record([scene.accepted(s, f"c{s.part}") for s in scene.claim()])
    assert scene.states() == [SENT]

    sweep(scene)

    assert scene.states() == [DELIVERED]


def test_the_sweep_leaves_messages_without_a_receipt_alone(scene):
    scene.sent(count=3)

    assert sweep(scene).owed == set()
    assert scene.states() == [SENT] * 3


@pytest.mark.interpreted
@pytest.mark.usefixtures("slipping")
def test_the_sweep_goes_page_by_page_to_the_end(scene):
    scene.sent(count=1_000)
    for n in range(2):
        scene.send(numbers=mobiles(1_000, first=10_000 * (n + 1)))
        scene.record([scene.accepted(s, f"d{n}.{i}") for i, s in enumerate(scene.claim())])
    scene.send(numbers=["13899999999"])
    scene.report(scene.receipt("last"))
    scene.record([scene.accepted(s, "last") for s in scene.claim()])

    first = sweep(scene)
    assert (first.owed, first.next_cursor is None) == (set(), False)
    second = scene.ask(scene.steps.slipped, OpenPage(first.next_cursor, -1))

    assert (second.owed, second.next_cursor) == ({scene.account("pre").id}, None)
    assert scene.states()[-1] is DELIVERED


@pytest.mark.interpreted
@pytest.mark.usefixtures("slipping")
def test_the_sweep_stops_before_what_is_still_in_the_hands_of_the_steps(scene, claimed):
    scene.report(scene.receipt("c1"))
    scene.record([scene.accepted(claimed, "c1")])

    swept = scene.ask(scene.steps.slipped, OpenPage((0, 0), scene.now - NOW + 5_000))

    assert swept.owed == set()
    assert scene.states() == [SENT]


def test_a_message_sent_twice_over_a_crash_ends_once(scene, claimed):
    """Its first answer was never committed, so its first id is unknown to us."""
    scene.own()
    (again,) = scene.claim()
    scene.record([scene.accepted(again, "c2")])

    scene.report(scene.receipt("c1", phone=claimed.phone), scene.receipt("c2", phone=claimed.phone))

    assert again.message_id == claimed.message_id
    assert scene.states() == [DELIVERED]
    assert parked(scene) == ["c1"]
    assert len(scene.pull()) == 1


# --- the right id and another phone ----------------------------------------------------------------------------------------

OTHER = 8613999999999


def test_a_receipt_for_another_phone_settles_nothing_and_is_kept(scene):
    (segment,) = scene.sent()

    assert scene.report(scene.receipt("c1", phone=OTHER)) == set()

    assert scene.states() == [SENT]
    (row,) = scene.within(lambda tx: tx.unmatched_receipts(NOW - 1, 10))
    assert (row["carrier_id"], row["phone"]) == ("c1", OTHER)
    scene.report(scene.receipt("c1", phone=segment.phone))
    assert scene.states() == [DELIVERED]


def test_a_repeat_of_it_is_kept_once(scene):
    scene.sent()

    for _ in range(3):
        scene.report(scene.receipt("c1", phone=OTHER), scene.receipt("c1", phone=OTHER))

    assert parked(scene) == ["c1"]


def test_no_part_of_a_long_message_is_settled_by_another_phone(scene):
    first, second = scene.sent(text="一" * 71)

    scene.report(scene.receipt("c1", phone=first.phone), scene.receipt("c2", phone=OTHER, state=ReceiptState.FAILED))
    assert scene.states() == [SENT]
    scene.report(scene.receipt("c2", phone=second.phone))

    assert scene.states() == [DELIVERED]


@pytest.mark.parametrize("written", [13800138000, 8613800138000, 1380013800, 86138001380, 13800138, 800138000, 0])
def test_a_phone_that_is_cut_or_lacks_its_country_is_the_same(scene, written):
    scene.send(numbers=["13800138000"])
    scene.record([scene.accepted(segment, "c1") for segment in scene.claim()])

    scene.report(scene.receipt("c1", phone=written))

    assert scene.states() == [DELIVERED]


def test_of_one_batch_each_receipt_finds_its_phone(scene):
    (segment,) = scene.sent()

    scene.report(
        scene.receipt("c1", phone=segment.phone), scene.receipt("c1", phone=OTHER), scene.receipt("c1", phone=OTHER + 1)
    )

    assert scene.states() == [DELIVERED]
    assert parked(scene) == ["c1", "c1"]


def test_an_id_given_again_lets_each_phone_have_its_own_receipt(scene):
    (older,) = scene.sent()
    scene.send(numbers=["13999999999"])
    scene.record([scene.accepted(segment, "c1") for segment in scene.claim()])

    scene.report(scene.receipt("c1", phone=older.phone, state=ReceiptState.FAILED, code="EXPIRED"))
    assert scene.states() == [FAILED, SENT]
    scene.report(scene.receipt("c1", phone=OTHER))

    assert scene.states() == [FAILED, DELIVERED]


def test_a_long_message_whose_id_was_given_again_is_still_settled(scene):
    first, second = scene.sent(text="一" * 71)
    scene.send(numbers=["13999999999"])
    scene.record([scene.accepted(segment, "c1") for segment in scene.claim()])

    scene.report(scene.receipt("c1", phone=first.phone), scene.receipt("c2", phone=second.phone))

    assert scene.states() == [DELIVERED, SENT]


def test_an_early_receipt_under_an_id_that_another_phone_has_waits_for_its_own_answer(scene):
    scene.sent()
    scene.send(numbers=["13999999999"])
    (segment,) = scene.claim()
    scene.report(scene.receipt("c1", phone=OTHER, state=ReceiptState.FAILED, code="X"))

    scene.record([scene.accepted(segment, "c1")])

    assert scene.states() == [SENT, FAILED]
    assert parked(scene) == []


def test_an_early_receipt_for_another_phone_does_not_meet_the_answer(scene, claimed):
    scene.report(scene.receipt("c1", phone=OTHER))

    recorded = scene.record([scene.accepted(claimed, "c1")])

    assert (recorded.owed, scene.states(), parked(scene)) == (set(), [SENT], ["c1"])
    scene.report(scene.receipt("c1", phone=claimed.phone))
    assert scene.states() == [DELIVERED]


def test_another_phones_receipt_is_tried_under_its_other_spelling(scene, claimed):
    scene.record([scene.accepted(claimed, "255")])
    scene.send(numbers=["13999999999"])
    scene.record([scene.accepted(segment, "ff") for segment in scene.claim()])

    scene.report(scene.receipt("ff", "255", phone=claimed.phone))

    assert scene.states() == [DELIVERED, SENT]


# --- what became of receipts ---------------------------------------------------------------------------------------------------


def test_receipts_are_counted_by_what_became_of_them(scene):
    def counted(*receipts):
        def take(tx):
            scene.steps.receipts.run(tx, [list(receipts)])
            return {key[2].value: count for key, count in tx.counts.items() if key[0] == "receipts"}

        return scene.within(take)

    scene.sent(count=3)
    failed = scene.receipt("c2", state=ReceiptState.FAILED, code="MK:0001")
    pending = scene.receipt("c3", state=ReceiptState.PENDING, code="ACCEPTD")

    assert counted(scene.receipt("c1"), failed, pending) == {"delivered": 1, "failed": 1, "not_final": 1}
    assert counted(scene.receipt("c1")) == {"late": 1}
    assert counted(scene.receipt("c1")) == {"repeated": 1}
    assert counted(scene.receipt("c3"), scene.receipt("c3")) == {"repeated": 1, "delivered": 1}
    assert counted(scene.receipt("nobody")) == {"unmatched": 1}
