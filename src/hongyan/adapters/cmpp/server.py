"""CMPP 2.0 and 3.0 for customers who connect to us. `adapters/cmpp/centre.py` reads and writes the PDUs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from hongyan.adapters.centre import Delivery, HandsetText, handset_texts
from hongyan.adapters.cmpp.centre import CmppCentre
from hongyan.adapters.cmpp.refusals import login_status_of, result_of
from hongyan.adapters.deliveries import report_word, status_reports
from hongyan.adapters.server import CancelAsked, CountAsked, Finding, Login, Question
from hongyan.adapters.text_encoding import IN_ASCII, IN_GBK, TextEncoding
from hongyan.model.account import Account
from hongyan.model.ids import reference_of
from hongyan.model.phone import national
from hongyan.model.refusal import Code
from hongyan.model.session_delivery import Deliverable, SessionNotice, SessionReply, SessionReport
from hongyan.model.session_question import MessageCounts
from hongyan.model.session_settings import ReplyAlphabet, SessionProtocol
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.auth import is_authentic
from hongyan.wire.state import Pdu

_BY_SERVICE = 1  # Query_Type
_DONE, _FAILED = 0, 1  # Success_Id
_STAT_MOST = 7
_REPLY_ENCODINGS: Mapping[ReplyAlphabet, Sequence[TextEncoding]] = {
    ReplyAlphabet.NEEDED: (IN_ASCII,),
    ReplyAlphabet.GBK: (IN_GBK,),
    ReplyAlphabet.UCS2: (),
}
_GIVEN_UP = frozenset({cmpp.BAD_STRUCTURE, 2, 3, 4})  # structure, command, repeated sequence, length


@dataclass(slots=True)
class CmppServer(CmppCentre):
    """Implements adapters.server.ServerAdapter."""

    version: cmpp.Version = cmpp.Version.V30
    protocol: SessionProtocol = SessionProtocol.CMPP
    unsupported: int = 2
    source_most: int = 21
    names_refused: bool = False

    def login(self, pdu: Pdu) -> Login:
        assert isinstance(pdu, cmpp.Connect)
        return Login(
            pdu.source_addr,
            pdu.authenticator_source.hex(),
            partial(is_authentic, pdu),
            version=f"{pdu.version >> 4}.{pdu.version & 15}",
        )

    def login_status(self, code: Code) -> int:
        return login_status_of(code)

    def status(self, code: Code) -> int:
        return result_of(code)

    def answer(self, request: Pdu, message_id: str, rejected: Sequence[tuple[str, Code]]) -> Pdu | None:  # noqa: ARG002
        """Returns None: a SUBMIT_RESP names no number."""
        return None

    def question(self, pdu: Pdu) -> Question | None:
        match pdu:
            case cmpp.Query():
                return CountAsked(pdu.time, pdu.query_code if pdu.query_type == _BY_SERVICE else None)
            case cmpp.Cancel():
                return CancelAsked(str(pdu.msg_id))
            case _:
                return None

    def answer_to_question(self, request: Pdu, found: Finding) -> Pdu:
        if isinstance(request, cmpp.Cancel):
            return cmpp.CancelResp(request.seq, _DONE if found else _FAILED)
        assert isinstance(request, cmpp.Query)
        counts = found if isinstance(found, MessageCounts) else MessageCounts()
        numbers = (
            counts.submits,
            counts.numbers,
            counts.delivered,
            counts.open,
            counts.failed,
            counts.replies_delivered,
            counts.replies_waiting,
            counts.replies_failed,
        )
        return cmpp.QueryResp(request.seq, request.time, request.query_type, request.query_code, numbers)

    def refusal_of_question(self, request: Pdu, code: Code) -> Pdu:  # noqa: ARG002  the answers have no word for a cause
        return self.answer_to_question(request, None)

    def deliveries(self, item: Deliverable, account: Account) -> Sequence[Delivery]:
        match item:
            case SessionReport():
                return _reports(item)
            case SessionReply():
                return self._texts(item, _REPLY_ENCODINGS[account.reply_alphabet])
            case SessionNotice():
                return []  # CMPP has none

    def _texts(self, item: SessionReply, encodings: Sequence[TextEncoding]) -> list[HandsetText]:
        """Returns the parts of a reply. Their Msg_Ids are made of our id of the reply, so a repeat has the same ones."""
        reply = item.reply
        parts = handset_texts("", national(reply.phone), reply.dest, reply.text, reference_of(reply.owed_id), encodings)
        for number, part in enumerate(parts):
            part.own_id = self.id_at(reply.at_ms // 1000, reply.owed_id + number)
            part.service = item.service
        return parts

    def is_final(self, status: int) -> bool:
        return status in _GIVEN_UP


def _reports(item: SessionReport) -> list[Delivery]:
    """Returns the reports. Stat has room for the carrier's own word, which is the most exact."""
    report = item.report
    reports: list[Delivery] = []
    for one in status_reports(item, national(report.phone)):
        if not 0 < len(one.stat) <= _STAT_MOST or report.is_delivered:
            one.stat, _ = report_word(report)
        reports.append(one)
    return reports
