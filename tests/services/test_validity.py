"""A message that waited longer than its account lets messages wait is not sent days later: it fails, and is reported."""

from dataclasses import replace

import pytest
from tests.scene import LONG, NOW, POINTS, mobiles

from hongyan.model.account import Product
from hongyan.model.binary import Binary
from hongyan.model.message import MessageState
from hongyan.services.queries.trace import TraceQuery, trace
from hongyan.services.steps import dispatch

FAILED, QUEUED = MessageState.FAILED, MessageState.QUEUED
ACCOUNTS = ("pre", "taken", "delivered")


@pytest.fixture
def hurried(scene):
    """Messages of these accounts may wait a minute."""
    snapshot = scene.snapshot
    changed = [replace(scene.account(name), validity_s=60) for name in ACCOUNTS]
    scene.process_state.snapshot = replace(
        snapshot,
        accounts={**snapshot.accounts, **{a.name: a for a in changed}},
        accounts_by_id={**snapshot.accounts_by_id, **{a.id: a for a in changed}},
    )
    return scene


def test_what_waited_too_long_is_not_sent_and_is_reported(hurried):
    hurried.send(numbers=mobiles(3))
    hurried.now += 60_001

    assert hurried.claim() == []

    assert hurried.states() == [FAILED] * 3
    assert [(r.state, r.code, r.at_ms) for r in hurried.pull()] == [(FAILED, "EXPIRED", hurried.now)] * 3
    assert hurried.rows("parcel") == []
    assert hurried.rows("unknown_code") == []


def test_what_is_still_valid_is_sent(hurried):
    hurried.send()
    hurried.now += 60_000

    (segment,) = hurried.claim()
    assert (segment.valid_until_ms, segment.ticket) == (NOW + 60_000, 0)


def test_a_text_that_a_channel_of_its_own_alphabet_sends_in_one_part_ends_too(hurried):
    hurried.change_channel(options={"encoding": "gsm"})
    hurried.send(text="a" * 160)

    (segment,) = hurried.claim()
    assert (segment.parts, segment.valid_until_ms) == (1, NOW + 60_000)


def test_every_part_of_a_long_message_ends_with_it(hurried):
    hurried.send(text=LONG)
    hurried.send(text="", binary=Binary(bytes(300)))

    assert [(s.parts, s.valid_until_ms) for s in hurried.claim()] == [(3, NOW + 60_000)] * 6


def test_an_account_that_says_nothing_follows_its_product(scene):
    scene.process_state.snapshot = replace(scene.snapshot, validity_s={Product.SMS: 60, Product.MMS: 1})
    scene.send()
    scene.now += 60_000
    (segment,) = scene.claim()
    scene.record([scene.accepted(segment, "c1")])
    scene.send()
    scene.now += 60_001

    assert segment.valid_until_ms == NOW + 60_000
    assert scene.claim() == []


def test_what_the_account_says_comes_before_its_product(hurried):
    hurried.process_state.snapshot = replace(hurried.snapshot, validity_s={Product.SMS: 600})
    hurried.send()
    hurried.now += 60_001

    assert hurried.claim() == []


def test_an_account_without_a_validity_waits_for_ever(scene):
    scene.send()
    scene.now += 10 * 24 * 3_600_000

    assert len(scene.claim()) == 1


def test_fresh_messages_behind_stale_ones_are_sent_at_once(hurried):
    for n in range(3):
        hurried.send(numbers=mobiles(5, first=10 * n))
    hurried.now += 61_000
    hurried.send(numbers=["13899999999"])

    segments = hurried.claim(most=5)

    assert [s.phone for s in segments] == [8613899999999]
    assert hurried.states() == [FAILED] * 15 + [QUEUED]


@pytest.mark.parametrize(("account", "left"), [("pre", POINTS - 3), ("taken", POINTS), ("delivered", POINTS)])
def test_points_return_by_the_accounts_rule(hurried, account, left):
    hurried.send(account, text=LONG)
    hurried.now += 61_000

    hurried.claim()

    assert hurried.points(account) == left
    assert hurried.books_balance()


def test_a_long_message_of_which_a_part_has_left_is_sent_to_its_end(hurried):
    hurried.send(text=LONG)
    first, *_ = hurried.claim()
    hurried.record([hurried.accepted(first, "c1")], done=[])
    hurried.now += 61_000
    hurried.own()

    assert [(s.part, s.valid_until_ms) for s in hurried.claim()] == [(2, 0), (3, 0)]


def test_a_claim_that_is_run_again_expires_nothing_twice(hurried):
    hurried.send("delivered")
    hurried.now += 61_000
    hurried.own()
    asked = dispatch.Claim(hurried.channel(), "me", hurried.epochs[1], 100)
    hurried.run(hurried.steps.claim, asked)
    before = hurried.everything()

    hurried.run(hurried.steps.claim, asked)

    assert hurried.everything() == before


def test_a_trace_says_that_we_did_not_send_it(hurried):
    hurried.send()
    hurried.now += 61_000
    hurried.claim()

    (message,) = hurried.rows("message")

    (traced,) = hurried.within(lambda tx: trace(tx, TraceQuery(str(message["id"]), hurried.now)))

    (ended,) = [one.facts for one in traced.events if one.event == "ended"]
    assert (ended["class"], ended["fault"]) == ("expired", "operator")
