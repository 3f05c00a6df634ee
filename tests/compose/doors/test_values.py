"""What passes between the doors' process and the writer arrives as it left."""

from contextlib import suppress
from dataclasses import fields
from types import SimpleNamespace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.compose.doors import values
from hongyan.compose.doors.frames import BadFrame
from hongyan.model.account import Balance, PayMode, Product
from hongyan.model.binary import Binary
from hongyan.model.message import MessageState
from hongyan.model.mms import Media, Mms
from hongyan.model.owed import OwedReply, OwedReport
from hongyan.model.refusal import Code, Refusal
from hongyan.model.submission import Accepted, Admission, Submission

ACCOUNT = SimpleNamespace(id=7)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INTS = st.integers(0, 2**62)
REJECTED = st.lists(st.tuples(TEXTS, st.sampled_from(Code)), max_size=3)
MMS = st.builds(
    Mms,
    TEXTS,
    st.lists(st.builds(Media, TEXTS, st.just("image/png"), st.binary(max_size=50)), max_size=3).map(tuple),
    st.lists(st.lists(TEXTS, max_size=2).map(tuple), max_size=2).map(tuple),
)
SUBMISSIONS = st.builds(
    Submission,
    st.just(ACCOUNT),
    st.just(()),
    TEXTS,
    extno=TEXTS,
    send_at_ms=INTS,
    product=st.sampled_from(Product),
    source=TEXTS,
    address=TEXTS,
    client_ref=TEXTS,
    client_hash=st.binary(max_size=32),
    is_late=st.booleans(),
    mms=st.none() | MMS,
    binary=st.none() | st.builds(Binary, st.binary(max_size=140), st.binary(max_size=8)),
    parts=st.none() | st.lists(TEXTS, min_size=1, max_size=3),
    customer_message_id=TEXTS,
    is_flash=st.booleans(),
    valid_until_ms=INTS,
    protocol_id=st.integers(0, 255),
)
PLAIN = st.builds(Submission, st.just(ACCOUNT), st.just(()), TEXTS, source=TEXTS, extno=TEXTS)
CARRIED = {
    "account", "text", "extno", "send_at_ms", "product", "source", "address", "client_ref", "client_hash", "is_late", "mms", "binary",
    "parts", "customer_message_id", "is_flash", "valid_until_ms", "protocol_id",
}  # fmt: skip
JUDGED = {"numbers", "texts", "asks_word_check", "refuses_sql", "is_international"}
"""What admission has read, and nobody after it."""

OF_SESSIONS = {
    "source_number", "service", "wants_reports", "session_id", "wants_notice", "sequence", "coding", "received_ms", "of_parts",
    "part_octets", "is_urgent",
}  # fmt: skip
"""What no door brings; sessions are in the writer's process."""


@st.composite
def admissions(draw):
    phones = draw(st.lists(INTS, min_size=1, max_size=5))
    column = st.lists(st.integers(0, 3), min_size=len(phones), max_size=len(phones))
    texts = draw(st.none() | st.lists(TEXTS, min_size=len(phones), max_size=len(phones)))
    submission = draw(PLAIN | SUBMISSIONS)
    if not submission.client_ref:
        submission.client_hash = b""  # filled where there is a reference
    points = draw(column)
    return Admission(
        submission, phones, texts, draw(column), draw(column), points, draw(REJECTED), sum(points), draw(INTS), draw(TEXTS)
    )


def passed(row):
    return orjson.loads(orjson.dumps(row))


@given(admissions())
def test_an_admission_arrives_whole(admission):
    row = passed(values.admission_row(admission))

    assert values.account_of(row) == ACCOUNT.id
    assert values.admission(row, ACCOUNT) == admission


def test_every_field_of_a_submission_is_carried_or_known_not_to_be_needed():
    """A new one must be put in its place: what is forgotten would be lost without a word."""
    assert {field.name for field in fields(Submission)} == CARRIED | JUDGED | OF_SESSIONS


@given(st.builds(Accepted, INTS, TEXTS, INTS, INTS, INTS, REJECTED, st.booleans()))
def test_an_answer_arrives_whole(accepted):
    read = values.accepted(passed(values.accepted_row(accepted)))

    assert (read, read.is_repeat) == (accepted, accepted.is_repeat)


@given(st.sampled_from(Code), st.dictionaries(st.sampled_from(["account", "need", "free"]), INTS | TEXTS), REJECTED)
def test_a_refusal_arrives_whole(code, facts, rejected):
    refusal = Refusal(code, **facts)
    refusal.rejected = rejected

    read = values.refusal(passed(values.refusal_row(refusal)))

    assert (read.code, read.facts, read.rejected) == (code, facts, rejected)


@given(st.lists(st.builds(OwedReport, INTS, INTS, INTS, TEXTS, st.sampled_from(MessageState), TEXTS, INTS, TEXTS, INTS, TEXTS)))
def test_reports_arrive_whole(reports):
    assert values.reports(passed(values.report_rows(reports))) == reports


@given(st.lists(st.builds(OwedReply, INTS, INTS, INTS, TEXTS, INTS, TEXTS, TEXTS)))
def test_replies_arrive_whole(replies):
    assert values.replies(passed(values.reply_rows(replies))) == replies


@given(st.builds(Balance, st.sampled_from(PayMode), INTS, INTS))
def test_a_balance_arrives_whole(balance):
    assert values.balance(passed(values.balance_row(balance))) == balance


READERS = [
    values.accepted,
    values.refusal,
    values.reports,
    values.replies,
    values.balance,
    values.account_of,
    lambda row: values.admission(row, ACCOUNT),
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=17) | st.dictionaries(TEXTS, inner, max_size=2),
)


@pytest.mark.parametrize("read", READERS)
@given(row=ANYTHING)
def test_what_has_another_shape_is_a_bad_frame_and_nothing_else(read, row):
    with suppress(BadFrame):
        read(row)
