"""How fast large tasks go on beside customers."""

from time import monotonic

from hongyan.workers import task_pace as room
from hongyan.workers.task_pace import ALONE_S, LONG_S, REST_LEAST_S, REST_MOST_S, TaskPace

PATIENT, IMPATIENT = LONG_S / 2, LONG_S * 2


def rests(pace, *waits):
    """The rest behind a slice for each of these waits."""
    found = []
    for waited_s in waits:
        pace.answered(monotonic() - waited_s)
        found.append(pace.rest_s())
    return found


def test_alone_it_does_not_rest():
    assert [TaskPace().rest_s() for _ in range(3)] == [0, 0, 0]


def test_it_does_not_rest_while_customers_hardly_wait():
    assert rests(TaskPace(), PATIENT, PATIENT) == [0, 0]


def test_the_longest_wait_counts():
    pace = TaskPace()
    for waited_s in (PATIENT, IMPATIENT, PATIENT):
        pace.answered(monotonic() - waited_s)

    assert pace.rest_s() == REST_LEAST_S


def test_it_rests_longer_and_longer_up_to_a_bound():
    found = rests(TaskPace(), *[IMPATIENT] * 20)

    assert found[0] == REST_LEAST_S
    assert found == sorted(found)
    assert found[-1] == REST_MOST_S


def test_it_is_alone_until_a_customer_is_answered_and_a_while_after(monkeypatch):
    now = 1_000.0
    monkeypatch.setattr(room, "monotonic", lambda: now)
    pace = TaskPace()
    assert pace.is_alone
    pace.answered(now - PATIENT)
    assert not pace.is_alone
    now += ALONE_S
    assert pace.is_alone


def test_it_comes_back_to_full_speed():
    pace = TaskPace()
    rests(pace, *[IMPATIENT] * 20)
    found = [pace.rest_s() for _ in range(60)]

    assert found == sorted(found, reverse=True)
    assert found[-1] == 0
