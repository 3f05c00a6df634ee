import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.store.sql.slice_octets import decode_slice, encode_slice

PHONES = [8613800138000, 12025550123, -13800138000]


@pytest.mark.parametrize("texts", [None, ["一", "二", "三"]])
@pytest.mark.parametrize(("segments", "points"), [([1, 1, 1], [2, 2, 2]), ([1, 2, 1], [3, 6, 3])])
@pytest.mark.parametrize("kept_as", [bytes, memoryview])
def test_a_slice_is_read_as_it_was_packed(texts, segments, points, kept_as):
    assert decode_slice(kept_as(encode_slice(PHONES, texts, segments, points))) == (PHONES, texts, segments, points)


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.text(), st.integers(1, 255), st.integers(0, 10**9)), min_size=1))
def test_any_columns_are_read_as_they_were_packed(rows):
    columns = tuple(map(list, zip(*rows, strict=True)))

    assert decode_slice(encode_slice(*columns)) == columns


def test_numbers_alike_take_little_more_than_their_phones():
    assert len(encode_slice([8613800138000] * 200, None, [1] * 200, [1] * 200)) < 200 * 8 + 20
