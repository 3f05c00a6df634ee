"""Requests that the tests of several doors make, and what stands in their answers."""

import hashlib
from base64 import b64encode
from dataclasses import replace

from tests.doors.platform import NOW, form

from hongyan.formats.soap import Version
from hongyan.formats.text64 import Contents, encrypt, key_of, proof_of, stamp_at, write_json
from hongyan.formats.zipbatch import pack, write_content

XML = b'<?xml version="1.0" encoding="utf-8" ?>\r\n'
STAMP = "20260501120000"  # NOW in China
SID = "0" * 31 + "a"
INDUSTRY, MARKETING, SECOND = "/20150822/industrySMS/sendSMS", "/20150822/affMarkSMS/sendSMS", "/distributor/sendSMS"
V11, V12 = Version.V11, Version.V12
TYPES = {V11: b"text/xml; charset=utf-8", V12: b"application/soap+xml; charset=utf-8"}
SMS = {"Msisdns": "15023239810,13527576163", "SMSContent": "您的验证码：1439【腾飞】", "ExtNumber": "12", "PlanSendTime": ""}
PAIRS = [("13800138000", "验证码：1234【华信】"), ("13800138001", "验证码：4567【华信】")]
CONTENT = write_content(pack(PAIRS))
XML_REFUSED = (
    "<returnsms>\r\n<returnstatus>Faild</returnstatus>\r\n<message>{}</message>\r\n<remainpoint>0</remainpoint>\r\n"
    "<taskID></taskID>\r\n<successCounts>0</successCounts>\r\n</returnsms>\r\n"
)


def v2_signed(account="demo", plain="abc123", stamp=STAMP, **more):
    made = hashlib.md5(f"{account}{plain}{stamp}".encode()).hexdigest()
    seen = {
        "userid": "12",
        "timestamp": stamp,
        "sign": made,
        "action": "send",
        "mobile": "15023239810",
        "content": "您好【腾飞】",
    }
    return seen | more


def lushang_signed(sid=SID, stamp=STAMP, token="abc123", **given):
    sig = hashlib.md5(f"{sid}{token}{stamp}".encode()).hexdigest()
    seen = {"accountSid": sid, "smsContent": "【腾飞】您的验证码：1439", "to": "15023239810,13527576163", "timestamp": stamp}
    return seen | {"sig": sig, "respDataType": "JSON"} | given


def envelope(version=V11, user="demo", password="abc123", **sms):
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in (SMS | sms).items())
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{version.namespace}"><s:Body>'
        f'<SendSms xmlns="http://www.yysms.com/"><userName>{user}</userName><password>{password}</password><sms>{inside}</sms>'
        "</SendSms></s:Body></s:Envelope>"
    ).encode()


def soap_post(body, *headers, path="/WebService.asmx", content_type=TYPES[V11]):
    length = b"Content-Length: %d" % len(body)
    lines = [f"POST {path} HTTP/1.1".encode(), b"Host: h", b"Content-Type: " + content_type, length, *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def text64(name="demo", plain="abc123", at=NOW, key=None, **others):
    stamp = stamp_at(at)
    contents = replace(Contents(name, proof_of(plain, stamp), stamp, "15023239810", "您好【腾飞】"), **others)
    return b64encode(encrypt(write_json(contents), key_of(key or plain))).decode()


def text64_form(sealed, user_id="12", **more):
    return form("/ensms.ashx", UserId=user_id, Text64=sealed, **more)
