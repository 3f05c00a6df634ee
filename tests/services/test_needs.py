"""A message may need octets or a message class. Every choice of a channel asks for that, on either engine."""

from dataclasses import replace

import pytest
from tests.scene import ME, UP1, UP2, UP3

from hongyan.model.binary import Binary
from hongyan.model.channel import ChannelState
from hongyan.model.message import MessageState, ReceiptState
from hongyan.model.protocol import Protocol
from hongyan.services.steps.reroute import HandOver, Reroute

KINDS = {
    "binary": ({"text": "", "binary": Binary(b"\0\xff")}, {"protocol": Protocol.HTTP}),
    "flash": ({"is_flash": True}, {"protocol": Protocol.HTTP}),
    "flash-to-a-platform-that-reads-it": ({"is_flash": True}, {"protocol": Protocol.HTTP, "options": {"flash": "yes"}}),
    "text": ({}, {"protocol": Protocol.HTTP}),
}
"""What is sent, and what its second channel is."""


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def waiting(scene, kind):
    """One message that waits for the first channel; the second one may be unable to carry it."""
    asked, second = KINDS[kind]
    account = replace(scene.account("pre"), resend_within_s=600)
    snapshot = scene.snapshot
    scene.process_state.snapshot = replace(
        snapshot,
        accounts={**snapshot.accounts, "pre": account},
        accounts_by_id={**snapshot.accounts_by_id, account.id: account},
    )
    scene.send(**asked)
    scene.change_channel(UP2, **second)
    return scene


def next_channel(kind):
    return UP2 if kind in {"text", "flash-to-a-platform-that-reads-it"} else UP3


def channel_of_the_message(scene):
    ((channel_id, state),) = [(m["channel_id"], m["state"]) for m in scene.rows("message")]
    assert state == MessageState.QUEUED
    return channel_id


def test_what_is_refused_goes_to_the_next_channel_that_carries_it(waiting, kind):
    waiting.record([waiting.refused(segment) for segment in waiting.claim()])

    assert channel_of_the_message(waiting) == next_channel(kind)


def test_a_second_try_leaves_by_a_channel_that_carries_it(waiting, kind):
    waiting.record([waiting.accepted(segment, "c1") for segment in waiting.claim()])
    waiting.report(waiting.receipt("c1", state=ReceiptState.FAILED, code="MA:0053"))

    assert channel_of_the_message(waiting) == next_channel(kind)


def test_what_waits_for_a_dead_channel_goes_round_it_by_one_that_carries_it(waiting, kind):
    waiting.change_channel(UP1, state=ChannelState.STOPPED)

    waiting.ask(waiting.steps.reroute, Reroute(UP1))

    assert channel_of_the_message(waiting) == next_channel(kind)


def test_what_a_dead_channel_had_claimed_is_handed_over_to_one_that_carries_it(waiting, kind):
    messages = [segment.message_id for segment in waiting.claim()]
    parcels = [parcel["id"] for parcel in waiting.rows("parcel")]
    waiting.change_channel(UP1, state=ChannelState.STOPPED)

    waiting.ask(waiting.steps.hand_over, HandOver(UP1, ME, waiting.epochs[UP1], messages, parcels))

    assert channel_of_the_message(waiting) == next_channel(kind)


def test_octets_that_only_a_channel_of_texts_is_left_for_wait_or_fail(scene):
    scene.send(text="", binary=Binary(b"\0\xff"))
    for other in (UP2, UP3):
        scene.change_channel(other, protocol=Protocol.HTTP)
    scene.change_channel(UP1, state=ChannelState.PAUSED)

    assert scene.ask(scene.steps.reroute, Reroute(UP1)).moved == 0
    scene.record([scene.refused(segment, "88") for segment in scene.claim()])
    assert [(m["state"], m["code"]) for m in scene.rows("message")] == [(MessageState.FAILED, "88")]
