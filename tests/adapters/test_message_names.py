"""The ids that customers' protocols give to messages: unique, in the form of the specification, and leading back to the task."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.adapters.cmpp.message_names import CmppMessageNames
from hongyan.adapters.smpp.message_names import SmppMessageNames
from hongyan.model.ids import TASKS_A_DAY, china_day
from hongyan.wire.cmpp.auth import MsgId

CMPP, SMPP = CmppMessageNames(), SmppMessageNames()
NOW = 1_790_000_000_000
DAY_MS = 24 * 3_600_000


def task_of_day(at_ms, number):
    return int(china_day(at_ms)) * TASKS_A_DAY + number


def ms(*when):
    return int(datetime(*when, tzinfo=UTC).timestamp() * 1000)


def test_a_msg_id_is_time_code_and_sequence():
    at = ms(2026, 11, 29, 1, 2, 3)  # 09:02:03 in China

    said = MsgId.unpacked(int(CMPP.name(task_of_day(at, 0x1_0005), at)))

    assert said == MsgId(11, 29, 9, 2, 3, gateway=1, sequence=5)


def test_a_task_that_was_named_before_midnight_keeps_its_day():
    at = ms(2026, 11, 29, 16, 0, 0)  # midnight in China

    assert MsgId.unpacked(int(CMPP.name(task_of_day(at - 1, 7), at))) == MsgId(11, 29, 23, 59, 59, 0, 7)


@given(st.integers(ms(2026, 1, 1), ms(2086, 1, 1)), st.integers(0, TASKS_A_DAY - 1), st.integers(0, 300))
def test_a_msg_id_leads_back_to_its_task_within_a_year(at_ms, number, days):
    task_id = task_of_day(at_ms, number)

    assert CMPP.task_of(CMPP.name(task_id, at_ms), at_ms + days * DAY_MS) == task_id


@given(st.integers(0, TASKS_A_DAY - 1), st.integers(0, TASKS_A_DAY - 1))
def test_two_tasks_of_a_second_have_two_msg_ids(one, other):
    assert (CMPP.name(task_of_day(NOW, one), NOW) == CMPP.name(task_of_day(NOW, other), NOW)) is (one == other)


@given(st.integers(0, 2**64 - 1))
def test_any_octets_are_a_name_or_none(octets):
    found = CMPP.task_of(str(octets), NOW)

    assert found is None or 0 <= found < 10**16


@pytest.mark.parametrize("name", ["", "-1", "x", "1" * 30, "１２"])
def test_what_is_no_id_names_nothing(name):
    assert (CMPP.task_of(name, NOW), SMPP.task_of(name, NOW)) == (None, None)


def test_an_smpp_id_reads_alike_as_decimal_and_as_hexadecimal():
    name = SMPP.name(2611290000000007, NOW)

    assert (name, int(name), f"{int(name, 16):x}") == ("2611290000000007", 2611290000000007, name)
    assert SMPP.task_of(name, NOW) == 2611290000000007
