"""A list of numbers says what a plain dict would say, however it came about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model import number_list as module
from hongyan.model.number_list import FOREVER_S, OVER_S, NumberList

NUMBERS = st.sampled_from([8613800138000, 8613800138001, 8613800138002, 85291234567, 1])
ENDS = st.sampled_from([OVER_S, 99, 100, 101, FOREVER_S])
CHANGES = st.lists(st.lists(st.tuples(NUMBERS, ENDS), max_size=4), max_size=6)
NOW_S = 100


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """So that changes are woven in early."""
    monkeypatch.setattr(module, "RECENT_MOST", 2)


@given(st.dictionaries(NUMBERS, ENDS), CHANGES)
def test_it_knows_what_a_dict_would_know(first, changes):
    listed, seen = NumberList.of(sorted(first.items())), dict(first)
    for batch in changes:
        listed = listed.with_changes(batch, NOW_S)
        seen.update(batch)

    for number in (8613800138000, 8613800138001, 8613800138002, 85291234567, 1, 2):
        assert listed.has(number, NOW_S) is (seen.get(number, OVER_S) > NOW_S)
    assert list(listed.numbers) == sorted(set(listed.numbers))


def test_an_older_list_is_not_touched_by_a_newer_one():
    old = NumberList.of([(1, FOREVER_S)])
    new = old.with_changes([(2, FOREVER_S), (3, FOREVER_S), (1, OVER_S)], NOW_S)

    assert [old.has(number, NOW_S) for number in (1, 2, 3)] == [True, False, False]
    assert [new.has(number, NOW_S) for number in (1, 2, 3)] == [False, True, True]


def test_an_entry_ends_by_itself():
    listed = NumberList.of([(1, 100)]).with_changes([(2, 100)], 0)

    assert [listed.has(number, 99) for number in (1, 2)] == [True, True]
    assert [listed.has(number, 100) for number in (1, 2)] == [False, False]


def test_what_has_ended_is_gone_once_changes_are_woven_in():
    listed = NumberList.of([(1, 50), (2, FOREVER_S)]).with_changes([(3, 50), (4, FOREVER_S), (5, OVER_S)], NOW_S)

    assert (list(listed.numbers), len(listed)) == ([2, 4], 2)
