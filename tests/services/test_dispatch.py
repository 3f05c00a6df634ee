"""Claiming under a lease, and recording what carriers answer; messages of one segment. Long ones: test_long_messages.py."""

from dataclasses import replace

import pytest
from tests.scene import LONG, ME, UP1, UP2, UP3, mobiles

from hongyan.model.channel import SignaturePlace
from hongyan.model.message import MessageState, ReceiptState
from hongyan.model.parcel import ParcelState
from hongyan.model.route import Route
from hongyan.services.steps.dispatch import Claim
from hongyan.services.steps.reroute import BEGINNING, HandOver, Reroute

QUEUED, SENDING, SENT, IN_DOUBT = MessageState.QUEUED, MessageState.SENDING, MessageState.SENT, MessageState.IN_DOUBT


def parcel_states(scene):
    return [ParcelState(row["state"]) for row in scene.rows("parcel")]


# --- claim -----------------------------------------------------------------------------------------------------------


def test_a_claim_returns_every_message_once_in_order_with_its_source_number(scene):
    scene.send(numbers=mobiles(3), extno="7")

    segments = scene.claim()

    assert [s.message_id for s in segments] == [m["id"] for m in scene.rows("message")]
    assert {(s.text, s.source, s.part, s.parts, s.attempt) for s in segments} == {("您好", "10690001127", 1, 1, 0)}
    assert scene.claim() == []


def test_a_claim_takes_about_as_many_as_are_asked_for(scene):
    for _ in range(5):
        scene.send(numbers=mobiles(10))

    assert [len(scene.claim(most=25)) for _ in range(3)] == [30, 20, 0]


def test_a_claim_looks_at_a_bounded_number_of_parcels(scene):
    scene.run(scene.steps.accept, *(scene.admission(numbers=[number]) for number in mobiles(2)))
    for number in mobiles(300):
        scene.send(numbers=[number])

    assert len(scene.claim()) == 2 + 255
    assert len(scene.claim()) == 45


def test_a_claim_leaves_other_channels_alone(scene):
    scene.send(numbers=mobiles(2))
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))
    scene.send(numbers=mobiles(2, first=10))

    assert [s.phone for s in scene.claim(UP2)] == [8613800000010, 8613800000011]
    assert [s.phone for s in scene.claim(UP1)] == [8613800000000, 8613800000001]


@pytest.mark.parametrize(("owner", "later"), [("another", 0), (ME, 1), (ME, -1)])
def test_nothing_is_claimed_without_the_lease_of_this_very_epoch(scene, owner, later):
    scene.send()
    epoch = scene.own()

    assert scene.ask(scene.steps.claim, Claim(scene.channel(), owner, epoch + later, 100)) is None
    assert parcel_states(scene) == [ParcelState.READY]
    assert len(scene.claim()) == 1


def test_claims_of_one_batch_share_nothing(scene):
    for number in mobiles(4):
        scene.send(numbers=[number])
    epoch = scene.own()

    claims = scene.run(scene.steps.claim, *(Claim(scene.channel(), ME, epoch, 2) for _ in range(3)))

    assert [[s.phone % 10 for s in segments] for segments in claims if segments] == [[0, 1], [2, 3]]


def test_parcels_of_an_owner_that_vanished_return_when_a_new_epoch_begins(scene):
    scene.send(numbers=mobiles(3))
    lost = scene.claim()
    scene.record([scene.accepted(lost[0], "c1")], done=[])

    scene.own()

    assert parcel_states(scene) == [ParcelState.READY]
    assert [s.message_id for s in scene.claim()] == [s.message_id for s in lost[1:]]


def end_after_its_first_part(scene, carrier_id):
    """A crash comes between the first part's answer and the others', and the first part's receipt ends the text."""
    scene.send(text=LONG)
    first, *_ = scene.claim()
    scene.record([scene.accepted(first, carrier_id)], done=[])
    scene.report(scene.receipt(carrier_id, state=ReceiptState.FAILED, code="X"))


def test_a_parcel_of_which_all_has_ended_is_forgotten_by_the_next_claim(scene):
    end_after_its_first_part(scene, "c1")
    scene.send(numbers=mobiles(1))
    scene.own()

    (behind,) = scene.claim(most=1)

    assert behind.phone == 8613800000000
    assert [row["id"] for row in scene.rows("parcel")] == [behind.parcel_id]


def test_a_claim_forgets_no_more_parcels_than_it_may_take(scene):
    for carrier_id in ("c1", "c2"):
        end_after_its_first_part(scene, carrier_id)
    scene.send(numbers=mobiles(1))
    asked = Claim(scene.channel(), ME, scene.own(), 1)

    claims = [scene.ask(scene.steps.claim, asked) for _ in range(4)]

    assert [None if segments is None else len(segments) for segments in claims] == [0, 0, 1, None]
    assert len(scene.rows("parcel")) == 1


def test_answered_messages_are_not_sent_again(scene):
    scene.send(numbers=mobiles(4))
    a, b, c, d = scene.claim()
    scene.record([scene.accepted(a, "c1"), scene.unanswered(b), scene.refused(c)], done=[])

    scene.own()

    assert [s.message_id for s in scene.claim()] == [d.message_id]


def test_the_signature_stands_where_the_channel_wants_it(scene):
    scene.change_channel(signature=SignaturePlace.BACK)
    scene.send(text="【鸿雁】您好")

    assert scene.claim()[0].text == "您好【鸿雁】"


def test_a_source_number_is_cut_at_what_the_carrier_allows(scene):
    scene.change_channel(access_most=10)
    scene.send(extno="999")

    assert scene.claim()[0].source == "1069000112"


# --- record ----------------------------------------------------------------------------------------------------------


def test_an_accepted_message_is_sent_and_its_parcel_forgotten(scene):
    scene.send(numbers=mobiles(2))
    a, b = scene.claim()
    scene.now += 5

    scene.record([scene.accepted(a, "c1")], done=[])
    assert scene.states() == [SENT, QUEUED]
    assert len(scene.rows("parcel")) == 1
    scene.record([scene.accepted(b, "c2")])

    assert scene.states() == [SENT, SENT]
    assert scene.rows("parcel") == []
    assert [(s["carrier_id"], s["channel_id"], s["answered_ms"]) for s in scene.rows("segment")] == [
        ("c1", UP1, scene.now),
        ("c2", UP1, scene.now),
    ]
    assert [c["carrier_id"] for c in scene.rows("carrier_ref")] == ["c1", "c2"]


def test_a_parcel_with_something_queued_is_not_forgotten(scene):
    scene.send(numbers=mobiles(2))
    a, _ = scene.claim()

    scene.record([scene.accepted(a, "c1")])

    assert len(scene.rows("parcel")) == 1


def test_a_late_answer_of_an_earlier_epoch_does_not_forget_the_parcel_of_the_new_one(scene):
    scene.send(numbers=mobiles(2))
    a, b = scene.claim()
    late = scene.heard([scene.accepted(a, "c1"), scene.accepted(b, "c2")])
    scene.own()
    scene.claim()

    scene.ask(scene.steps.record, late)

    assert scene.states() == [SENT, SENT]
    assert parcel_states(scene) == [ParcelState.CLAIMED]


def test_a_refused_message_goes_to_its_next_channel(scene):
    scene.send()
    (segment,) = scene.claim()

    recorded = scene.record([scene.refused(segment)])

    assert (recorded.queued, recorded.owed) == ({UP2}, set())
    assert scene.states() == [QUEUED]
    assert [p["channel_id"] for p in scene.rows("parcel")] == [UP2]
    (again,) = scene.claim(UP2)
    assert (again.message_id, again.attempt, again.source) == (segment.message_id, 1, "1069000212")


def test_a_message_fails_when_three_channels_refused_it(scene):
    scene.send()
    for attempt, channel_id in enumerate((UP1, UP2, UP3)):
        (segment,) = scene.claim(channel_id)
        assert segment.attempt == attempt
        recorded = scene.record([scene.refused(segment, f"E{channel_id}")], channel_id)

    assert (recorded.queued, recorded.owed) == (set(), {scene.account("pre").id})
    (message,) = scene.rows("message")
    assert (message["state"], message["code"], message["tried"]) == (MessageState.FAILED, "E3", "1,2")
    assert [(s["attempt"], s["channel_id"], s["code"]) for s in scene.rows("segment")] == [
        (0, 1, "E1"),
        (1, 2, "E2"),
        (2, 3, "E3"),
    ]
    assert [(r.state, r.code) for r in scene.pull()] == [(MessageState.FAILED, "E3")]
    assert scene.rows("parcel") == []


def test_a_message_accepted_by_its_second_channel_ends_by_that_one(scene):
    scene.send()
    scene.record([scene.refused(s) for s in scene.claim(UP1)])
    scene.record([scene.accepted(s, "c1") for s in scene.claim(UP2)], UP2)

    scene.report(scene.receipt("c1", channel_id=UP1, code="WRONG"))
    assert scene.states() == [SENT]
    scene.report(scene.receipt("c1", channel_id=UP2))

    assert scene.states() == [MessageState.DELIVERED]


def test_an_unanswered_message_is_in_doubt(scene):
    scene.send()
    (segment,) = scene.claim()

    scene.record([scene.unanswered(segment)])

    assert scene.states() == [IN_DOUBT]
    assert scene.rows("parcel") == []


def test_answers_of_every_kind_in_one_batch_go_their_own_ways(scene):
    scene.send(numbers=mobiles(6))
    a, b, c, d, e, _ = scene.claim()

    scene.record([scene.accepted(a, "c1"), scene.refused(b), scene.unanswered(c)], done=[])
    scene.run(
        scene.steps.record,
        scene.heard([scene.accepted(d, "c4")], done=[]),
        scene.heard([scene.refused(e)], done=[]),
    )

    assert scene.states() == [SENT, QUEUED, IN_DOUBT, SENT, QUEUED, QUEUED]
    assert [s.message_id for s in scene.claim(UP2)] == [b.message_id, e.message_id]


def test_an_answer_on_a_message_that_is_final_changes_nothing(scene):
    (segment,) = scene.sent()
    scene.report(scene.receipt("c1"))
    before = scene.rows("message")

    scene.record([scene.unanswered(segment)])
    scene.record([scene.refused(segment)])

    assert scene.rows("message") == before
    assert scene.claim(UP2) == []


def test_several_reads_of_a_channel_are_stored_together_and_an_id_that_comes_again_is_another_use_of_it(scene):
    scene.send("delivered", mobiles(4))
    a, b, c, d = scene.claim()
    scene.report(scene.receipt("c1"))
    reads = [[scene.accepted(a, "c1")], [scene.accepted(b, "c2"), scene.refused(c)], [scene.accepted(d, "c2")]]

    recorded = scene.run(scene.steps.record, *[scene.heard(read) for read in reads])

    assert [one.owed for one in recorded] == [{scene.account("delivered").id}, set(), set()]
    assert [one.queued for one in recorded] == [{UP2}, set(), set()]
    scene.report(scene.receipt("c2"))
    assert sorted(report.phone for report in scene.pull("delivered")) == [a.phone, d.phone]


def test_reads_of_two_channels_at_once_stay_apart(scene):
    (of_one,), (of_other,) = (scene.send(numbers=mobiles(1, first=n)) and scene.claim(UP1) for n in (1, 2))
    scene.own(UP2)

    scene.run(
        scene.steps.record, scene.heard([scene.accepted(of_one, "c1")]), scene.heard([scene.accepted(of_other, "c1")], UP2)
    )

    assert {(row["channel_id"], row["carrier_id"]) for row in scene.rows("segment")} == {(UP1, "c1"), (UP2, "c1")}


# --- reroute ---------------------------------------------------------------------------------------------------------


def reroute(scene, channel_id):
    return scene.ask(scene.steps.reroute, Reroute(channel_id))


def test_unclaimed_messages_of_a_dead_channel_go_to_another(scene):
    scene.send(numbers=mobiles(3))
    points = scene.points()
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))

    moved = reroute(scene, UP1)

    assert (moved.moved, moved.queued) == (3, {UP2})
    assert [(p["channel_id"], p["messages"]) for p in scene.rows("parcel")] == [(UP2, 3)]
    assert scene.claim(UP1) == []
    segments = scene.claim(UP2)
    assert [(s.phone % 10, s.attempt) for s in segments] == [(0, 0), (1, 0), (2, 0)]
    assert reroute(scene, UP1).moved == 0
    assert scene.points() == points


def test_what_is_claimed_is_already_leaving(scene):
    scene.send()
    scene.claim()
    scene.send(numbers=mobiles(1))
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))

    assert reroute(scene, UP1).moved == 1
    assert [m["channel_id"] for m in scene.rows("message")] == [UP1, UP2]


def test_what_has_nowhere_else_to_go_stays(scene):
    scene.send(numbers=mobiles(2))
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1, UP2, UP3}))

    rerouted = reroute(scene, UP1)

    assert (rerouted.moved, rerouted.queued) == (0, set())
    assert len(scene.claim(UP1)) == 2


def test_a_message_is_not_rerouted_to_a_channel_that_refused_it(scene):
    scene.send()
    scene.record([scene.refused(s) for s in scene.claim(UP1)])
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP2, UP3}))

    rerouted = reroute(scene, UP2)

    assert rerouted.queued <= {UP3}
    assert scene.claim(UP1) == []


def test_a_rerouted_message_that_is_refused_there_goes_on_to_the_third(scene):
    scene.send()
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))
    reroute(scene, UP1)

    scene.record([scene.refused(s) for s in scene.claim(UP2)], UP2)

    assert len(scene.claim(UP3)) == 1


def hand_over(scene, messages, epoch):
    return scene.ask(scene.steps.hand_over, HandOver(UP1, ME, epoch, messages, {p["id"] for p in scene.rows("parcel")}))


def test_what_was_claimed_and_has_not_left_is_handed_over_whole(scene):
    scene.send(numbers=mobiles(3))
    epoch = scene.own(UP1)
    first, second, third = [s.message_id for s in scene.claim(UP1)]
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))

    handed = hand_over(scene, [first, second], epoch)

    assert (handed.kept, handed.queued) == (set(), {UP2})
    assert {m["id"]: m["channel_id"] for m in scene.rows("message")} == {first: UP2, second: UP2, third: UP1}
    assert [s.message_id for s in scene.claim(UP2)] == [first, second]


def test_handed_over_once_more_moves_nothing_twice(scene):
    scene.send(numbers=mobiles(2))
    epoch = scene.own(UP1)
    claimed = [s.message_id for s in scene.claim(UP1)]
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))
    hand_over(scene, claimed, epoch)

    handed = hand_over(scene, claimed, epoch)

    assert (handed.kept, handed.queued) == (set(), set())
    assert len(scene.claim(UP2)) == 2


def test_a_process_that_has_lost_the_lease_hands_nothing_over(scene):
    scene.send(numbers=mobiles(2))
    epoch = scene.own(UP1)
    claimed = [s.message_id for s in scene.claim(UP1)]
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))

    assert hand_over(scene, claimed, epoch + 1).kept == set(claimed)


def batches(scene):
    """Go through the whole backlog of the first channel; returns how many each batch moved."""
    moved, place = [], BEGINNING
    while place is not None:
        rerouted = scene.ask(scene.steps.reroute, Reroute(UP1, place))
        moved.append(rerouted.moved)
        place = rerouted.next_cursor
    return moved


def test_many_parcels_are_rerouted_in_bites(scene):
    for number in mobiles(10):
        scene.send(numbers=[number])
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))

    assert batches(scene) == [4, 4, 2, 0]


def test_what_has_nowhere_to_go_does_not_stand_in_the_way_of_others(scene):
    """An account that is bound to the dead channel has more parcels in front than one batch looks at."""
    bound = Route(99, UP1, account_id=scene.account("taken").id)
    scene.process_state.snapshot = replace(scene.snapshot, routes=(*scene.snapshot.routes, bound))
    for account in ("taken",) * 9 + ("pre",):
        scene.send(account)
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))

    assert sum(batches(scene)) == 1
    assert [m["account_id"] for m in scene.rows("message") if m["channel_id"] == UP2] == [scene.account("pre").id]


def test_members_that_stay_do_not_keep_the_others_of_their_parcel(scene):
    bound = Route(99, UP1, account_id=scene.account("taken").id)
    scene.process_state.snapshot = replace(scene.snapshot, routes=(*scene.snapshot.routes, bound))
    scene.run(scene.steps.accept, scene.admission("taken"), scene.admission("pre"))
    scene.process_state.snapshot = replace(scene.snapshot, down=frozenset({UP1}))

    assert batches(scene) == [1, 0]
    assert [p["channel_id"] for p in scene.rows("parcel")] == [UP1, UP2]
    assert (len(scene.claim(UP1)), len(scene.claim(UP2))) == (1, 1)
