"""Messages that no receipt has ended: silence, and what a crash left."""

import pytest
from tests.scene import HOUR_MS, NOW, POINTS, UP1, mobiles

from hongyan.model.message import MessageState, ReceiptState
from hongyan.services.steps import dispatch
from hongyan.services.steps.report_sweeps import OpenPage, UnreportedPage

QUEUED, SENT = MessageState.QUEUED, MessageState.SENT
DELIVERED, FAILED, UNKNOWN = MessageState.DELIVERED, MessageState.FAILED, MessageState.UNKNOWN


# --- silence ---------------------------------------------------------------------------------------------------------


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


# --- what a crash left -----------------------------------------------------------------------------------------------


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
    assert scene.parked() == ["c1"]
    assert len(scene.pull()) == 1
