"""Templates are filled whole or not at all, whatever stands in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model.refusal import Code, Refusal
from hongyan.services.admin.templates import filled

values = st.lists(
    st.text(st.characters(exclude_characters=",", exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=20
)


@given(values)
def test_each_value_stands_in_its_gap(values):
    text = "|".join(f"{{{n}}}" for n in range(1, len(values) + 1))
    if not ",".join(values).strip():
        return

    assert filled(text, ",".join(values)) == "|".join(values)


@given(values, st.integers(1, 20))
def test_a_count_that_differs_is_refused(values, gaps):
    text = "".join(f"{{{n}}}" for n in range(1, gaps + 1))
    if len(values) == gaps or not ",".join(values).strip():
        return

    with pytest.raises(Refusal) as caught:
        filled(text, ",".join(values))
    assert caught.value.code is Code.PARAMETER_BAD


@pytest.mark.parametrize("parameters", ["", " ", "\t"])
def test_nothing_fills_no_gap(parameters):
    assert filled("【鸿雁】好 { } {a} {123}", parameters) == "【鸿雁】好 { } {a} {123}"
    with pytest.raises(Refusal) as caught:
        filled("{1}", parameters)
    assert caught.value.code is Code.PARAMETERS_EMPTY
