"""WebService.asmx: SendSms over SOAP, and its description (wire contract, 2.10).

The method decides: GET is answered with the description, whatever the query says, and POST is a call, also to `?wsdl`. A
refusal is a result with HTTP 200; only a request that cannot be read is a fault, with 500.
"""

import asyncio
import re
from functools import partial

from hongyan.doors.context import Answer, DoorContext
from hongyan.doors.dialect import errors_of
from hongyan.doors.login import log_in
from hongyan.doors.request import Request
from hongyan.doors.sms import read_submission
from hongyan.formats.dialects import HX
from hongyan.formats.form import GBK
from hongyan.formats.refusals import WORDS, meaning_of
from hongyan.formats.soap import BadSoap, Call, SendResult, Version, fault_xml, read_call, result_xml
from hongyan.formats.wsdl import wsdl
from hongyan.i18n import reason
from hongyan.model.account import CharsetRule
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted

_LONG_OCTETS = 16_000
"""A longer body is read and judged in a thread, so that other requests do not wait."""

_PARAMETERS = {
    "account": "userName",
    "mobile": "Msisdns",
    "content": "SMSContent",
    "extno": "ExtNumber",
    "sendTime": "PlanSendTime",
}

_HOST = re.compile(r"[\w.:\[\]-]{1,255}", re.ASCII)


class SoapDoor:
    """Takes submissions as SOAP; all answers are in the words of one dialect."""

    name, charset, content_type = "WebService.asmx", "", Version.V11.content_type
    parameters = _PARAMETERS

    def __init__(self, context: DoorContext) -> None:
        self._context = context

    async def answer(self, request: Request) -> Answer:
        if request.method == "GET":
            return Answer(wsdl(self._address(request)))
        is_long = len(request.body) > _LONG_OCTETS
        snapshot = self._context.api.snapshot
        call = await asyncio.to_thread(_call_of, snapshot, request) if is_long else _call_of(snapshot, request)
        request.form = _form_of(call)
        account = log_in(snapshot, request, is_by_userid=False)
        done = await self._context.take(partial(read_submission, request, account, self.name), is_long=is_long)
        return _answer(_granted(done, int(account.pay_mode)), call.version)

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        fault = refusal.__cause__
        if isinstance(fault, BadSoap):
            body = fault_xml(fault.fault_code, reason(refusal, "en"), reason(refusal, "zh"), fault.version)
            return Answer(body, content_type=fault.version.content_type, status=500)
        name, version = WORDS[refusal.code].name, Version[request.value("version") or Version.V11.name]
        result = SendResult(
            PayType=0,
            StatusCode=name,
            Description=meaning_of(refusal.code),
            MsgId="",
            SuccessCounts=0,
            BillingCount=0,
            Amount=0,
            Balance=0,
            BillingAmount=0,
            Errors=errors_of(refusal.rejected),
        )
        return _answer(result, version)

    def _address(self, request: Request) -> str:
        """Returns the address of this request, as the client wrote it."""
        host = request.host if _HOST.fullmatch(request.host) else "localhost"
        return f"{request.scheme}://{host}/{self.name}"


def _call_of(snapshot: ConfigSnapshot, request: Request) -> Call:
    try:
        return read_call(request.body, request.content_type)
    except BadSoap as fault:
        call = _call_in_gbk(snapshot, request) if isinstance(fault.__cause__, UnicodeDecodeError) else None
        if call is None:
            raise Refusal(Code.SOAP_BAD, fault=fault.why) from fault
        return call


def _call_in_gbk(snapshot: ConfigSnapshot, request: Request) -> Call | None:
    """Returns a call that fits no encoding that it may have, read as GBK if its account allows the guess (wire contract, 7.7)."""
    try:
        call = read_call(request.body, request.content_type, GBK)
    except BadSoap:
        return None
    account = snapshot.accounts.get(call.user_name.strip())
    return call if account is not None and account.charset is CharsetRule.GUESS else None


def _form_of(call: Call) -> dict[str, str]:
    """Returns the parameters with the names of sms.aspx, and the version to answer in."""
    return {
        "account": call.user_name,
        "password": call.password,
        "mobile": call.msisdns,
        "content": call.sms_content,
        "extno": call.ext_number,
        "sendtime": call.plan_send_time,
        "version": call.version.name,
    }


def _granted(done: Accepted, pay_type: int) -> SendResult:
    errors = errors_of(done.rejected)
    return SendResult(
        PayType=pay_type,
        StatusCode="OK",
        Description=HX.sent,
        MsgId=str(done.task_id),
        SuccessCounts=done.count,
        BillingCount=done.points_held,
        Amount=done.balance,
        Balance=done.balance,
        BillingAmount=done.points_held,
        Errors=errors,
    )


def _answer(result: SendResult, version: Version) -> Answer:
    return Answer(result_xml(result, version), content_type=version.content_type)
