"""MM7: every vector of the sheet both ways, a second decoder that reads what we write, and whatever a stranger may post."""

import json
import time
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hongyan.wire.mm7.auth import basic, challenge, challenge_of, digest, digest_response, is_digest_authentic
from hongyan.wire.mm7.codec import BadMm7, decode, encode
from hongyan.wire.mm7.pdu import SCHEMAS, Answer, CancelReq, DeliverReq, Part, Report, Schema, SubmitReq, Variant
from hongyan.xml import text_of

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "mm7_vectors.json").read_text(encoding="utf-8"))
SHOW = (
    b'<smil><head><layout><root-layout width="240" height="320"/><region id="I" top="0" left="0" width="240" height="240"/>'
    b'<region id="T" top="240" left="0" width="240" height="80"/></layout></head><body><par dur="5000ms">'
    b'<img src="dot.gif" region="I"/><text src="hello.txt" region="T"/></par></body></smil>'
)
DOT = bytes.fromhex("4749463839610100010080000 0ff0000ffffff21f90400000000002c00000000010001000002024401003b".replace(" ", ""))

REL6_SUBMIT = SubmitReq(
    "T20261121-0001",
    "vasp01",
    "news",
    "10690",
    ("8613800138000",),
    "Hello MMS",
    (
        Part("start.smil", "application/smil", SHOW, "utf-8"),
        Part("hello.txt", "text/plain", "您好".encode(), "utf-8"),
        Part("dot.gif", "image/gif", DOT),
    ),
    service_code="FREE01",
    timestamp="2026-11-21T09:30:05+08:00",
    expiry="2026-11-23T09:30:05+08:00",
    charged_party="Sender",
    distribution=True,
)
CM_SUBMIT = SubmitReq(
    "11211234567890",
    "890123",
    "1069012",
    "1069012001",
    ("13800138000",),
    "Hello MMS",
    (
        Part("START", "application/smil", SHOW),
        Part("hello.txt", "text/plain", "您好".encode("gbk"), "gbk"),
        Part("dot.gif", "image/gif", DOT),
    ),
    service_code="110101",
    linked_id="0",
    charged_party="Sender",
    charged_party_id="13800138000",
)
REPORT = Report(
    "R-777", "112109300500000001", "8613800138000", "10690", "2026-11-21T09:31:20+08:00", "Retrieved", "1000", "910001"
)
XML = "text/xml; charset=utf-8"


def http_of(name):
    """Content-Type and body of a vector that is a whole HTTP request."""
    head, _, body = bytes.fromhex(VECTORS[name]).partition(b"\r\n\r\n")
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if ": " in line)
    assert int(lines["Content-Length"]) == len(body)
    return lines["Content-Type"], body


@pytest.mark.parametrize(
    ("name", "message", "variant"),
    [("submit_http_hex", REL6_SUBMIT, Variant.REL6), ("china_mobile_submit_http_hex", CM_SUBMIT, Variant.CHINA_MOBILE)],
)
def test_a_submit_is_the_sheets_octets_both_ways(name, message, variant):
    content_type, octets = http_of(name)
    body = encode(message, variant)

    assert (body.content_type, body.octets) == (content_type, octets)
    assert decode(content_type, octets) == (message, SCHEMAS[variant])


@pytest.mark.parametrize(("name", "message"), [
    ("submit_rsp_xml", Answer("T20261121-0001", "SubmitRsp", 1000, "Success", "112109300500000001")),
    ("delivery_report_req_xml", REPORT),
    ("delivery_report_rsp_xml", Answer("R-777", "DeliveryReportRsp", 1000, "Success")),
    ("fault_xml", Answer("T20261121-0002", "RSErrorRsp", 2007, "Message format corrupt")),
])  # fmt: skip
def test_an_envelope_is_the_sheets_octets_both_ways(name, message):
    octets = VECTORS[name].encode()

    assert encode(message).octets == octets
    assert decode(XML, octets) == (message, Schema())


# --- a second decoder, of the standard library's parts -----------------------------------------------------------------------


def second_decoder(content_type, octets):
    """SOAP fields by name, and the leaves of the content: (name, type, data)."""
    whole = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + octets)
    assert whole.defects == []
    soap, *rest = whole.get_payload() if whole.is_multipart() else [whole]
    root = ET.fromstring(soap.get_payload(decode=True))
    fields = {element.tag.rpartition("}")[2]: (element.text or "") for element in root.iter()}
    found = [
        (
            leaf.get("Content-Location") or leaf.get("Content-ID", "").strip("<>"),
            leaf.get_content_type(),
            leaf.get_payload(decode=True),
        )
        for content in rest
        for leaf in content.walk()
        if not leaf.is_multipart()
    ]
    return fields, found


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=40)
words = st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True)
parts = st.lists(
    st.one_of(
        st.builds(Part, words, st.sampled_from(["image/gif", "audio/amr", "video/mp4"]), st.binary(max_size=200)),
        st.builds(Part, words, st.just("text/plain"), texts.map(str.encode), st.just("utf-8")),
    ),
    max_size=4,
)


@given(subject=texts, number=words, parts=parts)
def test_another_decoder_reads_what_we_write(subject, number, parts):
    message = replace(REL6_SUBMIT, subject=subject.strip(), recipients=(number,), parts=(*REL6_SUBMIT.parts, *parts))
    body = encode(message)

    fields, found = second_decoder(body.content_type, body.octets)

    assert fields["Subject" if message.subject else "Number"] == (message.subject or number)
    assert (fields["TransactionID"], fields["VASPID"], fields["Number"]) == ("T20261121-0001", "vasp01", number)
    assert found == [(part.name, part.kind, part.data) for part in message.parts]
    assert decode(body.content_type, body.octets)[0] == message


def test_a_cancellation_stands_in_the_schemas_order():
    fields, found = second_decoder(XML, encode(CancelReq("C-1", "vasp01", "news", "10690", "112109300500000001")).octets)

    assert found == []
    assert list(fields.items())[3:] == [
        ("Body", ""),
        ("CancelReq", ""),
        ("MM7Version", "6.8.0"),
        ("SenderIdentification", ""),
        ("VASPID", "vasp01"),
        ("VASID", "news"),
        ("SenderAddress", ""),
        ("ShortCode", "10690"),
        ("MessageID", "112109300500000001"),
    ]


@given(parts=parts)
def test_raw_parts_survive_whatever_they_contain(parts):
    tricky = Part("x.gif", "image/gif", b"GIF\r\n--SubPart_1\r\n----NextPart_0_1--\r\n\r\n--mmInner")
    message = replace(CM_SUBMIT, parts=(*CM_SUBMIT.parts, *parts, tricky))
    body = encode(message, Variant.CHINA_MOBILE)

    assert decode(body.content_type, body.octets)[0] == message


@pytest.mark.parametrize("variant", Variant)
@pytest.mark.parametrize("message", [
    DeliverReq("D-1", "8613800138000", ("10690",), "图", REL6_SUBMIT.parts, "910001", "v", "n", "L1", "2026-11-21T09:31:20+08:00"),
    DeliverReq("D-2", "13800138000", (), "", ()),
    CancelReq("C-1", "vasp01", "news", "10690", "112109300500000001"),
    CancelReq("C-2", "", "", "", "1"),
    replace(REPORT, is_read=True, status="Read"),
    Answer("D-1", "DeliverRsp", 4006, "Service unavailable"),
    Answer("D-1", "VASPErrorRsp", 2007, "a < b & c"),
])  # fmt: skip
def test_every_message_reads_back_as_written(variant, message):
    body = encode(message, variant)
    expected = message
    if variant is Variant.CHINA_MOBILE and isinstance(message, DeliverReq) and message.parts:
        show, *others = message.parts
        expected = replace(message, parts=(Part("START", show.kind, show.data), *others))

    assert decode(body.content_type, body.octets) == (expected, SCHEMAS[variant])


# --- what real and hostile senders do ------------------------------------------------------------------------------------------

SOAP = VECTORS["delivery_report_req_xml"]


@pytest.mark.parametrize("octets", [
    SOAP.replace("UTF-8", "GB2312").encode("gbk"),
    b"\xef\xbb\xbf" + SOAP.encode(),
    SOAP.split("?>", 1)[1].encode(),
    SOAP.replace("env:", "SOAP-ENV:").replace("xmlns:env", "xmlns:SOAP-ENV").encode(),
    SOAP.replace("<Date>", "<TimeStamp>").replace("</Date>", "</TimeStamp>").encode(),
    SOAP.replace("<Recipient><Number>8613800138000</Number></Recipient>", "<Recipient>8613800138000</Recipient>").encode(),
])  # fmt: skip
def test_a_report_is_read_however_it_is_spelt(octets):
    assert decode(XML, octets)[0] == REPORT


@pytest.mark.parametrize(("content_type", "octets"), [
    ('multipart/related; boundary="mm"; type="text/xml"', b"\r\n" + SOAP.encode()),
    ("multipart/related", SOAP.encode()),
    ('multipart/related; type="text/xml"', b"\r\n--mm\r\nContent-Type:text/xml\r\n\r\n" + SOAP.encode() + b"\r\n--mm--\r\n"),
    ("Multipart/Related;\tstart=a", b"--mm\nContent-Type: text/xml\n\n" + SOAP.encode() + b"\n--mm--"),
])  # fmt: skip
def test_what_the_header_leaves_out_of_a_multipart_is_seen_in_its_body(content_type, octets):
    assert decode(content_type, octets)[0] == REPORT


def test_without_a_fault_around_it_an_error_is_read_too():
    bare = VECTORS["fault_xml"].replace("env:Fault>", "env:x>")

    assert decode(XML, bare.encode())[0].code == 2007


@pytest.mark.parametrize(("code", "content_type", "octets"), [
    (2007, XML, b""),
    (2007, XML, b"<a>"),
    (2007, XML, b"<a/>"),
    (2007, XML, b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    (2007, XML, b"<a>" * 10_000),
    (2007, XML, b"<a>" + b" " * 300_000 + b"</a>"),
    (2007, "multipart/related", b"--x\r\n"),
    (2007, 'multipart/related; boundary="x"', b"nothing"),
    (2007, 'multipart/related; boundary="x"', b"--x\r\n\r\n\r\n" * 500),
    (4003, XML, SOAP.replace("DeliveryReportReq", "ReplaceReq").encode()),
])  # fmt: skip
def test_what_cannot_be_read_has_a_status(code, content_type, octets):
    with pytest.raises(BadMm7) as caught:
        decode(content_type, octets)

    assert caught.value.code == code


def test_multiparts_in_each_other_have_a_bottom():
    inner = b"Content-Type: text/plain\r\n\r\nx"
    for depth in range(20):
        boundary = b"b%d" % depth
        inner = b'Content-Type: multipart/mixed; boundary="%b"\r\n\r\n--%b\r\n%b\r\n--%b--' % (
            boundary,
            boundary,
            inner,
            boundary,
        )
    deliver = encode(DeliverReq("D", "1", (), "", ())).octets
    whole = b"--o\r\nContent-Type: text/xml\r\n\r\n%b\r\n--o\r\n%b\r\n--o--\r\n" % (deliver, inner)

    with pytest.raises(BadMm7):
        decode('multipart/related; boundary="o"', whole)


@given(
    st.sampled_from([XML, 'multipart/related; boundary="mmOuter"', "", "x/y; boundary=", 'multipart/mixed; boundary="\\"']),
    st.binary(max_size=400),
)
def test_any_octets_are_a_message_or_refused(content_type, octets):
    with suppress(BadMm7):
        decode(content_type, octets)


@given(st.integers(0, 2076), st.binary(min_size=1, max_size=3))
@example(43, b"\0")  # in the name of the charset
def test_a_damaged_submit_is_a_message_or_refused(place, damage):
    content_type, octets = http_of("submit_http_hex")
    with suppress(BadMm7):
        decode(content_type, octets[:place] + damage + octets[place + len(damage) :])


@pytest.mark.parametrize(("octets", "charset"), [
    ("您好".encode("gbk"), "gb2312"), ("您好".encode("gbk"), "utf-8"), ("您好".encode(), "nonsense"), ("您好".encode(), "utf-8"),
    ("您好".encode("utf-16"), "utf-16"), ("您好".encode("big5"), "big5"), ("您好".encode(), "iso-8859-12"), ("您好".encode(), ""),
])  # fmt: skip
def test_texts_are_decoded_as_they_are_meant(octets, charset):
    assert text_of(octets, charset) == "您好"


@pytest.mark.parametrize(("declared", "written", "said"), [
    ('encoding="Big5"', "big5", ""),
    ("encoding = 'iso-8859-1'", "latin-1", ""),
    ('encoding="gbk" standalone="yes"', "gbk", "; charset=utf-8"),  # the document knows better than the server that posts it
    ('encoding="UTF-16"', "utf-8", ""),
    ("", "big5", "; charset=Big5"),
    ("", "utf-8", ""),
])  # fmt: skip
def test_the_declaration_of_the_xml_says_its_charset(declared, written, said):
    subject = "très" if written == "latin-1" else "傳送"
    body = encode(DeliverReq("D-1", "13800138000", ("10690",), subject, ())).octets.decode()
    octets = body.replace('encoding="UTF-8"', declared).encode(written)

    assert decode(f"text/xml{said}", octets)[0].subject == subject


def test_a_declaration_and_a_charset_are_read_in_no_time_whatever_is_repeated_in_them():
    """Seconds each for a reader that goes back, and for a codec that Python has and nobody needs."""
    octets = SOAP.encode().removeprefix(b'<?xml version="1.0" encoding="UTF-8"?>').strip()
    began = time.process_time()
    for declaration in (b"<?xml" + b" encoding=" * 20_000, b"<?xml " + b" " * 200_000 + b"?>", b" " * 200_000):
        with suppress(BadMm7):
            decode(XML, declaration + octets)
    text_of(b"a" * 125_000 + b"-" + b"b" * 125_000, "punycode")

    assert time.process_time() - began < 1


# --- authentication ----------------------------------------------------------------------------------------------------------


def test_authentication_is_that_of_the_sheet():
    seen = VECTORS["digest"]
    proof = digest_response(
        seen["user"],
        seen["password"],
        seen["method"],
        seen["uri"],
        seen["realm"],
        seen["nonce"],
        seen["qop"],
        seen["nc"],
        seen["cnonce"],
    )

    assert basic("vasp01", "pass1234") == f"Basic {VECTORS['basic']}"
    assert proof == seen["response"]
    assert (
        digest_response("vasp01", "pass1234", "POST", "/mm7", "mmsc", "5f3a9c01aabbccdd") == "ac60f42833fbb771d064052562cbb75e"
    )


def test_a_challenge_is_answered_with_what_it_offers():
    challenge = challenge_of('Digest realm="mmsc", nonce="5f3a9c01aabbccdd", qop="auth,auth-int", opaque="o"')

    assert challenge_of("Basic realm=x") is None
    assert challenge_of("Digest " + "a" * 3_000_000) == {}  # hours for a reader that looks again at each letter
    assert digest(challenge, "vasp01", "pass1234", "POST", "/mm7", 1, "0a4f113b") == (
        'Digest username="vasp01", realm="mmsc", nonce="5f3a9c01aabbccdd", uri="/mm7", response="1b57d53e9bd99b5517b8c2ec3315489d",'
        ' opaque="o", qop=auth, nc=00000001, cnonce="0a4f113b"'
    )


def test_digest_is_asked_for_beside_another_scheme_and_proves_who_posts():
    asked = challenge_of(f'Basic realm="x", {challenge("mm7", "n1")}')
    assert asked == {"realm": "mm7", "nonce": "n1", "qop": "auth"}
    given = digest(asked, "vasp01", "pass1234", "POST", "/mm7", 1, "c")

    assert is_digest_authentic(given, "vasp01", "pass1234", "POST", "mm7", "n1")
    assert not is_digest_authentic(given, "vasp01", "pass1234", "POST", "mm7", "n2")
    assert not is_digest_authentic(given, "vasp01", "another", "POST", "mm7", "n1")
    assert not is_digest_authentic(given, "vasp02", "pass1234", "POST", "mm7", "n1")
    assert not is_digest_authentic(basic("vasp01", "pass1234"), "vasp01", "pass1234", "POST", "mm7", "n1")


SOAP11 = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>e:{0}</faultcode>'
    "<faultstring>no</faultstring>{1}</e:Fault></e:Body></e:Envelope>"
)
SOAP12 = (
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:{0}</e:Value></e:Code>'
    "</e:Fault></e:Body></e:Envelope>"
)


@pytest.mark.parametrize(
    ("octets", "name", "code"),
    [
        (SOAP11.format("Client", ""), "Fault", 2000),
        (SOAP11.format("Client.Authentication", "<detail/>"), "Fault", 2000),
        (SOAP11.format("Server", ""), "Fault", 3000),
        (SOAP11.format("", ""), "Fault", 3000),
        (
            SOAP11.format("Client", "<detail><RSErrorRsp><MM7Version>6.8.0</MM7Version></RSErrorRsp></detail>"),
            "RSErrorRsp",
            2000,
        ),
        (SOAP12.format("Sender"), "Fault", 2000),
        (SOAP12.format("Receiver"), "Fault", 3000),
    ],
)
def test_a_fault_without_a_status_has_that_of_the_side_it_blames(octets, name, code):
    answer, _ = decode("text/xml", octets.encode())

    assert (answer.name, answer.code) == (name, code)


def test_a_subject_with_a_character_that_xml_cannot_carry_is_read_without_it():
    octets = encode(DeliverReq("t", "13800138000", ("1069",), "a-b", (), timestamp="x")).octets.replace(
        b"a-b", b"a\x02b & c&#x1f;"
    )

    assert decode("text/xml", octets)[0].subject == "ab & c"
