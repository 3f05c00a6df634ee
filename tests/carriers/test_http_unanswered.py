"""Questions without an answer: who is next, how long they wait, when they are given up."""

import pytest

from hongyan.carriers.http.unanswered import FIRST_PAUSE_S, MOST_PAUSE_S, SILENCES_MOST, WAITING_MOST, Unanswered

DAY_S = 86_400.0


def pauses(line, name, **what):
    """How long it waits each time, until it is given up."""
    now, waits = 0.0, []
    while line.note(name, now, **what):
        assert line.due(now) is None
        began = now
        while line.due(now) is None:
            now += 1.0
        waits.append(now - began)
        if len(waits) > SILENCES_MOST:
            return None
    return waits


def test_pauses_grow_and_it_is_given_up_after_a_day():
    line = Unanswered()
    waits = pauses(line, "1", is_silence=True)

    assert waits[:3] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert max(waits) == waits[-1] == MOST_PAUSE_S
    assert len(waits) == SILENCES_MOST - 1
    assert DAY_S < sum(waits) < 2 * DAY_S
    assert "1" not in line
    assert line.due(10 * DAY_S) is None


def test_a_platform_that_is_away_makes_nothing_be_given_up():
    assert pauses(Unanswered(), "1", is_silence=False) is None


def test_a_name_that_was_asked_for_in_vain_goes_to_the_back():
    line = Unanswered()
    for name in ("1", "2", "3"):
        line.note(name, 0.0, is_silence=True)
    line.note("1", 1.0, is_silence=False)

    assert line.due(DAY_S) == "2"
    line.forget("2")
    line.forget("3")
    assert line.due(DAY_S) == "1"


@pytest.mark.parametrize("leaves", ["answered", "given up"])
def test_so_many_wait_at_most(leaves):
    line = Unanswered()
    for n in range(WAITING_MOST):
        assert not line.is_full
        line.note(str(n), 0.0, is_silence=True)
    assert line.is_full

    if leaves == "answered":
        line.forget("7")
    else:
        while line.note("7", 0.0, is_silence=True):
            pass
    assert not line.is_full
