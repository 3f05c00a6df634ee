"""补发: a message that failed at its channel is sent once more by another; one report, one charge, whatever comes late."""

from dataclasses import replace

import pytest
from tests.scene import LONG, POINTS, UP1, UP2, UP3

from hongyan.model.channel import ChannelState
from hongyan.model.message import MessageState, ReceiptState
from hongyan.services.queries.trace import TraceQuery, trace

QUEUED, SENT = MessageState.QUEUED, MessageState.SENT
DELIVERED, FAILED = MessageState.DELIVERED, MessageState.FAILED
NETWORK, NUMBER = "MA:0053", "MK:0001"  # another channel may do better; nobody has this number


@pytest.fixture
def asking(scene):
    """The account asks for second tries within ten minutes."""
    ask(scene, "delivered", resend_within_s=600)
    return scene


def ask(scene, name, **settings):
    account = replace(scene.account(name), **settings)
    snapshot = scene.snapshot
    scene.process_state.snapshot = replace(
        snapshot, accounts={**snapshot.accounts, name: account}, accounts_by_id={**snapshot.accounts_by_id, account.id: account}
    )


def fails(scene, name="c1", code=NETWORK, channel_id=UP1):
    return scene.report(scene.receipt(name, state=ReceiptState.FAILED, code=code, channel_id=channel_id))


def second(scene, channel_id=UP2, first_name=1):
    """Claim and accept the second try under the ids d1, d2 …"""
    segments = scene.claim(channel_id)
    scene.record([scene.accepted(s, f"d{n}") for n, s in enumerate(segments, first_name)], channel_id)
    return segments


def test_a_failure_that_another_channel_may_mend_is_sent_once_more(asking):
    (segment,) = asking.sent("delivered")

    assert fails(asking) == set()

    assert asking.states() == [QUEUED]
    assert asking.pull("delivered") == []
    (again,) = second(asking)
    assert (again.message_id, again.text, again.attempt) == (segment.message_id, segment.text, 1)
    owed = asking.report(asking.receipt("d1", channel_id=UP2))
    assert owed == {asking.account("delivered").id}
    assert [(r.state, r.code) for r in asking.pull("delivered")] == [(DELIVERED, "DELIVRD")]
    assert asking.points("delivered") == POINTS - 1
    assert asking.books_balance()


def test_a_second_failure_is_the_verdict(asking):
    asking.sent("delivered")
    fails(asking)
    second(asking)

    fails(asking, "d1", "MC:0001", UP2)

    assert [(r.state, r.code) for r in asking.pull("delivered")] == [(FAILED, "MC:0001")]
    assert asking.claim(UP3) == []
    assert asking.points("delivered") == POINTS
    assert len([e for e in asking.rows("entry") if e["subject"] == asking.rows("message")[0]["id"]]) == 1


def test_a_long_message_goes_whole(asking):
    segments = asking.sent("delivered", text=LONG)
    asking.report(asking.receipt("c1"), asking.receipt("c2", state=ReceiptState.FAILED, code=NETWORK))

    again = second(asking)

    assert [s.part for s in again] == [s.part for s in segments] == [1, 2, 3]
    fails(asking, "c3")  # of the first try
    assert asking.states() == [SENT]
    asking.report(*(asking.receipt(f"d{n}", channel_id=UP2) for n in (1, 2, 3)))
    assert asking.states() == [DELIVERED]
    assert len(asking.pull("delivered")) == 1
    assert asking.points("delivered") == POINTS - 3


def test_a_repeated_failure_of_the_first_try_says_nothing_new(asking):
    asking.sent("delivered")
    fails(asking)
    assert fails(asking) == set()
    second(asking)
    assert fails(asking) == set()

    assert asking.states() == [SENT]
    assert asking.claim(UP3) == []


@pytest.mark.parametrize("is_sent_again", [False, True])
def test_a_late_success_of_the_first_try_ends_the_message_once(asking, is_sent_again):
    asking.sent("delivered")
    fails(asking)
    if is_sent_again:
        second(asking)

    assert asking.report(asking.receipt("c1")) == {asking.account("delivered").id}

    assert [r.state for r in asking.pull("delivered")] == [DELIVERED]
    assert asking.claim(UP2) == []
    assert asking.rows("parcel") == []
    if is_sent_again:
        asking.report(asking.receipt("d1", channel_id=UP2))
    assert asking.report(asking.receipt("c1")) == set()
    assert asking.pull("delivered") == []
    assert asking.points("delivered") == POINTS - 1


def test_a_success_of_the_first_try_after_the_report_is_recorded_and_shown(asking):
    (segment,) = asking.sent("delivered")
    asking.now += 1_000
    fails(asking)
    second(asking)
    asking.now += 1_000
    fails(asking, "d1", NUMBER, UP2)
    asking.pull("delivered")
    asking.now += 1_000

    assert asking.report(asking.receipt("c1")) == set()

    assert asking.states() == [FAILED]
    assert asking.points("delivered") == POINTS
    assert asking.pull("delivered") == []
    (traced,) = asking.within(lambda tx: trace(tx, TraceQuery(str(segment.message_id), asking.now)))
    seen = [(h.event, h.facts.get("channel"), h.facts.get("state"), h.facts.get("code")) for h in traced.events]
    assert [one for one in seen if one[0] in {"receipt", "sent_again"}] == [
        ("receipt", "up1", "failed", NETWORK),
        ("sent_again", "up2", None, None),
        ("receipt", "up2", "failed", NUMBER),
        ("receipt", "up1", "delivered", "DELIVRD"),
    ]


@pytest.mark.parametrize(
    ("settings", "code", "age_s"),
    [
        ({"resend_within_s": 0}, NETWORK, 0),  # not asked for
        ({"resend_within_s": 600}, NUMBER, 0),  # no channel can help
        ({"resend_within_s": 600}, "ZZ:0001", 0),  # nobody knows what it means
        ({"resend_within_s": 600}, NETWORK, 601),  # too old
        ({"resend_within_s": 600, "resend_cost_e4": 300}, NETWORK, 0),  # too dear
    ],
)
def test_a_failure_stands_where_a_second_try_is_not_to_be(scene, settings, code, age_s):
    ask(scene, "delivered", **settings)
    for channel_id in (UP2, UP3):
        scene.change_channel(channel_id, cost_e4=301)
    scene.sent("delivered")
    scene.now += age_s * 1_000

    fails(scene, code=code)

    assert scene.states() == [FAILED]
    assert [r.code for r in scene.pull("delivered")] == [code]


def test_a_second_try_takes_a_channel_that_is_up_and_not_too_dear(asking):
    ask(asking, "delivered", resend_cost_e4=900)
    asking.change_channel(UP2, cost_e4=301)
    asking.change_channel(UP3, cost_e4=300)
    asking.sent("delivered", text=LONG)
    fails(asking)

    assert (len(asking.claim(UP2)), len(asking.claim(UP3))) == (0, 3)


@pytest.mark.parametrize("how", ["down", "paused"])
def test_a_channel_that_is_not_up_gets_no_second_try(asking, how):
    for channel_id in (UP2, UP3):
        if how == "paused":
            asking.change_channel(channel_id, state=ChannelState.PAUSED)
        else:
            asking.process_state.snapshot = replace(asking.snapshot, down=frozenset({UP2, UP3}))
    asking.sent("delivered")

    fails(asking)

    assert asking.states() == [FAILED]


def test_a_second_try_that_is_refused_may_still_go_elsewhere(asking):
    asking.sent("delivered")
    fails(asking)
    asking.record([asking.refused(s) for s in asking.claim(UP2)], UP2)

    (third,) = asking.claim(UP3)
    asking.record([asking.accepted(third, "e1")], UP3)
    fails(asking, "e1", NETWORK, UP3)

    assert asking.states() == [FAILED]
    assert asking.rows("message")[0]["tried"] == f"+{UP1},{UP2}"


def test_what_a_carrier_took_once_stays_charged_where_that_is_the_rule(scene):
    ask(scene, "taken", resend_within_s=600)
    scene.sent("taken")
    fails(scene)
    for channel_id in (UP2, UP3):
        scene.record([scene.refused(s) for s in scene.claim(channel_id)], channel_id)

    assert scene.states() == [FAILED]
    assert scene.points("taken") == POINTS - 1


def test_a_failure_repeated_after_a_commit_whose_answer_was_lost(asking):
    """The step runs again over what it has done already."""
    asking.sent("delivered", count=2)
    receipts = [asking.receipt(f"c{n}", state=ReceiptState.FAILED, code=NETWORK) for n in (1, 2)]
    asking.run(asking.steps.receipts, receipts)
    before = asking.everything()

    asking.run(asking.steps.receipts, receipts)

    assert asking.everything() == before
    assert [row["code"] for row in asking.rows("resent")] == [NETWORK, NETWORK]


def test_a_second_try_without_a_receipt_ends_by_silence(asking):
    asking.sent("delivered")
    fails(asking)
    second(asking)
    asking.now += 80 * 3_600_000

    asking.ask(asking.steps.silent)

    assert asking.states() == [MessageState.UNKNOWN]
    assert len(asking.pull("delivered")) == 1
