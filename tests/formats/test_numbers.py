"""Splitting the `mobile` parameter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats.numbers import split_numbers

TWO = ["15023239810", "13527576163"]


@pytest.mark.parametrize(
    "text",
    [
        "15023239810,13527576163",
        "15023239810，13527576163",
        "15023239810;13527576163",
        "15023239810；13527576163",
        "15023239810 13527576163",
        "15023239810\r\n13527576163\r\n",
        " 15023239810 , 13527576163 ,",
        ",,15023239810,,;13527576163;",
        "15023239810\u300013527576163",
    ],
)
def test_numbers_are_separated_by_what_customers_use(text):
    assert split_numbers(text) == TWO


@pytest.mark.parametrize("text", ["", " ", ",", "，;\r\n"])
def test_nothing_holds_no_numbers(text):
    assert split_numbers(text) == []


def test_one_number_is_itself():
    assert split_numbers("15023239810") == ["15023239810"]


def test_what_is_no_number_is_kept_for_the_answer():
    assert split_numbers("abc,+8613800138000") == ["abc", "+8613800138000"]


@pytest.mark.parametrize(
    "one", ["138 0013 8000", "+86 138 0013 8000", "(86) 138 0013 8000", "138\u00a00013\u00a08000", "+44 7700 900123"]
)
@pytest.mark.parametrize("separator", [",", "，", " ; ", "\r\n"])
def test_blanks_inside_a_number_are_a_part_of_it(one, separator):
    assert split_numbers(one) == [one]
    assert split_numbers(f" {one}{separator}15023239810{separator}{one}") == [one, "15023239810", one]


@pytest.mark.parametrize(
    "text",
    [
        "15023239810 138 0013 8000",  # something between the blanks is a number
        "+6834000 6834001",  # both would read as one
        "138 0013 80",
        "138 0013 8000 138 0013 8001",
        "1 " * 40 + "1",
    ],
)
def test_other_blanks_separate(text):
    assert split_numbers(text) == text.split()


@given(st.lists(st.text("0123456789+", min_size=1, max_size=13)), st.sampled_from([",", "，", ";", "\n", " , "]))
def test_every_number_comes_back_in_order(numbers, separator):
    assert split_numbers(separator.join(numbers)) == numbers
