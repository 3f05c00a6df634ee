"""The Lushang and Miaodi interface: its time stamps, its signature, its answers, and the table of its codes.

An answer is one line of JSON, or XML if the client asks for it. All values are strings. A failure has only respCode and
respDesc, as it was captured. The XML has the same names below `resp`.
source: wire contract, 4.1 to 4.4 and 7.3
"""

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from hongyan.formats.sendtime import BadTime, read_ms
from hongyan.formats.xml_text import escaped

NUMBERS_MOST = 50_000
"""Numbers in one request. The older text says 100; a program that keeps to it is served as well."""

STAMP_VALID_MS = 5 * 60 * 1000
"""How far a time stamp may be from the present, either way."""

_STAMP = re.compile(r"\d{13,14}", re.ASCII)
_MILLISECONDS_DIGITS = 13

DESCRIPTIONS = {
    "00000": "请求成功。",
    "00001": "未知错误，请联系技术客服。",
    "00004": "参数非法",
    "00005": "timestamp已过期",
    "00006": "sign错误",
    "00007": "重复提交",
    "00008": "操作频繁",
    "00012": "不支持get请求，请使用post",
    "00018": "参数为空",
    "00020": "用户不存在",
    "00023": "开发者余额不足",
    "00025": "手机格式不对",
    "00040": "用户名或者密码错误",
    "00079": "服务器内部异常",
    "00100": "短信内容不能含有关键字",
    "00106": "timestamp参数为空",
    "00107": "sig参数为空",
    "00108": "timestamp格式错误",
    "00111": "匹配到黑名单",
    "00112": "accountSid参数为空",
    "00126": "to参数为空",
    "00127": "param参数为空",
    "00131": "短信内容为空",
    "00138": "短信没有签名不能发送",
    "00161": "短信签名没有报备",
    "00164": "端口号非法",
    "00166": "IP非法",
    "00167": "TemplateId错误",
    "00172": "短信内容长度超长",
    "00177": "templateId和smsContent只能填一项",
    "00202": "批次发送量不能超过5W条",
}
"""respDesc by respCode, for the codes that refusals have."""


class Failed(NamedTuple):
    """A number that was not taken."""

    phone: str
    code: str


class Sent(NamedTuple):
    """The answer to a submission that was taken."""

    code: str  # 00000, or 0000 of the second generation
    failed: Sequence[Failed]
    sms_id: str  # 32 hex digits


def read_stamp(text: str) -> int:
    """Reads a time stamp; returns milliseconds since 1970, UTC.

    text:   yyyyMMddHHmmss in China time, or 13 digits of milliseconds
    raises: BadTime
    """
    if not _STAMP.fullmatch(text):
        raise BadTime
    return int(text) if len(text) == _MILLISECONDS_DIGITS else read_ms(text)


def sign(account_sid: str, token: str, stamp: str) -> str:
    """Returns the signature of a request: MD5 of the three, joined as they are, in lower-case hexadecimal digits."""
    return hashlib.md5(f"{account_sid}{token}{stamp}".encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def sent_json(sent: Sent) -> bytes:
    return orjson.dumps({"respCode": sent.code, "respDesc": DESCRIPTIONS["00000"], **_counted(sent.failed, sent.sms_id)})


def refused_json(code: str) -> bytes:
    return orjson.dumps({"respCode": code, "respDesc": DESCRIPTIONS[code]})


def sent_xml(sent: Sent) -> bytes:
    listed = "".join(
        f"<fail><phone>{escaped(each.phone)}</phone><respCode>{each.code}</respCode></fail>" for each in sent.failed
    )
    return _resp(
        f"<respCode>{sent.code}</respCode><respDesc>{DESCRIPTIONS['00000']}</respDesc>"
        f"<failCount>{len(sent.failed)}</failCount><failList>{listed}</failList><smsId>{sent.sms_id}</smsId>"
    )


def refused_xml(code: str) -> bytes:
    return _resp(f"<respCode>{code}</respCode><respDesc>{DESCRIPTIONS[code]}</respDesc>")


def lushang_json(code: str, failed: Sequence[Failed], sms_id: str) -> bytes:
    """Returns the JSON answer of the .aspx doors to an account of this platform: four fields, also for a failure."""
    return orjson.dumps({"respCode": code, **_counted(failed, sms_id)})


def _counted(failed: Sequence[Failed], sms_id: str) -> dict[str, object]:
    listed = [{"phone": each.phone, "respCode": each.code} for each in failed]
    return {"failCount": str(len(listed)), "failList": listed, "smsId": sms_id}


def _resp(inside: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>\r\n<resp>{inside}</resp>\r\n'.encode()
