"""I18NSms.aspx: how contents and numbers are written there (wire contract, 7.7)."""

from dataclasses import replace

import pytest
from tests.doors.platform import SNAPSHOT, Platform, asking, form, login

from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.model.route import Route
from hongyan.services.admit import admit

ROUTED = replace(
    SNAPSHOT,
    channels={1: Channel(1, "hk", Protocol.LOOPBACK), 2: Channel(2, "cn", Protocol.LOOPBACK)},
    routes=(Route(1, 1, carrier="+852"), Route(2, 2, carrier="unknown")),
    prices={(1, 1, "+852"): 8, (1, 1, None): 1},
)


class Judging(Platform):
    """Admits as the platform does."""

    def admit(self, snapshot, submission, now_ms):
        self.admission = admit(snapshot, submission, now_ms)
        return self.admission


def ask(**given):
    platform = Judging(ROUTED)
    seen = login(action="send", mobile="85251234567", code="8") | given
    (_, body), *_ = asking(platform, form("/I18NSms.aspx", **seen))
    return body.decode(), platform


def sent(**given):
    body, platform = ask(**given)
    assert "<returnstatus>Success</returnstatus>" in body
    return platform.admission


def digits(text):
    return text.encode("utf-16-be").hex().upper()


@pytest.mark.parametrize("text", ["您的验证码：1439【腾飞】", "hello", "😀"])
@pytest.mark.parametrize("spelt", [digits, lambda text: digits(text).lower(), lambda text: f" {digits(text)} "])
def test_code_8_is_ucs_2_in_hexadecimal_digits(text, spelt):
    assert sent(content=spelt(text)).submission.text == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("[Nibiru] code is: 1234", "[Nibiru] code is: 1234"),
        ("Prix: 5€", "Prix: 5€"),
        ("123456", "123456"),
        ("4142434445", "4142434445"),  # too short to be anything but a text
        (digits("test message[HuaXin]"), "test message[HuaXin]"),
        (b"test message".hex(), "test message"),
        ("0102030405060708", "0102030405060708"),  # digits of no text
    ],
)
def test_code_0_is_text_or_its_digits(content, text):
    assert sent(code="0", content=content).submission.text == text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"content": "hello"}, "参数错误"),
        ({"content": "D83D"}, "参数错误"),  # half of a pair
        ({"content": "004"}, "参数错误"),
        ({"content": "0000"}, "参数错误"),
        ({"content": ""}, "内容为空"),
        ({"content": "您好", "code": "0"}, "参数错误"),
        ({"content": "0041", "code": "15"}, "参数错误"),
        ({"content": "0041", "code": ""}, "参数错误"),
        ({"content": "0041", "mobile": "12"}, "错误的手机号码"),
        ({"content": "0041", "mobile": "862112345678"}, "错误的手机号码"),
        ({"content": "0041", "mobile": "999912345678901234"}, "错误的手机号码"),
        ({"content": "0041", "mobile": "4412345678"}, "没有通道的手机号码"),
        ({"content": "0041", "password": "x"}, "用户名或密码错误"),
    ],
)
def test_a_failure_is_answered_as_at_sms_aspx(given, message):
    body, _ = ask(**given)

    assert "<returnstatus>Faild</returnstatus>" in body
    assert f"<message>{message}</message>" in body


@pytest.mark.parametrize("mobile", ["85251234567", "+85251234567", "0085251234567", "852-51234567"])
def test_numbers_are_stored_as_e_164_and_priced_by_their_country(mobile):
    admission = sent(content="0041", mobile=mobile)

    assert (admission.phones, admission.channels, admission.points) == ([85251234567], [1], [8])


def test_a_mainland_number_goes_its_own_way():
    admission = sent(content="0041", mobile="8613800138000;85251234567")

    assert (admission.phones, admission.channels, admission.points) == ([8613800138000, 85251234567], [2, 1], [1, 8])


def test_the_balance_is_reported_there_too():
    (_, body), *_ = asking(Platform(), form("/i18nsms.aspx", **login(action="overage")))

    assert b"<returnstatus>Sucess</returnstatus>" in body
