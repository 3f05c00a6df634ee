from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.carriers.moments import CHINA, expiry, login_stamp, read_moment

RECEIVED = int(datetime(2026, 11, 21, 1, 31, 30, tzinfo=UTC).timestamp() * 1000)  # 09:31:30 in Beijing


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("2611210931", datetime(2026, 11, 21, 1, 31, tzinfo=UTC)),
        ("261121093107", datetime(2026, 11, 21, 1, 31, 7, tzinfo=UTC)),
        ("2611220900", datetime(2026, 11, 22, 1, 0, tzinfo=UTC)),  # a carrier's clock may be ahead
    ],
)
def test_carriers_write_beijing_time(digits, expected):
    assert read_moment(digits, RECEIVED) == expected.timestamp() * 1000


@pytest.mark.parametrize(
    "digits", ["", "0000000000", "2613210931", "26112109", "26112109310", "abcdefghij", "2612210931", "²²²²²²²²²²"]
)
def test_what_is_no_time_or_far_ahead_becomes_the_time_of_arrival(digits):
    assert read_moment(digits, RECEIVED) == RECEIVED


@given(st.text(max_size=14))
def test_any_text_is_read(digits):
    assert read_moment(digits, RECEIVED) > 0


@pytest.mark.parametrize(
    ("at", "stamp"),
    [
        (datetime(2026, 11, 21, 1, 30, 5, tzinfo=UTC), 1121093005),
        (datetime(2026, 2, 28, 16, 0, 0, tzinfo=UTC), 301000000),
    ],
)
def test_a_login_is_stamped_with_month_to_second_in_beijing(at, stamp):
    assert login_stamp(int(at.timestamp() * 1000)) == stamp


@pytest.mark.parametrize(
    ("quarters", "written"), [(CHINA, "261121093130032+"), (0, "261121013130000+")], ids=["China time", "UTC"]
)
def test_an_end_is_written_with_the_zone_of_its_clock(quarters, written):
    assert expiry(RECEIVED // 1000, quarters) == written
