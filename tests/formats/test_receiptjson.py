import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats.receiptjson import is_taken, receipts_json, reply_json

AT_MS = 1_435_577_006_000  # 2015-06-29 19:23:26 in China
SMS_ID = "624e76e6486648cd8be0dee3b5cc0000"


@dataclass
class Receipt:
    mobile: str
    is_delivered: bool = True
    code: str = "DELIVRD"
    at_ms: int = AT_MS
    segments: int = 2
    sms_id: str = SMS_ID


@dataclass
class Reply:
    text: str
    mobile: str = "13800138000"
    task_id: int = 0
    at_ms: int = AT_MS
    extno: str = "01"
    dest: str = "1069000101"


def test_two_receipts_of_one_task_are_the_bytes_of_the_manual():
    manual = """
    {
        "smsResult":
        [
            {
                "smsId": "624e76e6486648cd8be0dee3b5cc0000",
                "phone": "13800138000",
                "status": "0",
                "respMessage": "",
                "receiveTime": "2015-06-29 19:23:26",
                "chargingNum": "2"
            },
            {
                "smsId": "624e76e6486648cd8be0dee3b5cc0000",
                "phone": "13900139000",
                "status": "0",
                "respMessage": "",
                "receiveTime": "2015-06-29 19:23:26",
                "chargingNum": "2"
            }
        ]
    }
    """
    octets = receipts_json([Receipt("13800138000"), Receipt("13900139000")])
    assert octets.decode() == json.dumps(json.loads(manual), separators=(",", ":"))


@pytest.mark.parametrize("code", ["MK:0011", "UNKNOWN"])
def test_what_was_not_delivered_has_its_word_and_no_time(code):
    [receipt] = json.loads(receipts_json([Receipt("13800138000", is_delivered=False, code=code)]))["smsResult"]
    assert (receipt["status"], receipt["respMessage"], receipt["receiveTime"]) == ("1", code, "")


def test_a_reply_is_one_object():
    assert json.loads(reply_json(Reply('你好"，\x01T'))) == {
        "phone": "13800138000",
        "content": '你好"，T',
        "MOTime": "2015-06-29 19:23:26",
        "MOPort": "1069000101",
    }


@pytest.mark.parametrize(
    "answer",
    [
        b'{"respCode":"00000"}',
        b'{"respCode":"0000"}',
        b' {"a":1, "respCode" : "00000"}\r\n',
        b'{"respCode":"0"}',
        b'{"respCode":0}',
        b'{"respCode" : 0000 }',
        b'{"respCode":00000,"respDesc":"ok"}',
        b'\xef\xbb\xbf{"respCode":"00000"}',
        b' \xef\xbb\xbf\r\n{"respCode":0}\n',
        b'{"respCode":" 00000 "}',
        '{"respDesc":"请求成功","respCode":"00000"}'.encode("gbk"),
        '{"respDesc":"成功","respCode":00000}'.encode("gbk"),
    ],
)
def test_zero_in_any_spelling_takes_a_push(answer):
    assert is_taken(answer)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"1",
        b"00000",
        b'"00000"',
        b'["00000"]',
        b"{}",
        b'{"respCode":false}',
        b'{"respCode":null}',
        b'{"respCode":0.0}',
        b'{"respCode":00001}',
        b'{"respCode":"000000"}',
        b'{"respCode":["00000"]}',
        b'{"respCode":"00001"}',
        '{"respDesc":"失败","respCode":"00001"}'.encode("gbk"),
    ],
)
def test_nothing_else_does(answer):
    assert not is_taken(answer)


@given(
    st.binary(max_size=60)
    | st.recursive(st.none() | st.text(max_size=5), st.lists).map(lambda x: json.dumps({"respCode": x}).encode())
)
def test_no_answer_breaks_the_reader(answer):
    assert is_taken(answer) in {True, False}
