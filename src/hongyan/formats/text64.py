"""Text64: a submission in JSON, encrypted under the API secret, and the JSON that answers it.

    Text64 = Base64(DES-CBC, PKCS7(UTF-8 JSON)); key = IV = the first eight octets of the secret, zeros behind a shorter one

Inside stand the account's name, a Stamp without a year, and the Secret that proves both: MD5(secret + Stamp). What is read is
lenient, as the programs that write it differ: names in any case and order, members missing or null, numbers where texts belong,
`Mobile` for the platform's own misspelling `Moblie`, and control characters in texts that were put together by hand.

A sender cannot tell from the refusal whether the key, the padding or the JSON was wrong: whoever wants to know uses the command line.

source: wire contract, 2.6; manual 001, 1.5
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from hashlib import md5
from typing import Any, cast

import orjson
from Crypto.Cipher import DES
from Crypto.Cipher._mode_cbc import CbcMode
from Crypto.Util.Padding import pad, unpad

from hongyan.formats.octets64 import BadBase64, read_base64
from hongyan.formats.sendtime import CHINA

BLOCK = 8
_LOOK = 1024
"""Octets that are decrypted to see whether a key fits; a long body costs no more than this with each that does not."""

MOST_MEMBERS = 32
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_SIMPLE = rb"[-+.0-9A-Za-z]{1,32}+"  # a number, true, false, null
_MEMBER = rb"%b\s*+:\s*+(?:%b|%b)\s*+,?\s*+" % (_STRING, _STRING, _SIMPLE)
_FLAT = re.compile(rb"\s*+\{\s*+(?:%b){0,%d}+\}\s*+" % (_MEMBER, MOST_MEMBERS), re.DOTALL)
"""One object without anything nested: other JSON can hold a million small values, and is never built."""

_STAMP = re.compile(r"\d{10}", re.ASCII)
_HALF_PAIR = re.compile("[\ud800-\udfff]")


class Step(Enum):
    """Where the reading of a Text64 can fail, in order."""

    BASE64 = "Base64"
    BLOCKS = "blocks"  # not whole blocks of eight octets
    KEY = "key"  # what comes out does not begin as JSON, or its padding is wrong
    JSON = "JSON"


class BadText64(ValueError):
    """Not a Text64 under this key. `step` tells where reading it failed; for who has the secret."""

    def __init__(self, step: Step) -> None:
        super().__init__(step.value)
        self.step = step


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands inside; missing members are empty."""

    user_name: str
    secret: str
    stamp: str
    mobile: str
    text: str
    ext: str = ""
    send_time: str = ""


def key_of(secret: str) -> bytes:
    """The DES key, and the IV: eight octets of the API secret as it is, never of its MD5."""
    return secret.encode("utf-8", "surrogatepass")[:BLOCK].ljust(BLOCK, b"\0")


def proof_of(secret: str, stamp: str) -> str:
    """`Secret`, as the platform writes it: MD5 of API secret and Stamp, upper case."""
    return md5(f"{secret}{stamp}".encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()


def write_json(contents: Contents) -> bytes:
    """The JSON of the manual: its names, its order, no blanks."""
    named = {
        "UserName": contents.user_name, "Secret": contents.secret, "Stamp": contents.stamp, "Moblie": contents.mobile,
        "Text": contents.text, "Ext": contents.ext, "SendTime": contents.send_time,
    }  # fmt: skip
    return orjson.dumps(named)


def encrypt(plain: bytes, key: bytes) -> bytes:
    return _cipher(key).encrypt(pad(plain, BLOCK))


def read_octets(text64: str) -> bytes:
    """What was encrypted, still so. Raises BadText64: BASE64, BLOCKS."""
    try:
        octets = read_base64(text64)
    except BadBase64 as fault:
        raise BadText64(Step.BASE64) from fault
    if not octets or len(octets) % BLOCK:
        raise BadText64(Step.BLOCKS)
    return octets


def decrypt(octets: bytes, key: bytes) -> bytes:
    """The JSON, if this is the key. Raises BadText64: KEY."""
    cipher = _cipher(key)
    head = cipher.decrypt(octets[:_LOOK])
    if not _without_mark(head).lstrip().startswith(b"{"):
        raise BadText64(Step.KEY)
    try:
        return unpad(head + cipher.decrypt(octets[_LOOK:]), BLOCK)
    except ValueError as fault:
        raise BadText64(Step.KEY) from fault


def read_json(plain: bytes) -> Contents:
    """What stands inside. Raises BadText64: JSON, for anything but one flat object of texts, numbers and nulls."""
    plain = _without_mark(plain)
    if not _FLAT.fullmatch(plain):
        raise BadText64(Step.JSON)
    members = {name.strip().lower(): _text(value) for name, value in _loaded(plain).items()}
    taken = members.get
    return Contents(
        taken("username", "").strip(),
        taken("secret", "").strip(),
        _stamp(taken("stamp", "")),
        taken("moblie", "") or taken("mobile", ""),
        taken("text", ""),
        taken("ext", "").strip(),
        taken("sendtime", ""),
    )


def off_ms(stamp: str, now_ms: int) -> int | None:
    """How far a Stamp, MMddHHmmss in China's time, is from the present; None when it is no time.

    It has no year: the one that brings it nearest is meant, so that the turn of the year is a night like any other.
    """
    if not _STAMP.fullmatch(stamp):
        return None
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(CHINA)
    month, day, hour, minute, second = (int(stamp[at : at + 2]) for at in range(0, 10, 2))
    distances = []
    for year in (now.year - 1, now.year, now.year + 1):
        try:
            meant = datetime(year, month, day, hour, minute, second, tzinfo=CHINA)
        except ValueError:  # 29 February, in most years; or no time at all
            continue
        distances.append(abs(meant - now) // timedelta(milliseconds=1))
    return min(distances, default=None)


def stamp_at(now_ms: int) -> str:
    return datetime.fromtimestamp(now_ms / 1000, CHINA).strftime("%m%d%H%M%S")


def answer_json(
    status: int, description: str, task_id: str = "", amount: int = 0, count: int = 0, errors: Sequence[str] = ()
) -> bytes:
    """The answer: numbers are numbers here, unlike at the .aspx doors.

    status: 1, or the number of the cause; then the rest is empty
    errors: the numbers that were not accepted, each with a blank and why
    """
    told = {
        "StatusCode": status, "Description": description, "MsgId": task_id, "Amount": amount, "SuccessCounts": count,
        "Errors": list(errors),
    }  # fmt: skip
    return orjson.dumps(told)


def _cipher(key: bytes) -> CbcMode:
    cipher = DES.new(key, DES.MODE_CBC, iv=key)  # noqa: S304 the platform's cipher: customers' programs know no other
    return cast("CbcMode", cipher)


def _without_mark(octets: bytes) -> bytes:
    return octets.removeprefix(b"\xef\xbb\xbf")


def _loaded(plain: bytes) -> dict[str, Any]:
    try:
        loaded = orjson.loads(plain)
    except orjson.JSONDecodeError:
        loaded = _loaded_leniently(plain)
    if not isinstance(loaded, dict):
        raise BadText64(Step.JSON)
    return loaded


def _loaded_leniently(plain: bytes) -> Any:
    """Line breaks and tabs as they are inside texts: JSON that was not written by a library."""
    try:
        return json.loads(plain.decode("utf-8"), strict=False)
    except (ValueError, RecursionError) as fault:
        raise BadText64(Step.JSON) from fault


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        if _HALF_PAIR.search(value):
            raise BadText64(Step.JSON)
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadText64(Step.JSON)


def _stamp(stamp: str) -> str:
    """A Stamp that was written as a number has lost the zero of its month."""
    stamp = stamp.strip()
    return stamp.zfill(10) if stamp.isdecimal() else stamp
