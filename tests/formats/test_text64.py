"""Text64: the manual's own vector, every leniency of the wire contract, 2.6, and no octets that make a reader raise its own way."""

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hongyan.formats.text64 import (
    MOST_MEMBERS,
    BadText64,
    Contents,
    Step,
    answer_json,
    decrypt,
    encrypt,
    key_of,
    off_ms,
    proof_of,
    read_json,
    read_octets,
    stamp_at,
    write_json,
)
from hongyan.model.times import CHINA

SAMPLE = (
    "0DqKGm9MWnsFM2wlYEW65VXylBxJGBiuZzP5dTp1ALdK7QaTgx0cR5GftknjiNJBOd46tdJp+6J3OYAoukEBOKlfsExTaFYC7X514PyLC+NrwhDLKYOvFAb7"
    "gBo+dqkslvVJklz4qm7/gUHrHAT2d7hEcQxhDMD+Ij8NIy1kvHqU3noZTqjlC1PaaFYy6zifBr5ND+V4UK0xM7scF/avfVKW/0k16qqVzDDJocRkTz0jqvtJ"
    "Yfo1liuI2+h2fRkK"
)
INSIDE = Contents("test", "2A8D628159B0D4D3D4D58A3EB17F3082", "0414174715", "15510331875", "我的验证码是：7890。【奥创时代】")
KEY = bytes.fromhex("74 65 73 74 00 00 00 00")
JSON = (
    '{"UserName":"test","Secret":"2A8D628159B0D4D3D4D58A3EB17F3082","Stamp":"0414174715","Moblie":"15510331875",'
    '"Text":"我的验证码是：7890。【奥创时代】","Ext":"","SendTime":""}'
)


def opened(text64, key=KEY):
    return read_json(decrypt(read_octets(text64), key))


def sealed(text, key=KEY):
    return b64encode(encrypt(text if isinstance(text, bytes) else text.encode(), key)).decode()


def failing(step, read, *given):
    with pytest.raises(BadText64) as caught:
        read(*given)
    return caught.value.step is step


def test_the_vector_of_the_manual_both_ways():
    assert opened(SAMPLE) == INSIDE
    assert write_json(INSIDE) == JSON.encode()
    assert len(JSON.encode()) == 186
    assert b64encode(encrypt(write_json(INSIDE), KEY)).decode() == SAMPLE


def test_the_key_is_the_plain_secret_cut_or_filled_up():
    assert key_of("test") == KEY
    assert key_of("1234567890") == b"12345678"
    assert key_of("口令口") == "口令口".encode()[:8]


def test_the_proof_is_the_md5_of_secret_and_stamp():
    assert proof_of("test", "0414174715") == INSIDE.secret


@pytest.mark.parametrize(
    "spelling",
    [
        "\r\n".join(SAMPLE[at : at + 76] for at in range(0, len(SAMPLE), 76)),
        "\n".join(SAMPLE[at : at + 64] for at in range(0, len(SAMPLE), 64)) + "\n",
        SAMPLE.replace("+", " "),
        f"  {SAMPLE} ",
        quote(SAMPLE, safe=""),
        quote(SAMPLE),
        SAMPLE.replace("+", "-").replace("/", "_"),
    ],
)
def test_base64_is_read_as_programs_send_it(spelling):
    assert opened(spelling) == INSIDE


def test_padding_of_the_base64_may_be_missing():
    short = sealed('{"UserName":"abcdefghi"}')

    assert short.endswith("=")
    assert opened(short.rstrip("=")).user_name == "abcdefghi"


@pytest.mark.parametrize(
    "spelling",
    [
        JSON.replace("Moblie", "Mobile"),
        JSON.lower().replace(INSIDE.secret.lower(), INSIDE.secret),
        json.dumps(json.loads(JSON)),  # blanks, and \u escapes
        json.dumps(dict(reversed(json.loads(JSON).items())), indent=2),
        JSON.replace(',"Ext":"","SendTime":""', ""),
        JSON.replace('"Ext":"","SendTime":""', '"Ext":null,"SendTime":null'),
        JSON.replace('"15510331875"', "15510331875").replace('"0414174715"', "414174715"),
        "\ufeff" + JSON,
        " \r\n" + JSON + "\n",
        JSON.replace("}", ',"Version":2,"Unit":null}'),
    ],
)
def test_the_json_is_read_as_programs_write_it(spelling):
    assert opened(sealed(spelling)) == INSIDE


def test_a_bean_of_java_is_read():
    bean = '{"ext":"111","moblie":"15510331875","secret":"2a8d","stamp":"0414174715","text":"x","userName":" test "}'

    assert opened(sealed(bean)) == Contents("test", "2a8d", "0414174715", "15510331875", "x", "111")


def test_line_breaks_may_stand_in_texts_as_they_are():
    assert opened(sealed(JSON.replace("7890。", "7890\r\n\t"))).text == "我的验证码是：7890\r\n\t【奥创时代】"


@pytest.mark.parametrize("text64", ["", "=", "a", "好", "!!!!", "QUJD" * 3 + "=" * 5, "%", "%zz", "AAAA====AAAA"])
def test_what_is_no_base64_of_whole_blocks_is_refused(text64):
    with pytest.raises(BadText64) as caught:
        read_octets(text64)

    assert caught.value.step in {Step.BASE64, Step.BLOCKS}


def test_another_key_is_refused():
    assert failing(Step.KEY, decrypt, b64decode(SAMPLE), key_of("TEST"))
    assert failing(Step.KEY, decrypt, b64decode(SAMPLE)[:-8], KEY)
    assert failing(Step.KEY, decrypt, encrypt(b"plain words", KEY), KEY)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}x",
        "{'UserName':'test'}",
        '{"UserName":["test"]}',
        '{"UserName":{"a":1}}',
        '{"UserName":1.5}',
        '{"UserName":true}',
        '{"UserName":"a",}',
        '{"UserName":"a" "Text":"b"}',
        '{"UserName":"\\ud800"}',
        '{"UserName":"\\x"}',
        "{" + ",".join(f'"k{n}":1' for n in range(MOST_MEMBERS + 1)) + "}",
        "{" + '"a":1,' * 200_000 + '"b":2}',
        '{"a":' * 100_000,
        "{" + "[" * 100_000,
        b'{"UserName":"\xff"}',
    ],
)
def test_json_that_is_no_flat_object_of_texts_is_refused(text):
    assert failing(Step.JSON, read_json, text if isinstance(text, bytes) else text.encode())


def test_an_empty_object_is_an_empty_request():
    assert read_json(b"{}") == Contents("", "", "", "", "")


def moment(*fields):
    return int(datetime(*fields, tzinfo=CHINA).timestamp() * 1000)


@pytest.mark.parametrize(
    ("stamp", "now", "seconds"),
    [
        ("0414174715", (2015, 4, 14, 17, 47, 15), 0),
        ("0414174715", (2015, 4, 14, 17, 52, 15), 300),
        ("0414174715", (2015, 4, 14, 17, 42, 14), 301),
        ("1231235959", (2027, 1, 1, 0, 3, 0), 181),
        ("0101000100", (2026, 12, 31, 23, 58, 0), 180),
        ("0229120000", (2028, 2, 29, 12, 0, 10), 10),
        ("0229120000", (2027, 2, 28, 12, 0, 0), 366 * 86_400),
    ],
)
def test_a_stamp_has_no_year_and_means_the_nearest(stamp, now, seconds):
    assert off_ms(stamp, moment(*now)) == seconds * 1000


@pytest.mark.parametrize(
    "stamp", ["", "0414", "04141747155", "0431174715", "1314174715", "0414257715", "０４１４１７４７１５", "-414174715"]
)
def test_what_is_no_time_is_no_stamp(stamp):
    assert off_ms(stamp, moment(2015, 4, 14)) is None


def test_the_present_is_a_stamp():
    assert stamp_at(moment(2015, 4, 14, 17, 47, 15)) == "0414174715"


def test_the_answer_of_the_manual_octet_by_octet():
    seen = answer_json(1, "操作成功", "1504141655440332", -11, 1)

    assert (
        seen.decode()
        == '{"StatusCode":1,"Description":"操作成功","MsgId":"1504141655440332","Amount":-11,"SuccessCounts":1,"Errors":[]}'
    )


def test_an_answer_lists_what_was_not_accepted():
    seen = answer_json(1, "操作成功", "1", 5, 1, ["12345 错误的手机号码"])

    assert seen.decode().endswith('"SuccessCounts":1,"Errors":["12345 错误的手机号码"]}')


def test_a_failure_has_every_member():
    seen = answer_json(1009, "Text64参数错误")

    assert (
        seen.decode()
        == '{"StatusCode":1009,"Description":"Text64参数错误","MsgId":"","Amount":0,"SuccessCounts":0,"Errors":[]}'
    )


texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts, texts, texts, texts.filter(bool), texts)
def test_what_is_written_is_read_back(name, secret, stamp, mobile, text):
    inside = Contents(name.strip(), secret.strip(), stamp.strip(), mobile, text)
    assume(not inside.stamp.isdecimal())

    assert opened(sealed(write_json(inside), key_of(secret)), key_of(secret)) == inside
    assert opened(sealed(write_json(replace(inside, stamp="0101000000")))).stamp == "0101000000"


@given(st.one_of(st.text(), st.text("AB+/=% \r\n")))
def test_no_text_makes_a_reader_raise_anything_else(text):
    try:
        opened(text)
    except BadText64:
        return


@given(st.binary())
def test_no_octets_make_a_reader_raise_anything_else(octets):
    for read in (lambda given: decrypt(given + bytes(8 - len(given) % 8), KEY), read_json):
        try:
            read(octets)
        except BadText64:
            continue


members = st.dictionaries(
    st.sampled_from(["UserName", "Moblie", "Text", "Ext", "x"]), st.none() | st.integers() | st.text() | st.booleans()
)


@given(members, st.integers(0, 40))
def test_no_json_makes_a_reader_raise_anything_else(found, cut):
    plain = json.dumps(found).encode()
    for octets in (plain, plain[:cut], plain[:cut] + b'"' + plain[cut:]):
        try:
            read_json(octets)
        except BadText64:
            continue


@given(st.text(), st.integers(0, 4_000_000_000_000))
def test_no_stamp_makes_a_reader_raise(stamp, now):
    assert (off_ms(stamp, now) or 0) >= 0
