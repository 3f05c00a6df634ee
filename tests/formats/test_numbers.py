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


@given(st.lists(st.text("0123456789+", min_size=1, max_size=13)), st.sampled_from([",", "，", ";", " ", "\n", " , "]))
def test_every_number_comes_back_in_order(numbers, separator):
    assert split_numbers(separator.join(numbers)) == numbers
