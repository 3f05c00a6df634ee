"""WebService.asmx: the octets that SOAP clients get, and the submission that the platform gets."""

import threading
from xml.etree import ElementTree as ET

import pytest
from tests.doors.platform import NOW, Platform, asking, overheard
from tests.doors.requests import SMS, TYPES, V11, V12, envelope
from tests.doors.requests import soap_post as post

from hongyan.doors import webservice
from hongyan.formats.refusals import WORDS, meaning_of
from hongyan.formats.soap import Version
from hongyan.formats.wsdl import RESULT_CODES
from hongyan.model.refusal import Code, Refusal


def ask(request, platform=None):
    return asking(platform or Platform(), request)[0]


def answered(version, inside):
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{version.namespace}"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
        f"{inside}</soap:Body></soap:Envelope>"
    ).encode()


def result(version, *values, errors=""):
    names = [
        "PayType",
        "StatusCode",
        "Description",
        "MsgId",
        "SuccessCounts",
        "BillingCount",
        "Amount",
        "Balance",
        "BillingAmount",
    ]
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in zip(names, values, strict=True))
    return answered(
        version,
        f'<SendSmsResponse xmlns="http://www.yysms.com/"><SendSmsResult>{inside}<Errors>{errors}</Errors></SendSmsResult>'
        "</SendSmsResponse>",
    )


def refused(version, name, description):
    return result(version, 0, name, description, "", 0, 0, 0, 0, 0)


@pytest.mark.parametrize("version", Version)
def test_send_sms_is_answered_in_the_version_and_media_type_it_came_in(version):
    head, body = ask(post(envelope(version), content_type=TYPES[version]))

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-type: %b\r\ncontent-length: %d\r\n" % (TYPES[version], len(body)) in head
    assert body == result(version, 0, "OK", "操作成功", 1504080852350206, 2, 2, -4, -4, 2)


@pytest.mark.parametrize(
    "request_octets",
    [
        post(envelope(), b'SOAPAction: "http://www.yysms.com/SendSms"'),
        post(envelope(), path="//webservice.asmx?wsdl"),
        post(envelope(), path="/WEBSERVICE.ASMX?WSDL=1&action=send"),
        post(envelope(), b'SOAPAction: "http://tempuri.org/Other"', content_type=b"application/x-www-form-urlencoded"),
        post(envelope(), b"Expect: 100-continue")[:-1] + b">",
    ],
)
def test_a_post_is_a_call_whatever_query_action_and_type_say(request_octets):
    platform = Platform()
    ask(request_octets, platform)

    assert platform.submissions[0].text == SMS["SMSContent"]


def test_the_platform_gets_what_the_client_wrote():
    platform = Platform()
    ask(post(envelope(PlanSendTime="2026-05-01T12:00:01"), b"Idempotency-Key: r-1"), platform)
    ask(post(envelope(PlanSendTime="2026-05-01T04:00:01.25Z")), platform)
    ask(post(envelope(PlanSendTime="2026-05-01 12:00:01")), platform)
    ask(post(envelope(PlanSendTime="0001-01-01T00:00:00")), platform)
    submission = platform.submissions[0]

    assert submission.account.name == "demo"
    assert submission.numbers == ["15023239810", "13527576163"]
    assert (submission.extno, submission.source, submission.client_ref) == ("12", "WebService.asmx", "r-1")
    assert [one.send_at_ms for one in platform.submissions] == [NOW + 1000, NOW + 1000, NOW + 1000, 0]


def test_numbers_that_were_not_taken_are_listed():
    platform = Platform()
    platform.rejected = [("123", Code.NUMBER_BAD), ("<4>", Code.NUMBER_LISTED)]

    assert (
        b"<Errors><string>123 %b</string><string>&lt;4&gt; %b</string></Errors>"
        % (
            "错误的手机号码".encode(),
            "黑名单的手机号码".encode(),
        )
        in ask(post(envelope()), platform)[1]
    )


def test_they_are_listed_also_when_no_number_is_left():
    platform = Platform()
    platform.refusal = Refusal.of_all([("12345", Code.NUMBER_BAD)])
    answer = ask(post(envelope()), platform)[1]

    assert b"<StatusCode>MsisdnError</StatusCode>" in answer
    assert b"<Errors><string>12345 %b</string></Errors>" % "错误的手机号码".encode() in answer


@pytest.mark.parametrize(
    ("wrong", "name", "description"),
    [
        ({"user": ""}, "UserNameEmpty", "用户名为空"),
        ({"password": ""}, "PasswordEmpty", "密码为空"),
        ({"user": "nobody"}, "UserNameError", "用户名错误"),
        ({"password": "x"}, "PasswordError", "密码错误"),
        ({"user": "stopped"}, "UserStop", "帐户已停用"),
        ({"user": "bound"}, "BindIpError", "IP绑定错误"),
        ({"PlanSendTime": "tomorrow"}, "SendTimeError", "参数错误"),
    ],
)
@pytest.mark.parametrize("version", Version)
def test_a_refusal_is_a_result(version, wrong, name, description):
    head, body = ask(post(envelope(version, **wrong), content_type=TYPES[version]))

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == refused(version, name, description)


@pytest.mark.parametrize("code", list(Code))
def test_every_refusal_has_a_name_of_the_schema(code):
    platform = Platform()
    platform.refusal = Refusal(code)

    assert WORDS[code].name in RESULT_CODES
    assert ask(post(envelope()), platform)[1] == refused(V11, WORDS[code].name, meaning_of(code))


def test_an_account_of_another_dialect_may_call_though_there_is_no_userid():
    assert b"<StatusCode>OK</StatusCode>" in ask(post(envelope(user="wl")))[1]


def test_a_fault_of_our_own_is_a_result_with_an_id(monkeypatch):
    log = overheard(monkeypatch)
    platform = Platform()
    platform.refusal = ValueError("15023239810 abc123")
    head, body = ask(post(envelope(V12)), platform)

    assert body == refused(V12, "InternalError", "系统内部错误")
    assert f"x-request-id: {log[0]['request_id']}\r\n".encode() in head


FAULT = (
    "this is no SOAP request that can be read: it has a DOCTYPE (1001); send SendSms in SOAP 1.1 or 1.2 as ?wsdl describes it"
)
FAULT_ZH = "不是可读的 SOAP 请求：it has a DOCTYPE（1001）；请按 ?wsdl 的描述发送 SOAP 1.1 或 1.2 的 SendSms"


def test_what_cannot_be_read_is_a_fault_of_soap_1_1():
    head, body = ask(post(b"<!DOCTYPE x><x/>"))

    assert head.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert b"content-type: text/xml; charset=utf-8\r\n" in head
    assert body == answered(
        V11, f"<soap:Fault><faultcode>soap:Client</faultcode><faultstring>{FAULT} {FAULT_ZH}</faultstring></soap:Fault>"
    )


def test_what_cannot_be_read_is_a_fault_of_soap_1_2():
    head, body = ask(post(b"<!DOCTYPE x><x/>", content_type=b"application/soap+xml; charset=UTF-8"))

    assert head.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert b"content-type: application/soap+xml; charset=utf-8\r\n" in head
    assert body == answered(
        V12,
        "<soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code><soap:Reason>"
        f'<soap:Text xml:lang="en">{FAULT}</soap:Text><soap:Text xml:lang="zh">{FAULT_ZH}</soap:Text></soap:Reason></soap:Fault>',
    )


def test_a_fault_is_logged_without_what_was_sent(monkeypatch):
    log = overheard(monkeypatch)
    ask(post(envelope()[:-30]))

    assert [(entry["cause"], entry["door"]) for entry in log] == [("SOAP_BAD", "WebService.asmx")]
    for hidden in ("15023239810", "abc123", "腾飞"):
        assert hidden not in str(log)


@pytest.mark.parametrize("target", ["/WebService.asmx?wsdl", "//webservice.asmx?WSDL", "/WebService.asmx"])
def test_a_get_is_answered_with_the_description(target):
    head, body = ask(f"GET {target} HTTP/1.1\r\nHost: sms.example:8080\r\n\r\n".encode())
    places = ET.fromstring(body).iterfind(".//{*}port/{*}address")

    assert b"content-type: text/xml; charset=utf-8\r\n" in head
    assert [place.get("location") for place in places] == ["http://sms.example:8080/WebService.asmx"] * 2


def test_the_description_names_https_where_the_client_came_by_it():
    request = b"GET /WebService.asmx?wsdl HTTP/1.1\r\nHost: sms.example\r\nX-Forwarded-Proto: https\r\n\r\n"

    assert b'location="https://sms.example/WebService.asmx"' in asking(Platform(), request, trusted=("127.0.0.1",))[0][1]


@pytest.mark.parametrize("host", ['"><x', "a b", "a&b", ""])
def test_a_host_that_is_none_does_not_get_into_the_description(host):
    assert (
        b'location="http://localhost/WebService.asmx"'
        in ask(f"GET /WebService.asmx?wsdl HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())[1]
    )


def test_the_description_says_what_php_needs():
    _, body = ask(b"GET /WebService.asmx?wsdl HTTP/1.1\r\nHost: h\r\n\r\n")

    assert b'<s:element minOccurs="1" maxOccurs="1" name="PlanSendTime" nillable="true" type="s:dateTime"/>' in body
    assert [value.get("value") for value in ET.fromstring(body).iter("{http://www.w3.org/2001/XMLSchema}enumeration")] == list(
        RESULT_CODES
    )


@pytest.mark.parametrize(("numbers", "is_apart"), [(1, False), (2_000, True)])
def test_a_long_body_is_read_beside_the_loop(numbers, is_apart, monkeypatch):
    threads, read = [], webservice._call_of
    monkeypatch.setattr(webservice, "_call_of", lambda *given: threads.append(threading.current_thread()) or read(*given))
    _, body = ask(post(envelope(Msisdns=",".join(["15023239810"] * numbers))))

    assert b"<SuccessCounts>%d</SuccessCounts>" % numbers in body
    assert (threads != [threading.main_thread()]) is is_apart


def test_a_body_that_says_it_has_100_mb_is_refused_before_it_is_read():
    request = b"POST /WebService.asmx HTTP/1.1\r\nHost: h\r\nContent-Length: 104857600\r\n\r\n<"

    assert ask(request)[0].startswith(b"HTTP/1.1 413 ")
