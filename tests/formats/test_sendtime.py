"""Times on the customers' wire."""

from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats.sendtime import BadTime, china_text, read_any_stamp_ms, send_time_ms
from hongyan.model.times import CHINA

NOW = int(datetime(2026, 5, 1, 12, 0, 0, tzinfo=CHINA).timestamp() * 1000)


def china_ms(*fields):
    return int(datetime(*fields, tzinfo=CHINA).timestamp() * 1000)


@pytest.mark.parametrize("text", ["0", " 0 ", "00", "0000-00-00 00:00:00", "0000/0/0", "0000-00-00T00:00:00", "00000000000000"])
def test_zero_is_at_once(text):
    assert send_time_ms(text, NOW) == 0


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-10-24 09:08:10", (2026, 10, 24, 9, 8, 10)),
        ("2026-6-4 9:08:10", (2026, 6, 4, 9, 8, 10)),
        ("2026/6/4 9:08:10", (2026, 6, 4, 9, 8, 10)),
        ("2026/06/04 19:08:10", (2026, 6, 4, 19, 8, 10)),
        ("2026-06-04 09:08", (2026, 6, 4, 9, 8, 0)),
        ("2026-06-04", (2026, 6, 4)),
        ("2026/6/4", (2026, 6, 4)),
        ("  2026-06-04 09:08:10 ", (2026, 6, 4, 9, 8, 10)),
        ("2026-06-04T09:08:10", (2026, 6, 4, 9, 8, 10)),
        ("2026-06-04T09:08:10.123", (2026, 6, 4, 9, 8, 10)),
        ("2026-06-04T09:08:10+08:00", (2026, 6, 4, 9, 8, 10)),
        ("2026-06-04T01:08:10Z", (2026, 6, 4, 9, 8, 10)),
        ("2026-06-03T20:08:10-05:00", (2026, 6, 4, 9, 8, 10)),
        ("20260604090810", (2026, 6, 4, 9, 8, 10)),
    ],
)
def test_every_spelling_is_china_time(text, at):
    assert send_time_ms(text, NOW) == china_ms(*at)


@pytest.mark.parametrize("text", ["", "   ", "2026-05-01 11:59:59", "2026-05-01 12:00:00", "2026-05-01", "0001-01-01 00:00:00"])
def test_empty_and_past_are_at_once(text):
    assert send_time_ms(text, NOW) == 0


@pytest.mark.parametrize(
    "text",
    ["now", "2026-13-01", "2026-02-30 10:00:00", "2026-06-04 24:00:00", "2026-06-04 10:60:00", "26-06-04", "2026-06-04 10",
     "0000-01-01", "2026年6月4日", "２０２６-06-04", "2026-06-04 09:08:10 x", "20260604",
     "2026-06-04T09:08:10+99:99", "2026-06-04T09:08:10-15:00", "2026-06-04T09:08:10+08:60", "2026-06-04T09:08:10+8", "1" * 5000],
)  # fmt: skip
def test_anything_else_is_refused(text):
    with pytest.raises(BadTime):
        send_time_ms(text, NOW)


@given(st.text())
def test_no_text_makes_it_raise_otherwise(text):
    with suppress(BadTime):
        assert send_time_ms(text, NOW) >= 0


@given(st.integers(china_ms(1900, 1, 1) // 1000, china_ms(9999, 12, 30) // 1000))
def test_what_we_write_is_what_we_read(second):
    at_ms = second * 1000

    assert china_text(at_ms) == f"{datetime.fromtimestamp(second, CHINA):%Y-%m-%d %H:%M:%S}"
    assert send_time_ms(china_text(at_ms), at_ms - 1) == at_ms


def test_milliseconds_are_dropped():
    assert china_text(china_ms(2011, 12, 2, 22, 12, 11) + 999) == "2011-12-02 22:12:11"


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        ("20120701231212", 1341155532_000),
        ("120701231212", 1341155532_000),
        ("1341155532", 1341155532_000),
        ("1341155532123", 1341155532_123),
    ],
)
def test_stamps_of_v2_programs_are_read(text, at_ms):
    assert read_any_stamp_ms(text) == at_ms


@given(st.text(max_size=16) | st.text("0123456789", max_size=16))
def test_whatever_is_no_stamp_is_said_so(text):
    with suppress(BadTime):
        assert isinstance(read_any_stamp_ms(text), int)
