"""The signed doors of manual 002's platform, and its accounts at the .aspx doors."""

import pytest
from tests.doors.platform import NOW, Platform, asking, form
from tests.doors.requests import INDUSTRY, MARKETING, SECOND, STAMP
from tests.doors.requests import lushang_signed as signed

from hongyan.model.refusal import Code, Refusal

ACCEPTED = '{"respCode":"00000","respDesc":"请求成功。","failCount":"0","failList":[],"smsId":"' + "f" * 32 + '"}'


def ask(request, platform=None):
    head, body = asking(platform or Platform(), request)[0]
    return head, body.decode()


def submission_of(request):
    platform = Platform()
    assert '"smsId"' in ask(request, platform)[1]
    return platform.submissions[0]


@pytest.mark.parametrize("path", [INDUSTRY, MARKETING])
def test_a_signed_request_is_answered_as_it_was_captured(path):
    head, body = ask(form(path, **signed()))

    assert b"content-type: application/json; charset=utf-8\r\n" in head
    assert body == ACCEPTED


@pytest.mark.parametrize("stamp", [STAMP, str(NOW), str(NOW - 299_000), "20260501120459"])
def test_the_second_generation_has_its_own_success_and_takes_milliseconds(stamp):
    assert ask(form(SECOND, **signed(stamp=stamp)))[1] == ACCEPTED.replace("00000", "0000")


def test_an_old_secret_signs_as_long_as_it_is_taken():
    for token in ("new-one", "old-one"):
        assert ask(form(INDUSTRY, **signed(sid="e" * 32, token=token)))[1] == ACCEPTED
    assert '"00006"' in ask(form(INDUSTRY, **signed(sid="e" * 32, token="older-one")))[1]


@pytest.mark.parametrize("path", [INDUSTRY, SECOND])
def test_a_template_is_filled_and_sent_as_any_text(path):
    given = signed(smsContent="", templateid="1", param="{2},5")

    assert submission_of(form(path, **given)).text == "【腾飞】您的验证码是{2}，5分钟内有效，{2}请勿告诉他人"


def test_a_template_without_gaps_needs_no_param():
    assert submission_of(form(INDUSTRY, **signed(smsContent="", templateid=" 2 ", param=""))).text == "【腾飞】欢迎"


def test_the_same_template_with_other_parameters_is_another_submission():
    first, other, again = (
        submission_of(form(INDUSTRY, **signed(smsContent="", templateid="1", param=param))) for param in ("1,5", "2,5", "1,5")
    )

    assert first.client_ref == again.client_ref != other.client_ref


@pytest.mark.parametrize("wish", ["xml", "XML"])
def test_xml_is_answered_to_those_who_ask_for_it(wish):
    head, body = ask(form(INDUSTRY, **signed(respDataType=wish)))

    assert b"content-type: text/xml; charset=utf-8\r\n" in head
    assert body.startswith('<?xml version="1.0" encoding="utf-8"?>\r\n<resp><respCode>00000</respCode>')
    assert ask(form(INDUSTRY, **signed(respDataType=wish, sig="0" * 32)))[1].endswith(
        "<resp><respCode>00006</respCode><respDesc>sign错误</respDesc></resp>\r\n"
    )


def test_the_platform_gets_what_the_client_wrote():
    submission = submission_of(form(INDUSTRY, **signed(portNumber=" 12 ")))

    assert submission.account.name == "ls"
    assert submission.numbers == ["15023239810", "13527576163"]
    assert (submission.text, submission.extno) == ("【腾飞】您的验证码：1439", "12")
    assert (submission.source, submission.send_at_ms) == ("20150822/industrySMS/sendSMS", 0)


def test_values_that_are_not_escaped_and_a_trailing_ampersand_are_understood():
    body = ("&".join(f"{name}={value}" for name, value in signed().items()) + "&").encode()
    head = b"POST %b HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nAccept: application/json\r\n"
    submission = submission_of(head % INDUSTRY.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    assert submission.text == "【腾飞】您的验证码：1439"


def test_numbers_that_were_not_taken_are_listed():
    platform = Platform()
    platform.rejected = [("123", Code.NUMBER_BAD), ("13800138000", Code.NUMBER_LISTED)]

    assert (
        '"failCount":"2","failList":[{"phone":"123","respCode":"00025"},{"phone":"13800138000","respCode":"00111"}]'
        in (ask(form(INDUSTRY, **signed()), platform)[1])
    )


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"accountSid": ""}, "00112"),
        ({"sig": ""}, "00107"),
        ({"timestamp": ""}, "00106"),
        ({"timestamp": "now"}, "00108"),
        (signed(sid="d" * 32), "00020"),
        ({"sig": "0" * 32}, "00006"),
        ({"sig": "签"}, "00006"),
        (signed(token="wrong"), "00006"),
        (signed(stamp="20260501115459"), "00005"),
        (signed(stamp="20260501120501"), "00005"),
        (signed(stamp="20260501040000"), "00005"),
        (signed(sid="b" * 32), "00001"),
        (signed(sid="c" * 32), "00166"),
        ({"smsContent": "", "templateid": "3", "param": "2"}, "00167"),
        ({"smsContent": "", "templateid": "1"}, "00127"),
        ({"smsContent": "", "templateid": "1", "param": " "}, "00127"),
        ({"smsContent": "", "templateid": "1", "param": "8371"}, "00004"),
        ({"smsContent": "", "templateid": "1", "param": "8371,5,6"}, "00004"),
        ({"smsContent": "", "templateid": "2", "param": "8371"}, "00004"),
        ({"templateid": "1"}, "00177"),
        ({"to": ",".join(["15023239810"] * 50_001)}, "00202"),
        ({"clientref": "x" * 129}, "00004"),
    ],
)
def test_what_is_wrong_has_the_code_of_the_table_and_two_keys(wrong, code):
    body = ask(form(INDUSTRY, **signed() | wrong))[1]

    assert body.startswith(f'{{"respCode":"{code}","respDesc":"')
    assert body.count('":') == 2


def test_get_is_refused_whatever_it_says():
    assert ask(f"GET {INDUSTRY} HTTP/1.1\r\n\r\n".encode())[1] == (
        '{"respCode":"00012","respDesc":"不支持get请求，请使用post"}'
    )


def test_what_the_platform_refuses_is_reported_in_its_codes():
    platform = Platform()
    platform.refusal = Refusal(Code.BALANCE_SHORT, need=2, free=1)

    assert ask(form(INDUSTRY, **signed()), platform)[1] == '{"respCode":"00023","respDesc":"开发者余额不足"}'


@pytest.mark.parametrize(
    "differs",
    [
        {"to": "15023239810"},
        {"smsContent": "【腾飞】别的"},
        {"portNumber": "1"},
        {"sendTime": "2026-05-02 12:00:00"},
        {"flash": "1"},
    ],
    ids=lambda differs: next(iter(differs)),
)
def test_a_request_that_comes_again_is_one_and_another_of_the_same_second_is_another(differs):
    first, again, other = (submission_of(form(INDUSTRY, **signed(**more))) for more in ({}, {}, differs))

    assert first.client_ref == again.client_ref != other.client_ref
    assert first.client_hash == again.client_hash


def test_a_reference_of_the_client_comes_first():
    assert submission_of(form(INDUSTRY, **signed(clientref="order 88"))).client_ref == "order 88"
    assert submission_of(form(INDUSTRY, b"Idempotency-Key: 88", **signed())).client_ref == "88"


# --- the .aspx doors -------------------------------------------------------------------------------------------------------

SEND = {"account": "ls", "password": "abc123", "action": "send", "mobile": "15023239810,1", "content": "【腾飞】你好"}


def test_the_json_of_its_accounts_has_their_four_fields():
    platform = Platform()
    platform.rejected = [("1", Code.NUMBER_BAD)]

    assert ask(form("/smsJson.aspx", **SEND), platform)[1] == (
        '{"respCode":"00000","failCount":"1","failList":[{"phone":"1","respCode":"00025"}],"smsId":"' + "f" * 32 + '"}'
    )
    assert ask(form("/smsJson.aspx", **SEND | {"password": "wrong"}))[1] == (
        '{"respCode":"00040","failCount":"0","failList":[],"smsId":""}'
    )


def test_the_xml_of_its_accounts_has_the_sms_id_as_the_task():
    body = ask(form("/sms.aspx", **SEND))[1]

    assert "<taskID>" + "f" * 32 + "</taskID>" in body
    assert "<message>ok</message>" in body


def test_its_balance_is_answered_as_to_all():
    assert '"overage":"-4"' in ask(form("/smsJson.aspx", **SEND | {"action": "overage"}))[1]
