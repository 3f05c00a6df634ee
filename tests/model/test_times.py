import pytest

from hongyan.model.errors import Invalid
from hongyan.model.times import moment_ms, moment_text

TEN = 1_795_917_600_000  # 2026-11-29 10:00 in China


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-29 10:00", TEN),
        (" 2026-11-29 10:00:07 ", TEN + 7_000),
        ("2026-11-29T10:00", TEN),
        ("2026/11/29 10:00", TEN),
        ("２０２６－１１－２９　１０：００", TEN),
        ("2026-11-29", TEN - 36_000_000),
    ],
)
def test_a_moment_is_read_however_it_is_typed(text, expected):
    assert moment_ms(text, "since_ms") == expected


@pytest.mark.parametrize("text", ["", "10:00", "2026-13-01 10:00", "2026-11-29 24:00", "tomorrow", "29.11.2026 10:00"])
def test_what_is_no_moment_is_refused_with_its_field(text):
    with pytest.raises(Invalid, match="since_ms is no moment"):
        moment_ms(text, "since_ms")


def test_a_moment_reads_back_as_it_is_written():
    assert moment_text(TEN) == "2026-11-29 10:00"
