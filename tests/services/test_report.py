"""Receipts and segments meet, whichever comes first, and each message ends once."""

import pytest
from tests.scene import HOUR_MS, POINTS, UP2

from hongyan.model.meaning import CodeClass, CodeRule
from hongyan.model.message import MessageState, ReceiptState
from hongyan.model.owed import OwedKind, OwedState
from hongyan.policy.codes import as_ruled
from hongyan.services.admin.codes import unknown_codes

QUEUED, SENT = MessageState.QUEUED, MessageState.SENT
DELIVERED, FAILED, UNKNOWN = MessageState.DELIVERED, MessageState.FAILED, MessageState.UNKNOWN


# --- one receipt, one report -----------------------------------------------------------------------------------------


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


# --- the order of answer and receipt ---------------------------------------------------------------------------------


def test_an_early_receipt_waits_for_its_answer(scene, claimed):
    assert scene.report(scene.receipt("c1", state=ReceiptState.FAILED, code="X")) == set()
    assert scene.parked() == ["c1"]
    assert scene.states() == [QUEUED]

    recorded = scene.record([scene.accepted(claimed, "c1")])

    assert recorded.owed == {scene.account("pre").id}
    assert scene.parked() == []
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
    assert scene.parked() == ["c1"]


def test_receipts_of_unknown_ids_are_kept_and_harm_nobody(scene):
    scene.sent()

    scene.report(*(scene.receipt(f"unknown{n}") for n in range(300)))

    assert len(scene.parked()) == 300
    assert scene.states() == [SENT]
    assert scene.pull() == []


# --- what became of receipts -----------------------------------------------------------------------------------------


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
