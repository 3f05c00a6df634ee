"""Messages of several segments: they fail over as a whole, and one verdict is folded from many receipts."""

from dataclasses import replace

import pytest
from tests.scene import LONG, POINTS, UP1, UP2, UP3

from hongyan.model.channel import Alphabet, ReceiptsGiven, SignaturePlace
from hongyan.model.message import MessageState, ReceiptState

QUEUED, SENDING, SENT, IN_DOUBT = MessageState.QUEUED, MessageState.SENDING, MessageState.SENT, MessageState.IN_DOUBT
DELIVERED, FAILED, UNKNOWN = MessageState.DELIVERED, MessageState.FAILED, MessageState.UNKNOWN


@pytest.fixture
def parts(scene):
    """The three segments of one long message, claimed."""
    scene.send("delivered", text=LONG)
    return scene.claim()


def test_a_long_text_leaves_in_parts_that_join_again(scene, parts):
    assert [(p.part, p.parts, len(p.text)) for p in parts] == [(1, 3, 67), (2, 3, 67), (3, 3, 16)]
    assert "".join(p.text for p in parts) == LONG
    assert len({(p.message_id, p.parcel_id, p.reference) for p in parts}) == 1


def test_it_is_sent_when_all_parts_were_accepted(scene, parts):
    a, b, c = parts
    scene.record([scene.accepted(a, "c1")], done=[])
    assert scene.states() == [SENDING]
    scene.record([scene.accepted(c, "c3")], done=[])
    assert scene.states() == [SENDING]
    scene.record([scene.accepted(b, "c2")])

    assert scene.states() == [SENT]
    assert scene.rows("parcel") == []


def test_all_parts_in_one_record_are_sent_at_once(scene, parts):
    scene.record([scene.accepted(p, f"c{p.part}") for p in parts])

    assert scene.states() == [SENT]


def test_a_half_sent_message_is_claimed_again_for_its_missing_parts_only(scene, parts):
    """Its owner vanished between the answers of its parts."""
    scene.record([scene.accepted(parts[1], "c2")], done=[])
    scene.own()

    again = scene.claim()
    assert [(p.part, p.parts, p.attempt, p.reference) for p in again] == [
        (1, 3, 0, parts[0].reference),
        (3, 3, 0, parts[0].reference),
    ]
    scene.record([scene.accepted(p, f"c{p.part}") for p in again])
    assert scene.states() == [SENT]
    scene.report(*(scene.receipt(f"c{n}") for n in (1, 2, 3)))
    assert scene.states() == [DELIVERED]


def test_it_goes_to_the_next_channel_as_a_whole_when_no_part_was_accepted(scene, parts):
    recorded = [scene.record([scene.refused(p)], done=[parts[0].parcel_id] if p.part == 3 else []) for p in parts]

    assert [r.queued for r in recorded] == [set(), set(), {UP2}]
    assert scene.states() == [QUEUED]
    assert [p["channel_id"] for p in scene.rows("parcel")] == [UP2]
    again = scene.claim(UP2)
    assert [(p.part, p.attempt) for p in again] == [(1, 1), (2, 1), (3, 1)]
    scene.record([scene.accepted(p, f"d{p.part}") for p in again], UP2)
    scene.report(*(scene.receipt(f"d{n}", channel_id=UP2) for n in (1, 2, 3)))
    assert scene.states() == [DELIVERED]


def test_it_fails_when_a_part_was_accepted_and_another_refused(scene, parts):
    a, b, c = parts
    recorded = scene.record([scene.accepted(a, "c1"), scene.refused(b, "R2"), scene.accepted(c, "c3")])

    assert recorded.queued == set()
    assert scene.states() == [FAILED]
    assert [(r.state, r.code) for r in scene.pull("delivered")] == [(FAILED, "R2")]
    assert scene.points("delivered") == POINTS
    assert scene.books_balance()


def test_receipts_of_a_message_that_failed_over_a_refused_part_change_nothing(scene, parts):
    a, b, c = parts
    scene.record([scene.accepted(a, "c1"), scene.refused(b), scene.accepted(c, "c3")])
    scene.pull("delivered")

    owed = scene.report(scene.receipt("c1"), scene.receipt("c3"))

    assert owed == set()
    assert scene.states() == [FAILED]
    assert scene.pull("delivered") == []


def test_an_unanswered_part_leaves_it_in_doubt(scene, parts):
    a, b, c = parts
    scene.record([scene.accepted(a, "c1"), scene.unanswered(b), scene.accepted(c, "c3")])

    assert scene.states() == [IN_DOUBT]


def test_refused_and_unanswered_parts_without_an_accepted_one_move_on(scene, parts):
    a, b, c = parts
    scene.record([scene.refused(a), scene.unanswered(b), scene.refused(c)])

    assert len(scene.claim(UP2)) == 3


def test_it_fails_when_three_channels_refused_it(scene, parts):
    for channel_id in (UP1, UP2, UP3):
        segments = parts if channel_id == UP1 else scene.claim(channel_id)
        scene.record([scene.refused(p, f"E{channel_id}") for p in segments], channel_id)

    assert scene.states() == [FAILED]
    assert [r.code for r in scene.pull("delivered")] == ["E3"]
    assert len(scene.rows("segment")) == 9


def test_parts_of_many_messages_in_one_record_are_judged_each(scene):
    scene.send(numbers=["13800000001", "13800000002", "13800000003"], text=LONG)
    segments = scene.claim()
    answers = [
        scene.accepted(s, f"c{n}") if s.message_id != segments[3].message_id else scene.refused(s)
        for n, s in enumerate(segments)
    ]

    scene.record(answers)

    assert scene.states() == [SENT, QUEUED, SENT]


# --- receipts of parts -------------------------------------------------------------------------------------------------


def given(scene, which):
    scene.change_channel(receipts=which)


@pytest.mark.parametrize(
    ("which", "first_two", "all_three"),
    [
        (ReceiptsGiven.EVERY, SENT, DELIVERED),
        (ReceiptsGiven.FIRST, DELIVERED, DELIVERED),
        (ReceiptsGiven.LAST, SENT, DELIVERED),
    ],
)
def test_the_fold_waits_for_the_receipts_that_the_channel_gives(scene, parts, which, first_two, all_three):
    given(scene, which)
    scene.record([scene.accepted(p, f"c{p.part}") for p in parts])

    scene.report(scene.receipt("c2"))
    assert scene.states() == [SENT]
    scene.report(scene.receipt("c1"))
    assert scene.states() == [first_two]
    scene.report(scene.receipt("c3"))

    assert scene.states() == [all_three]
    assert len(scene.pull("delivered")) == 1


def test_all_receipts_in_one_batch_give_one_report(scene, parts):
    scene.record([scene.accepted(p, f"c{p.part}") for p in parts])

    scene.report(*(scene.receipt(f"c{n}") for n in (3, 1, 2)))

    assert [(r.state, r.segments) for r in scene.pull("delivered")] == [(DELIVERED, 3)]


def test_one_failed_part_fails_the_message_at_once_and_returns_all_its_points(scene, parts):
    scene.record([scene.accepted(p, f"c{p.part}") for p in parts])

    scene.report(scene.receipt("c2", state=ReceiptState.FAILED, code="UNDELIV"))
    scene.report(scene.receipt("c1"), scene.receipt("c3", state=ReceiptState.FAILED, code="EXPIRED"))

    assert [(r.state, r.code) for r in scene.pull("delivered")] == [(FAILED, "UNDELIV")]
    assert scene.points("delivered") == POINTS
    assert scene.books_balance()


def test_an_unknown_part_makes_it_unknown_once_all_reported(scene, parts):
    scene.record([scene.accepted(p, f"c{p.part}") for p in parts])

    scene.report(scene.receipt("c1", state=ReceiptState.UNKNOWN, code="UNKNOWN"), scene.receipt("c2"))
    assert scene.states() == [SENT]
    scene.report(scene.receipt("c3"))

    assert [(r.state, r.code) for r in scene.pull("delivered")] == [(UNKNOWN, "UNKNOWN")]


def test_receipts_that_outran_the_answers_of_some_parts_still_fold(scene, parts):
    a, b, c = parts
    scene.report(scene.receipt("c1"), scene.receipt("c3"))
    scene.record([scene.accepted(a, "c1")], done=[])
    scene.record([scene.accepted(b, "c2")], done=[])
    scene.record([scene.accepted(c, "c3")])
    assert scene.states() == [SENT]

    scene.report(scene.receipt("c2"))

    assert scene.states() == [DELIVERED]


def test_the_receipt_of_the_only_reporting_part_may_come_before_the_answers_of_the_others(scene, parts):
    """The verdict comes before the last answer; that answer then finds the message ended."""
    given(scene, ReceiptsGiven.FIRST)
    a, b, c = parts
    scene.record([scene.accepted(a, "c1")], done=[])
    scene.report(scene.receipt("c1"))
    assert scene.states() == [DELIVERED]

    scene.record([scene.accepted(b, "c2"), scene.accepted(c, "c3")])

    assert scene.states() == [DELIVERED]
    assert scene.rows("parcel") == []
    assert len(scene.pull("delivered")) == 1


def test_only_receipts_of_the_channel_that_took_it_count(scene, parts):
    scene.record([scene.refused(p) for p in parts])
    scene.record([scene.accepted(p, f"c{p.part}") for p in scene.claim(UP2)], UP2)

    scene.report(*(scene.receipt(f"c{n}", channel_id=UP1) for n in (1, 2, 3)))
    assert scene.states() == [SENT]
    scene.report(*(scene.receipt(f"c{n}", channel_id=UP2) for n in (1, 2, 3)))

    assert scene.states() == [DELIVERED]


def test_a_channel_that_is_gone_from_the_snapshot_leaves_its_messages_open(scene, parts):
    scene.record([scene.accepted(p, f"c{p.part}") for p in parts])
    channels = {i: c for i, c in scene.snapshot.channels.items() if i != UP1}
    scene.process_state.snapshot = replace(scene.snapshot, channels=channels)

    scene.report(*(scene.receipt(f"c{n}") for n in (1, 2, 3)))

    assert scene.states() == [SENT]


# --- a channel that cuts the text elsewhere --------------------------------------------------------------------------------

SIGNATURE = "【签名】"


def emoji_at_the_cut(units, signature_in_front):
    """A text of so many UTF-16 units whose first cut falls into an emoji only when its signature stands in the back, or front."""
    before = 66 - (len(SIGNATURE) if signature_in_front else 0)
    body = "一" * before + "😀"
    return SIGNATURE + body + "一" * (units - len(SIGNATURE) - before - 2)


@pytest.mark.parametrize(("is_cut_in_front", "admitted", "cut"), [(False, 2, 3), (True, 3, 2)])
def test_its_next_channel_may_need_another_number_of_parts(scene, is_cut_in_front, admitted, cut):
    """The signature moves, and with it the place at which an emoji must not be cut: 134 units are two parts or three."""
    scene.change_channel(UP2, signature=SignaturePlace.BACK)
    answer = scene.send("delivered", text=emoji_at_the_cut(134, is_cut_in_front))
    assert answer.points_held == admitted
    scene.record([scene.refused(p) for p in scene.claim(UP1)])

    parts = scene.claim(UP2)
    assert [(p.part, p.parts) for p in parts] == [(n, cut) for n in range(1, cut + 1)]
    for p in parts:
        assert scene.states() == [QUEUED if p.part == 1 else SENDING]
        scene.record([scene.accepted(p, f"c{p.part}")], UP2, done=[])
    assert scene.states() == [SENT]
    for p in parts:
        assert scene.states() == [SENT]
        scene.report(scene.receipt(f"c{p.part}", channel_id=UP2))

    assert scene.states() == [DELIVERED]
    assert scene.points("delivered") == POINTS - admitted  # the price stays as held


def test_the_longest_text_may_need_one_part_more_elsewhere(scene):
    scene.change_channel(UP2, signature=SignaturePlace.BACK)
    scene.send(text=emoji_at_the_cut(670, signature_in_front=False))
    assert len(scene.claim(UP1)) == 10
    scene.own(UP1)
    scene.record([scene.refused(p) for p in scene.claim(UP1)])

    parts = scene.claim(UP2)
    scene.record([scene.accepted(p, f"c{p.part}") for p in parts], UP2)

    assert len(parts) == 11
    assert scene.states() == [SENT]


# --- channels that cut in their own way --------------------------------------------------------------------------------------


def through(scene, channel_id, text, **options):
    """A text claimed by a channel with these options, all of its parts accepted and reported."""
    scene.change_channel(channel_id, options=options)
    answer = scene.send("delivered", text=text)
    parts = scene.claim(channel_id)
    scene.record([scene.accepted(p, f"c{p.part}") for p in parts], channel_id)
    assert scene.states() == [SENT]
    scene.report(*(scene.receipt(f"c{p.part}", channel_id=channel_id) for p in parts))
    assert scene.states() == [DELIVERED]
    return answer, parts


def test_a_channel_of_seven_bits_sends_fewer_parts_than_are_charged(scene):
    answer, parts = through(scene, UP1, "a" * 160, encoding="gsm")

    assert answer.points_held == 3
    assert [(p.text, p.parts, p.alphabet) for p in parts] == [("a" * 160, 1, Alphabet.GSM)]
    assert scene.points("delivered") == POINTS - 3


def test_a_signature_that_the_carrier_adds_is_charged_as_it_is_cut(scene):
    answer, parts = through(scene, UP1, "一" * 65, carrier_signature="8")

    assert answer.points_held == 2
    assert [len(p.text) for p in parts] == [59, 6]
    assert scene.points("delivered") == POINTS - 2


def test_a_payload_is_one_part_and_one_receipt(scene):
    answer, parts = through(scene, UP1, LONG, long="payload")

    assert (answer.points_held, [p.text for p in parts]) == (3, [LONG])


def test_a_half_sent_message_of_one_charged_segment_is_finished_by_the_next_owner(scene):
    """Its channel needs two parts where its price says one."""
    scene.send("delivered", text="一" * 70)
    scene.change_channel(UP1, options={"carrier_signature": "8"})
    first, _ = scene.claim()
    scene.record([scene.accepted(first, "c1")], done=[])
    scene.own()

    again = scene.claim()

    assert [(p.part, p.parts) for p in again] == [(2, 2)]
