"""The words of carriers' reports, as carriers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model.message import ReceiptState
from hongyan.model.receipt_words import read_state

DELIVERED, PENDING = ReceiptState.DELIVERED, ReceiptState.PENDING
FAILED, UNKNOWN = ReceiptState.FAILED, ReceiptState.UNKNOWN


@pytest.mark.parametrize(
    ("seen", "state", "word"),
    [
        *((seen, DELIVERED, "DELIVRD") for seen in (
            "DELIVRD", "delivrd", "Delivered", "stat:DELIVERED", "stat:DELIVRD\0", "DELIVRD;", "DELIVRD\0\0", " DELIVRD ", "2",
            '"DELIVRD"', "DELIVRD,err=0", "DELIVER", "Status: Delivered", "Retrieved",
        )),
        ("ACCEPTED", PENDING, "ACCEPTD"), ("ACCEPTE", PENDING, "ACCEPTD"), ("6", PENDING, "ACCEPTD"),
        ("SCHEDULED", PENDING, "SCHEDLD"), ("SCHEDLD", PENDING, "SCHEDLD"), ("0", PENDING, "SCHEDLD"),
        ("BUFFRED", PENDING, "BUFFRED"), ("Buffered", PENDING, "BUFFRED"),
        ("ENROUTE", PENDING, "ENROUTE"), ("En Route", PENDING, "ENROUTE"), ("EN_ROUTE", PENDING, "ENROUTE"), ("1", PENDING, "ENROUTE"),
        ("SKIPPED", PENDING, "SKIPPED"), ("9", PENDING, "SKIPPED"),
        ("EXPIRED", FAILED, "EXPIRED"), ("3", FAILED, "EXPIRED"), ("Undeliverable", FAILED, "UNDELIV"), ("5", FAILED, "UNDELIV"),
        ("Rejected", FAILED, "REJECTD"), ("8", FAILED, "REJECTD"), ("deleted;", FAILED, "DELETED"), ("4", FAILED, "DELETED"),
        ("UNKNOWN", UNKNOWN, "UNKNOWN"), ("", UNKNOWN, "UNKNOWN"), ("\0\0", UNKNOWN, "UNKNOWN"), ("7", UNKNOWN, "UNKNOWN"),
        ("MK:0011", None, "MK:0011"), (" MK:0011;", None, "MK:0011"), ("xyz", None, "xyz"), ("10", None, "10"),
    ],
)  # fmt: skip
def test_a_word_is_read_however_it_is_written(seen, state, word):
    assert read_state(seen) == (state, word)


@given(st.text(max_size=40))
def test_any_word_is_read_and_none_grows(seen):
    assert len(read_state(seen)[1]) <= max(7, len(seen))


def test_blanks_without_end_are_passed_over_once():
    """Hours for a reader that looks for a label again at each of them."""
    assert read_state("x" + " " * 3_000_000 + "y")[0] is None
