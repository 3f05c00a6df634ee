"""What octets stand for at each door, and that nothing is sent that cannot be read (wire contract, 1.1 and 7.7)."""

import hashlib
from base64 import b64encode
from dataclasses import replace

import pytest
from tests.doors.mms import ELEMENTS, content
from tests.doors.platform import ACCOUNTS, NOW, SNAPSHOT, Platform, asking, secret

from hongyan.formats.sendtime import china_text
from hongyan.formats.tms import Element
from hongyan.model.account import Account, CharsetRule, Product
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.model.route import Route
from hongyan.services.admit import admit

GUESSING = Account(20, 20, "guessing", secret("abc123"), sid="d" * 32, charset=CharsetRule.GUESS, products=tuple(Product))
CHINESE = Account(21, 21, "猜测", secret("口令"), charset=CharsetRule.GUESS)
EVERYBODY = (*(replace(account, products=tuple(Product)) for account in ACCOUNTS), GUESSING, CHINESE)
ROUTED = replace(
    SNAPSHOT,
    accounts={account.name: account for account in EVERYBODY},
    accounts_by_id={account.id: account for account in EVERYBODY},
    channels={1: Channel(1, "up", Protocol.LOOPBACK), 2: Channel(2, "mms", Protocol.LOOPBACK, product=Product.MMS)},
    routes=(Route(1, 1), Route(2, 2, product=Product.MMS)),
)
FORM = b"application/x-www-form-urlencoded"
TEXT = "验证码：1439【腾飞】"


class Judging(Platform):
    """Admits as the platform does."""

    def admit(self, snapshot, submission, now_ms):
        self.submissions.append(submission)
        return admit(snapshot, submission, now_ms)


def post(path, body, content_type=FORM):
    """The answer, and the texts that were let through."""
    platform = Judging(ROUTED)
    request = b"POST %b HTTP/1.1\r\nHost: h\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (
        path.encode(),
        content_type,
        len(body),
    )
    (_, answer), *_ = asking(platform, request + body)
    is_taken = b"Success" in answer or b"00000" in answer or b"<StatusCode>OK" in answer
    return answer, [text for one in platform.submissions for text in one.texts or [one.text]] if is_taken else None


def escaped(octets):
    return "".join(f"%{octet:02X}" for octet in octets).encode()


def form(content, account=b"demo", **others):
    seen = b"".join(b"&%b=%b" % (name.encode(), value) for name, value in others.items())
    return b"action=send&userid=12&account=%b&password=abc123&mobile=15023239810&content=%b%b" % (account, content, seen)


@pytest.mark.parametrize("door", ["/sms.aspx", "/smsGBK.aspx", "/smsJson.aspx", "/SMS.aspx"])
@pytest.mark.parametrize(
    ("named", "codec"), [(b"GBK", "gbk"), (b"gb2312", "gbk"), (b"gb18030", "gb18030"), (b"utf-8", "utf-8")]
)
@pytest.mark.parametrize("spelt", [escaped, bytes])
def test_a_declared_charset_is_believed(door, named, codec, spelt):
    assert post(door, form(spelt(TEXT.encode(codec))), FORM + b"; charset=" + named)[1] == [TEXT]


@pytest.mark.parametrize(
    ("door", "octets", "named"),
    [
        ("/sms.aspx", b"%D1%E9", b""),
        ("/sms.aspx", b"\xd1\xe9", b""),
        ("/sms.aspx", b"%D1%E9", b";charset=utf-8"),
        ("/sms.aspx", b"%E9%AA%8C", b";charset=GBK"),
        ("/smsGBK.aspx", b"%E9%AA%8C", b""),
        ("/smsGBK.aspx", "验".encode(), b""),
        ("/smsGBK.aspx", b"%D1%E9", b";charset=utf-8"),
        ("/smsJson.aspx", b"%D1%E9", b""),
        ("/sms.aspx", b"%uD83D", b""),
        ("/smsGBK.aspx", b"%uDE00", b""),
        ("/sms.aspx", b"%D1%E9", b";charset=big5"),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_charged(door, octets, named):
    answer, sent = post(door, form(octets), FORM + named)

    assert sent is None
    assert "参数错误".encode("gbk" if "GBK" in door else "utf-8") in answer


@pytest.mark.parametrize("name", ["taskName", "telephonenumber", "unknown"])
def test_a_parameter_that_nobody_reads_does_no_harm(name):
    assert post("/sms.aspx", form(TEXT.encode(), **{name: b"%D1%E9"}))[1] == [TEXT]


@pytest.mark.parametrize(("name", "value"), [("mobile", b"15023239810%A3%AC15023239811"), ("account", b"%D1%E9")])
def test_numbers_and_the_account_are_refused_likewise(name, value):
    login = {"account": b"demo", "mobile": b"15023239810"} | {name: value}
    seen = b"&".join(b"%b=%b" % (key.encode(), each) for key, each in login.items())
    answer, sent = post("/sms.aspx", b"action=send&password=abc123&content=a&" + seen)

    assert sent is None
    assert "参数错误".encode() in answer


@pytest.mark.parametrize("escape", [b"%u9A8C%u8BC1%u7801", b"%u9a8c%E8%AF%81%u7801"])
def test_utf_16_units_are_read(escape):
    assert post("/sms.aspx", form(escape))[1] == ["验证码"]
    assert post("/sms.aspx", form(b"a%uD83D%uDE00"))[1] == ["a😀"]
    assert post("/smsGBK.aspx", form(b"%u9A8C%D6%A4"))[1] == ["验证"]


def test_a_replacement_character_of_the_customer_is_as_any():
    assert post("/sms.aspx", form(b"a%EF%BF%BD"))[1] == ["a\ufffd"]
    assert post("/sms.aspx", form(b"a%uFFFD"))[1] == ["a\ufffd"]


def test_a_part_of_a_multipart_form_may_have_a_charset_of_its_own():
    seen = {"action": "send", "account": "demo", "password": "abc123", "mobile": "15023239810"}
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in seen.items()
    ]
    head = b'--x\r\nContent-Disposition: form-data; name="content"\r\n%b\r\n'
    body = b"".join([*parts, head + TEXT.encode("gbk"), b"\r\n--x--\r\n"])
    multipart = b"multipart/form-data; boundary=x"

    assert post("/sms.aspx", body % b"Content-Type: text/plain; charset=GBK\r\n", multipart)[1] == [TEXT]
    assert post("/sms.aspx", body % b"", multipart)[1] is None
    assert post("/smsGBK.aspx", body % b"", multipart)[1] == [TEXT]


# --- charset guess -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelt", [escaped, bytes])
def test_an_account_may_let_us_guess(spelt):
    assert post("/sms.aspx", form(spelt(TEXT.encode("gbk")), b"guessing"))[1] == [TEXT]
    assert post("/sms.aspx", form(spelt(TEXT.encode("gbk")), b"guessing", x=b"%u9A8C"))[1] == [TEXT]
    assert post("/sms.aspx", form(spelt(TEXT.encode()), b"guessing"))[1] == [TEXT]


def test_its_name_and_secret_may_be_chinese_too():
    body = "action=send&account=猜测&password=口令&mobile=15023239810，15023239811&content=验证".encode("gbk")

    assert post("/sms.aspx", body)[1] == ["验证"]


def test_guessing_changes_no_other_words():
    """联通 in GBK happens to be UTF-8: a request is read as one thing in whole."""
    body = form("联通".encode("gbk"), b"guessing", clientref=b"r1", x="您好".encode("gbk"))

    assert post("/sms.aspx", body)[1] == ["联通"]


@pytest.mark.parametrize(
    ("octets", "declared"), [(b"%D1%E9%FF", b""), (b"%D1%E9", b";charset=utf-8"), (b"%D1%E9%uD83D", b""), (b"%FF", b"")]
)
def test_what_is_no_gbk_either_or_was_declared_is_refused(octets, declared):
    assert post("/sms.aspx", form(octets, b"guessing"), FORM + declared)[1] is None


def test_a_gbk_door_does_not_guess():
    assert post("/smsGBK.aspx", form(b"%E9%AA%8C", b"guessing"))[1] is None


def signed(account, content):
    stamp = china_text(NOW).translate(str.maketrans("", "", "- :"))
    sign = hashlib.md5(f"{account.name}abc123{stamp}".encode()).hexdigest()
    return (
        f"action=send&userid={account.customer_id}&timestamp={stamp}&sign={sign}&mobile=15023239810&content=".encode() + content
    )


def lushang(account, content):
    stamp = china_text(NOW).translate(str.maketrans("", "", "- :"))
    sig = hashlib.md5(f"{account.sid}abc123{stamp}".encode()).hexdigest()
    return f"accountSid={account.sid}&timestamp={stamp}&sig={sig}&to=15023239810&smsContent=".encode() + content


LS = next(account for account in ACCOUNTS if account.name == "ls")


@pytest.mark.parametrize(
    ("path", "ask", "strict"),
    [("/v2sms.aspx", signed, ACCOUNTS[0]), ("/20150822/industrySMS/sendSMS", lushang, LS)],
)
def test_signed_doors_do_the_same(path, ask, strict):
    octets = TEXT.encode("gbk")

    assert post(path, ask(strict, octets), FORM + b";charset=gbk")[1] == [TEXT]
    assert post(path, ask(strict, octets))[1] is None
    assert post(path, ask(GUESSING, octets))[1] == [TEXT]
    assert post(path, ask(strict, b"%u9A8C"))[1] == ["验"]


def batch(account, lines, declared=b""):
    body = b"account=%b&password=abc123&content=%b" % (account, escaped(b64encode(lines)))
    return post("/BatchSms.ashx", body, FORM + declared)


def test_a_batch_is_in_utf_8_else_as_declared_or_guessed():
    texts, lines = ["验证", "码：一"], "15023239810,验证\r\n15023239811,码：一"

    assert batch(b"demo", lines.encode())[1] == texts
    assert batch(b"demo", lines.encode(), b";charset=gbk")[1] == texts
    assert batch(b"demo", lines.encode("gbk"), b";charset=gbk")[1] == texts
    assert batch(b"guessing", lines.encode("gbk"))[1] == texts
    assert batch(b"guessing", lines.encode("gbk"), b";charset=utf-8")[1] is None
    answer, sent = batch(b"demo", lines.encode("gbk"))
    assert sent is None
    assert "参数错误".encode() in answer


def soap(account, declaration=""):
    return (
        f'{declaration}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SendSms xmlns="http://www.yysms.com/">'
        f"<userName>{account}</userName><password>abc123</password><sms><Msisdns>15023239810</Msisdns>"
        f"<SMSContent>{TEXT}</SMSContent></sms></SendSms></s:Body></s:Envelope>"
    ).encode("gbk")


def test_soap_is_in_its_encoding_else_guessed():
    xml = b"text/xml"

    assert post("/WebService.asmx", soap("demo", '<?xml version="1.0" encoding="gb2312"?>'), xml)[1] == [TEXT]
    assert post("/WebService.asmx", soap("demo"), xml + b"; charset=gbk")[1] == [TEXT]
    assert post("/WebService.asmx", soap("guessing"), xml)[1] == [TEXT]
    assert post("/WebService.asmx", soap("demo"), xml)[1] is None
    assert post("/WebService.asmx", soap("guessing"), xml + b"; charset=utf-8")[1] is None


def mms(subject, account=b"demo", elements=ELEMENTS):
    seen = escaped(content(*elements).encode())
    return b"action=send&account=%b&password=abc123&mobile=15023239810&subject=%b&content=%b" % (account, subject, seen)


def test_a_subject_is_judged_as_a_text():
    assert post("/mms.aspx", mms(b"%E9%AA%8C"))[1] is not None
    assert post("/mms.aspx", mms(b"%D1%E9"), FORM + b";charset=gbk")[1] is not None
    assert post("/mms.aspx", mms(b"%D1%E9", b"guessing"))[1] is not None
    answer, sent = post("/mms.aspx", mms(b"%D1%E9"))
    assert sent is None
    assert "参数错误".encode() in answer


def test_a_text_in_an_mms_that_is_in_no_charset_is_refused():
    answer, sent = post("/mms.aspx", mms(b"a", elements=(Element("1.txt", b"\xff\xff\x80"), *ELEMENTS[1:])))

    assert sent is None
    assert b"Faild" in answer


@pytest.mark.parametrize("path", ["/statusApi.aspx", "/callApi.aspx", "/statusJsonApi.aspx", "/callJsonApi.aspx"])
@pytest.mark.parametrize("name", [b"taskid", b"statusNum"])
def test_parameters_of_a_pull_are_refused_likewise(path, name):
    answer, _ = post(path, b"action=query&account=demo&password=abc123&%b=%%D1%%E9" % name)

    assert "参数不正确".encode() in answer


@pytest.mark.parametrize("path", ["/pwd.aspx", "/sms.aspx"])
def test_no_secret_is_set_that_cannot_be_read(path):
    answer, _ = post(path, b"action=changespwd&account=demo&password=abc123&newpassword=%D1%E9&newpwd=%D1%E9&renewpwd=%D1%E9")

    assert "参数错误".encode() in answer
