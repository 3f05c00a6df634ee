"""The signed doors of manual 000's platform, v2: a time stamp and a signature in place of account and password.

source: copies of the second version of its manual
"""

from collections.abc import Callable

from hongyan.conformance.answers import refused, report, sent
from hongyan.conformance.case import Case, RunContext, md5
from hongyan.conformance.http_client import Request
from hongyan.conformance.hx import SEND
from hongyan.conformance.requests import Fields, urlencoded
from hongyan.conformance.words import Words

_CLAUSE = "manual 000's v2"
_TEXT = {name: SEND[name] for name in ("mobile", "content", "sendTime", "action", "extno")}


def signed(path: str, fields: Fields, **others: str) -> Callable[[RunContext], Request]:
    """The sign is md5(account + password + timestamp), in lower case; `others` are put in after it was made."""

    def ask(context: RunContext) -> Request:
        stamp = context.stamp("%Y%m%d%H%M%S")
        values = {
            "userid": "$userid",
            "timestamp": stamp,
            "sign": md5(f"{context.account}{context.secret}{stamp}"),
            **fields,
            **others,
        }
        return Request(path, urlencoded({name: context.fill(value) for name, value in values.items()}))

    return ask


def cases(words: Words) -> tuple[Case, ...]:
    """Returns the cases in the words of the manual's language."""
    query = {"action": "query", "statusNum": ""}
    return (
        Case(_CLAUSE, "v2sms.aspx sends", signed("/v2sms.aspx", _TEXT), sent("ok", task="@number@")),
        Case(
            _CLAUSE,
            "an extno of ten digits",
            signed("/v2sms.aspx", _TEXT | {"extno": "1234567890"}),
            sent("ok", task="@number@"),
        ),
        Case(_CLAUSE, "the balance", signed("/v2sms.aspx", {"action": "overage"}), words.balance_found()),
        Case(
            _CLAUSE,
            "a sign that is wrong",
            signed("/v2sms.aspx", _TEXT, sign="0" * 32),
            refused(words.wrong, words.failed, "0"),
        ),
        Case(_CLAUSE, "no sign", signed("/v2sms.aspx", _TEXT, sign=""), refused(words.empty, words.failed, "0")),
        Case(
            _CLAUSE,
            "a task to be reported on",
            signed("/v2sms.aspx", _TEXT | {"mobile": "$mobile2"}),
            sent("ok", task="@number@"),
        ),
        Case(_CLAUSE, "its report", signed("/v2statusApi.aspx", query | {"taskid": "$task"}), report("$mobile2"), within_s=30),
        Case(
            _CLAUSE,
            "a report of a sign that is wrong",
            signed("/v2statusApi.aspx", query, sign="0" * 32),
            words.no_reports(2, words.wrong),
        ),
    )
