import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model.refusal import Code, Refusal
from hongyan.policy.segments import MOST_PARTS, count_segments, split_text

GRIN = "😀"  # two code units


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("a", 1),
        ("一" * 35, 1),
        (GRIN * 35, 1),
        ("一" * 70, 1),
        ("a" * 70, 1),
        ("a" * 71, 2),
        ("一" * 71, 2),
        ("一" * 134, 2),
        ("一" * 135, 3),
        (GRIN * 36, 2),
        (GRIN * 66, 2),
        (GRIN * 67, 3),  # 134 units, but only 66 fit a part without cutting a pair
        ("一" * 66 + GRIN + "一" * 3, 2),
        ("一" * 66 + GRIN + "一" * 66, 3),  # the pair moves to the second part and pushes its last unit out
        ("一" * 67 + GRIN + "一" * 65, 2),
        ("【测试】" + "a" * 150, 3),
        ("一" * 670, 10),
    ],
)
def test_segments_are_counted_in_code_units(text, segments):
    assert count_segments(text) == segments
    assert len(split_text(text)) == segments


@pytest.mark.parametrize("count", [count_segments, split_text])
def test_a_text_beyond_the_most_parts_is_too_long(count):
    with pytest.raises(Refusal) as refusal:
        count("一" * 671)
    assert refusal.value.code is Code.CONTENT_LONG
    assert refusal.value.facts == {"segments": 11, "most": MOST_PARTS}
    assert count("一" * 671, 11)


@pytest.mark.parametrize("count", [count_segments, split_text])
def test_no_text_has_no_segments(count):
    with pytest.raises(Refusal) as refusal:
        count("")
    assert refusal.value.code is Code.CONTENT_EMPTY


@given(st.text(alphabet=st.sampled_from(["一", "a", GRIN, "𠮷"]), min_size=1, max_size=300))
def test_parts_join_into_the_text_and_fit_their_segments(text):
    parts = split_text(text)
    most_octets = 140 if len(parts) == 1 else 134
    assert "".join(parts) == text
    assert len(parts) == count_segments(text)
    assert all(0 < len(part.encode("utf-16-be")) <= most_octets for part in parts)
    assert all(len(part.encode("utf-16-be")) >= 132 for part in parts[:-1])
