"""Manual 001, chapter 8: WebService.asmx, SendSms over SOAP 1.1 and 1.2; results by their names."""

from collections.abc import Callable
from xml.sax.saxutils import escape

from hongyan.conformance.case import XML, Case, RunContext
from hongyan.conformance.http_client import Request
from hongyan.conformance.requests import get, raw

DOOR = "/WebService.asmx?wsdl"
"""Clients post to the address of the description."""

SOAP12 = "application/soap+xml; charset=utf-8"
_V11, _V12 = "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"
_TEXT = "您的验证码：1439【腾飞】"


def envelope(inside: str, version: str = _V11) -> str:
    return f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{version}"><soap:Body>{inside}</soap:Body></soap:Envelope>'


def call(name: str = "$account", by: str = "$secret", **elements: str) -> str:
    """SendSms in the default namespace; its elements are written as they are given."""
    values = {"Msisdns": "$mobile", "SMSContent": _TEXT, "ExtNumber": "", "PlanSendTime": ""} | elements
    sms = "".join(f"<{element}>{value}</{element}>" for element, value in values.items())
    return (
        f'<SendSms xmlns="http://www.yysms.com/"><userName>{name}</userName><password>{by}</password><sms>{sms}</sms></SendSms>'
    )


PREFIXED = (
    '<ns1:SendSms xmlns:ns1="http://www.yysms.com/"><ns1:userName>$account</ns1:userName><ns1:password>$secret</ns1:password><ns1:sms>'
    f"<ns1:Msisdns>$mobile</ns1:Msisdns><ns1:SMSContent><![CDATA[{_TEXT}]]></ns1:SMSContent><ns1:PlanSendTime"
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/></ns1:sms></ns1:SendSms>'
)
"""As PHP's SoapClient writes it."""


def post(inside: str, version: str = _V11) -> Callable[[RunContext], Request]:
    media = XML if version == _V11 else SOAP12
    return lambda context: Request(DOOR, envelope(_escaped(context).fill(inside), version).encode(), media)


def _escaped(context: RunContext) -> RunContext:
    """Returns the same, with values escaped for XML."""
    return RunContext(
        account=escape(context.account),
        secret=escape(context.secret),
        userid=context.userid,
        mobile=context.mobile,
        mobile2=context.mobile2,
        extras=context.extras,
        found=context.found,
    )


def result(status: str, words: str, task: str, count: int, version: str = _V11, errors: str = "@no_errors@") -> str:
    """Returns the result in one line; no element of it has a prefix."""
    granted = "@int@" if count else "0"
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{version}"@attributes@><soap:Body>'
        '<SendSmsResponse xmlns="http://www.yysms.com/"><SendSmsResult>'
        f"<PayType>0</PayType><StatusCode>{status}</StatusCode><Description>{words}</Description><MsgId>{task}</MsgId>"
        f"<SuccessCounts>{count}</SuccessCounts><BillingCount>{count}</BillingCount><Amount>{granted}</Amount><Balance>{granted}</Balance>"
        f"<BillingAmount>{count}</BillingAmount>{errors}</SendSmsResult></SendSmsResponse></soap:Body></soap:Envelope>"
    )


def taken(count: int = 1, version: str = _V11, errors: str = "@no_errors@") -> str:
    return result("OK", "操作成功", "@task@", count, version, errors)


def _case(claim: str, ask: Callable[[RunContext], Request], answer: str, media: str = XML, status: int = 200) -> Case:
    return Case("manual 001, 8", claim, ask, answer, media, status=status)


def _code(code: int, name: str, words: str, claim: str, inside: str) -> Case:
    return Case("manual 001, 8.3", f"{name}: {claim}", post(inside), result(name, words, "", 0), code=code)


SOAP = (
    _case("the description names its namespace", get("/webservice.asmx", {"wsdl": ""}), '@any@targetNamespace="http://www.yysms.com/"@any@'),
    _case("PlanSendTime may be nil", get("/WebService.asmx", {"WSDL": ""}), '@any@name="PlanSendTime"@attributes@nillable="true"@any@'),
    _case("SOAP 1.1", post(call()), taken()),
    _case("SOAP 1.2 without an action", post(call(), _V12), taken(version=_V12), SOAP12),
    _case("with a prefix, CDATA and a time that is nil", post(PREFIXED), taken()),
    _case("two numbers count two", post(call(Msisdns="$mobile,$mobile2")), taken(2)),
    _case("a number that is none is listed", post(call(Msisdns="$mobile,12345")), taken(errors="<Errors><string>12345 错误的手机号码</string></Errors>")),
    _case("a time as schemas have it", post(call(PlanSendTime="2016-12-06T08:09:10+08:00")), taken()),
    _case("a time as the manual has it", post(call(PlanSendTime="2010-10-24 09:08:10")), taken()),
    _case("what is no XML gets a fault", raw(DOOR, "<soap", XML), "@any@<soap:Fault>@any@", status=500),
    _case("a document type is refused", raw(DOOR, '<!DOCTYPE x [<!ENTITY a "b">]>' + envelope(""), XML), "@any@<soap:Fault>@any@", status=500),
    _code(1001, "SendTimeError", "参数错误", "a time that is none", call(PlanSendTime="tomorrow")),
    _code(1002, "UserNameEmpty", "用户名为空", "no userName", call(name="")),
    _code(1003, "PasswordEmpty", "密码为空", "no password", call(by="")),
    _code(1004, "UserNameError", "用户名错误", "a userName that is none", call(name="no such account")),
    _code(2001, "ContentEmpty", "内容为空", "no SMSContent", call(SMSContent="")),
    _code(1103, "MsisdnEmpty", "手机号码为空", "no Msisdns", call(Msisdns="")),
    _code(1104, "ExtNumberError", "扩展错误", "an ExtNumber with letters", call(ExtNumber="1a")),
    _code(2105, "ContentLong", "内容太长", "a content too long", call(SMSContent="长" * 3_000)),
    Case("decided, 7.7", "MsisdnError: a number that is none is listed too", post(call(Msisdns="12345")), result("MsisdnError", "错误的手机号码", "", 0, errors="<Errors><string>12345 错误的手机号码</string></Errors>"), code=1108),
    Case("decided, 7.7", "PlanSendTime 0 is at once", post(call(PlanSendTime="0")), taken()),
)  # fmt: skip
