"""Turns owed items into deliveries of a message centre, in the same way for every protocol."""

from hongyan.adapters.centre import StatusReport
from hongyan.model.message import MessageState, ReceiptState
from hongyan.model.owed import OwedReport
from hongyan.model.receipt_words import DELIVERED, UNDELIVERED, UNKNOWN, is_word_of
from hongyan.model.session_delivery import SessionNotice, SessionReport

_WORDS = {
    MessageState.DELIVERED: (ReceiptState.DELIVERED, DELIVERED),
    MessageState.UNKNOWN: (ReceiptState.UNKNOWN, UNKNOWN),
}
_FAILED = ReceiptState.FAILED, UNDELIVERED
ENROUTE = "ENROUTE"
_ERR_DIGITS = 3


def status_reports(item: SessionReport, number: str) -> list[StatusReport]:
    """Returns a report for each part that was submitted. number: the phone as the protocol writes it"""
    report = item.report
    return [
        StatusReport(
            user="",
            number=number,
            source=item.source,
            id=int(message_id),
            stat=report.code,
            submitted_at=item.submitted_ms / 1000,
            name=message_id,
            done_at=report.at_ms / 1000,
            own_id=int(message_id),
            service=item.service,
        )
        for message_id in item.message_ids
    ]


def notices(item: SessionNotice, number: str) -> list[StatusReport]:
    """Returns a notice for each part that asked for it: the message is on its way. number: as in `status_reports`"""
    return [
        StatusReport(
            user="",
            number=number,
            source=item.source,
            id=int(message_id),
            stat=ENROUTE,
            submitted_at=item.submitted_ms / 1000,
            name=message_id,
            service=item.service,
            is_notice=True,
        )
        for message_id in item.message_ids
    ]


def report_word(report: OwedReport) -> tuple[str, str]:
    """Returns the state in the words of SMPP, and the network's error as digits; "" if the code has none.

    A code that is such a word and fits the state is kept; any other is replaced by the word of its state.
    """
    err = report.code.zfill(_ERR_DIGITS) if report.code.isdecimal() and len(report.code) <= _ERR_DIGITS else ""
    state, word = _WORDS.get(report.state, _FAILED)
    return report.code if is_word_of(report.code, state) else word, err
