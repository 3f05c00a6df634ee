"""sms.aspx, smsGBK.aspx and smsJson.aspx: the bytes that clients get, and the submission that the platform gets."""

import pytest
from tests.doors.platform import NOW, Platform, asking, fields, form, login, overheard
from tests.doors.requests import XML, XML_REFUSED

from hongyan.formats.refusals import WORDS
from hongyan.model.account import PayMode, Product
from hongyan.model.refusal import Code, Refusal

SEND = login(action="send", mobile="15023239810,13527576163", content="您的验证码：1439【腾飞】", sendTime="", extno="")
ACCEPTED = (
    "<returnsms>\r\n<returnstatus>Success</returnstatus>\r\n<message>操作成功</message>\r\n<remainpoint>-4</remainpoint>\r\n"
    "<taskID>1504080852350206</taskID>\r\n<successCounts>2</successCounts>\r\n</returnsms>\r\n"
)


def ask(request, platform=None):
    return asking(platform or Platform(), request)[0]


def submission_of(request):
    platform = Platform()
    answer = ask(request, platform)[1]

    assert b"Success" in answer
    return platform.submissions[0]


def test_send_over_xml():
    head, body = ask(form("/sms.aspx", **SEND))

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-type: text/xml; charset=utf-8\r\ncontent-length: %d\r\n" % len(body) in head
    assert body == XML + ACCEPTED.encode()


def test_send_over_gbk():
    body = "&".join(f"{name}={value}" for name, value in SEND.items()).encode("gbk")
    platform = Platform()
    head, answer = ask(b"POST /smsGBK.aspx HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body), platform)

    assert b"content-type: text/xml; charset=gb2312\r\n" in head
    assert answer == b'<?xml version="1.0" encoding="gb2312" ?>\r\n' + ACCEPTED.encode("gbk")
    assert platform.submissions[0].text == SEND["content"]


def test_send_over_json():
    head, body = ask(form("/smsJson.aspx", **SEND))

    assert b"content-type: application/json; charset=utf-8\r\n" in head
    assert (
        body
        == (
            '{"returnstatus":"Success","message":"操作成功","remainpoint":"-4","taskID":"1504080852350206","successCounts":"2"}'
        ).encode()
    )


def test_the_platform_gets_what_the_client_wrote():
    submission = submission_of(form("/sms.aspx", **SEND | {"extno": " 12 ", "sendTime": "2026-05-01 12:00:01"}))

    assert submission.account.name == "demo"
    assert submission.numbers == ["15023239810", "13527576163"]
    assert submission.text == "您的验证码：1439【腾飞】"
    assert (submission.extno, submission.send_at_ms) == ("12", NOW + 1000)
    assert (submission.source, submission.address) == ("sms.aspx", "127.0.0.1")
    assert (submission.client_ref, submission.client_hash) == ("", b"")


MINIMAL = fields(account="demo", password="abc123", mobile="15023239810", content="x", action="send")
MULTIPART = b"".join(
    b'--b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % tuple(pair.split(b"=")) for pair in MINIMAL.split(b"&")
)


def whole(line, body=b"", *headers):
    return b"\r\n".join([line, b"Content-Length: %d" % len(body), *headers]) + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    "request_octets",
    [
        whole(b"GET /sms.aspx?" + MINIMAL + b" HTTP/1.1"),
        whole(b"GET /SMS.ASPX?&" + MINIMAL + b"& HTTP/1.1"),
        whole(b"POST //sms.aspx?" + MINIMAL + b" HTTP/1.1", b"&msg=hello"),
        whole(b"POST /Sms.Aspx?" + MINIMAL + b" HTTP/1.1", b'{"a":1}', b"Content-Type: application/xml"),
        whole(b"POST ///sms.aspx?action=send HTTP/1.1", MINIMAL.replace(b"action=send", b"action=")),
        whole(b"POST /sms.aspx HTTP/1.1", MINIMAL.replace(b"content", b" Content "), b"Content-Type: text/plain"),
        whole(b"POST /sms.aspx HTTP/1.1", MULTIPART + b"--b--\r\n", b"Content-Type: multipart/form-data; boundary=b"),
        whole(b"POST /sms.aspx HTTP/1.0", MINIMAL),
        whole(b"GET http://dx.ipyy.net/sms.aspx?" + MINIMAL + b" HTTP/1.1"),
        whole(b"POST /sms.aspx HTTP/1.1", MINIMAL.replace(b"action=send", b"action=action=send")),
        whole(b"POST /sms.aspx HTTP/1.1", MINIMAL.replace(b"action=send", b"ACTION=Send")),
    ],
)
def test_every_way_to_ask_is_understood(request_octets):
    assert b"<returnstatus>Success</returnstatus>" in ask(request_octets)[1]


def test_raw_chinese_and_blanks_in_the_request_line_are_understood():
    line = "GET /sms.aspx?action=send&account=中文&password=口令&mobile=15023239810&content=你好 #1【腾飞】 HTTP/1.1\r\n\r\n"

    assert submission_of(line.encode()).text == "你好 #1【腾飞】"


@pytest.mark.parametrize("given", ["abc123", "E99A18C428CB38D5F260853678922E03", "e99a18c428cb38d5f260853678922e03"])
@pytest.mark.parametrize("userid", ["", "1111", "jadl", "''", "12"])
def test_secrets_are_taken_plain_and_as_md5_and_userid_is_not_looked_at(given, userid):
    assert submission_of(form("/sms.aspx", **SEND | {"password": given, "userid": userid}))


def test_blanks_round_the_account_are_trimmed():
    assert submission_of(form("/sms.aspx", **SEND | {"account": "  demo "})).account.name == "demo"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"account": ""}, "用户名或密码不能为空"),
        ({"account": "  "}, "用户名或密码不能为空"),
        ({"password": ""}, "用户名或密码不能为空"),
        ({"account": "nobody"}, "用户名或密码错误"),
        ({"account": "DEMO"}, "用户名或密码错误"),
        ({"password": "wrong"}, "用户名或密码错误"),
        ({"password": "ABC123"}, "用户名或密码错误"),
        ({"account": "stopped"}, "帐户已停用"),
        ({"account": "stopped", "password": "wrong"}, "用户名或密码错误"),
        ({"account": "bound"}, "IP绑定错误"),
        ({"action": ""}, "参数错误"),
        ({"action": "fly"}, "参数错误"),
        ({"sendTime": "tomorrow"}, "参数错误"),
        ({"clientref": "x" * 129}, "参数错误"),
        ({"clientref": "a\x00b"}, "参数错误"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_contract(wrong, message):
    assert ask(form("/sms.aspx", **SEND | wrong))[1] == XML + XML_REFUSED.format(message).encode()


def test_an_address_of_the_list_may_send():
    platform = Platform()
    request = form("/sms.aspx", b"X-Forwarded-For: 203.0.113.9", **SEND | {"account": "bound"})
    _, body = asking(platform, request, trusted=("127.0.0.1",))[0]

    assert b"Success" in body
    assert platform.submissions[0].address == "203.0.113.9"


@pytest.mark.parametrize("code", list(Code))
def test_every_refusal_of_the_platform_is_worded(code):
    platform = Platform()
    platform.refusal = Refusal(code)
    (_, xml), (_, gbk), (_, json) = asking(
        platform, *(form(f"/{path}", **SEND) for path in ("sms.aspx", "smsGBK.aspx", "smsJson.aspx"))
    )

    assert xml == XML + XML_REFUSED.format(WORDS[code].hx).encode()
    assert gbk.endswith(XML_REFUSED.format(WORDS[code].hx).encode("gbk"))
    assert json == (
        f'{{"returnstatus":"Faild","message":"{WORDS[code].hx}","remainpoint":"0","taskID":"","successCounts":"0"}}'.encode()
    )


@pytest.mark.parametrize("path", ["sms.aspx", "smsGBK.aspx", "smsJson.aspx"])
def test_a_fault_of_our_own_is_an_answer_with_an_id(path, monkeypatch):
    log = overheard(monkeypatch)
    platform = Platform()
    platform.refusal = ValueError("15023239810 abc123")
    head, body = ask(form(f"/{path}", **SEND), platform)

    assert "系统内部错误".encode("gbk" if "GBK" in path else "utf-8") in body
    assert [(entry["event"], entry["error"]) for entry in log] == [("door_failed", "ValueError")]
    assert f"x-request-id: {log[0]['request_id']}\r\n".encode() in head
    assert "accept" in log[0]["at"]
    for hidden in ("15023239810", "abc123", "腾飞"):
        assert hidden not in str(log)


def test_a_refusal_is_logged_without_phone_text_or_secret(monkeypatch):
    log = overheard(monkeypatch)
    platform = Platform()
    platform.refusal = Refusal(Code.BALANCE_SHORT, need=2, free=1)
    ask(form("/sms.aspx", **SEND), platform)
    ask(form("/sms.aspx", **SEND | {"password": "wrong"}), platform)

    assert [(entry["cause"], entry["code"], entry["door"]) for entry in log] == [
        ("BALANCE_SHORT", 1111, "sms.aspx"),
        ("SECRET_WRONG", 1005, "sms.aspx"),
    ]
    for hidden in ("15023239810", "abc123", "wrong", "腾飞"):
        assert hidden not in str(log)


def test_overage_over_xml_gbk_and_json():
    platform = Platform()
    requests = [form(f"/{path}", **login(action="overage")) for path in ("sms.aspx", "smsGBK.aspx", "smsJson.aspx")]
    (_, xml), (_, gbk), (_, json) = asking(platform, *requests)
    inside = (
        "<returnsms>\r\n<returnstatus>Sucess</returnstatus>\r\n<message>操作成功</message>\r\n<payinfo>预付费</payinfo>\r\n"
        "<overage>-4</overage>\r\n<sendTotal>100000</sendTotal>\r\n</returnsms>\r\n"
    )

    assert xml == XML + inside.encode()
    assert gbk == b'<?xml version="1.0" encoding="gb2312" ?>\r\n' + inside.encode("gbk")
    assert (
        json
        == ('{"returnstatus":"Success","message":"操作成功","payinfo":"预付","overage":"-4","sendTotal":"100000"}').encode()
    )
    assert platform.asked == [("demo", Product.SMS)] * 3


def test_overage_of_a_postpaid_account():
    platform = Platform()
    platform.pay_mode = PayMode.POSTPAID
    _, json = ask(form("/smsJson.aspx", **login(action="overage")), platform)

    assert json == '{"returnstatus":"Success","message":"操作成功","payinfo":"后付","overage":"-4","sendTotal":"0"}'.encode()


def test_a_refused_overage_has_the_elements_of_overage():
    (_, xml), (_, json) = asking(
        Platform(), *(form(f"/{path}", **login(action="overage", password="x")) for path in ("sms.aspx", "smsJson.aspx"))
    )

    assert (
        xml
        == XML
        + (
            "<returnsms>\r\n<returnstatus>Faild</returnstatus>\r\n<message>用户名或密码错误</message>\r\n<payinfo></payinfo>\r\n"
            "<overage>0</overage>\r\n<sendTotal>0</sendTotal>\r\n</returnsms>\r\n"
        ).encode()
    )
    assert json == ('{"returnstatus":"Faild","message":"用户名或密码错误","payinfo":"","overage":"0","sendTotal":"0"}').encode()


def test_wl_has_its_words_and_looks_at_userid():
    send = SEND | {"account": "wl", "userid": "12"}
    (_, right), (_, with_zeros), (_, wrong), (_, none) = asking(
        Platform(),
        form("/sms.aspx", **send),
        form("/sms.aspx", **send | {"userid": " 0012"}),
        form("/sms.aspx", **send | {"userid": "13"}),
        form("/sms.aspx", **SEND | {"account": "wl"}),
    )

    assert b"<message>ok</message>" in right
    assert with_zeros == right
    assert "<message>用户名或密码错误</message>".encode() in wrong
    assert b"<taskID>0</taskID>" in wrong
    assert none == wrong


def test_wl_in_english():
    send = SEND | {"account": "wl-en", "userid": "12"}
    platform = Platform()
    platform.refusal = Refusal(Code.BALANCE_SHORT)
    _, body = ask(form("/sms.aspx", **send), platform)

    assert b"<returnstatus>Failure</returnstatus>" in body
    assert b"<message>Sorry, the amount you want to send is greater than your current balance</message>" in body


def test_a_wrong_secret_is_refused_in_the_words_of_the_account():
    send = SEND | {"account": "wl-en", "userid": "12", "password": "x"}

    assert b"<message>User name or password error</message>" in ask(form("/sms.aspx", **send))[1]


def test_an_unknown_account_is_refused_in_the_words_of_the_site():
    request = form("/sms.aspx", **SEND | {"account": "x"}).replace(b"Host: h", b"Host: WL.example:8080")

    assert b"<message>User name or password error</message>" in ask(request)[1]


def test_a_client_reference_comes_with_a_hash_of_the_submission():
    by_parameter = submission_of(form("/sms.aspx", **SEND | {"clientref": "r-1"}))
    by_header = submission_of(form("/smsJson.aspx", b"Idempotency-Key: r-1", **SEND | {"mobile": "15023239810;13527576163"}))
    other = submission_of(form("/sms.aspx", **SEND | {"clientref": "r-1", "content": "other"}))

    assert by_parameter.client_ref == by_header.client_ref == "r-1"
    assert len(by_parameter.client_hash) == 32
    assert by_parameter.client_hash == by_header.client_hash
    assert by_parameter.client_hash != other.client_hash


@pytest.mark.parametrize(("numbers", "is_bitten"), [(1, False), (900, False), (1_500, True), (100_000, True)])
def test_many_numbers_are_judged_in_bites(numbers, is_bitten):
    class Watching(Platform):
        has_bitten = False

        async def admit_in_batches(self, *given):
            self.has_bitten = True
            return await super().admit_in_batches(*given)

    platform = Watching()
    _, body = ask(form("/sms.aspx", **SEND | {"mobile": ",".join(["15023239810"] * numbers)}), platform)

    assert b"<successCounts>%d</successCounts>" % numbers in body
    assert platform.has_bitten is is_bitten


@pytest.mark.parametrize("path", ["sms.aspx", "smsJson.aspx"])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(path):
    octets = f"POST /{path} HTTP/1.1\r\nContent-Length: 2097153\r\n\r\n".encode()

    assert ask(octets)[0].startswith(b"HTTP/1.1 413 ")


def test_a_body_in_chunks_that_grows_too_large_is_refused():
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head, _ = ask(b"POST /sms.aspx HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 33)

    assert head.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_only_get_and_post_do_anything(method):
    platform = Platform()

    head, _ = ask(f"{method} /sms.aspx?".encode() + MINIMAL + b" HTTP/1.1\r\n\r\n", platform)
    assert head.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nallow: GET, POST\r\n" in head
    assert platform.submissions == []
