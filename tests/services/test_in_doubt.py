"""A channel that holds what is in doubt: a receipt without a known id goes to the one segment that it fits, or to none."""

import pytest

from hongyan.model.channel import OnDoubt
from hongyan.model.message import MessageState


@pytest.fixture
def in_doubt(scene):
    """Messages to 13800138000 whose answer never came, as many as asked for."""

    def hold(count: int) -> None:
        scene.change_channel(on_doubt=OnDoubt.HOLD)
        for _ in range(count):
            scene.send()
        segments = scene.claim()
        for segment in segments:
            segment.submitted_ms = scene.now
        scene.record([scene.unanswered(segment) for segment in segments])
        scene.now += 2_000

    return hold


def sweep(scene) -> set[int]:
    return scene.ask(scene.steps.parked, (scene.now - 60_000, scene.now + 1))


def states(scene) -> list[MessageState]:
    return [MessageState(row["state"]) for row in scene.rows("message")]


def test_a_receipt_settles_the_only_segment_that_it_fits(scene, in_doubt):
    in_doubt(1)
    scene.report(scene.receipt("x9", phone=8613800138000))

    assert sweep(scene) == {scene.account("pre").id}
    assert states(scene) == [MessageState.DELIVERED]
    assert sweep(scene) == set()


def test_a_receipt_that_fits_two_segments_is_given_to_neither(scene, in_doubt):
    in_doubt(2)
    scene.report(scene.receipt("x9", phone=8613800138000))

    assert sweep(scene) == set()
    assert states(scene) == [MessageState.IN_DOUBT, MessageState.IN_DOUBT]


def test_a_receipt_for_another_phone_is_given_to_nobody(scene, in_doubt):
    in_doubt(1)
    scene.report(scene.receipt("x9", phone=8613900139000))

    assert sweep(scene) == set()
    assert states(scene) == [MessageState.IN_DOUBT]


def test_a_channel_that_resends_guesses_nothing(scene, in_doubt):
    in_doubt(1)
    scene.change_channel(on_doubt=OnDoubt.RESEND)
    scene.report(scene.receipt("x9", phone=8613800138000))

    assert sweep(scene) == set()
    assert states(scene) == [MessageState.IN_DOUBT]


def test_what_stays_in_doubt_ends_unknown(scene, in_doubt):
    in_doubt(1)
    scene.now += 73 * 3600 * 1000

    scene.ask(scene.steps.silent)

    assert states(scene) == [MessageState.UNKNOWN]
