"""Whatever is sent to whatever door: one answer in that door's shape, and nothing in it that is not the sender's business."""

import asyncio
import gzip
import hashlib
import json
import zlib
from base64 import b64encode
from dataclasses import replace
from urllib.parse import quote_plus
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.doors.platform import ACCOUNTS, NOW, SNAPSHOT, TASK, Platform, overheard, secret

from hongyan.doors.app import customers_app, doors_of
from hongyan.doors.context import DoorContext
from hongyan.formats.text64 import encrypt, key_of, proof_of, stamp_at
from hongyan.http.asgi import DELIVERED, FAULT
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.model.route import Route
from hongyan.model.submission import Accepted
from hongyan.services.admit import admit, admit_in_batches

SECRET = "Zq9-s3cr3t"
SID = "0" * 31 + "a"


def furnished():
    """A ConfigSnapshot in which a submission can be accepted, and all secrets are one that stands nowhere else."""
    accounts = [replace(account, secret=secret(SECRET)) for account in ACCOUNTS]
    return replace(
        SNAPSHOT,
        accounts={account.name: account for account in accounts},
        accounts_by_id={account.id: account for account in accounts},
        channels={1: Channel(1, "c", Protocol.LOOPBACK)},
        routes=(Route(1, 1),),
        numbers_most=50,
    )


class Store(Platform):
    """Takes only what every store can carry."""

    async def accept(self, admission):
        submission = admission.submission
        for text in (submission.text, submission.extno, submission.address, submission.client_ref, *(submission.texts or ())):
            assert "\0" not in text
            text.encode()
        return Accepted(TASK, "f" * 32, 7, len(admission.phones), admission.total_points, admission.rejected)


def paths():
    return [f"/{door.name}" for door in doors_of(DoorContext(Platform(), admit, admit_in_batches, lambda: NOW))]


async def _answered(app, method, path, query, body, headers):
    """The status, the headers and the body of the one answer."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    async def has_left():
        return True

    scope = {
        "type": "http",
        "scheme": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "client": ("192.0.2.7", 1),
        "headers": headers,
        "extensions": {DELIVERED: has_left, FAULT: lambda: None},
    }
    await app(scope, receive, send)
    start, finish = sent
    return start["status"], dict(start["headers"]), finish["body"]


NAMES = """
    action userid account password mobile content sendTime extno statusNum taskid clientref UserId Text64 accountSid smsContent to
    timestamp sig respDataType portNumber templateid param subject newpassword newpwd renewpwd sign rt checkcontent
"""
KNOWN = st.sampled_from(NAMES.split())
LIKELY = st.sampled_from(
    [
        "", "send", "overage", "query", "checkkeyword", "changespwd", "12", "demo", "wl", "ls", "stopped", "bound", "中文", SID, "json",
        "xml", "13800138000", "13800138000,13900139000,1", "13800138000;" * 60, "您好【测试】", "2026-05-01 13:00:00", "20260501120000",
        "'; DROP TABLE task --", "<a>&amp;]]>", "\x00", "\ud800", "\uffff", "😀" * 40, "长" * 1_000, "%", "%zz", "=&", "１３８", "-1",
        "0" * 40, "9" * 400,
    ]
)  # fmt: skip
VALUES = LIKELY | st.text(max_size=20)


def zipped(octets):
    return b64encode(zlib.compress(octets)).decode()


@st.composite
def texts64(draw):
    """Encrypted rightly, whatever stands inside."""
    stamp = draw(st.sampled_from([stamp_at(NOW), "0101000000", "", "x"]))
    inside = {
        "UserName": "demo",
        "Secret": proof_of(SECRET, stamp),
        "Stamp": stamp,
        "Moblie": "13800138000",
        "Text": "您好【测试】",
    }
    odd = st.dictionaries(
        st.sampled_from([*inside, "Ext", "SendTime", "ext"]), VALUES | st.none() | st.integers() | st.lists(VALUES, max_size=2)
    )
    plain = draw(st.binary(max_size=40) | odd.map(lambda seen: json.dumps(inside | seen).encode()))
    return b64encode(encrypt(plain, key_of(SECRET))).decode()


BATCHES = (
    st.binary(max_size=60).map(lambda octets: b64encode(octets).decode())
    | st.lists(st.tuples(VALUES, VALUES), max_size=4).map(
        lambda pairs: zipped("\r\n".join(map(",".join, pairs)).encode("utf-8", "surrogatepass"))
    )
    | st.binary(max_size=60).map(lambda octets: b64encode(gzip.compress(octets)[: len(octets) or None]).decode())
    | st.sampled_from([zipped(b"0" * 30_000_000), zipped("13800138000,您好\r\n<1>,再见".encode())])
)


@st.composite
def containers(draw):
    """A TMS with names, lengths and parts that may not fit."""
    names = st.sampled_from([b"1.txt", b"2.gif", b"mms.smil", b"", b"\xff", b"../x"])
    smil = b'<smil><body><par dur="5s"><text src="1.txt"/></par></body></smil>'
    parts = draw(
        st.lists(st.tuples(names, st.sampled_from([smil, b"GIF89a", b"\xc4\xe3"]) | st.binary(max_size=9)), max_size=4)
    )
    off = draw(st.sampled_from([0, 0, 0, 1, 2**31]))
    tms = b"".join(name + b"\0" + (len(data) + off).to_bytes(4, "little") + data for name, data in parts)
    return b64encode(tms).decode()


@st.composite
def signed(draw):
    stamp = draw(st.sampled_from(["20260501120000", str(NOW), "x"]))
    sig = hashlib.md5(f"{SID}{SECRET}{stamp}".encode()).hexdigest()
    return {"accountSid": SID, "timestamp": stamp, "sig": sig, "to": "13800138000", "smsContent": "您好【测试】"}


LOGIN = {"userid": "12", "account": "demo", "password": SECRET, "mobile": "13800138000", "content": "您好【测试】"}
CALL = """
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SendSms xmlns="http://www.yysms.com/"><userName>demo</userName>
<password>Zq9-s3cr3t</password><sms><Msisdns>13800138000</Msisdns><SMSContent>您好</SMSContent></sms></SendSms></s:Body></s:Envelope>
"""

ASKED = {
    "ensms": texts64().map(lambda text64: {"UserId": "12", "Text64": text64}),
    "batchsms": BATCHES.map(lambda content: LOGIN | {"content": content}),
    "sendsms": signed(),
    "mms": containers().map(lambda content: LOGIN | {"action": "send", "subject": "新品上市", "content": content}),
    "pwd": st.just(LOGIN | {"newpassword": "another"}),
}
"""Parameters of somebody who may ask, by a word of the path; everywhere else those of sms.aspx serve."""

ACTIONS = st.sampled_from(["send", "send", "overage", "query", "checkkeyword", ""]).map(
    lambda action: LOGIN | {"action": action}
)


@st.composite
def bodies(draw, path):
    """Parameters, some of them odd, in octets, and the media type that these say they are."""
    asked = next((found for word, found in ASKED.items() if word in path.lower()), ACTIONS)
    fields = draw(asked) | draw(st.dictionaries(KNOWN, VALUES, max_size=2))
    if draw(st.integers(0, 3)):
        body = "&".join(
            f"{name}={quote_plus(value.encode('utf-8', 'surrogatepass'))}" for name, value in fields.items()
        ).encode()
        return body, b"application/x-www-form-urlencoded"
    seen = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    return seen.encode("utf-8", "surrogatepass") + b"--b--\r\n", b"multipart/form-data; boundary=b"


@st.composite
def envelopes(draw):
    """A call with a piece of it gone or replaced."""
    start, end = sorted((draw(st.integers(0, len(CALL))), draw(st.integers(0, len(CALL)))))
    piece = draw(
        st.sampled_from(["", CALL[start:end], "<!DOCTYPE x [<!ENTITY a 'a'>]>", "&a;", "<a>" * 100]) | st.text(max_size=9)
    )
    return (CALL[:start] + piece + CALL[end:]).encode("utf-8", "surrogatepass"), b"text/xml; charset=utf-8"


NOISE = st.tuples(st.binary(max_size=80), st.sampled_from([b"", b"text/xml", b"multipart/form-data; boundary=", b"\xff"]))


def requests(path):
    """Body, media type and query."""
    made = envelopes() if path.lower().endswith(".asmx") else bodies(path)
    query = (
        st.just(b"")
        | st.binary(max_size=40).map(lambda octets: octets.replace(b"#", b""))
        | bodies(path).map(lambda made: made[0])
    )
    return st.tuples(made | made | NOISE, st.just(b"") | query)


LEAKS = (SECRET, hashlib.md5(SECRET.encode()).hexdigest(), "traceback", "hongyan", ".py", "exception", "none")


def read_back(media, body):
    """Parse the answer as its clients do."""
    if b"json" in media:
        json.loads(body)
    elif b"gb2312" in media:
        ET.fromstring(body.decode("gbk").partition("?>")[2])
    else:
        assert body.startswith(b"<?xml")
        ET.fromstring(body)


@pytest.mark.parametrize("path", paths())
def test_every_request_gets_an_answer_and_learns_nothing(path, monkeypatch):
    heard = overheard(monkeypatch)
    app = customers_app(Store(furnished()), admit, admit_in_batches, lambda: NOW)

    @settings(max_examples=120, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(["POST", "POST", "GET"]), requests(path), st.binary(max_size=10))
    @example("POST", ((b"&" * 300, b""), b""), b"")
    @example("POST", ((b"", b""), b"&".join(b"%d=" % n for n in range(300))), b"\xff")
    def fuzz(method, made, reference):
        (body, media), query = made
        headers = [(b"content-type", media), (b"content-length", b"%d" % len(body)), (b"idempotency-key", reference)]
        status, seen, answer = asyncio.run(_answered(app, method, path, query, body, headers))

        assert status == 200 or (status == 500 and b"Fault" in answer)
        assert [entry for entry in heard if entry["event"] == "door_failed"] == []
        read_back(seen[b"content-type"], answer)
        lower = answer.decode("utf-8", "replace").lower()
        assert [leak for leak in LEAKS if leak.lower() in lower] == []

    fuzz()


@pytest.mark.parametrize("path", paths())
def test_a_body_that_says_it_is_huge_is_refused_unread(path):
    app = customers_app(Store(furnished()), admit, admit_in_batches, lambda: NOW)

    status, _, answer = asyncio.run(_answered(app, "POST", path, b"", b"", [(b"content-length", b"100000000")]))

    assert (status, answer) == (413, b"the request body is too large\n")
