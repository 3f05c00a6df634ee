"""Names that we give to segments before they leave: given once, kept over crashes, forgotten with the answer."""

import pytest
from tests.scene import LONG, NOW, UP1, UP2, mobiles

from hongyan.model.ids import made_ms
from hongyan.model.message import MessageState
from hongyan.model.message import SegmentResult as Result
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import Answered


@pytest.fixture
def named(scene):
    """The first two channels are of a protocol whose submits bear a name of ours."""
    for channel_id in (UP1, UP2):
        scene.change_channel(channel_id, protocol=Protocol.SGIP)
    return scene


def names(scene):
    return [row["number"] for row in scene.rows("ticket")]


def test_every_claimed_segment_has_a_name_of_its_own_and_the_claim_holds_it(named):
    named.send(numbers=mobiles(3))
    named.send(text=LONG)

    segments = named.claim()

    tickets = [segment.ticket for segment in segments]
    assert len(set(tickets)) == 6
    assert sorted(names(named)) == sorted(tickets)
    assert {made_ms(ticket) for ticket in tickets} == {NOW}


def test_other_protocols_get_none(scene):
    scene.send()

    assert [segment.ticket for segment in scene.claim()] == [0]
    assert names(scene) == []


def test_after_a_crash_the_next_owner_sends_each_segment_under_its_old_name(named):
    named.send(text=LONG)
    before = {segment.part: segment.ticket for segment in named.claim()}
    named.send(numbers=mobiles(1, 7))
    named.own()

    again = named.claim()

    assert {s.part: s.ticket for s in again if s.parts > 1} == before
    assert len({s.ticket for s in again}) == 4


def test_an_answer_ends_its_name_and_leaves_the_others(named):
    named.send(numbers=mobiles(3))
    accepted, refused, open_one = named.claim()

    named.record([named.accepted(accepted, "n1"), named.refused(refused)], done=())

    assert open_one.ticket in names(named)
    assert not {accepted.ticket, refused.ticket} & set(names(named))


def test_a_refused_message_has_another_name_at_another_channel(named):
    named.send()
    (first,) = named.claim()
    named.record([named.refused(first)])

    (second,) = named.claim(UP2)

    assert second.ticket not in {0, first.ticket}


def in_doubt(scene, segment, name):
    """Nothing answered, and its name is known all the same."""
    return Answered(segment, Result.UNANSWERED, name, "", scene.now)


def test_a_report_on_what_nothing_answered_meets_its_segment_by_name(named):
    named.send()
    (segment,) = named.claim()
    named.record([in_doubt(named, segment, "n1")])
    assert named.states() == [MessageState.IN_DOUBT]

    named.report(named.receipt("n1"))

    assert named.states() == [MessageState.DELIVERED]


def test_a_report_that_came_before_its_segment_was_given_up_meets_it_too(named):
    named.send()
    (segment,) = named.claim()
    named.report(named.receipt("n1"))

    named.record([in_doubt(named, segment, "n1")])

    assert named.states() == [MessageState.DELIVERED]


def test_a_long_message_of_which_a_part_was_never_answered_ends_with_its_reports(named):
    named.send(text=LONG)
    first, *others = named.claim()
    named.record([in_doubt(named, first, "n1"), *(named.accepted(s, f"n{s.part}") for s in others)])

    for part in (1, 2, 3):
        assert named.states() == [MessageState.IN_DOUBT]
        named.report(named.receipt(f"n{part}"))

    assert named.states() == [MessageState.DELIVERED]


def test_names_of_what_is_never_answered_are_dropped_in_the_end(named):
    named.send(numbers=mobiles(2))
    segments = named.claim()
    last = max(segment.ticket for segment in segments)

    assert named.within(lambda tx: tx.prune_tickets(last)) == 1
    assert names(named) == [last]
