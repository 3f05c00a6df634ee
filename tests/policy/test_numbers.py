import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model.destination import Carrier
from hongyan.model.phone import normalise
from hongyan.model.prefixes import PrefixTable
from hongyan.policy.numbers import carrier_of, published_prefixes

PUBLISHED = published_prefixes()


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("13800138000", Carrier.MOBILE),
        ("13480000000", Carrier.MOBILE),
        ("13492000000", Carrier.SATELLITE),  # the longest prefix wins
        ("13490000000", Carrier.UNKNOWN),
        ("13000000000", Carrier.UNICOM),
        ("17040000000", Carrier.UNICOM),
        ("17050000000", Carrier.MOBILE),
        ("17000000000", Carrier.TELECOM),
        ("17401000000", Carrier.SATELLITE),
        ("17413000000", Carrier.UNKNOWN),
        ("16190000000", Carrier.SATELLITE),
        ("19200000000", Carrier.BROADNET),
        ("19999999999", Carrier.TELECOM),
        ("15400000000", Carrier.UNKNOWN),
        ("+85298765432", Carrier.FOREIGN),
        ("+13800138000", Carrier.FOREIGN),
        ("+886912345678", Carrier.FOREIGN),
    ],
)
def test_the_published_prefixes_name_the_carrier(number, carrier):
    assert carrier_of(normalise(number), PUBLISHED) is carrier


def test_without_prefixes_the_mainland_is_unknown_and_the_rest_foreign():
    assert carrier_of(8613800138000, PrefixTable()) is Carrier.UNKNOWN
    assert carrier_of(85298765432, PrefixTable()) is Carrier.FOREIGN


@pytest.mark.parametrize("prefix", ["", "238", "134920", "１３８", "13a", "01"])
def test_a_prefix_that_is_none_is_refused(prefix):
    with pytest.raises(ValueError, match="national prefix"):
        PrefixTable.of({prefix: Carrier.MOBILE})


@given(
    st.dictionaries(st.from_regex("1[0-9]{0,4}", fullmatch=True), st.sampled_from(Carrier), max_size=20),
    st.integers(13_000_000_000, 19_999_999_999),
)
def test_the_table_agrees_with_a_search_for_the_longest_prefix(prefixes, digits):
    fitting = [prefix for prefix in prefixes if str(digits).startswith(prefix)]
    expected = prefixes[max(fitting, key=len)] if fitting else Carrier.UNKNOWN
    assert PrefixTable.of(prefixes).carrier(8600000000000 + digits) is expected
