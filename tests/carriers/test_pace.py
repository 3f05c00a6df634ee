"""Rates and pauses against a virtual clock."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hongyan.carriers.pace import SPREAD_GRAIN_S, AdaptiveWindow, Backoff, BurstSmoother, Meter, Rate, Throttle


def most_within(seconds, passed):
    """The largest sum in any span shorter than that; passed: (moment, count) in order."""
    return max(sum(count for at, count in passed if start <= at < start + seconds) for start, _ in passed)


def most_within_a_second(passed):
    return most_within(1, passed)


@given(
    st.sampled_from([1, 3, 10, 99, 1000]), st.lists(st.tuples(st.floats(0, 0.6), st.integers(1, 500)), min_size=5, max_size=60)
)
def test_the_rate_is_never_exceeded(limit, asked):
    rate, now, passed = Rate(), 0.0, []
    for pause, count in asked:
        now += pause
        passed.append((now, rate.take(count, limit, now)))

    assert most_within_a_second(passed) <= limit


@settings(max_examples=100)
@given(st.sampled_from([1, 10, 1000]), st.lists(st.tuples(st.floats(0, 0.3), st.floats(0, 0.2)), min_size=5, max_size=60))
def test_the_rate_is_never_exceeded_though_the_process_is_stopped_before_it_writes(limit, steps):
    rate, now, passed = Rate(), 0.0, []
    for pause, stopped in steps:
        now += pause
        count = rate.take(10**6, limit, now)
        now += stopped
        rate.written(now)
        passed.append((now, count))

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

    throttle.note_accepted(now + 0.1)
    throttle.slow_down(now + 1, 50)
    assert throttle.until - (now + 1) == pytest.approx(0.1)


def test_the_rest_of_a_throttled_burst_changes_nothing():
    throttle = Throttle()
    throttle.slow_down(100.0, 50)
    throttle.slow_down(100.05, 1)
    throttle.note_accepted(100.06)  # an answer to the same burst, on another connection

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


@settings(max_examples=30)
@given(st.sampled_from([1, 7, 100]), st.lists(st.tuples(st.floats(0, 4), st.integers(1, 500)), min_size=20, max_size=60))
def test_neither_a_second_nor_a_minute_has_more_than_its_share(limit, asked):
    rate, now, passed = Rate(), 0.0, []
    for pause, count in asked:
        now += pause
        passed.append((now, rate.take(count, limit, now)))

    assert most_within(1, passed) <= limit
    assert most_within(60, passed) <= 60 * limit


@settings(max_examples=30)
@given(st.sampled_from([0.005, 0.05, 0.2]), st.integers(0, 2**32))
def test_at_a_limit_nearly_all_of_it_is_used_whatever_the_round_trip(round_trip_s, seed):
    """A pretended carrier that counts 100 in each second, and answers after a while; a window that holds the round trip."""
    jitter, rate, now, in_air, passed = random.Random(seed), Rate(), 0.0, [], []
    while now < 10:
        in_air = [due for due in in_air if due > now]
        taken = rate.take(50 - len(in_air), 100, now)
        in_air += [now + round_trip_s] * taken
        passed.append((now, taken))
        now = max(now + 0.0005, rate.ready_at(100, now)) + jitter.random() * 0.002

    assert most_within_a_second(passed) <= 100
    assert sum(count for _, count in passed) >= 97 * 10


# --- the smoother ----------------------------------------------------------------------------------------------------------


def test_a_window_leaves_at_once_where_answers_are_prompt_or_not_known():
    smoother = BurstSmoother()
    assert smoother.take(100, 100, 0.0) == 100

    smoother.note(0.001, 1.0)
    smoother.note(0.2, 1.1)
    assert smoother.take(100, 100, 2.0) == 100


def test_a_window_leaves_over_two_fifths_of_a_round_trip():
    smoother = BurstSmoother()
    smoother.note(0.02, 100.0)
    left, at, now = 100, [], 100.0
    while left:
        if taken := smoother.take(left, 100, now):
            at.append(now)
        left -= taken
        now += SPREAD_GRAIN_S

    assert 0.007 <= at[-1] - at[0] <= 0.009
    assert len(at) >= 8


def test_a_small_window_is_filled_again_at_once():
    smoother = BurstSmoother()
    smoother.note(0.2, 100.0)
    assert smoother.take(1, 1, 100.0) == 1
    assert smoother.take(1, 1, 100.01) == 0
    assert smoother.take(1, 1, 100.2) == 1


def test_a_round_trip_that_grew_is_noticed_within_twenty_seconds():
    smoother = BurstSmoother()
    for tenth in range(250):
        smoother.note(0.001 if tenth < 30 else 0.02, 100 + tenth / 10)

    assert smoother.take(100, 100, 125.0) < 100


# --- the width -----------------------------------------------------------------------------------------------------------


def test_prompt_answers_leave_the_windows_whole():
    width = AdaptiveWindow()
    for second in range(100):
        width.note(0.2, 1.0, float(second))

    assert width.of(16) == 16


def test_late_answers_halve_what_is_in_the_air_once_a_round_trip():
    width = AdaptiveWindow()
    for at in (100.0, 100.1, 100.2, 100.5, 100.9, 101.1):
        width.note(0.5, 1.0, at)

    assert width.of(16) == 2  # at 100.0, 100.5 and 101.1
    for n in range(20):
        width.note(1.0, 1.0, 102.0 + n)
    assert width.of(16) == 1


def test_a_narrowed_link_widens_as_answers_are_prompt_again():
    width = AdaptiveWindow()
    width.note(0.6, 1.0, 100.0)
    assert width.of(100) == 50

    width.note(0.3, 1.0, 101.0)  # neither late nor prompt
    assert width.of(100) == 50
    width.note(0.1, 1.0, 102.0)
    assert width.of(100) == 70
    width.note(0.1, 1.0, 200.0)
    assert width.of(100) == 100


def test_answers_that_never_come_narrow_a_link_too():
    width = AdaptiveWindow()
    width.note(1.0, 1.0, 100.0)

    assert width.of(16) == 8
