"""A few seeded kills; `make soak` has the full numbers."""

import shutil

import pytest
from tests.survive.kills import survive, survive_crashes, survive_in_two, survive_power_loss

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="the message centre and the load are compiled with cc")


@pytest.mark.parametrize(("engine", "kills", "seed"), [("sqlite", 2, 1), ("postgresql", 2, 2)])
def test_what_was_answered_success_survives_kill_9(engine, kills, seed, tmp_path):
    aftermath = survive(engine, kills, seed, tmp_path)

    assert aftermath.losses() == []


@pytest.mark.parametrize(("victim", "seed"), [("hongyan-doors", 5), ("hongyan-writer", 6)])
def test_what_was_answered_success_survives_kill_9_of_doors_apart_and_of_their_writer(victim, seed, tmp_path):
    assert survive_in_two([victim], 2, seed, tmp_path).losses() == []


def test_what_was_answered_success_survives_the_loss_of_every_write_that_was_not_synced(tmp_path):
    assert survive_power_loss(2, 3, tmp_path).losses() == []


def test_what_was_answered_success_survives_crashes_of_postgresql(tmp_path):
    assert survive_crashes(2, 4, tmp_path).losses() == []
