"""mms.aspx: the submission that the platform gets, the bytes that clients get, and what hostile ones get."""

from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.doors.mms import ELEMENTS, PICTURE, SHOW, content
from tests.doors.platform import Platform, asking, form, login

from hongyan.formats.tms import Element, pack
from hongyan.model.account import Product
from hongyan.services.admit import admit

SEND = login(action="send", mobile="15023239810,13527576163", subject="彩信主题", content=content(), sendTime="", extno="")
XML = b'<?xml version="1.0" encoding="utf-8" ?>\r\n'


class Judging(Platform):
    """Admits as the real platform does, so that every check of an MMS is reached; no route is needed to be refused."""

    def admit(self, snapshot, submission, now_ms):
        self.submissions.append(submission)
        submission.account = replace(submission.account, products=(Product.SMS, Product.MMS))
        return admit(snapshot, submission, now_ms)


def ask(request, platform=None):
    return asking(platform or Platform(), request)[0]


def submission_of(**given):
    platform = Platform()

    assert b"Success" in ask(form("/mms.aspx", **SEND | given), platform)[1]
    return platform.submissions[0]


def test_send_answers_as_sms_does():
    head, body = ask(form("/mms.aspx", **SEND))

    assert b"content-type: text/xml; charset=utf-8\r\n" in head
    assert (
        body
        == XML
        + (
            "<returnsms>\r\n<returnstatus>Success</returnstatus>\r\n<message>操作成功</message>\r\n<remainpoint>-4</remainpoint>\r\n"
            "<taskID>1504080852350206</taskID>\r\n<successCounts>2</successCounts>\r\n</returnsms>\r\n"
        ).encode()
    )


def test_the_platform_gets_subject_parts_and_frames():
    submission = submission_of()

    assert (submission.product, submission.text, submission.source) == (Product.MMS, "彩信主题", "mms.aspx")
    assert submission.numbers == ["15023239810", "13527576163"]
    assert [(m.name, m.kind) for m in submission.mms.media] == [
        ("1.txt", "text/plain"),
        ("2.gif", "image/gif"),
        ("mms.smil", "application/smil"),
    ]
    assert submission.mms.media[0].data == "您好".encode()  # GB2312 came in, UTF-8 goes on
    assert submission.mms.media[1].data == PICTURE
    assert submission.mms.frames == (("1.txt", "2.gif"),)


@pytest.mark.parametrize("spelling", ["escaped", "raw", "multipart", "broken", "big-endian"])
def test_every_spelling_of_the_content_is_the_same_mms(spelling):
    value = content()
    if spelling == "big-endian":
        value = b64encode(pack(ELEMENTS, "big")).decode()
    if spelling == "broken":
        value = "\r\n".join(value[start : start + 76] for start in range(0, len(value), 76))
    request = form("/mms.aspx", **SEND | {"content": value})
    if spelling == "raw":
        body = "&".join(f"{name}={text}" for name, text in SEND.items()).encode()
        request = b"POST /mms.aspx HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    if spelling == "multipart":
        parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in SEND.items()]
        body = "".join([*parts, "--b--\r\n"]).encode()
        request = (
            b"POST /mms.aspx HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )
    platform = Platform()

    ask(request, platform)

    assert platform.submissions[0].mms == submission_of().mms


def test_a_client_reference_stands_for_subject_and_content():
    hashes = {
        submission_of(clientref="r", **given).client_hash
        for given in (
            {},
            {"subject": "另一个"},
            {"content": content(*ELEMENTS[::-1])},
        )
    }

    assert len(hashes) == 3
    assert submission_of(clientref="r").client_hash in hashes


def test_overage_is_that_of_the_mms_wallet():
    platform = Platform()
    _, body = ask(form("/mms.aspx", **login(action="overage")), platform)

    assert platform.asked == [("demo", Product.MMS)]
    assert b"<returnstatus>Sucess</returnstatus>" in body


EXTRA = Element("3.bin", b"\x7fELF\0\1")


@pytest.mark.parametrize(("message", "given"), [
    ("主题为空", {"subject": ""}),
    ("主题为空", {"subject": "", "content": ""}),
    ("主题太长", {"subject": "题" * 41}),
    ("内容为空", {"content": ""}),
    ("彩信元素错误", {"content": "!!!"}),
    ("彩信元素错误", {"content": b64encode(b"no container").decode()}),
    ("彩信元素错误", {"content": content(*ELEMENTS, EXTRA)}),
    ("没有彩信帧", {"content": content(ELEMENTS[2])}),
    ("没有彩信帧", {"content": content(ELEMENTS[0], Element("mms.smil", b"<smil><body/></smil>"))}),
    ("彩信元素名称重复", {"content": content(ELEMENTS[0], *ELEMENTS)}),
    ("没有SMIL", {"content": content(*ELEMENTS[:2])}),
    ("SMIL多于一个", {"content": content(*ELEMENTS, Element("b.smil", SHOW))}),
    ("彩信帧错误", {"content": content(ELEMENTS[0], ELEMENTS[2])}),
    ("彩信帧错误", {"content": content(ELEMENTS[0], Element("mms.smil", b"<smil><body>&x;</body></smil>"))}),
    ("彩信帧太大", {"content": content(ELEMENTS[0], Element("2.gif", PICTURE + bytes(210_000)), ELEMENTS[2])}),
    ("彩信太大", {"content": content(*ELEMENTS, Element("3.gif", PICTURE + bytes(310_000)))}),
    ("手机号码为空", {"mobile": ""}),
    ("扩展错误", {"extno": "x"}),
])  # fmt: skip
def test_each_fault_is_named(message, given):
    _, body = ask(form("/mms.aspx", **SEND | given), Judging())

    assert f"<returnstatus>Faild</returnstatus>\r\n<message>{message}</message>".encode() in body


def test_a_body_beyond_the_doors_own_limit_is_refused_unread():
    head, _ = ask(b"POST /mms.aspx HTTP/1.1\r\nContent-Length: 4194305\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 413 ")


def test_the_limit_of_other_doors_is_theirs():
    assert ask(b"POST /sms.aspx HTTP/1.1\r\nContent-Length: 4194304\r\n\r\n")[0].startswith(b"HTTP/1.1 413 ")


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300))
def test_any_content_ends_in_an_answer(octets):
    _, body = ask(form("/mms.aspx", **SEND | {"content": b64encode(octets).decode() or "x"}), Judging())

    assert b"<returnstatus>Faild</returnstatus>" in body
    assert "系统内部错误".encode() not in body
