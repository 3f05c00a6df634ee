"""Manual 002's platform: signed requests; its account is named by the extra `sid`."""

from collections.abc import Callable

from hongyan.conformance.answers import sent
from hongyan.conformance.case import JSON, XML, Case, RunContext, md5
from hongyan.conformance.http_client import Request
from hongyan.conformance.hx import SEND
from hongyan.conformance.requests import get, post, urlencoded

INDUSTRY, MARKETING, SECOND = "/20150822/industrySMS/sendSMS", "/20150822/affMarkSMS/sendSMS", "/distributor/sendSMS"
_TEXT = "【腾飞】您的验证码：1439"
_COMPACT = "%Y%m%d%H%M%S"
_NEEDS = ("sid",)


def signed(path: str, ahead_s: float = 0, form: str = _COMPACT, **others: str) -> Callable[[RunContext], Request]:
    """A signed request, with these parameters other than usual; the signature is made before they are put in."""

    def ask(context: RunContext) -> Request:
        sid, stamp = context.fill("$sid"), context.stamp(form, ahead_s)
        fields = {"accountSid": sid, "smsContent": _TEXT, "to": "$mobile", "timestamp": stamp, "respDataType": "JSON"}
        fields |= {"sig": md5(f"{sid}{context.secret}{stamp}")} | others
        return Request(path, urlencoded({name: context.fill(value) for name, value in fields.items()}))

    return ask


def unescaped(path: str) -> Callable[[RunContext], Request]:
    """As the platform's own PHP example sends it: values as they are, and an & at the end."""

    def ask(context: RunContext) -> Request:
        sid, stamp = context.fill("$sid"), context.stamp(_COMPACT)
        sig = md5(f"{sid}{context.secret}{stamp}")
        body = f"accountSid={sid}&smsContent={_TEXT}&to={context.mobile2}&timestamp={stamp}&sig={sig}&respDataType=JSON&"
        return Request(path, body.encode())

    return ask


def taken(code: str = "00000", failed: str = '"0","failList":[]') -> str:
    return '{"respCode":"' + code + '","respDesc":"请求成功。","failCount":' + failed + ',"smsId":"@sms@"}'


def failed(code: str, words: str) -> str:
    return '{"respCode":"' + code + '","respDesc":"' + words + '"}'


def _case(claim: str, ask: Callable[[RunContext], Request], answer: str, media: str = JSON, code: int = 1) -> Case:
    return Case("Miaodi sendSMS", claim, ask, answer, media, needs=_NEEDS, code=code)


LUSHANG = (
    _case("verification texts", signed(INDUSTRY), taken()),
    _case("marketing texts", signed(MARKETING), taken()),
    _case("the second generation says 0000", signed(SECOND), taken("0000")),
    _case("values that nobody escaped, and an & at the end", unescaped(INDUSTRY), taken()),
    _case("a number that is none is listed", signed(INDUSTRY, to="$mobile,123"), taken(failed='"1","failList":[{"phone":"123","respCode":"00025"}]')),
    _case("XML for those who ask for it", signed(INDUSTRY, respDataType="xml", to="$mobile2"), '<?xml version="1.0" encoding="utf-8"?>\r\n<resp><respCode>00000</respCode><respDesc>请求成功。</respDesc><failCount>0</failCount><failList></failList><smsId>@sms@</smsId></resp>\r\n', XML),
    _case("GET is refused", get(INDUSTRY, {}), failed("00012", "不支持get请求，请使用post"), code=1001),
    _case("no accountSid", signed(INDUSTRY, accountSid=""), failed("00112", "accountSid参数为空"), code=1002),
    _case("no sig", signed(INDUSTRY, sig=""), failed("00107", "sig参数为空"), code=1003),
    _case("no timestamp", signed(INDUSTRY, timestamp=""), failed("00106", "timestamp参数为空"), code=1010),
    _case("a timestamp that is none", signed(INDUSTRY, timestamp="now"), failed("00108", "timestamp格式错误"), code=1010),
    _case("a timestamp of six minutes ago", signed(INDUSTRY, -360), failed("00005", "timestamp已过期"), code=1010),
    _case("a sig that is wrong", signed(INDUSTRY, sig="0" * 32), failed("00006", "sign错误"), code=1005),
    _case("no number", signed(INDUSTRY, to=""), failed("00126", "to参数为空"), code=1103),
    _case("a number that is none", signed(INDUSTRY, to="123"), failed("00025", "手机格式不对"), code=1108),
    _case("no content", signed(INDUSTRY, smsContent=""), failed("00131", "短信内容为空"), code=2001),
    _case("content too long", signed(INDUSTRY, smsContent="长" * 3_000), failed("00172", "短信内容长度超长"), code=2105),
    _case("a portNumber with letters", signed(INDUSTRY, portNumber="1a"), failed("00164", "端口号非法"), code=1104),
    _case("templateid and smsContent", signed(INDUSTRY, templateid="1"), failed("00177", "templateId和smsContent只能填一项"), code=1001),
)  # fmt: skip

_LS = {"account": "$lushang"}

LUSHANG_ASPX = (
    Case("Lushang sms.aspx", "smsJson.aspx answers its account four fields", post("/smsJson.aspx", SEND | _LS), '{"respCode":"00000","failCount":"0","failList":[],"smsId":"@sms@"}', JSON, needs=("lushang",)),
    Case("Lushang sms.aspx", "a failure has them too", post("/smsJson.aspx", SEND | _LS | {"content": ""}), '{"respCode":"00131","failCount":"0","failList":[],"smsId":""}', JSON, needs=("lushang",), code=2001),
    Case("Lushang sms.aspx", "sms.aspx answers it the smsId as taskID", post("/sms.aspx", SEND | _LS), sent("ok", task="@sms@"), needs=("lushang",)),
)  # fmt: skip
"""Of an account of that platform at the .aspx doors, named by the extra `lushang`."""
