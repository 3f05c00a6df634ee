"""The parameter reader: every leniency of the wire contract, 1.1, and nothing made up for octets that cannot be read."""

import re
from contextlib import suppress
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hongyan.formats.form import GBK, KEEP, MOST_PARAMETERS, UTF8, is_readable, read_form

URLENCODED = b"application/x-www-form-urlencoded"


def read(query=b"", body=b"", content_type=URLENCODED, charset=UTF8, errors=KEEP):
    return read_form(query, body, content_type, charset, errors)


@pytest.mark.parametrize(
    "content_type",
    [
        URLENCODED,
        b"application/x-www-form-urlencoded;charset=UTF-8",
        b"application/x-www-form-urlencoded; charset=utf-8; param=value",
        b"",
        b"text/html",
    ],
)
def test_a_form_is_read_whatever_its_content_type_says(content_type):
    assert read(body=b"action=send&mobile=1", content_type=content_type) == {"action": "send", "mobile": "1"}


def test_everything_may_stand_in_the_query():
    assert read(query=b"action=send&account=a%20b") == {"action": "send", "account": "a b"}


def test_query_and_body_are_one_form():
    assert read(query=b"action=send", body=b"mobile=1") == {"action": "send", "mobile": "1"}


@pytest.mark.parametrize("body", [b"action=", b"action=query", b"ACTION=query"])
def test_the_query_beats_the_body(body):
    assert read(query=b"action=send", body=body) == {"action": "send"}


def test_an_empty_value_of_the_query_beats_the_body_too():
    assert read(query=b"extno=", body=b"extno=12") == {"extno": ""}


def test_names_are_found_in_any_case():
    assert read(body=b"Userid=1&sendTime=2&CONTENT=x") == {"userid": "1", "sendtime": "2", "content": "x"}


def test_names_are_trimmed():
    assert read(body=b"& taskid =1523516&%20statusNum+=7") == {"taskid": "1523516", "statusnum": "7"}


@pytest.mark.parametrize("octets", [b"&a=1&b=2", b"a=1&&b=2", b"a=1&b=2&", b"&&a=1&&&b=2&&"])
def test_stray_separators_do_no_harm(octets):
    assert read(body=octets) == {"a": "1", "b": "2"}
    assert read(query=octets) == {"a": "1", "b": "2"}


def test_a_byte_order_mark_before_a_body_belongs_to_no_name():
    assert read(body=b"\xef\xbb\xbfaction=send&a=\xef\xbb\xbf1") == {"action": "send", "a": "\ufeff1"}
    part = b'\xef\xbb\xbf--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
    assert read(body=part, content_type=b"multipart/form-data; boundary=x") == {"a": "1"}
    assert read(body=part, content_type=b"multipart/form-data") == {"a": "1"}


def test_a_name_may_come_without_a_value():
    assert read(body=b"extno&sendTime=&a=1") == {"extno": "", "sendtime": "", "a": "1"}


def test_repeats_are_joined_by_commas():
    assert read(body=b"mobile=1&a=x&mobile=2&Mobile=3") == {"mobile": "1,2,3", "a": "x"}


def test_a_value_keeps_its_equals_signs():
    assert read(query=b"action=action=send") == {"action": "action=send"}


@pytest.mark.parametrize(("charset", "codec"), [("utf-8", "utf-8"), ("gb18030", "gbk")])
def test_raw_octets_are_decoded_in_the_charset_of_the_endpoint(charset, codec):
    text = "您的验证码：1439【腾飞】".encode(codec)

    assert read(body=b"content=" + text, charset=charset)["content"] == "您的验证码：1439【腾飞】"
    assert read(query=b"content=" + text, charset=charset)["content"] == "您的验证码：1439【腾飞】"


@pytest.mark.parametrize(("charset", "codec"), [("utf-8", "utf-8"), ("gb18030", "gbk")])
def test_escaped_octets_are_decoded_in_the_charset_of_the_endpoint(charset, codec):
    escaped = "".join(f"%{octet:02x}" for octet in "腾飞，a".encode(codec)).encode()

    assert read(body=b"content=" + escaped, charset=charset)["content"] == "腾飞，a"


@pytest.mark.parametrize("named", [b"gbk", b"GB2312", b'"GB18030"', b"GBK; x=y", b" gbk "])
def test_a_declared_charset_is_believed_at_a_door_of_the_other(named):
    octets = {"query": b"subject=%B2%E2", "body": b"content=%B2%E2&raw=\xb2\xe2"}
    form = read(**octets, content_type=URLENCODED + b";charset=" + named, errors="strict")

    assert form == {"content": "测", "raw": "测", "subject": "测"}


@pytest.mark.parametrize("named", [b"utf-8", b"UTF8", b'"Utf-8"'])
def test_so_is_utf_8_at_a_gbk_door(named):
    form = read(body=b"content=%E6%B5%8B", content_type=URLENCODED + b"; Charset = " + named, charset=GBK, errors="strict")

    assert form == {"content": "测"}


@pytest.mark.parametrize("named", [b"iso-8859-1", b"big5", b"", b"utf-16", b"\xff"])
def test_a_charset_that_no_form_is_in_is_not_believed(named):
    assert read(body=b"content=%B2%E2", content_type=URLENCODED + b";charset=" + named, charset=GBK) == {"content": "测"}


@pytest.mark.parametrize("charset", [UTF8, GBK])
@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (b"%u9A8C%u8bc1", "验证"),
        (b"a%u9A8C+b%25%2Bc", "a验 b%+c"),
        (b"%uD83D%uDE00", "😀"),
        (b"%u0025%u002B%u003D", "%+="),
        (b"%u0025B2", "%B2"),
        (b"%uFFFD", "\ufffd"),
    ],
)
def test_utf_16_units_are_read_as_classic_escape_writes_them(charset, escaped, text):
    assert read(query=b"content=" + escaped, charset=charset, errors="strict") == {"content": text}


@pytest.mark.parametrize("charset", [UTF8, GBK])
@pytest.mark.parametrize("escaped", [b"%uD83D", b"%uDE00", b"%uDE00%uD83D", b"a%uD83Db", b"%uD83D+%uDE00", b"%uDCB2%uDCE2"])
def test_half_of_a_pair_cannot_be_read(charset, escaped):
    form = read(body=b"content=" + escaped, charset=charset)

    assert not is_readable(form["content"])
    with pytest.raises(UnicodeDecodeError):
        read(body=b"content=" + escaped, charset=charset, errors="strict")


def test_escapes_and_plus_are_undone():
    assert read(body=b"a=1+2%2B3%26%3d%25&b=%7E") == {"a": "1 2+3&=%", "b": "~"}


@pytest.mark.parametrize("value", [b"100%", b"50%zz", b"%", b"%%", b"%4", b"a%u4F6", b"%U4F60", b"%uused"])
def test_a_percent_sign_that_escapes_nothing_stays(value):
    assert read(body=b"content=" + value) == {"content": value.decode()}


def test_a_blank_and_a_number_sign_that_nobody_escaped_stay():
    assert read(query=b"content=a b#c&mobile=1") == {"content": "a b#c", "mobile": "1"}


@pytest.mark.parametrize(
    ("octets", "charset"),
    [
        (b"%D1%E9", UTF8),
        ("验".encode("gbk"), UTF8),
        (b"a%FFb%C3", UTF8),
        (b"%E8%85%3D", UTF8),
        (b"%E9%AA%8C", GBK),
        ("验".encode(), GBK),
        (b"%D1%3D", GBK),
        (b"%FF", GBK),
    ],
)
def test_what_is_not_in_the_charset_is_no_text(octets, charset):
    assert not is_readable(read(body=b"content=" + octets, charset=charset)["content"])
    with pytest.raises(UnicodeDecodeError):
        read(body=b"content=" + octets, charset=charset, errors="strict")


@pytest.mark.parametrize(("charset", "octets"), [(UTF8, b"%EF%BF%BD"), (GBK, b"%84%31%A4%37")])
def test_a_replacement_character_of_the_client_is_as_any(charset, octets):
    form = read(body=b"content=a" + octets, charset=charset, errors="strict")

    assert form == {"content": "a\ufffd"}
    assert is_readable(form["content"])


MULTIPART = (
    b'------x\r\nContent-Disposition: form-data; name="action"\r\n\r\nsend\r\n'
    b'------x\r\nContent-Disposition: form-data; name="Content"\r\nContent-Type: text/plain; charset=UTF-8\r\n'
    b"Content-Transfer-Encoding: 8bit\r\n\r\na+b %41\r\nc=d&\xe8\x85\xbe\r\n"
    b'------x\r\nContent-Disposition: form-data; filename="f.txt"; name="upload"\r\n\r\nno\r\n'
    b"------x\r\nContent-Disposition: form-data; name=extno\r\n\r\n\r\n"
    b"------x--\r\n"
)


@pytest.mark.parametrize(
    "content_type",
    [
        b"multipart/form-data; boundary=----x",
        b'Multipart/Form-Data; charset=utf-8; Boundary="----x"',
        b"multipart/form-data",
    ],
)
def test_a_multipart_form_is_read_as_it_stands(content_type):
    form = read(query=b"mobile=1", body=MULTIPART, content_type=content_type)

    assert form == {"action": "send", "content": "a+b %41\r\nc=d&腾", "extno": "", "mobile": "1"}


@pytest.mark.parametrize("content_type", [b"multipart/form-data; boundary=----x", b"multipart/form-data"])
def test_its_lines_may_end_in_lf_alone(content_type):
    body = MULTIPART.replace(b"\r\n", b"\n").replace(b"%41\n", b"%41\r\n\r\n")

    assert read(body=body, content_type=content_type) == {"action": "send", "content": "a+b %41\r\n\r\nc=d&腾", "extno": ""}


def test_a_part_may_have_a_charset_of_its_own():
    body = MULTIPART.replace(b"\xe8\x85\xbe", "腾".encode("gbk")).replace(b"charset=UTF-8", b"charset=gb2312")

    for charset in (UTF8, GBK):
        form = read(body=body, content_type=b"multipart/form-data; boundary=----x", charset=charset, errors="strict")
        assert form["content"].endswith("腾")


def test_a_multipart_form_is_decoded_in_the_charset_of_the_endpoint():
    body = MULTIPART.replace(b"\xe8\x85\xbe", "腾".encode("gbk")).replace(b"; charset=UTF-8", b"")
    form = read(body=body, content_type=b"multipart/form-data; boundary=----x", charset="gb18030")

    assert form["content"].endswith("腾")


def test_an_unrelated_body_does_not_disturb_the_query():
    form = read(query=b"action=send&mobile=1", body=b'{"a": "b"}', content_type=b"application/xml")

    assert form.pop('{"a": "b"}') == ""
    assert form == {"action": "send", "mobile": "1"}


def test_no_more_parameters_are_read_than_stated():
    body = b"&".join(b"p%d=1" % n for n in range(MOST_PARAMETERS * 3))

    assert len(read(body=body)) == MOST_PARAMETERS
    assert len(read(body=b"&".join(b"%d" % n for n in range(MOST_PARAMETERS * 3)))) == MOST_PARAMETERS
    assert read(body=b"mobile=" + b"&mobile=".join([b"1"] * 1000))["mobile"].count(",") == MOST_PARAMETERS - 1


@example(query=b"", body=b"=\x80", content_type=b"", charset="utf-8")
@given(query=st.binary(), body=st.binary(), content_type=st.binary(), charset=st.sampled_from(["utf-8", "gb18030"]))
def test_no_octets_make_it_raise(query, body, content_type, charset):
    form = read(query, body, content_type, charset)

    assert all(name == name.strip().lower() and name for name in form)
    if all(is_readable(text) for pair in form.items() for text in pair):
        with suppress(UnicodeDecodeError):  # in a value without a name, which nobody asks for
            assert read(query, body, content_type, charset, "strict") == form
    else:
        with pytest.raises(UnicodeDecodeError):
            read(query, body, content_type, charset, "strict")


@given(
    parts=st.lists(
        st.sampled_from([b"--b", b"--b--", b"\r\n", b"\r\n\r\n", b' name="a"', b"; name=", b"filename=", b"x", b"&", b"="])
    ),
    content_type=st.sampled_from([b"multipart/form-data; boundary=b", b"multipart/form-data; boundary=", b"multipart/"]),
)
def test_no_broken_multipart_makes_it_raise(parts, content_type):
    assert all(name for name in read(body=b"".join(parts), content_type=content_type))


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=8), st.text(), max_size=8))
def test_what_a_client_escapes_is_read_back(wanted):
    body = "&".join(f"{name}={''.join(f'%{o:02X}' for o in value.encode())}" for name, value in wanted.items())

    assert read(body=body.encode()) == wanted


def carefully(raw, charset):
    """Escapes undone one by one."""
    undone = re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), raw.replace(b"+", b" "))
    return undone.decode(charset, KEEP)


@example([("a", ["%E8%85%BE", "1", "%3D"])], "gb18030")  # the last octets are of one character that is cut short
@given(
    st.lists(
        st.tuples(
            st.text("abc", min_size=1),
            st.lists(
                st.sampled_from(
                    ["%26", "%3D", "x", "%", "+", "%E8%85%BE", "%c1", "%01", "\x01", "=", "\r\n", "%%", "%4", "\x81", "1", " "]
                )
            ),
        )
    ),
    st.sampled_from(["utf-8", "gb18030"]),
)
def test_pairs_are_found_before_escapes_are_undone(pairs, charset):
    body = "&".join(f"{name}={''.join(value)}" for name, value in pairs).encode("latin-1")
    wanted = {}
    for name, octets in pairs:
        value = carefully("".join(octets).encode("latin-1"), charset)
        wanted[name] = f"{wanted[name]},{value}" if name in wanted else value

    assert read(body=body, charset=charset) == wanted


@given(st.lists(st.sampled_from(["%", "3", "D", "d", "%3D", "%3d", "%E4%BD%A0", "%2B", "+", "=", "a", "\n"])).map("".join))
def test_escapes_are_undone_as_everybody_undoes_them(value):
    wanted = unquote_to_bytes(value.replace("+", " ")).decode("utf-8", KEEP)

    assert read(body=b"content=" + value.encode()).get("content") == wanted
