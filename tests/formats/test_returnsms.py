"""The bytes of every answer, and that XML and JSON parsers read them."""

import json
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats.dialects import DIALECTS, HX, WL, WL_EN
from hongyan.formats.reports import pull_error_xml, replies_json, replies_xml, status_json, status_xml
from hongyan.formats.returnsms import (
    accepted,
    found_overage,
    overage_json,
    overage_xml,
    refused,
    refused_overage,
    sent_json,
    sent_xml,
)
from hongyan.formats.xml_text import GB2312, carried
from hongyan.model.times import CHINA

AT = int(datetime(2011, 12, 2, 22, 12, 11, tzinfo=CHINA).timestamp() * 1000)


@dataclass
class Report:
    mobile: str
    task_id: int
    is_delivered: bool
    code: str
    extno: str
    at_ms: int = AT


@dataclass
class Reply:
    mobile: str
    task_id: int
    text: str
    extno: str
    at_ms: int = AT


REPORTS = [Report("15023239810", 1212, True, "DELIVRD", "01"), Report("15023239811", 1212, False, "2", "")]
REPLIES = [Reply("15023239810", 1212, "你好，我不需要", "01"), Reply("15023239811", 0, "a<b>&c", "01")]


def lines(*texts):
    return "".join(f"{text}\r\n" for text in texts)


XML_HEAD = '<?xml version="1.0" encoding="utf-8" ?>'


def test_an_accepted_submission():
    assert (
        sent_xml(accepted(HX, -4, "1504080852350206", 2))
        == lines(
            XML_HEAD,
            "<returnsms>",
            "<returnstatus>Success</returnstatus>",
            "<message>操作成功</message>",
            "<remainpoint>-4</remainpoint>",
            "<taskID>1504080852350206</taskID>",
            "<successCounts>2</successCounts>",
            "</returnsms>",
        ).encode()
    )


def test_a_refused_submission_has_all_five_elements():
    assert (
        sent_xml(refused(HX, "需要签名"))
        == lines(
            XML_HEAD,
            "<returnsms>",
            "<returnstatus>Faild</returnstatus>",
            "<message>需要签名</message>",
            "<remainpoint>0</remainpoint>",
            "<taskID></taskID>",
            "<successCounts>0</successCounts>",
            "</returnsms>",
        ).encode()
    )


def test_the_gbk_page_says_gb2312_and_writes_gbk():
    octets = sent_xml(accepted(HX, 10, "1504080852350206", 1), GB2312)

    assert octets.startswith(b'<?xml version="1.0" encoding="gb2312" ?>\r\n<returnsms>\r\n')
    assert b"<message>\xb2\xd9\xd7\xf7\xb3\xc9\xb9\xa6</message>\r\n" in octets


def test_what_gbk_lacks_is_written_by_its_number():
    octets = sent_xml(refused(HX, "包含非法字符：😀"), GB2312)

    assert "包含非法字符：&#128512;".encode("gbk") in octets
    assert ET.fromstring(octets.decode("gbk").replace("gb2312", "utf-8").encode()).findtext("message") == "包含非法字符：😀"


def test_a_json_submission_has_five_strings_and_nothing_else():
    assert (
        sent_json(accepted(HX, -4, "1504080852350206", 1))
        == (
            '{"returnstatus":"Success","message":"操作成功","remainpoint":"-4","taskID":"1504080852350206","successCounts":"1"}'
        ).encode()
    )
    assert (
        sent_json(refused(HX, "需要签名"))
        == ('{"returnstatus":"Faild","message":"需要签名","remainpoint":"0","taskID":"","successCounts":"0"}').encode()
    )


def test_overage_is_a_sucess_in_xml_and_a_success_in_json():
    assert (
        overage_xml(found_overage(HX, is_prepaid=False, points=-4, topped_up=9))
        == lines(
            XML_HEAD,
            "<returnsms>",
            "<returnstatus>Sucess</returnstatus>",
            "<message>操作成功</message>",
            "<payinfo>后付费</payinfo>",
            "<overage>-4</overage>",
            "<sendTotal>0</sendTotal>",
            "</returnsms>",
        ).encode()
    )
    assert (
        overage_json(found_overage(HX, is_prepaid=False, points=-4, topped_up=9, is_json=True))
        == ('{"returnstatus":"Success","message":"操作成功","payinfo":"后付","overage":"-4","sendTotal":"0"}').encode()
    )


def test_a_prepaid_account_is_reported_its_top_ups():
    found = found_overage(HX, is_prepaid=True, points=90, topped_up=100)

    assert (found.payinfo, found.overage, found.sendTotal) == ("预付费", 90, 100)
    assert found_overage(HX, is_prepaid=True, points=90, topped_up=100, is_json=True).payinfo == "预付"


def test_a_refused_overage_has_all_five_elements():
    assert (
        overage_xml(refused_overage(HX, "用户名或密码错误"))
        == lines(
            XML_HEAD,
            "<returnsms>",
            "<returnstatus>Faild</returnstatus>",
            "<message>用户名或密码错误</message>",
            "<payinfo></payinfo>",
            "<overage>0</overage>",
            "<sendTotal>0</sendTotal>",
            "</returnsms>",
        ).encode()
    )


def test_wl_has_its_own_words():
    assert accepted(WL, 1, "130850", 1)[:2] == ("Success", "ok")
    assert refused(WL, "其他错误").taskID == "0"
    assert found_overage(WL, is_prepaid=True, points=1, topped_up=1)[:3] == ("Sucess", "", "预付费")
    assert refused(WL_EN, "Other errors")[:2] == ("Failure", "Other errors")
    assert found_overage(WL_EN, is_prepaid=True, points=1, topped_up=1)[:2] == ("Success", "")


def test_status_reports():
    assert (
        status_xml(REPORTS)
        == lines(
            XML_HEAD,
            "<returnsms>",
            "<statusbox>",
            "<mobile>15023239810</mobile>",
            "<taskid>1212</taskid>",
            "<status>10</status>",
            "<receivetime>2011-12-02 22:12:11</receivetime>",
            "<errorcode>DELIVRD</errorcode>",
            "<extno>01</extno>",
            "</statusbox>",
            "<statusbox>",
            "<mobile>15023239811</mobile>",
            "<taskid>1212</taskid>",
            "<status>20</status>",
            "<receivetime>2011-12-02 22:12:11</receivetime>",
            "<errorcode>2</errorcode>",
            "<extno></extno>",
            "</statusbox>",
            "</returnsms>",
        ).encode()
    )


def test_replies():
    assert (
        replies_xml(REPLIES)
        == lines(
            XML_HEAD,
            "<returnsms>",
            "<callbox>",
            "<mobile>15023239810</mobile>",
            "<taskid>1212</taskid>",
            "<content>你好，我不需要</content>",
            "<receivetime>2011-12-02 22:12:11</receivetime>",
            "<extno>01</extno>",
            "</callbox>",
            "<callbox>",
            "<mobile>15023239811</mobile>",
            "<taskid></taskid>",
            "<content>a&lt;b&gt;&amp;c</content>",
            "<receivetime>2011-12-02 22:12:11</receivetime>",
            "<extno>01</extno>",
            "</callbox>",
            "</returnsms>",
        ).encode()
    )


def test_status_reports_and_replies_as_json():
    assert (
        status_json(REPORTS[:1], HX.pulled)
        == (
            '{"error":"1","remark":"成功","statusbox":[{"mobile":"15023239810","taskid":"1212",'
            '"receivetime":"2011-12-02 22:12:11","errorcode":"DELIVRD"}]}'
        ).encode()
    )
    assert (
        replies_json(REPLIES[1:], HX.pulled)
        == (
            '{"error":"1","remark":"成功","callbox":[{"mobile":"15023239811","taskid":"","content":"a<b>&c",'
            '"receivetime":"2011-12-02 22:12:11","extno":"01"}]}'
        ).encode()
    )


def test_no_data_is_a_root_without_children_and_an_empty_list():
    assert status_xml([]) == replies_xml([]) == lines(XML_HEAD, "<returnsms>", "</returnsms>").encode()
    assert status_json([], HX.pulled) == '{"error":"1","remark":"成功","statusbox":[]}'.encode()
    assert replies_json([], HX.pulled) == '{"error":"1","remark":"成功","callbox":[]}'.encode()


def test_a_pull_that_failed():
    assert (
        pull_error_xml(2, HX.pull_remarks[1])
        == lines(
            XML_HEAD,
            "<returnsms>",
            "<errorstatus>",
            "<error>2</error>",
            "<remark>用户名或密码错误</remark>",
            "</errorstatus>",
            "</returnsms>",
        ).encode()
    )
    assert status_json([], "密码错误", 1005) == '{"error":"1005","remark":"密码错误","statusbox":[]}'.encode()


def test_every_dialect_words_the_four_errors_of_the_pulls():
    assert {len(dialect.pull_remarks) for dialect in DIALECTS.values()} == {4}


def test_no_failure_holds_the_word_success():
    for dialect in DIALECTS.values():
        assert b"uccess<" not in sent_xml(refused(dialect, "x"))
        assert b"Success" not in sent_xml(refused(dialect, "x")).replace(b"successCounts", b"")


ANY_TEXT = st.text(st.characters())  # with halves of surrogate pairs and control characters


@given(text=ANY_TEXT, code=ANY_TEXT)
def test_any_text_makes_well_formed_answers(text, code):
    reply, report = Reply("1", 1, text, ""), Report("1", 1, False, code, "")
    seen = carried(text).replace("\r\n", "\n").replace("\r", "\n")

    assert (ET.fromstring(replies_xml([reply])).findtext("callbox/content") or "") == seen
    assert json.loads(replies_json([reply], ""))["callbox"][0]["content"] == carried(text)
    assert ET.fromstring(status_xml([report])).findtext("statusbox/status") == "20"
    assert json.loads(status_json([report], ""))["statusbox"][0]["errorcode"] == carried(code)
    ET.fromstring(sent_xml(refused(HX, text), GB2312).decode("gbk").replace("gb2312", "utf-8").encode())


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_what_xml_cannot_carry_is_dropped(character):
    assert carried(f"a{character}b\t\r\n") == "ab\t\r\n"
