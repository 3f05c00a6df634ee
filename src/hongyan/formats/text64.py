"""Text64: a submission in JSON, encrypted under the API secret, and the JSON that answers it.

    Text64 = Base64(DES-CBC, PKCS7(UTF-8 JSON)); key = IV = the first eight octets of the secret, zeros behind a shorter one

It contains the account's name, a Stamp without a year, and the Secret that proves both: MD5(secret + Stamp). Reading is
lenient, since programs differ: names in any case and order, members missing or null, numbers instead of texts,
`Mobile` for the platform's own misspelling `Moblie`, and control characters in texts that were put together by hand.

The refusal does not show the sender whether the key, the padding or the JSON was wrong. The command line shows it, to people
who have the secret.

source: wire contract, 2.6; manual 001, 1.5
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from hashlib import md5
from typing import Any, cast

import orjson
from Crypto.Cipher import DES
from Crypto.Cipher._mode_ecb import EcbMode
from Crypto.Util.Padding import pad

from hongyan.formats.octets64 import BadBase64, read_base64
from hongyan.model.times import CHINA

BLOCK = 8
_HOUR_MS = 3_600_000
_LOOK = 1024
"""Octets that are decrypted to see whether a key fits, so that each wrong key costs no more, however long the body."""

MOST_MEMBERS = 32
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_SIMPLE = rb"[-+.0-9A-Za-z]{1,32}+"  # a number, true, false, null
_MEMBER = rb"%b\s*+:\s*+(?:%b|%b)\s*+,?\s*+" % (_STRING, _STRING, _SIMPLE)
_FLAT = re.compile(rb"\s*+\{\s*+(?:%b){0,%d}+\}\s*+" % (_MEMBER, MOST_MEMBERS), re.DOTALL)

_NAMES = {name: name.lower() for name in ("UserName", "Secret", "Stamp", "Moblie", "Text", "Ext", "SendTime")}
"""As nearly everybody writes them."""

_STAMP = re.compile(r"\d{10}", re.ASCII)


class Step(Enum):
    """The steps at which reading a Text64 can fail, in order."""

    BASE64 = "Base64"
    BLOCKS = "blocks"  # not whole blocks of eight octets
    KEY = "key"  # the result does not begin as JSON, or its padding is wrong
    JSON = "JSON"


class BadText64(ValueError):
    """Not a Text64 under this key. `step` says where reading failed; only for people who have the secret."""

    def __init__(self, step: Step) -> None:
        super().__init__(step.value)
        self.step = step


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents; missing members are empty."""

    user_name: str
    secret: str
    stamp: str
    mobile: str
    text: str
    ext: str = ""
    send_time: str = ""


def key_of(secret: str) -> bytes:
    """Returns the DES key, which is also the IV: eight octets of the API secret as it is, never of its MD5."""
    return secret.encode("utf-8", "surrogatepass")[:BLOCK].ljust(BLOCK, b"\0")


def proof_of(secret: str, stamp: str) -> str:
    """Returns `Secret` as the platform writes it: MD5 of API secret and Stamp, upper case."""
    return md5(f"{secret}{stamp}".encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()


def write_json(contents: Contents) -> bytes:
    """Returns the JSON of the manual: its names, its order, no blanks."""
    named = {
        "UserName": contents.user_name,
        "Secret": contents.secret,
        "Stamp": contents.stamp,
        "Moblie": contents.mobile,
        "Text": contents.text,
        "Ext": contents.ext,
        "SendTime": contents.send_time,
    }
    return orjson.dumps(named)


def encrypt(plain: bytes, key: bytes) -> bytes:
    cipher = DES.new(key, DES.MODE_CBC, iv=key)  # noqa: S304 the platform's cipher: customers' programs know no other
    return cipher.encrypt(pad(plain, BLOCK))


def read_octets(text64: str) -> bytes:
    """Returns the encrypted octets. raises: BadText64: BASE64, BLOCKS"""
    try:
        octets = read_base64(text64)
    except BadBase64 as fault:
        raise BadText64(Step.BASE64) from fault
    if not octets or len(octets) % BLOCK:
        raise BadText64(Step.BLOCKS)
    return octets


def decrypt(octets: bytes, key: bytes) -> bytes:
    """Returns the JSON, if this is the key. raises: BadText64: KEY

    Head and padding are both checked, whatever the result of the other, and before the middle of a long body. So neither the
    answer nor its time shows which of them is wrong.
    octets: one block or more
    """
    head = _opened(octets[:_LOOK], key)
    end = head if len(octets) <= _LOOK else _opened(octets[-2 * BLOCK :], key)[BLOCK:]
    padding = end[-1]
    is_padded = end.endswith(bytes((padding,)) * padding)
    is_json = head.removeprefix(BOM_UTF8).lstrip().startswith(b"{")
    if not (is_json & is_padded & (1 <= padding <= BLOCK)):
        raise BadText64(Step.KEY)
    return (head if len(octets) <= _LOOK else _opened(octets, key))[:-padding]


def read_json(plain: bytes) -> Contents:
    """Reads the contents. raises: BadText64: JSON, for anything but one flat object of texts, numbers and nulls"""
    plain = plain.removeprefix(BOM_UTF8)
    if not _is_flat(plain):
        raise BadText64(Step.JSON)
    members = {
        _NAMES.get(name) or name.strip().lower(): value if type(value) is str else _text(value)
        for name, value in _loaded(plain).items()
    }
    taken = members.get
    return Contents(
        user_name=taken("username", "").strip(),
        secret=taken("secret", "").strip(),
        stamp=_stamp(taken("stamp", "")),
        mobile=taken("moblie", "") or taken("mobile", ""),
        text=taken("text", ""),
        ext=taken("ext", "").strip(),
        send_time=taken("sendtime", ""),
    )


def read_sealed(octets: bytes, key: bytes) -> Contents:
    """Returns the contents, if this is the key. raises: BadText64: KEY, JSON

    If the padding is wrong the JSON is read all the same and dropped, so that the time does not show which of them was wrong.
    """
    try:
        plain = decrypt(octets, key)
    except BadText64:
        with suppress(BadText64):
            read_json(_opened(octets[:_LOOK], key))
        raise
    return read_json(plain)


def off_ms(stamp: str, now_ms: int) -> int | None:
    """Returns how far a Stamp, MMddHHmmss in China's time, is from the present; None if it is no time.

    It has no year: the year that brings it nearest counts, so that the turn of the year makes no difference.
    """
    if not _STAMP.fullmatch(stamp):
        return None
    return min([abs(meant - now_ms) for meant in _moments(stamp, _year_at(now_ms // _HOUR_MS))], default=None)


@lru_cache(maxsize=16)
def _year_at(hour: int) -> int:
    """Returns the year in China of an hour since 1970, UTC."""
    return datetime.fromtimestamp(hour * 3600, CHINA).year


@lru_cache(maxsize=1024)
def _moments(stamp: str, year: int) -> tuple[int, ...]:
    """Returns the possible meanings of a Stamp, in milliseconds since 1970. Cached, since many requests have the same."""
    month, day, hour, minute, second = (int(stamp[at : at + 2]) for at in range(0, 10, 2))
    moments = []
    for near in (year - 1, year, year + 1):
        with suppress(ValueError):  # 29 February, in most years; or no time at all
            moments.append(int(datetime(near, month, day, hour, minute, second, tzinfo=CHINA).timestamp()) * 1000)
    return tuple(moments)


def stamp_at(now_ms: int) -> str:
    return datetime.fromtimestamp(now_ms / 1000, CHINA).strftime("%m%d%H%M%S")


def answer_json(
    status: int, description: str, task_id: str = "", amount: int = 0, count: int = 0, errors: Sequence[str] = ()
) -> bytes:
    """Returns the answer. Its numbers are numbers, unlike at the .aspx doors.

    status: 1, or the number of the cause; then the rest is empty
    errors: the numbers that were not accepted, each with a blank and why
    """
    fields = {
        "StatusCode": status,
        "Description": description,
        "MsgId": task_id,
        "Amount": amount,
        "SuccessCounts": count,
        "Errors": list(errors),
    }
    return orjson.dumps(fields)


@lru_cache(maxsize=1024)
def _blocks(key: bytes) -> EcbMode:
    return cast("EcbMode", DES.new(key, DES.MODE_ECB))  # noqa: S304 as above


def _opened(octets: bytes, key: bytes) -> bytes:
    """Undoes CBC: each block is decrypted, and joined by XOR with the one before.

    Blocks alone have no state, so a key is set up once: that costs 12 µs and a Text64 9.
    """
    size = len(octets)
    before = int.from_bytes(key + octets[: size - BLOCK])
    return (int.from_bytes(_blocks(key).decrypt(octets)) ^ before).to_bytes(size)


def _is_flat(plain: bytes) -> bool:
    """Returns whether this is one object without anything nested. Other JSON can hold a million small values, and is never
    built.

    Nearly always the few marks of JSON show it. If its texts contain such marks too, their order shows it.
    """
    if plain.count(b"{") == 1 and b"[" not in plain and plain.count(b":") <= MOST_MEMBERS:
        return True
    return _FLAT.fullmatch(plain) is not None


def _loaded(plain: bytes) -> dict[str, Any]:
    try:
        loaded = orjson.loads(plain)
    except orjson.JSONDecodeError:
        loaded = _loaded_leniently(plain)
    if not isinstance(loaded, dict):
        raise BadText64(Step.JSON)
    return loaded


def _loaded_leniently(plain: bytes) -> Any:
    """Reads JSON that was not written by a library, with line breaks and tabs inside texts; half a character is still refused."""
    try:
        loaded = json.loads(plain.decode("utf-8"), strict=False)
        json.dumps(loaded, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as fault:
        raise BadText64(Step.JSON) from fault
    return loaded


def _text(value: object) -> str:
    """Returns a value that stands for a text, as a text."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadText64(Step.JSON)


def _stamp(stamp: str) -> str:
    """Returns the Stamp. One that was written as a number has lost the zero of its month."""
    stamp = stamp.strip()
    return stamp.zfill(10) if stamp.isdecimal() else stamp
