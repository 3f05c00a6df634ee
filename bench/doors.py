"""One message as each door of the customers takes it: a row a door, and a row more for a door more.

At every door, number and text are those that the template SINGLE makes, and the message centre recognises them by the same tag.
"""

import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.installation import ACCOUNT, CUSTOMER_ID, SECRET
from hongyan.formats.lushang import sign
from hongyan.formats.sendtime import china_text
from hongyan.formats.soap import NAMESPACE, Version
from hongyan.formats.text64 import Contents, encrypt, key_of, proof_of, stamp_at, write_json
from hongyan.formats.zipbatch import pack, write_content

LOGIN = {"userid": str(CUSTOMER_ID), "account": ACCOUNT, "password": SECRET}


@dataclass(frozen=True, slots=True)
class Door:
    """A door, and the message with a tag as its body.

    body:      gets number and text
    success:   what the answer holds when the message was accepted
    is_costly: a door that decrypts or reads XML, and may cost more
    """

    path: str
    body: Callable[[str, str], bytes]
    success: str = "Success"
    is_costly: bool = False

    def request(self, tag: int) -> bytes:
        """The whole HTTP request."""
        body = self.body(f"138{tag:08}", f"B{tag:08} {time.monotonic_ns() // 1000:016x}【测试】")
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded;charset=UTF-8\r\n"
        )
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _form(**values: str) -> bytes:
    return urlencode(values).encode()


def _sms(number: str, text: str) -> bytes:
    return _form(action="send", **LOGIN, mobile=number, content=text, sendTime="", extno="")


def _ensms(number: str, text: str) -> bytes:
    stamp = stamp_at(time.time_ns() // 1_000_000)
    plain = write_json(Contents(ACCOUNT, proof_of(SECRET, stamp), stamp, number, text))
    return _form(UserId=str(CUSTOMER_ID), Text64=b64encode(encrypt(plain, key_of(SECRET))).decode())


def _soap(number: str, text: str) -> bytes:
    sms = f"<Msisdns>{number}</Msisdns><SMSContent>{text}</SMSContent><ExtNumber></ExtNumber>"
    call = f"<userName>{ACCOUNT}</userName><password>{SECRET}</password><sms>{sms}</sms>"
    envelope = f'<s:Envelope xmlns:s="{Version.V11.namespace}"><s:Body><SendSms xmlns="{NAMESPACE}">{call}</SendSms></s:Body>'
    return f'<?xml version="1.0" encoding="utf-8"?>{envelope}</s:Envelope>'.encode()


def _signed(number: str, text: str) -> bytes:
    stamp = china_text(time.time_ns() // 1_000_000).translate({ord(mark): None for mark in "-: "})
    named = {"userid": str(CUSTOMER_ID), "timestamp": stamp, "sign": sign(ACCOUNT, SECRET, stamp)}
    return _form(action="send", **named, mobile=number, content=text, sendTime="", extno="")


def _batch(number: str, text: str) -> bytes:
    return batch([(number, text)])


def batch(pairs: list[tuple[str, str]]) -> bytes:
    """The body of one BatchSms with so many numbers."""
    return _form(**LOGIN, content=write_content(pack(pairs)))


DOORS = (
    Door("/sms.aspx", _sms),
    Door("/smsJson.aspx", _sms),
    Door("/ensms.ashx", _ensms, '"StatusCode":1,', is_costly=True),
    Door("/BatchSms.ashx", _batch),
    Door("/WebService.asmx", _soap, "<StatusCode>OK</StatusCode>", is_costly=True),
    Door("/v2sms.aspx", _signed),
)
"""The first is what the others are compared with."""
