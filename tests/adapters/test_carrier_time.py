from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.adapters.carrier_time import CHINA, absolute_time, login_stamp, read_time
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol

RECEIVED = int(datetime(2026, 11, 21, 1, 31, 30, tzinfo=UTC).timestamp() * 1000)  # 09:31:30 in Beijing


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("2611210931", datetime(2026, 11, 21, 1, 31, tzinfo=UTC)),
        ("261121093107", datetime(2026, 11, 21, 1, 31, 7, tzinfo=UTC)),
        ("2611220900", datetime(2026, 11, 22, 1, 0, tzinfo=UTC)),  # the step that takes it knows better
        ("20261121093107", datetime(2026, 11, 21, 1, 31, 7, tzinfo=UTC)),
        ("202611210931", datetime(2026, 11, 21, 1, 31, tzinfo=UTC)),
    ],
)
def test_carriers_write_beijing_time(digits, expected):
    assert read_time(digits, RECEIVED) == expected.timestamp() * 1000


@pytest.mark.parametrize(
    "digits", ["", "0000000000", "2613210931", "26112109", "26112109310", "abcdefghij", "20261321093107", "²²²²²²²²²²"]
)
def test_what_is_no_time_becomes_the_time_of_arrival(digits):
    assert read_time(digits, RECEIVED) == RECEIVED


@pytest.mark.parametrize(("zone", "hours"), [("UTC", 0), ("+08:00", 8), ("", 8), ("-05:30", -5.5), ("+00:00", 0)])
def test_a_channel_says_by_which_clock_its_reports_are_dated(zone, hours):
    channel = Channel(1, "up", Protocol.SMPP, options={"receipt_zone": zone} if zone else {})

    seen = read_time("2611210931", RECEIVED, channel.receipt_zone_ms)

    assert seen == datetime(2026, 11, 21, 9, 31, tzinfo=UTC).timestamp() * 1000 - hours * 3_600_000


@given(st.text(max_size=14))
def test_any_text_is_read(digits):
    assert read_time(digits, RECEIVED) > 0


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
    assert absolute_time(RECEIVED // 1000, quarters) == written
