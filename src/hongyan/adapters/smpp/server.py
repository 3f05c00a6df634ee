"""SMPP for customers who connect to us. `adapters/smpp/centre.py` reads and writes the PDUs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hmac import compare_digest

from hongyan.adapters.carrier_time import absolute_time
from hongyan.adapters.centre import Delivery, Submit, handset_texts
from hongyan.adapters.deliveries import notices, report_word, status_reports
from hongyan.adapters.server import CancelAsked, CancelByAddresses, Finding, Login, Question, ReplaceAsked, StatusAsked
from hongyan.adapters.smpp.centre import SmppCentre
from hongyan.adapters.smpp.refusals import status_of
from hongyan.adapters.text_encoding import DEFAULTS, IN_LATIN1, TextEncoding
from hongyan.model.account import Account
from hongyan.model.ids import reference_of
from hongyan.model.phone import national, normalise
from hongyan.model.refusal import Code
from hongyan.model.session_delivery import Deliverable, SessionNotice, SessionReport
from hongyan.model.session_question import MessageStatus
from hongyan.model.session_settings import ReplyAlphabet, SessionProtocol
from hongyan.model.session_submit import ReportsWanted
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.pdu import Command, Status
from hongyan.wire.smpp.report import STATE_OF
from hongyan.wire.state import Pdu

_INTERNATIONAL = 1  # type of number
_FINAL = frozenset({Status.RINVCMDID, Status.RX_P_APPN, Status.RX_R_APPN})


@dataclass(slots=True)
class SmppServer(SmppCentre):
    """Implements adapters.server.ServerAdapter."""

    protocol: SessionProtocol = SessionProtocol.SMPP
    unsupported: int = Status.RINVCMDID
    source_most: int = 20
    names_refused: bool = True
    system_id: str = "hongyan"

    def login(self, pdu: Pdu) -> Login:
        assert isinstance(pdu, smpp.Bind)
        return Login(
            pdu.system_id,
            pdu.password,
            partial(_is_same, pdu.password),
            submits=pdu.command is not Command.BIND_RECEIVER,
            receives=pdu.command is not Command.BIND_TRANSMITTER,
            version=f"{pdu.interface_version >> 4}.{pdu.interface_version & 15}",
        )

    def login_status(self, code: Code) -> int:
        return status_of(code)

    def status(self, code: Code) -> int:
        return status_of(code)

    def read(self, pdu: Pdu, user: str, connection: int) -> Submit | None:
        """Returns the submit. A number that the submit marks as international must not be read as one of the mainland."""
        submit = SmppCentre.read(self, pdu, user, connection)
        if submit is None:
            return None
        if isinstance(pdu, smpp.SubmitMulti):
            submit.numbers = tuple(_written(one.addr, one.ton) for one in pdu.dest_address if not one.is_list)
        elif isinstance(pdu, smpp.Sm | smpp.DataSm) and pdu.dest_addr_ton == _INTERNATIONAL:
            submit.numbers = (_written(pdu.destination_addr, _INTERNATIONAL),)
        return submit

    def answer(self, request: Pdu, message_id: str, rejected: Sequence[tuple[str, Code]]) -> Pdu | None:
        if not isinstance(request, smpp.SubmitMulti):
            return None
        codes = {_comparable(number): code for number, code in rejected}
        failed = []
        for one in request.dest_address:
            if one.is_list:
                failed.append(smpp.Unsuccess(one.addr, 0, 0, Status.RINVDLNAME))
            elif code := codes.get(_comparable(_written(one.addr, one.ton))):
                failed.append(smpp.Unsuccess(one.addr, one.ton, one.npi, status_of(code)))
        return smpp.SubmitMultiResp(request.seq, Status.ROK, message_id, tuple(failed)) if failed else None

    def question(self, pdu: Pdu) -> Question | None:
        match pdu:
            case smpp.QuerySm():
                return StatusAsked(pdu.message_id)
            case smpp.CancelSm(message_id=""):
                return CancelByAddresses(pdu.source_addr, _written(pdu.destination_addr, pdu.dest_addr_ton), pdu.service_type)
            case smpp.CancelSm():
                return CancelAsked(pdu.message_id)
            case smpp.ReplaceSm():
                return ReplaceAsked(pdu.message_id, _replacement(pdu))
            case _:
                return None

    def answer_to_question(self, request: Pdu, found: Finding) -> Pdu:
        if isinstance(request, smpp.CancelSm):
            return smpp.Plain(request.seq, Command.CANCEL_SM_RESP, Status.ROK if found else Status.RCANCELFAIL)
        if isinstance(request, smpp.ReplaceSm):
            return smpp.Plain(request.seq, Command.REPLACE_SM_RESP, Status.ROK if found else Status.RREPLACEFAIL)
        assert isinstance(request, smpp.QuerySm)
        if not isinstance(found, MessageStatus):
            return smpp.QuerySmResp(request.seq, Status.RQUERYFAIL)
        state = STATE_OF.get(found.stat, STATE_OF["UNDELIV"])
        done = absolute_time(found.done_ms // 1000) if found.done_ms else ""
        error = int(found.code) if found.code.isdecimal() and int(found.code) < 256 else 0
        return smpp.QuerySmResp(request.seq, Status.ROK, found.message_id, done, state, error)

    def refusal_of_question(self, request: Pdu, code: Code) -> Pdu:
        if isinstance(request, smpp.CancelSm):
            return smpp.Plain(request.seq, Command.CANCEL_SM_RESP, status_of(code))
        if isinstance(request, smpp.ReplaceSm):
            return smpp.Plain(request.seq, Command.REPLACE_SM_RESP, status_of(code))
        return smpp.QuerySmResp(request.seq, status_of(code))

    def deliveries(self, item: Deliverable, account: Account) -> Sequence[Delivery]:
        if isinstance(item, SessionNotice):
            return notices(item, f"{item.phone}")
        if not isinstance(item, SessionReport):
            reply = item.reply
            reference = reference_of(reply.owed_id)
            return handset_texts("", f"{reply.phone}", reply.dest, reply.text, reference, _reply_encodings(account))
        reports = status_reports(item, _digits(item.report.phone))
        for one in reports:
            one.stat, one.err = report_word(item.report)
        return reports

    def is_final(self, status: int) -> bool:
        return status in _FINAL


def _replacement(pdu: smpp.ReplaceSm) -> Submit:
    return Submit(
        user="",
        connection=0,
        source=pdu.source_addr,
        numbers=(),
        content=pdu.short_message,
        coding=0,
        concat=None,
        reports=ReportsWanted.NONE,
        at=0.0,
        valid_time=pdu.validity_period,
        at_time=pdu.schedule_delivery_time,
    )


def _is_same(given: str, secret: str) -> bool:
    return compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode("utf-8", "surrogatepass"))


def _reply_encodings(account: Account) -> Sequence[TextEncoding]:
    if account.reply_alphabet is ReplyAlphabet.UCS2:
        return ()
    return DEFAULTS[account.session_alphabet], IN_LATIN1


def _comparable(number: str) -> int | str:
    """Returns a value that is equal for all spellings of one number."""
    return normalise(number) or number


def _written(addr: str, ton: int) -> str:
    return f"+{addr}" if ton == _INTERNATIONAL and not addr.startswith(("86", "+", "00")) else addr


def _digits(phone: int) -> str:
    """Returns the E.164 number; a refused one as it was written."""
    return national(phone) if phone < 0 else f"{phone}"
