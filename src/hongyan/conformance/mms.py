"""Manual 001, chapter 2: mms.aspx, a TMS in Base64; and the balance for MMS."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from struct import Struct

from hongyan.conformance.answers import overage, refused, sent
from hongyan.conformance.case import Case, RunContext
from hongyan.conformance.http_client import Request
from hongyan.conformance.hx import BALANCE, LOGIN
from hongyan.conformance.requests import post

DOOR = "/mms.aspx"
LITTLE, BIG = Struct("<I"), Struct(">I")

_SMIL = b'<smil><body><par dur="5s"><text src="1.txt"/><img src="2.gif"/></par></body></smil>'
_GIF = bytes.fromhex("47494638396101000100800000ff0000ffffff21f90400000000002c00000000010001000002024401003b")
PARTS = {"1.txt": "您好".encode("gbk"), "2.gif": _GIF, "mms.smil": _SMIL}


def tms(parts: Mapping[str, bytes], length: Struct = LITTLE) -> bytes:
    """Name, zero, length, data; for each part."""
    return b"".join(name.encode("gbk") + b"\0" + length.pack(len(data)) + data for name, data in parts.items())


def mms(parts: Mapping[str, bytes] = PARTS, length: Struct = LITTLE, **others: str) -> Callable[[RunContext], Request]:
    content = b64encode(tms(parts, length)).decode()
    usual = {"action": "send", "mobile": "$mobile", "subject": "新品上市", "content": content, "sendTime": "", "extno": ""}
    return post(DOOR, LOGIN | usual | others)


def _case(claim: str, ask: Callable[[RunContext], Request], answer: str, code: int = 1) -> Case:
    return Case("manual 001, 2", claim, ask, answer, needs=("mms",), code=code)


MMS = (
    _case("a text and a picture, shown by their SMIL", mms(), sent()),
    _case("two numbers count two", mms(mobile="$mobile,$mobile2"), sent(count="2")),
    _case("lengths that a Java client wrote, big-endian", mms(length=BIG), sent()),
    _case("texts in UTF-8", mms(PARTS | {"1.txt": "您好".encode()}), sent()),
    _case("3001: no subject", mms(subject=""), refused("主题为空"), 3001),
    _case("2001: no content", mms(content=""), refused("内容为空"), 2001),
    _case("1103: no number", mms(mobile=""), refused("手机号码为空"), 1103),
    _case("1108: a number that is none", mms(mobile="12345"), refused("错误的手机号码"), 1108),
    Case("manual 001, 3.1", "the balance for MMS", post(DOOR, BALANCE), overage(), needs=("mms",)),
)
