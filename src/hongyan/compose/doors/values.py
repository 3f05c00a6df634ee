"""Admissions, answers, refusals and owed items, as they pass between the doors' process and the writer.

The account is sent by its id, and the writer takes its own. A column of an admission with equal values is sent as that one
value. Values that usual texts do not have stand in an object at the end. Values are made from rows without a further check,
since the same program wrote them; a row of another shape is a BadFrame.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from operator import attrgetter
from typing import Any, ParamSpec, TypeVar

from pybase64 import b64decode, b64encode

from hongyan.compose.doors.frames import BadFrame
from hongyan.model.account import Account, Balance, PayMode, Product
from hongyan.model.binary import Binary
from hongyan.model.message import MessageState
from hongyan.model.mms import Media, Mms
from hongyan.model.owed import OwedReply, OwedReport
from hongyan.model.refusal import Code, Refusal
from hongyan.model.submission import Accepted, Admission, Submission

Row = list[Any]
Read = TypeVar("Read")
Asked = ParamSpec("Asked")

_PRODUCTS = {int(product): product for product in Product}
_STATES = {int(state): state for state in MessageState}


def _strict(read: Callable[Asked, Read]) -> Callable[Asked, Read]:
    @wraps(read)
    def strictly(*args: Asked.args, **named: Asked.kwargs) -> Read:
        try:
            return read(*args, **named)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise BadFrame(f"no {read.__name__}") from error

    return strictly


# --- admissions -----------------------------------------------------------------------------------------------------------


def admission_row(admission: Admission) -> Row:
    submission = admission.submission
    return [
        submission.account.id,
        int(submission.product),
        submission.source,
        submission.address,
        submission.text,
        submission.extno,
        submission.send_at_ms,
        submission.client_ref,
        admission.task_id,
        admission.sms_id,
        admission.phones,
        _column(admission.channels),
        _column(admission.segments),
        _column(admission.points),
        admission.total_points,
        _rejected_row(admission.rejected),
        _rare(admission),
    ]


def account_of(row: Any) -> int:
    """Returns the id of the account whose admission it is. raises: BadFrame"""
    match row:
        case [int(account_id), *_]:
            return account_id
    raise BadFrame("no account")


@_strict
def admission(row: Row, account: Account) -> Admission:
    (
        _, product, source, address, text, extno, send_at_ms, client_ref,
        task_id, sms_id, phones, channels, segments, points, total_points, rejected, rare,
    ) = row  # fmt: skip
    submission = Submission(
        account,
        (),  # judged already: only the result counts
        text,
        extno=extno,
        send_at_ms=send_at_ms,
        product=_PRODUCTS[product],
        source=source,
        address=address,
        client_ref=client_ref,
    )
    count = len(phones)
    return Admission(
        submission=submission,
        phones=phones,
        texts=_take_rare(submission, rare) if rare else None,
        channels=_filled(channels, count),
        segments=_filled(segments, count),
        points=_filled(points, count),
        rejected=_rejected(rejected),
        total_points=total_points,
        task_id=task_id,
        sms_id=sms_id,
    )


def _column(values: list[int]) -> int | list[int]:
    first = values[0]
    return first if len(values) == 1 or values.count(first) == len(values) else values


def _filled(column: int | list[int], count: int) -> list[int]:
    values = [column] * count if isinstance(column, int) else column
    if len(values) != count:
        raise ValueError("columns differ in length")
    return values


def _rare(admission: Admission) -> dict[str, Any] | None:
    submission = admission.submission
    if submission.is_plain and not (submission.client_ref or submission.mms or submission.is_late or admission.texts):
        return None
    rare: dict[str, Any] = {name: getattr(submission, name) for name in _SIMPLE}
    rare |= {"texts": admission.texts, "client_hash": submission.client_hash.hex()}
    if (binary := submission.binary) is not None:
        rare["binary"] = (binary.octets.hex(), binary.header.hex())
    if (mms := submission.mms) is not None:
        media = [(one.name, one.kind, b64encode(one.data).decode("ascii"), one.digest.hex()) for one in mms.media]
        rare["mms"] = (mms.subject, media, mms.frames)
    return rare


_SIMPLE = ("is_late", "parts", "customer_message_id", "is_flash", "valid_until_ms", "protocol_id")


def _take_rare(submission: Submission, rare: dict[str, Any]) -> list[str] | None:
    """Set what the submission has besides its text; returns the texts of its numbers."""
    for name in _SIMPLE:
        setattr(submission, name, rare[name])
    submission.client_hash = bytes.fromhex(rare["client_hash"])
    if "binary" in rare:
        submission.binary = Binary(*map(bytes.fromhex, rare["binary"]))
    if "mms" in rare:
        subject, media, frames = rare["mms"]
        parts = tuple(Media(name, kind, b64decode(data), bytes.fromhex(digest)) for name, kind, data, digest in media)
        submission.mms = Mms(subject, parts, tuple(map(tuple, frames)))
    texts: list[str] | None = rare["texts"]
    return texts


# --- answers --------------------------------------------------------------------------------------------------------------


def accepted_row(accepted: Accepted) -> Row:
    return [
        accepted.task_id,
        accepted.sms_id,
        accepted.balance,
        accepted.count,
        accepted.points_held,
        _rejected_row(accepted.rejected),
        accepted.is_repeat,
    ]


@_strict
def accepted(row: Row) -> Accepted:
    task_id, sms_id, balance, count, points_held, rejected, is_repeat = row
    return Accepted(
        task_id=task_id,
        sms_id=sms_id,
        balance=balance,
        count=count,
        points_held=points_held,
        rejected=_rejected(rejected),
        is_repeat=is_repeat,
    )


def refusal_row(refusal: Refusal) -> Row:
    return [refusal.code.name, refusal.facts, _rejected_row(refusal.rejected)]


@_strict
def refusal(row: Row) -> Refusal:
    name, facts, rejected = row
    made = Refusal(Code[name], **facts)
    made.rejected = _rejected(rejected)
    return made


def _rejected_row(rejected: Any) -> Row:
    return [(number, code.name) for number, code in rejected]


def _rejected(row: Row) -> list[tuple[str, Code]]:
    return [(number, Code[name]) for number, name in row]


def balance_row(balance: Balance) -> Row:
    return [int(balance.pay_mode), balance.points, balance.topped_up]


@_strict
def balance(row: Row) -> Balance:
    pay_mode, points, topped_up = row
    return Balance(PayMode(pay_mode), points, topped_up)


_of_report = attrgetter(*(one.name for one in fields(OwedReport)))
_of_reply = attrgetter(*(one.name for one in fields(OwedReply)))


def report_rows(reports: list[OwedReport]) -> list[tuple[Any, ...]]:
    return [_of_report(report) for report in reports]


@_strict
def reports(rows: list[Row]) -> list[OwedReport]:
    return [
        OwedReport(owed_id, phone, task_id, sms_id, _STATES[state], *others)
        for owed_id, phone, task_id, sms_id, state, *others in rows
    ]


def reply_rows(replies: list[OwedReply]) -> list[tuple[Any, ...]]:
    return [_of_reply(reply) for reply in replies]


@_strict
def replies(rows: list[Row]) -> list[OwedReply]:
    return [OwedReply(*row) for row in rows]
