"""SOAP requests as programs write them, answers to the octet, and what is no request at all."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats.soap import (
    MOST_ATTRIBUTES,
    MOST_DEPTH,
    MOST_ELEMENTS,
    BadSoap,
    Call,
    FaultCode,
    SendResult,
    Version,
    fault_xml,
    read_call,
    result_xml,
)

V11, V12 = Version.V11, Version.V12
PHP = b"text/xml; charset=utf-8"
DECLARATION = '<?xml version="1.0" encoding="{}"?>\n'
ASKED = Call(V11, "demo", "abc123", "13800138000,13900139000", "您的验证码是1234【鸿雁】", "12", "")


def message(inside, version=V11, header="", declaration='<?xml version="1.0" encoding="UTF-8"?>\n'):
    return (
        f'{declaration}<s:Envelope xmlns:s="{version.namespace}" xmlns:y="http://www.yysms.com/" xmlns:n="http://www.yysms.com/"'
        f' xmlns:i="http://www.w3.org/2001/XMLSchema-instance">{header}<s:Body>{inside}</s:Body></s:Envelope>'
    )


def send_sms(call, prefix="y:", time=""):
    """One SendSms with the elements of a call, in this prefix or, with "", in the default namespace."""
    name = prefix + "{}"
    wrap = "<{0}>{1}</{0}>".format
    sms = "".join(
        wrap(name.format(element), escape(value))
        for element, value in (("Msisdns", call.msisdns), ("SMSContent", call.sms_content), ("ExtNumber", call.ext_number))
    ) + (time or wrap(name.format("PlanSendTime"), escape(call.plan_send_time)))
    inside = wrap(name.format("userName"), escape(call.user_name)) + wrap(name.format("password"), escape(call.password))
    tag = name.format("SendSms")
    opening = tag if prefix else f'{tag} xmlns="http://www.yysms.com/"'
    return f"<{opening}>{inside}{wrap(name.format('sms'), sms)}</{tag}>"


def bad(body, content_type=PHP):
    with pytest.raises(BadSoap) as caught:
        read_call(body if isinstance(body, bytes) else body.encode(), content_type)
    return caught.value


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("prefix", ["y:", "n:", ""])
def test_a_call_is_read_in_either_version_and_under_any_prefix(version, prefix):
    called = read_call(message(send_sms(ASKED, prefix), version).encode(), b"")

    assert called == Call(version, *[getattr(ASKED, name) for name in Call.__slots__[1:]])


def test_php_writes_its_own_prefixes_and_a_nil_time():
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:ns1="http://www.yysms.com/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><SOAP-ENV:Body><ns1:SendSms>'
        "<ns1:userName>demo</ns1:userName><ns1:password>abc123</ns1:password><ns1:sms><ns1:Msisdns>13800138000,13900139000"
        "</ns1:Msisdns><ns1:SMSContent>您的验证码是1234【鸿雁】</ns1:SMSContent><ns1:ExtNumber>12</ns1:ExtNumber>"
        '<ns1:PlanSendTime xsi:nil="true"/></ns1:sms></ns1:SendSms></SOAP-ENV:Body></SOAP-ENV:Envelope>\n'
    )

    assert read_call(body.encode(), PHP) == ASKED


def test_the_vendors_java_demo_writes_cdata_and_text_inside_a_nil_element():
    body = (
        '<soap12:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:soap12="http://www.w3.org/2003/05/soap-envelope">'
        '<soap12:Body><SendSms xmlns="http://www.yysms.com/"><userName>demo</userName><password>abc123</password><sms>\r\n'
        "<Msisdns>13800138000</Msisdns><SMSContent><![CDATA[5 < 6 & <b> <!DOCTYPE x>]]></SMSContent><ExtNumber></ExtNumber>"
        "<PlanSendTime xsi:nil='true'></PlanSendTime></sms></SendSms></soap12:Body></soap12:Envelope>"
    )

    called = read_call(body.encode(), b"application/soap+xml; charset=UTF-8")

    assert called == Call(V12, "demo", "abc123", "13800138000", "5 < 6 & <b> <!DOCTYPE x>", "", "")


@pytest.mark.parametrize(
    ("time", "read"),
    [
        ("<y:PlanSendTime i:nil='false'>2016-12-06T08:09:10</y:PlanSendTime>", "2016-12-06T08:09:10"),
        ("<y:PlanSendTime i:nil='1'>2016-12-06T08:09:10</y:PlanSendTime>", ""),
        ("<y:PlanSendTime>2010-10-24 09:08:10</y:PlanSendTime>", "2010-10-24 09:08:10"),
        ("<y:PlanSendTime/>", ""),
        ("<y:Other>1</y:Other>", ""),
    ],
)
def test_the_time_may_be_nil_empty_or_missing(time, read):
    assert read_call(message(send_sms(ASKED, time=time)).encode(), PHP).plan_send_time == read


def test_what_is_missing_is_empty_and_what_is_strange_is_passed_over():
    inside = "<y:SendSms><y:sms><y:Deep><y:Msisdns>1</y:Msisdns></y:Deep><SMSContent>a</SMSContent></y:sms><y:x/></y:SendSms>"
    header = "<s:Header><y:Session>7</y:Session><y:userName>x</y:userName></s:Header>"

    assert read_call(message(inside, header=header).encode(), PHP) == Call(V11, "", "", "", "a", "", "")


@pytest.mark.parametrize(
    ("declared", "codec", "content_type"),
    [
        ("UTF-8", "utf-8", b"text/xml"),
        ("utf-8", "utf-8-sig", b"text/xml; charset=gb2312"),
        ("gb2312", "gbk", b"text/xml; charset=utf-8"),
        ("GBK", "gbk", b""),
        ("utf-16", "utf-16", b""),
        ("", "gb18030", b'text/xml; charset="GB2312"'),
        ("", "utf-8", b""),
        ("", "utf-16-le", b"text/xml; charset=utf-16le"),
        ("utf-16", "utf-8", b"text/xml; charset=utf-8"),  # of .NET's StringWriter
        ("utf-16", "utf-8", b"text/xml"),
        ("utf-16", "gbk", b"text/xml; charset=GBK"),
        ("GBK", "utf-8", b"text/xml; charset=utf-8"),
        ("utf-8", "utf-8", b"text/xml; charset=GBK"),
        ("utf-8", "gbk", b"text/xml; charset=GBK"),
    ],
)
def test_the_mark_comes_first_and_then_what_fits_of_declaration_and_header(declared, codec, content_type):
    declaration = DECLARATION.format(declared) if declared else ""

    assert read_call(message(send_sms(ASKED), declaration=declaration).encode(codec), content_type) == ASKED


def test_blanks_before_the_declaration_do_no_harm():
    assert read_call(b"\r\n " + message(send_sms(ASKED)).encode(), PHP) == ASKED


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "not well-formed: no element found"),
        ("userName=demo&password=abc123", "not well-formed"),
        ('{"userName": "demo"}', "not well-formed"),
        (message(send_sms(ASKED))[:-20], "not well-formed"),
        (message("<y:SendSms>&nbsp;</y:SendSms>"), "not well-formed: undefined entity"),
        (message("<y:SendSms>\x00</y:SendSms>"), "not well-formed"),
        (message("<z:SendSms/>"), "unbound prefix"),
        (message(""), "no SendSms in its Body"),
        (message(send_sms(ASKED)).replace("s:Body", "y:Body"), "no SendSms in its Body"),
        (message("<y:SendMms/>"), "the only operation is SendSms"),
        (message('<SendSms xmlns="http://tempuri.org/"/>'), "the only operation is SendSms"),
        (message("<y:SendSms/><y:SendSms/>"), "more than one operation"),
        (b'<?xml version="1.0" encoding="utf-8"?><a>\xb2\xd9</a>', "not written in utf-8"),
        (b"\xff\xfea", "not written in utf-16"),
    ],
)
def test_what_is_no_request_is_said(body, why):
    fault = bad(body)

    assert why in fault.why
    assert fault.fault_code is FaultCode.SENDER


def test_an_encoding_that_nobody_knows_is_said():
    body = b'<?xml version="1.0" encoding="utf-7"?><a/>'

    assert "no known encoding: utf-7" in bad(body, b"text/xml").why


def test_a_fault_never_quotes_the_request():
    assert "abc123" not in bad(message(send_sms(ASKED)).replace("</y:password>", "")).why


def test_an_envelope_of_no_known_version_is_a_mismatch():
    assert bad("<Envelope xmlns='http://schemas.xmlsoap.org/soap/1.3/'/>").fault_code is FaultCode.VERSION
    assert bad("<html><body>x</body></html>").fault_code is FaultCode.VERSION


@pytest.mark.parametrize(("flag", "is_refused"), [("1", True), ("true", True), ("0", False)])
def test_a_header_that_must_be_understood_is_not(flag, is_refused):
    body = message(send_sms(ASKED), V12, f'<s:Header><y:Security s:mustUnderstand="{flag}"/></s:Header>').encode()

    if is_refused:
        assert (bad(body).fault_code, bad(body).version) == (FaultCode.HEADER, V12)
    else:
        assert read_call(body, PHP).user_name == "demo"


@pytest.mark.parametrize(
    ("body", "content_type", "version"),
    [
        ("<", b"text/xml", V11),
        ("<", b"application/soap+xml; charset=utf-8", V12),
        (message("", V12), b"text/xml", V12),
        (message("", V11), b"application/soap+xml", V11),
    ],
)
def test_a_fault_knows_the_version_of_the_envelope_else_of_the_media_type(body, content_type, version):
    assert bad(body, content_type).version is version


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">' for n in range(1, 10)) + "]>"
)


@pytest.mark.parametrize(
    "prolog",
    [
        LAUGHS,
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
        "<!-- --><?x y?>\n<!DOCTYPE x>",
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_doctype_is_refused_before_anything_of_it_is_used(prolog, codec):
    body = message("<y:SendSms>&a9;&a;</y:SendSms>", declaration=DECLARATION.format(codec) + prolog)

    assert bad(body.encode(codec)).why == "it has a DOCTYPE"


@pytest.mark.parametrize(
    ("inside", "why"),
    [
        ("<y:a>" * (MOST_DEPTH + 1), "nested too deep"),
        ("<y:a>" * 300_000, "nested too deep"),
        ("<y:a/>" * (MOST_ELEMENTS + 1), "more than one operation"),
        ("<y:a>" + "<y:b/>" * 300_000, "too many elements"),
        ("<y:a " + " ".join(f"a{n}='>'" for n in range(MOST_ATTRIBUTES + 1)) + "/>", "too many attributes"),
        ("<y:a " + " ".join(f"xmlns:a{n}='u'" for n in range(150_000)) + "/>", "too many attributes"),
    ],
)
def test_what_has_no_bounds_is_refused(inside, why):
    assert why in bad(message(inside)).why


def is_read_or_refused(body, content_type):
    """Anything else that is raised fails the test."""
    try:
        return isinstance(read_call(body, content_type), Call)
    except BadSoap as fault:
        return fault_xml(fault.fault_code, fault.why, fault.why, fault.version).endswith(b"</soap:Envelope>")


LEGAL = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
WORDS = st.text(LEGAL, max_size=40)


@given(
    st.builds(Call, st.sampled_from(Version), WORDS, WORDS, WORDS, WORDS, WORDS, WORDS),
    st.sampled_from(["y:", ""]),
    st.sampled_from(["utf-8", "utf-16", "gb18030"]),
)
def test_a_call_is_read_as_it_was_written(call, prefix, codec):
    body = message(send_sms(call, prefix), call.version, declaration=DECLARATION.format(codec))

    assert read_call(body.encode(codec), b"") == call


@given(st.data())
def test_a_request_that_lost_octets_or_got_others_is_read_or_refused(data):
    body = bytearray(message(send_sms(ASKED)).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    assert is_read_or_refused(bytes(body), PHP)


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_whatever_comes_ends_in_a_call_or_a_fault(body, content_type):
    assert is_read_or_refused(body, content_type)


OPENING = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
)
CLOSING = "</soap:Body></soap:Envelope>"


@pytest.mark.parametrize("version", Version)
def test_the_octets_of_a_result(version):
    result = SendResult(0, "OK", "操作成功", "1504080852350206", 2, 3, -4, -4, 3, ["123 错误的<手机>号码"])

    assert (
        result_xml(result, version)
        == (
            f'{OPENING.format(version.namespace)}<SendSmsResponse xmlns="http://www.yysms.com/"><SendSmsResult><PayType>0</PayType>'
            "<StatusCode>OK</StatusCode><Description>操作成功</Description><MsgId>1504080852350206</MsgId>"
            "<SuccessCounts>2</SuccessCounts><BillingCount>3</BillingCount><Amount>-4</Amount><Balance>-4</Balance>"
            "<BillingAmount>3</BillingAmount><Errors><string>123 错误的&lt;手机&gt;号码</string></Errors></SendSmsResult>"
            f"</SendSmsResponse>{CLOSING}"
        ).encode()
    )


def test_the_octets_of_faults():
    assert (
        fault_xml(FaultCode.SENDER, "no <b>", "不行", V11)
        == (
            f"{OPENING.format(V11.namespace)}<soap:Fault><faultcode>soap:Client</faultcode>"
            f"<faultstring>no &lt;b&gt; 不行</faultstring></soap:Fault>{CLOSING}"
        ).encode()
    )
    assert (
        fault_xml(FaultCode.HEADER, "no", "不行", V12)
        == (
            f"{OPENING.format(V12.namespace)}<soap:Fault><soap:Code><soap:Value>soap:MustUnderstand</soap:Value></soap:Code>"
            '<soap:Reason><soap:Text xml:lang="en">no</soap:Text><soap:Text xml:lang="zh">不行</soap:Text></soap:Reason>'
            f"</soap:Fault>{CLOSING}"
        ).encode()
    )
