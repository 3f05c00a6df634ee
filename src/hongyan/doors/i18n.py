"""I18NSms.aspx: texts to numbers abroad. Login, answers and the overage are as at sms.aspx.

`code` says how `content` is written: 8 is UCS-2 in hexadecimal digits, 0 is text in the alphabet of GSM. Public programs also
write hexadecimal digits at code 0, of octets or of UCS-2. A content that is nothing but the digits of such a text is read as
one.
source: wire contract, 7.7
"""

import re
from hashlib import sha256

from hongyan.doors.request import Request
from hongyan.doors.sms import read_submission
from hongyan.model.account import Account
from hongyan.model.gsm import is_gsm
from hongyan.model.refusal import Code, Refusal
from hongyan.model.submission import Submission

_UCS2, _GSM = "8", "0"
_DIGITS = re.compile(r"[0-9A-Fa-f]+")
_SURELY_DIGITS = 16  # so many digits are no text by chance, unless they stand for one


def read_abroad(request: Request, account: Account, source: str, now_ms: int) -> Submission:
    """Returns what the customer wants sent, to numbers that begin with their country's code.

    raises: Refusal PARAMETER_BAD for a wrong code or content, and those of doors.sms.read_submission
    """
    submission = read_submission(request, account, source, now_ms)
    code = request.value("code").strip()
    submission.text, submission.is_international = _text(code, submission.text), True
    if submission.client_ref:
        submission.client_hash = sha256(submission.client_hash + code.encode("utf-8", "surrogatepass")).digest()
    return submission


def _text(code: str, content: str) -> str:
    if code not in {_UCS2, _GSM}:
        raise Refusal(Code.PARAMETER_BAD, name="code")
    if not content.strip():
        return ""
    text = _ucs2(content.strip()) if code == _UCS2 else _gsm(content)
    if text is None:
        raise Refusal(Code.PARAMETER_BAD, name="content")
    return text


def _ucs2(digits: str) -> str | None:
    if not _DIGITS.fullmatch(digits) or len(digits) % 4:
        return None
    try:
        return bytes.fromhex(digits).decode("utf-16-be")
    except UnicodeDecodeError:
        return None


def _gsm(content: str) -> str | None:
    digits = content.strip()
    if len(digits) >= _SURELY_DIGITS and len(digits) % 2 == 0 and _DIGITS.fullmatch(digits):
        for text in (_ucs2(digits), bytes.fromhex(digits).decode("latin-1")):
            if text is not None and is_gsm(text):
                return text
    return content if is_gsm(content) else None
