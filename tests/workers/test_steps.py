"""The table of steps."""

from collections import Counter

import pytest

from hongyan.ports.lane import Step


@pytest.mark.interpreted
def test_every_step_has_a_name_and_a_rank_of_its_own(scene):
    """Two steps of one rank would run in the order of their arrival, and two lanes could lock tables in two orders."""
    steps = [step for step in vars(scene.steps).values() if isinstance(step, Step)]
    ranks, names = Counter(step.rank for step in steps), Counter(step.name for step in steps)

    assert len(steps) > 50
    assert [one for one, count in [*ranks.items(), *names.items()] if count > 1] == []
