"""Every step run a second time with the same input, as a lane does when the answer to its commit was lost.

The store must be as after the first time, in every table; only what is claimed or handed out may be more.
"""

import sqlite3
from dataclasses import replace

import psycopg
import pytest
from tests.scene import LONG, ME, UP1, UP2, UP3, mobiles

from hongyan.model.message import MessageState, ReceiptState
from hongyan.model.owed import OwedKind, OwedState, Pushed, PushOutcome
from hongyan.services.steps import dispatch
from hongyan.services.steps.dispatch import Claim
from hongyan.services.steps.leases import ChannelHold, NodeHold
from hongyan.services.steps.owed import GiveBack, Pull, PushClaim, PushRecord
from hongyan.services.steps.pruning import Prune, Pruned
from hongyan.services.steps.report_sweeps import OpenPage
from hongyan.services.steps.reroute import Reroute

BROKEN = (sqlite3.IntegrityError, psycopg.errors.UniqueViolation)
FAILED = ReceiptState.FAILED


def twice(scene, step, *items):
    """Run a step twice; returns both answers, having held that the second time changed nothing."""
    first = scene.run(step, *items)
    after = scene.everything()
    second = scene.run(step, *items)
    assert scene.everything() == after
    assert scene.books_balance()
    return first, second


# --- accept ------------------------------------------------------------------------------------------------------------


def test_accept_with_references(scene):
    batch = [scene.admission(numbers=mobiles(n), client_ref=f"r{n}", client_hash=b"h") for n in (1, 5, 1_001)]

    first, second = twice(scene, scene.steps.accept, *batch)

    assert first == second


def test_accept_without_a_reference_is_held_off_by_its_task_id(scene):
    """The customer reads that something broke; there is no second task and no second charge."""
    admission = scene.admission()
    scene.run(scene.steps.accept, admission)
    before = scene.everything()

    with pytest.raises(BROKEN):
        scene.run(scene.steps.accept, admission)

    assert scene.everything() == before


# --- record ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["您好", LONG])
@pytest.mark.parametrize("how", ["accepted", "refused", "unanswered"])
def test_record(scene, text, how):
    scene.send("delivered", mobiles(3), text)
    segments = scene.claim()
    answers = [scene.accepted(s, f"c{n}") if how == "accepted" else getattr(scene, how)(s) for n, s in enumerate(segments)]

    twice(scene, scene.steps.record, scene.heard(answers))


@pytest.mark.parametrize("count", [1, 2])
def test_record_of_a_part_of_a_long_message(scene, count):
    scene.send(text=LONG)
    segments = scene.claim()

    twice(scene, scene.steps.record, scene.heard([scene.accepted(s, f"c{s.part}") for s in segments[:count]], done=[]))


def test_record_of_the_last_refusal(scene):
    scene.send("delivered")
    for channel_id in (UP1, UP2):
        scene.record([scene.refused(s) for s in scene.claim(channel_id)], channel_id)
    refused = [scene.refused(s) for s in scene.claim(UP3)]

    twice(scene, scene.steps.record, scene.heard(refused, UP3))

    assert len(scene.pull("delivered")) == 1


def test_record_of_a_mix_after_receipts_that_were_early(scene):
    scene.send("delivered", mobiles(4))
    a, b, c, d = scene.claim()
    scene.report(scene.receipt("c1", state=FAILED, code="X"), scene.receipt("c4"))
    answers = [scene.accepted(a, "c1"), scene.refused(b), scene.unanswered(c), scene.accepted(d, "c4")]

    first, second = twice(scene, scene.steps.record, scene.heard(answers))

    assert first[0].owed == {scene.account("delivered").id}
    assert len(scene.pull("delivered")) == 2
    assert second[0].queued <= first[0].queued


def test_record_of_an_id_used_again(scene):
    scene.sent()
    scene.send(numbers=mobiles(1, first=9))

    twice(scene, scene.steps.record, scene.heard([scene.accepted(s, "c1") for s in scene.claim()]))


def test_a_late_repeat_of_a_refusal_does_not_touch_the_message_at_its_next_channel(scene):
    scene.send()
    refusal = scene.heard([scene.refused(s) for s in scene.claim()])
    scene.ask(scene.steps.record, refusal)
    moved = scene.claim(UP2)

    twice(scene, scene.steps.record, refusal)

    scene.record([scene.accepted(s, "c1") for s in moved], UP2)
    assert scene.states() == [MessageState.SENT]


# --- reports -----------------------------------------------------------------------------------------------------------


def test_receipts(scene):
    scene.sent("delivered", 3)
    receipts = [
        scene.receipt("c1", state=FAILED, code="X"),
        scene.receipt("c2"),
        scene.receipt("c2"),
        scene.receipt("nobody"),
        scene.receipt("x", "c3", phone=8613800000002),
    ]

    scene.report(*receipts)  # the second time they are late ones, which are kept beside their segments

    twice(scene, scene.steps.receipts, receipts)

    assert len(scene.pull("delivered")) == 3
    assert [row["carrier_id"] for row in scene.rows("carrier_ref")] == ["c1", "c2", "c3", "nobody"]


def test_receipts_of_a_long_message(scene):
    scene.sent("delivered", text=LONG)

    twice(scene, scene.steps.receipts, [scene.receipt("c1"), scene.receipt("c2")])
    twice(scene, scene.steps.receipts, [scene.receipt("c3", state=FAILED, code="X")])


def test_sweeps_of_slipped_parked_and_silent_messages(scene, monkeypatch):
    monkeypatch.setattr(dispatch, "conclude", lambda *_: set())  # so that one slips
    scene.send("delivered", mobiles(3))
    a, b, c = scene.claim()
    scene.report(scene.receipt("c1", state=FAILED, code="X"), scene.receipt("x", "c2"))
    scene.record([scene.accepted(a, "c1"), scene.accepted(b, "c2"), scene.unanswered(c)])

    twice(scene, scene.steps.slipped, OpenPage((0, 0), -1))
    twice(scene, scene.steps.parked, (scene.now - 1_000, scene.now))
    scene.now += 73 * 3_600_000
    twice(scene, scene.steps.silent, None)

    assert [r.state.name for r in scene.pull("delivered")] == ["FAILED", "DELIVERED", "UNKNOWN"]


# --- replies -----------------------------------------------------------------------------------------------------------


def test_replies_and_their_parts(scene):
    long_one = [scene.reply(f"{n}", carrier_id=f"p{n}", reference=5, part=n, parts=2) for n in (1, 2)]
    half = scene.reply("half", carrier_id="q1", reference=6, part=1, parts=2)

    twice(scene, scene.steps.replies, [scene.reply("好", carrier_id="d1"), *long_one, half])
    scene.now += 11 * 60_000
    twice(scene, scene.steps.parts, None)

    assert [r.text for r in scene.pull(kind=OwedKind.REPLY)] == ["好", "12", "half"]


# --- owed --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def owing(scene):
    scene.sent("pushed", 3)
    scene.report(*(scene.receipt(f"c{n}") for n in (1, 2, 3)))
    return scene


@pytest.mark.parametrize("outcome", list(PushOutcome))
def test_record_push(owing, outcome):
    scene = owing
    items = scene.ask(scene.steps.claim_push, PushClaim(scene.account("pushed").id, OwedKind.REPORT, 10))
    pushed, attempt_id = Pushed(outcome, 200, "", scene.now, 5), scene.ids.one(scene.now)
    record = PushRecord(scene.account("pushed"), OwedKind.REPORT, [i.owed_id for i in items], pushed, attempt_id)

    twice(scene, scene.steps.record_push, record)

    assert {row["attempts"] for row in scene.rows("owed")} == {1}


def test_claim_push(owing):
    first, second = twice(owing, owing.steps.claim_push, PushClaim(owing.account("pushed").id, OwedKind.REPORT, 10))

    assert first == second


def test_give_back(owing):
    scene = owing
    account = replace(scene.account("pushed"), push_url="")
    handed = scene.ask(scene.steps.pull, Pull(account, OwedKind.REPORT, 2, None))

    twice(scene, scene.steps.give_back, GiveBack(OwedKind.REPORT, [r.owed_id for r in handed]))

    assert {row["state"] for row in scene.rows("owed")} == {OwedState.WAITING}


def test_a_pull_never_hands_out_again(owing):
    scene = owing
    asked = Pull(replace(scene.account("pushed"), push_url=""), OwedKind.REPORT, 2, None)

    first, second, third = (scene.ask(scene.steps.pull, asked) for _ in range(3))

    assert [len(first), len(second), len(third)] == [2, 1, 0]
    assert len({r.owed_id for r in (*first, *second)}) == 3


# --- the whole ---------------------------------------------------------------------------------------------------------


def test_a_claim_never_returns_a_message_twice_in_one_epoch(scene):
    scene.send(numbers=mobiles(3))
    scene.own()
    asked = Claim(scene.channel(), ME, scene.epochs[UP1], 100)

    first, second = twice(scene, scene.steps.claim, asked)

    assert (len(first[0]), second) == (3, [None])


def test_a_release_never_sends_a_number_twice(scene):
    scene.send(numbers=mobiles(4_001))

    for _ in range(22):
        scene.ask(scene.steps.release)

    assert len({m["phone"] for m in scene.rows("message")}) == len(scene.rows("message")) == 4_001


def test_a_reroute_never_moves_back(scene):
    scene.send(numbers=mobiles(3))
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))

    twice(scene, scene.steps.reroute, Reroute(UP1))

    assert {m["channel_id"] for m in scene.rows("message")} == {UP2}


def test_prune(scene):
    scene.send(client_ref="r", client_hash=b"h")

    first, second = twice(scene, scene.steps.prune, Prune(Pruned.REFERENCES, scene.now + 1))

    assert (first, second) == ([1], [0])


def test_prune_of_what_doors_made(scene):
    scene.send(client_ref=" text64 r", client_hash=b"h")

    first, second = twice(scene, scene.steps.prune, Prune(Pruned.DOOR_REFERENCES, scene.now + 1))

    assert (first, second) == ([1], [0])


def test_a_lease_taken_again_by_who_holds_it_is_reported_to_nobody_else(scene):
    """Another process's lease whose grant was lost runs out by itself; the only process takes it again at once."""
    ask, steps = scene.ask, scene.steps
    assert ask(steps.hold_channels, ChannelHold("a", take=(UP1,))).taken == {UP1: 1}
    assert ask(steps.hold_channels, ChannelHold("a", take=(UP1,))).taken == {}
    assert ask(steps.hold_channels, ChannelHold("b", take=(UP1,))).taken == {}
    assert ask(steps.hold_channels, ChannelHold("a", take=(UP1,), is_alone=True)).taken == {UP1: 2}


def test_a_node_number_asked_for_again_is_the_same(scene):
    assert scene.ask(scene.steps.hold_node, NodeHold("a", None)) == 0
    assert scene.ask(scene.steps.hold_node, NodeHold("a", None)) == 0
    assert scene.ask(scene.steps.hold_node, NodeHold("b", None)) == 1
