"""The dialects of manual 000: rt=json, the page letter by letter, parameters of its own, and who is asked in which words."""

from dataclasses import replace

import pytest
from tests.doors.platform import SNAPSHOT, Platform, asking, form, secret
from tests.doors.requests import XML

from hongyan.model.account import Account
from hongyan.model.dialect import DialectName
from hongyan.model.refusal import Code, Refusal
from hongyan.model.site import Site

LITERAL = Account(20, 12, "literal", secret("abc123"), dialect=DialectName.WL_000)
WITH_LITERAL = replace(
    SNAPSHOT,
    accounts={**SNAPSHOT.accounts, "literal": LITERAL},
    accounts_by_id={**SNAPSHOT.accounts_by_id, 20: LITERAL},
    sites={"000.example": Site("000.example", DialectName.WL_000)},
)
SEND = {
    "userid": "12",
    "account": "wl",
    "password": "abc123",
    "action": "send",
    "mobile": "15023239810",
    "content": "您好【腾飞】",
}


def ask(request, platform=None):
    return asking(platform or Platform(WITH_LITERAL), request)[0]


@pytest.mark.parametrize("path", ["/sms.aspx", "/smsGBK.aspx", "/smsJson.aspx"])
def test_rt_json_has_names_of_its_own_and_numbers(path):
    platform = Platform(WITH_LITERAL)
    head, body = ask(form(path, **SEND | {"rt": "JSON"}), platform)
    platform.refusal = Refusal(Code.BALANCE_SHORT)
    _, short = ask(form(path, **SEND | {"rt": "json"}), platform)

    assert b"content-type: application/json; charset=utf-8\r\n" in head
    assert body == (b'{"ReturnStatus":"Success","Message":"ok","RemainPoint":-4,"TaskID":1504080852350206,"SuccessCounts":1}')
    assert (
        short
        == (
            '{"ReturnStatus":"Faild","Message":"对不起，您当前要发送的量大于您当前余额","RemainPoint":0,"TaskID":0,"SuccessCounts":0}'
        ).encode()
    )


@pytest.mark.parametrize(("account", "rt"), [("demo", "json"), ("wl", "xml"), ("wl", "")])
def test_everybody_else_gets_xml(account, rt):
    head, body = ask(form("/sms.aspx", **SEND | {"account": account, "rt": rt}))

    assert b"content-type: text/xml; charset=utf-8\r\n" in head
    assert body.startswith(XML)


def test_what_manual_000_has_besides_is_passed_over():
    platform = Platform(WITH_LITERAL)
    more = {
        "taskName": "节日",
        "countnumber": "7",
        "mobilenumber": "x",
        "telephonenumber": "-1",
        "checkContent": "0",
        "mandatorysign": "1",
    }

    assert b"<successCounts>1</successCounts>" in ask(form("/sms.aspx", **SEND | more), platform)[1]
    assert platform.submissions[0].text == SEND["content"]


def test_the_page_letter_by_letter_names_the_balance_overview():
    login = {"userid": "12", "account": "literal", "password": "abc123", "action": "overage"}
    (_, found), (_, wrong), (_, status) = asking(
        Platform(WITH_LITERAL),
        form("/sms.aspx", **login),
        form("/sms.aspx", **login | {"password": "x"}),
        form("/statusApi.aspx", **login),
    )

    assert (
        found
        == XML
        + (
            "<returnsms>\r\n<returnstatus>Success</returnstatus>\r\n<message></message>\r\n<payinfo>预付费</payinfo>\r\n"
            "<overview>-4</overview>\r\n<sendTotal>100000</sendTotal>\r\n</returnsms>\r\n"
        ).encode()
    )
    assert wrong == XML + (
        b"<returnsms>\r\n<returnstatus>Failure</returnstatus>\r\n<message>User name or password error</message>\r\n"
        b"<payinfo></payinfo>\r\n<overview>0</overview>\r\n<sendTotal>0</sendTotal>\r\n</returnsms>\r\n"
    )
    assert status == found


@pytest.mark.parametrize("path", ["/statusApi.aspx", "/callApi.aspx"])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"password": ""}, "User name or password cannot be empty"),
        ({"password": "x"}, "User name or password error"),
        ({"userid": "13"}, "User name or password error"),
        ({"action": "fly"}, "parameter is incorrect"),
    ],
)
def test_the_page_letter_by_letter_says_in_a_message_why_a_pull_failed(path, wrong, message):
    login = {"userid": "12", "account": "literal", "password": "abc123", "action": "query"}

    assert (
        ask(form(path, **login | wrong))[1] == XML + f"<returnsms>\r\n<message>{message}</message>\r\n</returnsms>\r\n".encode()
    )


def test_an_unknown_account_is_reported_so_by_its_site_letter_by_letter():
    request = form("/callApi.aspx", account="x", password="x", action="query").replace(b"Host: h", b"Host: 000.example")

    assert ask(request)[1] == XML + b"<returnsms>\r\n<message>User name or password error</message>\r\n</returnsms>\r\n"


def test_a_request_that_names_a_customer_and_no_account_gets_that_customers_words():
    other = Account(30, 30, "eng", secret("x"), dialect=DialectName.WL_EN)
    snapshot = replace(SNAPSHOT, accounts={"eng": other}, accounts_by_id={30: other})

    assert (
        b"<message>User name or password cannot be empty</message>"
        in asking(Platform(snapshot), form("/sms.aspx", userid="30", account="", password="x", action="send"))[0][1]
    )


ONE = '{"mobile":"15023239810","taskid":"1212","receivetime":"2011-12-02 22:12:11","errorcode":"DELIVRD"}'
RT = {"account": "wl", "userid": "12", "password": "abc123", "rt": "json"}


@pytest.mark.parametrize(
    ("path", "given", "answer"),
    [
        ("/sms.aspx", {"action": "overage"}, '{"ReturnStatus":"Success","Message":"","PayInfo":"预付","Overage":-4,"SendTotal":100000}'),
        ("/smsGBK.aspx", {"action": "checkkeyword", "content": "a"},
         '{"ReturnStatus":"Success","Message":"没有包含屏蔽词","CheckCounts":1}'),
        ("/sms.aspx", {"action": "checkkeyword"}, '{"ReturnStatus":"Faild","Message":"短信内容不能为空","CheckCounts":0}'),
        ("/sms.aspx", {"action": "changespwd", "newpwd": "n", "renewpwd": "n"}, '{"ReturnStatus":"Success","Message":"ok"}'),
        ("/callApi.aspx", {"action": "query", "statusNum": "0"}, '{"error":"1001","remark":"参数不正确","callbox":[]}'),
        ("/statusApi.aspx", {"action": "query", "password": "x"}, '{"error":"1005","remark":"密码错误","statusbox":[]}'),
        ("/statusApi.aspx", {"action": "query", "statusNum": "1"}, '{"error":"1","remark":"成功","statusbox":[' + ONE + "]}"),
    ],
)  # fmt: skip
def test_rt_json_is_answered_whatever_is_asked(path, given, answer):
    head, body = ask(form(path, **RT | given))

    assert b"content-type: application/json; charset=utf-8\r\n" in head
    assert body.decode() == answer


@pytest.mark.parametrize("account", ["demo", "ls"])
def test_to_everybody_else_rt_is_unknown_there_too(account):
    for path, action in (("/sms.aspx", "overage"), ("/sms.aspx", "checkkeyword"), ("/statusApi.aspx", "query")):
        head, _ = ask(form(path, **RT | {"account": account, "action": action, "content": "a"}))
        assert b"content-type: text/xml; charset=utf-8\r\n" in head
