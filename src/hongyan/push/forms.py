"""The two forms of a push: the bodies that carry the items, and what the customer's answer means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hongyan.formats.receiptjson import ROUND_ANSWERS, is_taken, receipts_json, reply_json
from hongyan.formats.reports import replies_xml, status_xml
from hongyan.model.account import PushFormat
from hongyan.model.owed import OwedReply, OwedReport


@dataclass(frozen=True, slots=True)
class Form:
    headers: Mapping[str, str]
    of_reports: Callable[[Sequence[OwedReport], bool], list[bytes]]  # the bodies, in order; most pushes need one
    of_replies: Callable[[Sequence[OwedReply], bool], list[bytes]]  # both are told whether smsIds name tasks
    is_taken: Callable[[bytes], bool]  # reads an answer that came with a status of 2xx


def _is_no_error(answer: bytes) -> bool:
    """Returns whether the answer takes the push: `error` asks for it again; `1`, anything else and nothing at all take it (wire
    contract, 2.12).
    """
    return answer.strip(ROUND_ANSWERS).lower() != b"error"


FORMS = {
    PushFormat.XML: Form(
        {"Content-Type": "text/xml; charset=utf-8"},
        lambda reports, names_sms_ids: [status_xml(reports, names_sms_ids=names_sms_ids)],
        lambda replies, names_sms_ids: [replies_xml(replies, names_sms_ids=names_sms_ids)],
        _is_no_error,
    ),
    PushFormat.JSON: Form(
        {"Content-Type": "application/json;charset=utf-8", "Accept": "application/json"},
        lambda reports, _: [receipts_json(reports)],
        lambda replies, _: [reply_json(reply) for reply in replies],
        is_taken,
    ),
}
