"""The v2 doors: who signed a request, how far its stamp may be, and the octets of the answers."""

import pytest
from tests.doors.platform import NOW, SNAPSHOT, Platform, asking, form, secret
from tests.doors.requests import STAMP, XML
from tests.doors.requests import v2_signed as signed

from hongyan.formats.lushang import sign
from hongyan.model.account import Account
from hongyan.model.dialect import DialectName
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot


def ask(request, platform=None):
    return asking(platform or Platform(), request)[0]


def submission_of(**given):
    platform = Platform()
    assert b"<returnstatus>Success</returnstatus>" in ask(form("/v2sms.aspx", **given), platform)[1]
    return platform.submissions[0]


def test_the_published_vector():
    assert sign("test", "mima", "20120701231212") == "5cc68982f55ac74348e3d819f868fbe1"


def test_the_published_vector_is_taken_at_its_time():
    account = Account(1, 9, "test", secret("mima"), dialect=DialectName.WL)
    snapshot = ConfigSnapshot(accounts={"test": account}, accounts_by_id={1: account})
    request = form(
        "/v2sms.aspx",
        userid="9",
        timestamp="20120701231212",
        sign="5cc68982f55ac74348e3d819f868fbe1",
        mobile="15023239810",
        content="x",
        sendTime="",
        action="send",
        extno="",
    )
    then = 1341155532_000
    _, body = asking(Platform(snapshot, then), request)[0]

    assert body == XML + (
        b"<returnsms>\r\n<returnstatus>Success</returnstatus>\r\n<message>ok</message>\r\n<remainpoint>-4</remainpoint>\r\n"
        b"<taskID>1504080852350206</taskID>\r\n<successCounts>1</successCounts>\r\n</returnsms>\r\n"
    )


@pytest.mark.parametrize(
    "given",
    [
        signed(),
        signed(sign=signed()["sign"].upper()),
        signed("wl"),
        signed("ls-bound", userid=" 12 ") | {"address": ""},
        signed("changed", "new-one", userid="21"),
        signed("changed", "old-one", userid="21"),
    ],
    ids=["lower", "upper", "another account", "bound", "new secret", "old secret"],
)
def test_whose_secret_signed_is_found_among_the_customers_accounts(given):
    if given.get("address") == "":
        assert "IP绑定错误".encode() in ask(form("/v2sms.aspx", **given))[1]
    else:
        assert submission_of(**given).source == "v2sms.aspx"


@pytest.mark.parametrize(
    ("stamp", "is_taken"),
    [
        (STAMP, True),
        ("20260501000000", True),  # a clock of twelve hours
        ("260501120000", True),
        (str(NOW // 1000), True),
        (str(NOW), True),
        ("20260430120000", True),
        ("20260430115959", False),
        ("20260502120001", False),
        ("20120701231212", False),
        ("2026-05-01 12:00:00", False),
        ("99999999999999", False),
        ("１" * 14, False),
    ],
)
def test_a_stamp_may_be_a_day_off(stamp, is_taken):
    platform = Platform()
    ask(form("/v2sms.aspx", **signed(stamp=stamp)), platform)

    assert len(platform.submissions) == is_taken


def test_an_operator_can_have_the_stamp_not_looked_at():
    class Lenient(Platform):
        def app(self, **settings):
            return super().app(stamp_hours=0, **settings)

    platform = Lenient()
    _, body = ask(form("/v2sms.aspx", **signed(stamp="20120701231212")), platform)

    assert b"Success" in body
    assert platform.submissions[0].client_ref == ""


def test_a_request_that_comes_again_is_known_by_its_reference():
    first, again, other = submission_of(**signed()), submission_of(**signed()), submission_of(**signed(content="x"))
    named = submission_of(**signed(clientref="mine"))

    assert (first.client_ref, first.client_hash) == (again.client_ref, again.client_hash)
    assert first.client_ref != other.client_ref
    assert named.client_ref == "mine"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"sign": ""}, "用户名或密码不能为空"),
        ({"timestamp": ""}, "时间戳错误"),
        ({"sign": "0" * 32}, "用户名或密码错误"),
        ({"sign": "签"}, "用户名或密码错误"),
        ({"userid": ""}, "用户名或密码错误"),
        ({"userid": "99"}, "用户名或密码错误"),
        ({"userid": "9" * 40}, "用户名或密码错误"),
        (signed("stopped"), "帐户已停用"),
        (signed(stamp="20200101000000"), "时间戳错误"),
        ({"action": "fly"}, "参数错误"),
        ({"extno": "12345678901"}, None),
    ],
)
def test_what_is_wrong_is_said(wrong, message):
    platform = Platform()
    _, body = ask(form("/v2sms.aspx", **signed() | wrong), platform)

    if message is None:
        assert platform.submissions[0].account.extno_most == 10
    else:
        assert f"<message>{message}</message>".encode() in body
        assert platform.submissions == []


def test_a_wrong_signature_is_refused_in_the_words_of_the_customer():
    account = Account(1, 9, "test", secret("mima"), dialect=DialectName.WL_EN)
    snapshot = ConfigSnapshot(accounts={"test": account}, accounts_by_id={1: account})
    _, body = asking(Platform(snapshot), form("/v2sms.aspx", **signed("test", "wrong", userid="9")))[0]

    assert b"<returnstatus>Failure</returnstatus>\r\n<message>User name or password error</message>" in body


@pytest.mark.parametrize(
    ("door", "given", "seen"),
    [
        ("v2sms.aspx", {"stamp": "20200101000000"}, "<returnstatus>Failure</returnstatus>\r\n<message>Other errors</message>"),
        ("v2sms.aspx", {"action": "overage", "stamp": "x"}, "<returnstatus>Failure</returnstatus>"),
        ("v2statusApi.aspx", {"action": "x"}, "<remark>parameter is incorrect</remark>"),
    ],
)
def test_who_signed_right_is_refused_in_words_of_its_own(door, given, seen):
    assert seen.encode() in ask(form(f"/{door}", **signed("wl-en", **given)))[1]


def test_v2_over_gbk():
    platform = Platform()
    body = "&".join(f"{name}={value}" for name, value in signed().items()).encode("gbk")
    head, answer = ask(b"POST /v2smsgbk.aspx HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body), platform)

    assert b"content-type: text/xml; charset=gb2312\r\n" in head
    assert "操作成功".encode("gbk") in answer
    assert platform.submissions[0].text == "您好【腾飞】"


def test_v2_pulls_and_balance():
    platform = Platform()
    (_, status), (_, call), (_, balance), (_, wrong) = asking(
        platform,
        form("/v2statusApi.aspx", **signed(action="query", statusNum="1")),
        form("/v2callApi.aspx", **signed(action="query")),
        form("/v2callApi.aspx", **signed(action="overage")),
        form("/v2statusApi.aspx", **signed(action="query", sign="0" * 32)),
    )

    assert b"<statusbox>\r\n<mobile>15023239810</mobile>" in status
    assert b"<callbox>\r\n<mobile>15023239810</mobile>" in call
    assert b"<overage>-4</overage>" in balance
    assert "<error>2</error>\r\n<remark>用户名或密码错误</remark>".encode() in wrong
    assert platform.given_back == []
    assert [asked[0] for asked in platform.asked] == ["demo"] * 3


def test_a_signature_does_not_change_a_secret():
    platform = Platform()
    _, body = ask(form("/v2sms.aspx", **signed(action="changespwd", newpwd="n", renewpwd="n")), platform)

    assert b"Faild" in body
    assert platform.secrets == []


def test_a_refusal_of_the_platform_is_worded():
    platform = Platform(SNAPSHOT)
    platform.refusal = Refusal(Code.BALANCE_SHORT)

    assert "额度不足".encode() in ask(form("/v2sms.aspx", **signed()), platform)[1]
