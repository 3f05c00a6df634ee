"""Twenty kills on each engine, twenty losses of power, 200 crashes of PostgreSQL; the figures are written to build/soak."""

import dataclasses

import pytest
from tests.survive.figures import write_down
from tests.survive.kills import survive, survive_crashes, survive_in_two, survive_power_loss

pytestmark = pytest.mark.soak
KILLS = 20
CRASHES = 20
"""In each of ten parts."""


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_was_answered_success_survives_twenty_kills(engine, tmp_path):
    aftermath = survive(engine, KILLS, 20, tmp_path)
    write_down(f"kills-{engine}", dataclasses.asdict(aftermath))

    assert aftermath.accepted > 10_000
    assert aftermath.losses() == []


def test_what_was_answered_success_survives_twenty_kills_of_doors_apart_and_of_their_writer(tmp_path):
    aftermath = survive_in_two(["hongyan-doors", "hongyan-writer"], KILLS, 23, tmp_path)
    write_down("kills-two-processes", dataclasses.asdict(aftermath))

    assert aftermath.accepted > 10_000
    assert aftermath.losses() == []


def test_what_was_answered_success_survives_twenty_losses_of_power(tmp_path):
    aftermath = survive_power_loss(KILLS, 21, tmp_path)
    write_down("power-sqlite", dataclasses.asdict(aftermath))

    assert aftermath.accepted > 10_000
    assert aftermath.losses() == []


@pytest.mark.parametrize("seed", range(22, 32))
def test_what_was_answered_success_survives_twenty_crashes_of_postgresql(seed, tmp_path):
    aftermath = survive_crashes(CRASHES, seed, tmp_path)
    write_down(f"crashes-postgresql-{seed}", dataclasses.asdict(aftermath))

    assert aftermath.accepted > 10_000
    assert aftermath.losses() == []
