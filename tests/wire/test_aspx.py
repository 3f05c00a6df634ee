"""Another platform's answers and pushes, read leniently and safely."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats import receiptjson, reports, xml_text
from hongyan.wire.aspx import codec as aspx_codec
from hongyan.wire.aspx import pdu as aspx
from hongyan.wire.aspx.auth import Login

LOGIN = Login("12", "demo", "abc123")
SENT = (
    '<?xml version="1.0" encoding="utf-8" ?>\r\n<returnsms>\r\n<returnstatus>{0}</returnstatus>\r\n<message>{1}</message>\r\n'
    "<remainpoint>-4</remainpoint>\r\n<taskID>{2}</taskID>\r\n<successCounts>{3}</successCounts>\r\n</returnsms>\r\n"
)


@pytest.mark.parametrize(
    ("login", "password"), [(LOGIN, "E99A18C428CB38D5F260853678922E03"), (Login("12", "demo", "abc123", True), "abc123")]
)
def test_a_form_has_the_login_and_text_in_utf_8(login, password):
    octets = aspx_codec.form(login, action="send", content="您好&")

    assert octets == (f"userid=12&account=demo&password={password}&action=send&content=%E6%82%A8%E5%A5%BD%26".encode())


@pytest.mark.parametrize(
    ("octets", "sent"),
    [
        (SENT.format("Success", "操作成功", "2010283347066108", 1).encode(), (True, "操作成功", "2010283347066108", 1)),
        (SENT.format("Faild", "需要签名", "", 0).encode(), (False, "需要签名", "", 0)),
        (SENT.format("Faild", "额度不足", " ", "").replace("utf-8", "gb2312").encode("gbk"), (False, "额度不足", "", 0)),
        (SENT.format("Success", "ok", "7", "9" * 5_000).encode(), (True, "ok", "7", 0)),
        (
            b"<returnsms><message>ok</message><taskID>\n 7 </taskID><returnstatus> Success</returnstatus></returnsms>",
            (True, "ok", "7", 0),
        ),
        (b"<ReturnSms><ReturnStatus>success</ReturnStatus><TaskId>7</TaskId></ReturnSms>", (True, "", "7", 0)),
    ],
    ids=["taken", "refused", "gb2312", "a count of any length", "in another order, with blanks", "in another case"],
)
def test_the_answer_to_a_submission(octets, sent):
    assert aspx_codec.read_sent(octets) == aspx.Sent(*sent)


REPLIES = (
    '<?xml version="1.0" encoding="{0}" ?><returnsms><callbox><mobile>13800138000</mobile><taskid>7</taskid>'
    "<content>{1}</content><receivetime>2026-11-21 09:31:00</receivetime><extno>1</extno></callbox></returnsms>"
)


@pytest.mark.parametrize(
    ("declared", "written"),
    [("gb2312", "gbk"), ("gb2312", "gb18030"), ("utf-8", "gbk"), ("gbk", "utf-8"), ("utf-16", "utf-8"), ("utf-16", "utf-16")],
)
def test_a_pull_is_read_whatever_charset_it_says(declared, written):
    """A pull hands out each item once: what cannot be read is lost."""
    octets = REPLIES.format(declared, "王喆，朱镕基").encode(written)

    [reply] = aspx_codec.read_pull(octets)

    assert reply.text == "王喆，朱镕基"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a\x1fb&#x1F;c&#0;d", "abcd"),
        ("T&T, R&D; &#xFFFF;&amp;&lt;", "T&T, R&D; &<"),
        ("a\ud83db", "a?b"),
        ("&lol;", "&lol;"),
    ],
)
def test_what_xml_cannot_carry_costs_nothing_else(content, text):
    [reply] = aspx_codec.read_pull(REPLIES.format("utf-8", content).encode("utf-8", "replace"))

    assert reply.text == text


@pytest.mark.parametrize("filling", [" ", "\n", "<?xml ", "&#0", "&", "<!-- "])
def test_millions_of_the_same_characters_are_no_answer(filling):
    octets = ("\ufeff" + filling * (1_900_000 // len(filling)) + "?").encode("utf-16-le")

    with pytest.raises(aspx_codec.BadAnswer):  # hours for a reader that looks again at each of them
        aspx_codec.read_pull(octets)


@pytest.mark.parametrize("word", ["Sucess", "Success"])
def test_the_balance_is_found_under_both_spellings(word):
    octets = f"<returnsms><returnstatus>{word}</returnstatus><message/><overage>7</overage></returnsms>".encode()

    assert aspx_codec.read_overage(octets) == aspx.Overage(True, "", "7")


class AspxResult:
    mobile, task_id, sms_id, extno, dest, segments = "13800138000", 2611251234567890, "ab" * 16, "12", "1069012", 2
    text, at_ms = "退订 <T>", 1_795_224_660_000

    def __init__(self, is_delivered=True, code="DELIVRD"):
        self.is_delivered, self.code = is_delivered, code


def test_what_our_own_doors_write_is_read():
    delivered, failed = AspxResult(), AspxResult(False, "MK:0011")

    assert aspx_codec.read_pull(reports.status_xml([delivered, failed])) == [
        aspx.Status("13800138000", "2611251234567890", True, "DELIVRD", "2026-11-21 09:31:00"),
        aspx.Status("13800138000", "2611251234567890", False, "MK:0011", "2026-11-21 09:31:00"),
    ]
    assert aspx_codec.read_push(reports.replies_xml([delivered], xml_text.GB2312)) == (
        False,
        [aspx.Reply("13800138000", "2611251234567890", "退订 <T>", "2026-11-21 09:31:00", "12")],
    )
    assert aspx_codec.read_push(receiptjson.receipts_json([delivered, failed])) == (
        True,
        [
            aspx.Status("13800138000", "ab" * 16, True, "", "2026-11-21 09:31:00"),
            aspx.Status("13800138000", "ab" * 16, False, "MK:0011", ""),
        ],
    )
    assert aspx_codec.read_push(receiptjson.reply_json(delivered)) == (
        True,
        [aspx.Reply("13800138000", "", "退订 <T>", "2026-11-21 09:31:00", "1069012")],
    )


def test_json_may_be_gbk():
    octets = receiptjson.reply_json(AspxResult()).decode().encode("gbk")

    assert aspx_codec.read_push(octets)[1] == [aspx.Reply("13800138000", "", "退订 <T>", "2026-11-21 09:31:00", "1069012")]


@pytest.mark.parametrize("round_it", ["\r\n", "\ufeff", "\ufeff\r\n", "\0"], ids=["line", "mark", "mark and line", "nul"])
def test_blanks_and_a_byte_order_mark_round_an_answer_are_skipped(round_it):
    def around(text):
        return f"{round_it}{text}{round_it}".encode()

    assert aspx_codec.read_sent(around(SENT.format("Success", "ok", 7, 1))).is_success
    assert aspx_codec.read_pull(around("<returnsms/>")) == []
    assert aspx_codec.read_push(around("<returnsms/>")) == (False, [])
    assert aspx_codec.read_push(around('{"smsResult":[]}')) == (True, [])


def test_a_pull_that_failed_says_why():
    assert aspx_codec.read_pull(reports.pull_error_xml(2, "用户名或密码错误")) == aspx.Refused("2", "用户名或密码错误")
    assert aspx_codec.read_pull(b"<returnsms><message>no</message></returnsms>") == aspx.Refused("", "no")
    assert aspx_codec.read_pull(reports.status_xml([])) == []


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"<html/>", b"<returnsms>", b"{}x", b"[]", b'{"smsResult":1}', b'{"smsResult":[1]}', b'{"code":0}',
        b'<!DOCTYPE r [<!ENTITY a "b">]><returnsms>&a;</returnsms>', b"<returnsms>" + bytes(aspx_codec.MOST_OCTETS),
    ],
    ids=lambda octets: octets[:20],
)  # fmt: skip
def test_what_is_no_answer_is_refused(octets):
    with pytest.raises(aspx_codec.BadAnswer):
        aspx_codec.read_push(octets)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=100).map(lambda text: f"<returnsms>{text}</returnsms>".encode())))
def test_any_octets_are_read_or_refused(octets):
    for read in (aspx_codec.read_sent, aspx_codec.read_overage, aspx_codec.read_pull, aspx_codec.read_push):
        with suppress(aspx_codec.BadAnswer):
            read(octets)


@pytest.mark.parametrize("said", ["", "<returnstatus/>", "<statusbox/>", "<returnstatus>OK</returnstatus><taskID>7</taskID>"])
def test_an_answer_that_says_neither_success_nor_failure_is_no_refusal(said):
    with pytest.raises(aspx_codec.BadAnswer):
        aspx_codec.read_sent(f"<returnsms>{said}</returnsms>".encode())


def test_one_bad_row_of_a_push_costs_no_other():
    is_json, items = aspx_codec.read_push(b'{"smsResult":[1,{"smsId":"7","phone":13800138000,"status":0},null]}')

    assert is_json
    assert items[1] == aspx.Status("13800138000", "7", True, "", "")
    assert [items[0], items[2]] == [aspx.Status("", "", False, "", "")] * 2
