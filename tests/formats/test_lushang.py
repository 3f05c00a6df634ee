import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats.lushang import (
    DESCRIPTIONS,
    Failed,
    Sent,
    lushang_json,
    read_stamp,
    refused_json,
    refused_xml,
    sent_json,
    sent_xml,
    sign,
)
from hongyan.formats.refusals import WORDS
from hongyan.formats.sendtime import BadTime
from hongyan.model.refusal import Code

SMS_ID = "624e76e6486648cd8be0dee3b5cc0000"
FAILED = [Failed("13800138000", "00111"), Failed("<1>", "00025")]


def test_an_answer_has_the_bytes_that_were_captured():
    assert sent_json(Sent("00000", (), SMS_ID)).decode() == (
        '{"respCode":"00000","respDesc":"请求成功。","failCount":"0","failList":[],"smsId":"624e76e6486648cd8be0dee3b5cc0000"}'
    )


def test_numbers_that_were_not_taken_are_listed_with_their_codes():
    assert sent_json(Sent("0000", FAILED, SMS_ID)).decode() == (
        '{"respCode":"0000","respDesc":"请求成功。","failCount":"2","failList":[{"phone":"13800138000","respCode":"00111"},'
        '{"phone":"<1>","respCode":"00025"}],"smsId":"624e76e6486648cd8be0dee3b5cc0000"}'
    )


def test_a_failure_has_two_keys():
    assert refused_json("00131").decode() == '{"respCode":"00131","respDesc":"短信内容为空"}'


def test_the_answers_in_xml():
    assert sent_xml(Sent("00000", FAILED, SMS_ID)).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\r\n<resp><respCode>00000</respCode><respDesc>请求成功。</respDesc>'
        "<failCount>2</failCount><failList><fail><phone>13800138000</phone><respCode>00111</respCode></fail>"
        "<fail><phone>&lt;1&gt;</phone><respCode>00025</respCode></fail></failList>"
        "<smsId>624e76e6486648cd8be0dee3b5cc0000</smsId></resp>\r\n"
    )
    assert refused_xml("00006").decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\r\n<resp><respCode>00006</respCode><respDesc>sign错误</respDesc></resp>\r\n'
    )


def test_the_json_answer_of_the_aspx_doors_has_four_fields():
    assert lushang_json("00000", FAILED[:1], SMS_ID).decode() == (
        '{"respCode":"00000","failCount":"1","failList":[{"phone":"13800138000","respCode":"00111"}],'
        '"smsId":"624e76e6486648cd8be0dee3b5cc0000"}'
    )


def test_a_signature_is_the_md5_of_the_three_as_they_are():
    assert sign("a" * 32, "abc123", "20150422211530") == "dddf37249575dce112f838c4039efac6"


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [("20150629192326", 1_435_577_006_000), ("1435577006000", 1_435_577_006_000), ("00010101000000", -62_135_625_600_000)],
)
def test_a_stamp_is_china_time_or_milliseconds(text, at_ms):
    assert read_stamp(text) == at_ms


@pytest.mark.parametrize(
    "text",
    ["", "201506291923260", "20150629192360", "2015-06-29 19:23:26", "143557700600", "２" * 13, "0" * 14],
)
def test_nothing_else_is_a_stamp(text):
    with pytest.raises(BadTime):
        read_stamp(text)


@given(st.text(max_size=20) | st.text("0123456789", min_size=12, max_size=15))
def test_no_stamp_breaks_the_reader(text):
    try:
        assert isinstance(read_stamp(text), int)
    except BadTime:
        assert len(text) != 13 or not (text.isascii() and text.isdecimal())


def test_every_refusal_has_a_code_that_is_described():
    assert {WORDS[code].resp_code for code in Code} <= set(DESCRIPTIONS)


def test_what_is_described_is_given():
    assert set(DESCRIPTIONS) - {WORDS[code].resp_code for code in Code} == {"00000"}
