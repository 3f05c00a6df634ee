"""Ids by which receipts find their segments: spelt otherwise, used again, or with the phone of another message."""

import pytest
from tests.scene import HOUR_MS, NOW

from hongyan.model.message import MessageState, ReceiptState

SENT = MessageState.SENT
DELIVERED, FAILED = MessageState.DELIVERED, MessageState.FAILED


# --- other spellings -------------------------------------------------------------------------------------------------


SPELLINGS = [("1a2b", "6699"), ("255", "ff"), ("00042", "42")]


@pytest.mark.parametrize(("answered", "spelled"), SPELLINGS)
def test_with_the_answer_first_another_spelling_finds_it(scene, claimed, answered, spelled):
    scene.record([scene.accepted(claimed, answered)])

    owed = scene.report(scene.receipt(spelled, answered, phone=claimed.phone))

    assert owed == {scene.account("pre").id}
    assert scene.states() == [DELIVERED]
    assert scene.parked() == []


@pytest.mark.parametrize(("answered", "spelled"), SPELLINGS)
def test_with_the_receipt_first_the_sweep_tries_its_other_spellings(scene, claimed, answered, spelled):
    scene.report(scene.receipt(spelled, "other", answered, phone=claimed.phone))
    scene.record([scene.accepted(claimed, answered)])
    assert scene.states() == [SENT]

    owed = scene.ask(scene.steps.parked, (NOW - 60_000, NOW))

    assert owed == {scene.account("pre").id}
    assert scene.states() == [DELIVERED]
    assert scene.parked() == []
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


# --- ids that a carrier uses again -----------------------------------------------------------------------------------


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


# --- the right id and another phone ----------------------------------------------------------------------------------


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

    assert scene.parked() == ["c1"]


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
    assert scene.parked() == ["c1", "c1"]


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
    assert scene.parked() == []


def test_an_early_receipt_for_another_phone_does_not_meet_the_answer(scene, claimed):
    scene.report(scene.receipt("c1", phone=OTHER))

    recorded = scene.record([scene.accepted(claimed, "c1")])

    assert (recorded.owed, scene.states(), scene.parked()) == (set(), [SENT], ["c1"])
    scene.report(scene.receipt("c1", phone=claimed.phone))
    assert scene.states() == [DELIVERED]


def test_another_phones_receipt_is_tried_under_its_other_spelling(scene, claimed):
    scene.record([scene.accepted(claimed, "255")])
    scene.send(numbers=["13999999999"])
    scene.record([scene.accepted(segment, "ff") for segment in scene.claim()])

    scene.report(scene.receipt("ff", "255", phone=claimed.phone))

    assert scene.states() == [DELIVERED, SENT]
