import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.policy.guessing import FORGOTTEN_MS, GuessLimits, after_wrong, pause_ms

LIMITS = GuessLimits(free=3, pause_most_ms=60_000)


def tried(*guesses, at_ms=0):
    tries = None
    for guess in guesses:
        tries = after_wrong(tries, guess, at_ms)
    return tries


@pytest.mark.parametrize(
    ("guesses", "pause"),
    [(0, 0), (3, 0), (4, 1_000), (5, 2_000), (6, 4_000), (9, 32_000), (10, 60_000), (500, 60_000)],
)
def test_the_pause_doubles_from_a_second_up_to_its_bound(guesses, pause):
    assert pause_ms(tried(*range(guesses)), LIMITS, 0) == pause


def test_a_pause_ends():
    tries = tried(*range(6))

    assert [pause_ms(tries, LIMITS, at_ms) for at_ms in (0, 1_500, 3_999, 4_000, 10_000)] == [4_000, 2_500, 1, 0, 0]


def test_the_same_wrong_secret_is_one_try_however_often_it_comes():
    assert tried(*[7] * 1_000) == tried(7)
    assert tried(1, 2, 1, 2, 1).count == 2


def test_what_was_tried_is_forgotten_after_an_hour_without_a_try():
    tries = tried(*range(50))

    assert after_wrong(tries, 99, FORGOTTEN_MS).count == 51
    assert after_wrong(tries, 99, FORGOTTEN_MS + 1).count == 1


@given(st.lists(st.integers(), max_size=60))
def test_what_is_remembered_of_the_tries_is_bounded(guesses):
    tries = tried(*guesses)

    assert tries is None or (len(tries.seen) <= 8 and len(set(guesses)) >= min(tries.count, 8))
