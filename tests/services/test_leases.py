"""Leases of channels and node numbers."""

import pytest
from tests.scene import UP1, UP2

from hongyan.model.ids import NODES
from hongyan.model.parcel import ParcelState
from hongyan.services.steps import leases
from hongyan.services.steps.leases import ChannelHold, NodeHold


def hold(scene, owner, **wants):
    return scene.ask(scene.steps.hold_channels, ChannelHold(owner, **wants))


def take_node(scene, owner, number=None, **facts):
    return scene.ask(scene.steps.hold_node, NodeHold(owner, number, **facts))


def expire(scene, number=0):
    scene.within(lambda tx: tx.db.plain(f"UPDATE node SET expires_ms = 1 WHERE number = {number}"))


def test_a_free_channel_is_taken_and_a_held_one_is_not(scene):
    assert hold(scene, "a", take=(UP1,)).taken == {UP1: 1}
    assert hold(scene, "b", take=(UP1, UP2)).taken == {UP2: 1}


def test_a_renewal_keeps_the_epoch_and_a_lost_one_is_reported(scene):
    hold(scene, "a", take=(UP1, UP2))
    hold(scene, "b", take_over={UP1: 0})

    held = hold(scene, "a", renew={UP1: (1, True), UP2: (1, True)})

    assert (held.lost, held.taken) == ({UP1}, {})
    assert held.leases[UP2].is_up is True


def test_a_lease_is_taken_over_only_as_it_was_seen(scene):
    """A renewal may still come at the last moment before its process gives up."""
    seen = hold(scene, "a", take=(UP1,)).leases[UP1].renewals

    assert hold(scene, "a", renew={UP1: (1, True)}).lost == set()
    assert hold(scene, "b", take_over={UP1: seen}).taken == {}
    assert hold(scene, "b", take_over={UP1: seen + 1}).taken == {UP1: 2}
    assert hold(scene, "c", take_over={UP1: seen + 1}).taken == {}


@pytest.mark.parametrize("expires_ms", [1, 1 << 53], ids=["put forward", "put back"])
def test_the_clock_of_the_database_lets_no_other_have_a_lease(scene, expires_ms):
    """A clock that was put forward makes all leases look expired, one that was put back makes them last for ever."""
    hold(scene, "a", take=(UP1,))
    scene.within(lambda tx: tx.db.plain(f"UPDATE channel_lease SET expires_ms = {expires_ms}"))

    assert hold(scene, "b", take=(UP1,)).taken == {}
    assert hold(scene, "a", renew={UP1: (1, True)}).lost == set()
    assert hold(scene, "b", take_over={UP1: 1}).taken == {UP1: 2}


def test_a_renewal_without_a_lease_is_lost(scene):
    assert hold(scene, "a", renew={UP1: (1, True)}).lost == {UP1}


def test_another_epoch_of_the_same_owner_is_another_lease(scene):
    hold(scene, "a", take=(UP1,))

    assert hold(scene, "a", renew={UP1: (2, True)}).lost == {UP1}


def test_what_is_dropped_is_free_at_once_and_only_by_its_owner(scene):
    hold(scene, "a", take=(UP1,))
    hold(scene, "b", drop={UP1: 1})
    assert hold(scene, "b", take=(UP1,)).taken == {}
    hold(scene, "a", drop={UP1: 1})

    assert hold(scene, "b", take=(UP1,)).taken == {UP1: 2}


def test_a_new_epoch_makes_the_parcels_of_older_ones_ready(scene):
    scene.send()
    scene.claim()
    [lease] = hold(scene, "b").leases.values()

    hold(scene, "b", take_over={UP1: lease.renewals})

    assert [row["state"] for row in scene.rows("parcel")] == [ParcelState.READY]


def test_everybody_reads_who_is_up_and_since_when(scene):
    hold(scene, "a", take=(UP1, UP2))
    first = hold(scene, "b").leases
    up = hold(scene, "a", renew={UP1: (1, True), UP2: (1, False)}).leases
    again = hold(scene, "a", renew={UP1: (1, True), UP2: (1, False)}).leases

    assert {i: lease.is_up for i, lease in first.items()} == {UP1: False, UP2: False}
    assert {i: lease.is_up for i, lease in up.items()} == {UP1: True, UP2: False}
    assert {i: lease.since_ms for i, lease in again.items()} == {i: lease.since_ms for i, lease in up.items()}
    assert up[UP2].since_ms == first[UP2].since_ms


def test_everything_in_one_request_happens_in_order(scene):
    hold(scene, "a", take=(UP1,))

    held = hold(scene, "a", drop={UP1: 1}, take=(UP1, UP2))

    assert held.taken == {UP1: 2, UP2: 1}


def test_two_holds_in_one_batch_do_not_share(scene):
    answers = scene.run(scene.steps.hold_channels, ChannelHold("a", take=(UP1,)), ChannelHold("b", take=(UP1, UP2)))

    assert [held.taken for held in answers] == [{UP1: 1}, {UP2: 1}]


# --- node numbers ------------------------------------------------------------------------------------------------------


def test_each_process_gets_the_lowest_free_number(scene):
    assert [take_node(scene, owner) for owner in ("a", "b", "c")] == [0, 1, 2]
    scene.within(lambda tx: tx.drop_node(1, "b"))
    assert take_node(scene, "d") == 1
    assert take_node(scene, "e") == 3


def test_a_number_that_was_not_renewed_is_anothers(scene):
    take_node(scene, "a")
    assert take_node(scene, "b", 0) is None
    expire(scene)

    assert take_node(scene, "b", 0) == 0
    assert take_node(scene, "a", 0) is None


def test_the_only_process_has_number_0_also_after_another_had_it(scene):
    take_node(scene, "crashed")

    assert take_node(scene, "a", is_alone=True) == 0
    assert take_node(scene, "crashed", 0) is None


def test_a_number_is_dropped_only_by_its_owner(scene):
    take_node(scene, "a")
    scene.within(lambda tx: tx.drop_node(0, "b"))

    assert take_node(scene, "b") == 1


def test_numbers_can_all_be_taken(scene, monkeypatch):
    monkeypatch.setattr(leases, "NODES", 3)
    for owner in "abc":
        take_node(scene, owner)

    assert take_node(scene, "d") is None
    expire(scene, 1)
    assert take_node(scene, "d") == 1
    assert NODES == 1024
