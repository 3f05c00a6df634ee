r"""Manual 001, 1.6: BatchSms.ashx, a text for each number, zipped; no `action`.

"Zip" is not said more closely: every container that a client may have written is tried.
"""

import gzip
import io
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable

from hongyan.conformance.answers import refused, sent
from hongyan.conformance.case import Case, RunContext
from hongyan.conformance.http_client import Request
from hongyan.conformance.hx import LOGIN
from hongyan.conformance.requests import post

DOOR = "/BatchSms.ashx"
_TWO = "$mobile,验证码：1234【华信】\r\n$mobile2,验证码：4567【华信】\r\n"
EXAMPLE = r"$mobile,验证码：1234【华信】\r\n$mobile,验证码：4567【华信】"
"""As the manual prints it: one number twice, and the line break written out."""

Pack = Callable[[bytes], bytes]


def zipped(lines: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("sms.txt", lines)
    return archive.getvalue()


def deflated(lines: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(lines) + packer.flush()


def batch(lines: str, pack: Pack = zipped, **others: str) -> Callable[[RunContext], Request]:
    def ask(context: RunContext) -> Request:
        content = b64encode(pack(context.fill(lines).encode())).decode()
        return post(DOOR, LOGIN | {"content": content, "sendTime": "", "extno": ""} | others)(context)

    return ask


def _case(claim: str, ask: Callable[[RunContext], Request], answer: str, code: int = 1) -> Case:
    return Case("manual 001, 1.6", claim, ask, answer, code=code)


BATCH = (
    _case("a ZIP archive of two lines", batch(_TWO), sent(count="2")),
    _case("gzip", batch(_TWO, gzip.compress), sent(count="2")),
    _case("zlib", batch(_TWO, zlib.compress), sent(count="2")),
    _case("raw deflate", batch(_TWO, deflated), sent(count="2")),
    _case("lines that nobody compressed", batch(_TWO, bytes), sent(count="2")),
    _case("line breaks that are written out", batch(_TWO.replace("\r\n", r"\r\n")), sent(count="2")),
    _case("the example: a number twice", batch(EXAMPLE), refused("错误的手机号码"), 1108),
    _case("no content", post(DOOR, LOGIN | {"content": ""}), refused("内容为空"), 2001),
    _case("content that is no Base64", post(DOOR, LOGIN | {"content": "!!"}), refused("参数错误"), 1001),
    _case("an account that is none", batch(_TWO, account="no such account"), refused("用户名或密码错误"), 1004),
)
