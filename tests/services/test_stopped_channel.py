"""What waits for a channel that is stopped goes another way: unclaimed, or claimed and not sent."""

from tests.scene import ME, UP1, UP2

from hongyan.model.channel import ChannelState
from hongyan.services.steps.leases import ChannelHold
from hongyan.services.steps.reroute import Reroute


def stop(scene) -> None:
    """As its lease manager does: let go of the lease once the link has drained."""
    scene.change_channel(UP1, state=ChannelState.STOPPED)
    if epoch := scene.epochs.pop(UP1, None):
        scene.ask(scene.steps.hold_channels, ChannelHold(ME, drop={UP1: epoch}))


def test_what_was_not_claimed_is_sent_by_the_next_channel(scene):
    scene.send(numbers=["13800138000", "13800138001"])
    stop(scene)

    rerouted = scene.ask(scene.steps.reroute, Reroute(UP1))

    assert (rerouted.moved, rerouted.queued) == (2, {UP2})
    assert sorted(s.phone for s in scene.claim(UP2)) == [8613800138000, 8613800138001]


def test_what_was_claimed_and_not_sent_is_too_and_what_was_sent_is_not(scene):
    scene.send(numbers=["13800138000", "13800138001"])
    sent, unsent = scene.claim(UP1)
    scene.record([scene.accepted(sent, "c1")], done=())
    stop(scene)

    assert scene.ask(scene.steps.reroute, Reroute(UP1)).moved == 1
    assert [s.message_id for s in scene.claim(UP2)] == [unsent.message_id]


def test_without_another_channel_it_waits_for_this_one(scene):
    for channel_id in (2, 3):
        scene.change_channel(channel_id, state=ChannelState.STOPPED)
    scene.send()
    scene.claim(UP1)
    stop(scene)

    assert scene.ask(scene.steps.reroute, Reroute(UP1)).moved == 0
    scene.change_channel(UP1, state=ChannelState.RUNNING)
    assert len(scene.claim(UP1)) == 1
