"""Twenty kills on each engine, twenty losses of power, 200 crashes of PostgreSQL; the figures are written to build/soak."""

import dataclasses
import json
from pathlib import Path

import pytest
from tests.survive.kills import survive, survive_crashes, survive_in_two, survive_power_loss

pytestmark = pytest.mark.soak
KILLS = 20
CRASHES = 200


def write_down(name, aftermath):
    folder = Path("build/soak")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(dataclasses.asdict(aftermath), indent=2), encoding="utf-8")


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_was_answered_success_survives_twenty_kills(engine, tmp_path):
    aftermath = survive(engine, KILLS, 20, tmp_path)
    write_down(f"kills-{engine}", aftermath)

    assert aftermath.accepted > 10_000
    assert aftermath.losses() == []


def test_what_was_answered_success_survives_twenty_kills_of_doors_apart_and_of_their_writer(tmp_path):
    aftermath = survive_in_two(["hongyan-doors", "hongyan-writer"], KILLS, 23, tmp_path)
    write_down("kills-two-processes", aftermath)

    assert aftermath.accepted > 10_000
    assert aftermath.losses() == []


def test_what_was_answered_success_survives_twenty_losses_of_power(tmp_path):
    aftermath = survive_power_loss(KILLS, 21, tmp_path)
    write_down("power-sqlite", aftermath)

    assert aftermath.accepted > 10_000
    assert aftermath.losses() == []


def test_what_was_answered_success_survives_two_hundred_crashes_of_postgresql(tmp_path):
    aftermath = survive_crashes(CRASHES, 22, tmp_path)
    write_down("crashes-postgresql", aftermath)

    assert aftermath.accepted > 10_000
    assert aftermath.losses() == []
