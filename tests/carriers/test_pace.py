"""Rates and pauses against a virtual clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.carriers.pace import Backoff, Meter, Rate, Throttle


def most_within_a_second(passed):
    """The largest sum in any span shorter than a second; passed: (moment, count) in order."""
    return max(sum(count for at, count in passed if start <= at < start + 1) for start, _ in passed)


@given(
    st.sampled_from([1, 3, 10, 99, 1000]), st.lists(st.tuples(st.floats(0, 0.6), st.integers(1, 500)), min_size=5, max_size=60)
)
def test_the_rate_is_never_exceeded_whoever_asks_whenever(limit, asked):
    rate, now, passed = Rate(), 0.0, []
    for pause, count in asked:
        now += pause
        passed.append((now, rate.take(count, limit, now)))

    assert most_within_a_second(passed) <= limit


@pytest.mark.parametrize("limit", [1, 7, 50, 1000, 20_000])
def test_a_full_queue_leaves_at_the_rate_and_evenly(limit):
    """Asked at the moments that the rate itself names, as a link asks."""
    rate, now, passed = Rate(), 0.0, []
    while now < 5:
        passed.append((now, rate.take(10**6, limit, now)))
        assert rate.ready_at(limit, now) > now
        now = rate.ready_at(limit, now)

    assert most_within_a_second(passed) <= limit
    assert sum(count for _, count in passed) >= 5 * limit * 0.97 - 1
    assert max(count for _, count in passed) <= max(1, limit / 20)
    assert len(passed) <= 5 * min(1.2 * limit + 2, 110)  # a hundred times a second is often enough


def test_a_rate_can_change_while_it_runs():
    rate = Rate()
    assert rate.take(100, 100, 0.0) == 5

    assert rate.take(100, 1000, 1.5) == 50
    assert rate.take(100, 1, 1.6) == 0


def test_a_meter_forgets_what_is_older_than_a_second():
    meter = Meter()
    meter.add(3, 10.0)
    meter.add(4, 10.5)

    assert [meter.within(at) for at in (10.9, 11.2, 11.6)] == [7, 4, 0]


def test_a_throttled_link_pauses_longer_and_longer_until_it_is_well_again():
    throttle, pauses, now = Throttle(), [], 100.0
    for _ in range(6):
        throttle.slow_down(now, 50)
        pauses.append(round(throttle.until - now, 3))
        now = throttle.until
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]

    throttle.went_well(now + 0.1)
    throttle.slow_down(now + 1, 50)
    assert throttle.until - (now + 1) == pytest.approx(0.1)


def test_the_rest_of_a_throttled_burst_changes_nothing():
    throttle = Throttle()
    throttle.slow_down(100.0, 50)
    throttle.slow_down(100.05, 1)
    throttle.went_well(100.06)  # an answer to the same burst, on another connection

    assert throttle.until == 100.1
    assert throttle.limit(0, 100.1) == pytest.approx(45, rel=0.02)


@pytest.mark.parametrize("configured", [0, 1000])
def test_a_throttled_link_stays_below_what_was_taken_and_recovers(configured):
    throttle = Throttle()
    throttle.slow_down(100.0, 100)

    assert throttle.limit(configured, 100.0) == 90
    assert throttle.limit(configured, 101.0) == pytest.approx(99)
    assert throttle.limit(configured, 161.0) == configured
    assert throttle.limit(configured, 161.1) == configured


def test_a_rate_below_the_cap_stands():
    throttle = Throttle()
    throttle.slow_down(100.0, 100)

    assert throttle.limit(50, 100.5) == 50


def test_a_link_throttled_from_its_first_segment_on_still_goes_on():
    throttle = Throttle()
    throttle.slow_down(100.0, 0)

    assert throttle.limit(0, 100.0) == 10
    assert throttle.limit(3, 100.0) == 3


def test_pauses_between_attempts_double_with_jitter_and_start_again_after_success():
    backoff = Backoff(1.0, 60.0, 60.0)
    most = [backoff.next_s(1.0, is_refused=False) for _ in range(8)]
    assert most == [1, 2, 4, 8, 16, 32, 60, 60]

    backoff.after_success()
    assert backoff.next_s(0.0, is_refused=False) == 0.5


@given(st.floats(0, 1), st.integers(0, 2000))
def test_refused_credentials_are_not_tried_again_within_a_minute(chance, failures):
    backoff = Backoff(1.0, 60.0, 60.0, failures)

    assert backoff.next_s(chance, is_refused=True) >= 60
