"""Any message reads back as it was written; any octets read or are refused, and nothing else happens."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.wire.cmpp import codec as cmpp_codec
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.auth import digest_source, is_authentic
from hongyan.wire.cmpp.pdu import Version
from hongyan.wire.cmpp.report import Report, decode_report, encode_report
from hongyan.wire.cmpp.template import SubmitTemplate as CmppTemplate
from hongyan.wire.codec import HEAD
from hongyan.wire.fields import read_text
from hongyan.wire.frame import BadPdu
from hongyan.wire.smpp import codec as smpp_codec
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.pdu import Command
from hongyan.wire.smpp.template import DataTemplate
from hongyan.wire.smpp.template import SubmitTemplate as SmppTemplate
from hongyan.wire.tlv import decode_tlvs, encode_tlvs

V20, V30 = Version.V20, Version.V30


def text(most):
    return st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=most)


OCTET = st.integers(0, 0xFF)
WORD = st.integers(0, 0xFFFF_FFFF)
LONG = st.integers(0, 2**64 - 1)
SEQ = st.integers(1, 0x7FFF_FFFF)
TLVS = st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=300), max_size=4)


def cmpp_submits(version):
    number = text(21 if version is V20 else 32)
    type_ = st.just(0) if version is V20 else OCTET
    reserve = st.binary(max_size=8).map(lambda octets: octets.rstrip(b"\0"))
    return st.builds(
        cmpp.Submit,
        SEQ,
        text(21),
        st.lists(number, max_size=100).map(tuple),
        st.binary(max_size=255),
        *[OCTET] * 6,
        text(10),
        OCTET,
        number,
        type_,
        OCTET,
        text(6),
        text(2),
        text(6),
        text(17),
        text(17),
        type_,
        reserve,
        LONG,
    )


def cmpp_delivers(version):
    type_ = st.just(0) if version is V20 else OCTET
    reserve = st.binary(max_size=8).map(lambda octets: octets.rstrip(b"\0"))
    return st.builds(
        cmpp.Deliver,
        SEQ,
        LONG,
        text(21),
        text(21),
        st.binary(max_size=255),
        *[OCTET] * 4,
        text(10),
        type_,
        reserve,
    )


def cmpp_others(version):
    status = OCTET if version is V20 else WORD
    digest = st.binary(min_size=16, max_size=16)
    return st.one_of(
        st.builds(cmpp.Connect, SEQ, text(6), digest, OCTET, WORD),
        st.builds(cmpp.ConnectResp, SEQ, status, digest, OCTET),
        st.builds(cmpp.SubmitResp, SEQ, LONG, status),
        st.builds(cmpp.DeliverResp, SEQ, LONG, status),
        st.builds(cmpp.Query, SEQ, text(8), OCTET, text(10), text(8)),
        st.builds(cmpp.QueryResp, SEQ, text(8), OCTET, text(10), st.tuples(*[WORD] * 8)),
        st.builds(cmpp.Cancel, SEQ, LONG),
        st.builds(cmpp.CancelResp, SEQ, status),
    )


def cmpp_back(octets, version):
    command, seq = HEAD.unpack_from(octets)[1:]
    return cmpp_codec.decode(command, seq, octets[12:], version)


@pytest.mark.parametrize("version", [V20, V30])
@given(data=st.data())
def test_any_cmpp_message_reads_back(version, data):
    pdu = data.draw(st.one_of(cmpp_submits(version), cmpp_delivers(version), cmpp_others(version)))

    octets = cmpp_codec.encode(pdu, version)

    assert int.from_bytes(octets[:4], "big") == len(octets)
    assert cmpp_back(octets, version) == pdu


@pytest.mark.parametrize("version", [V20, V30])
@given(data=st.data(), more=st.binary(max_size=30))
def test_octets_behind_the_known_fields_of_cmpp_are_ignored(version, data, more):
    pdu = data.draw(st.one_of(cmpp_submits(version), cmpp_delivers(version)))
    full = replace(pdu, linkid=b"\1" * (8 if version is V20 else 20))

    assert cmpp_back(cmpp_codec.encode(full, version) + more, version) == full


@given(st.sampled_from([int(c) for c in cmpp.Command] + [0x99]), st.binary(max_size=400), st.sampled_from([V20, V30]))
def test_any_cmpp_body_reads_or_is_refused(command, body, version):
    with suppress(BadPdu):
        cmpp_codec.decode(command, 1, body, version)


@pytest.mark.parametrize(
    "field",
    [
        {"src_id": "1" * 22},
        {"dest_terminal_id": ("1" * 22,)},
        {"msg_src": "1" * 7},
        {"msg_content": bytes(256)},
        {"msg_fmt": 256},
    ],
    ids=lambda field: next(iter(field)),
)
def test_a_value_that_its_field_cannot_hold_is_refused_and_never_cut(field):
    pdu = replace(cmpp.Submit(1, "10690", ("13800138000",), b"x"), **field)

    with pytest.raises(BadPdu):
        cmpp_codec.encode(pdu, V20)


@pytest.mark.parametrize("octets", [b"10690\0garbage\0\0", b"10690   \0", b"10690", b"  10690\0"])
def test_text_of_cmpp_ends_at_the_first_nul_and_blanks_are_stripped(octets):
    assert read_text(octets) == "10690"


# --- templates of submits -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [V20, V30])
@given(data=st.data())
def test_the_cmpp_template_writes_what_the_codec_writes(version, data):
    like = replace(data.draw(cmpp_submits(version)), msg_id=0, dest_terminal_type=0)
    dest, content = data.draw(text(21)), data.draw(st.binary(max_size=255))
    whole = replace(like, dest_terminal_id=(dest,), msg_content=content)

    octets = CmppTemplate(like, version).encode(
        whole.seq, whole.pk_total, whole.pk_number, whole.tp_udhi, whole.msg_fmt, whole.src_id.encode(), dest.encode(), content
    )

    assert octets == cmpp_codec.encode(whole, version)


@pytest.mark.parametrize(("source", "dest", "content"), [("1" * 22, "1", b""), ("1", "1" * 22, b""), ("1", "1", bytes(256))])
def test_the_cmpp_template_refuses_what_does_not_fit(source, dest, content):
    template = CmppTemplate(cmpp.Submit(0, "", (), b""), V20)

    with pytest.raises(BadPdu):
        template.encode(1, 1, 1, 0, 8, source.encode(), dest.encode(), content)


@given(st.data())
def test_the_smpp_template_writes_what_the_codec_writes(data):
    whole = replace(data.draw(sms()), command=Command.SUBMIT_SM, tlvs={})

    octets = SmppTemplate(whole).encode(
        whole.seq,
        whole.esm_class,
        whole.data_coding,
        whole.source_addr.encode(),
        whole.destination_addr.encode(),
        whole.short_message,
    )

    assert octets == smpp_codec.encode(whole)


@given(st.data())
def test_content_beyond_254_octets_and_all_content_of_data_sm_stand_in_the_payload(data):
    like = replace(data.draw(sms()), command=Command.SUBMIT_SM, tlvs={})
    content, more = data.draw(st.binary(min_size=255, max_size=600)), {0x020E: b"\2"}
    seen = (like.seq, like.esm_class, like.data_coding, like.source_addr.encode(), like.destination_addr.encode(), content)

    submitted = smpp_back(SmppTemplate(like).encode(*seen, encode_tlvs(more)))
    as_data = smpp_back(DataTemplate(like).encode(*seen, encode_tlvs(more)))

    assert submitted == replace(like, short_message=b"", tlvs={0x0424: content} | more)
    assert as_data == smpp.DataSm(
        like.seq,
        like.source_addr,
        like.destination_addr,
        like.data_coding,
        like.esm_class,
        like.registered_delivery,
        like.source_addr_ton,
        like.source_addr_npi,
        like.dest_addr_ton,
        like.dest_addr_npi,
        like.service_type,
        {0x0424: content} | more,
    )


@pytest.mark.parametrize(
    ("source", "dest", "content"),
    [(b"1" * 21, b"1", b""), (b"1", b"1" * 21, b""), (b"1", b"1", bytes(65_536)), (b"1\0", b"1", b""), (b"1", b"\0", b"")],
)
def test_the_smpp_template_refuses_what_does_not_fit(source, dest, content):
    template = SmppTemplate(smpp.Sm(0, Command.SUBMIT_SM, "", "", b""))

    with pytest.raises(BadPdu):
        template.encode(1, 0, 8, source, dest, content)


# --- SMPP --------------------------------------------------------------------------------------------------------------


def sms():
    return st.builds(
        smpp.Sm,
        SEQ,
        st.sampled_from([Command.SUBMIT_SM, Command.DELIVER_SM]),
        text(20),
        text(20),
        st.binary(max_size=254),
        *[OCTET] * 7,
        text(5),
        OCTET,
        OCTET,
        text(16),
        text(16),
        OCTET,
        OCTET,
        TLVS,
    )


def smpp_messages():
    addresses = st.one_of(
        st.builds(smpp.Address, text(20), OCTET, OCTET), st.builds(smpp.Address, text(20), is_list=st.just(True))
    )
    binds = [Command.BIND_RECEIVER, Command.BIND_TRANSMITTER, Command.BIND_TRANSCEIVER]
    answers = [Command.SUBMIT_SM_RESP, Command.DELIVER_SM_RESP, Command.DATA_SM_RESP]
    failed = st.builds(smpp.Unsuccess, text(20), OCTET, OCTET, WORD)
    return st.one_of(
        sms(),
        st.builds(smpp.Bind, SEQ, st.sampled_from(binds), text(15), text(8), text(12), *[OCTET] * 3, text(40)),
        st.builds(smpp.BindResp, SEQ, st.sampled_from([Command(c | 0x8000_0000) for c in binds]), st.just(0), text(15), TLVS),
        st.builds(smpp.SmResp, SEQ, st.sampled_from(answers), st.just(0), text(64), TLVS),
        st.builds(smpp.SmResp, SEQ, st.sampled_from(answers), st.integers(1, 255)),
        st.builds(smpp.DataSm, SEQ, text(64), text(64), *[OCTET] * 7, text(5), TLVS),
        st.builds(
            smpp.SubmitMulti,
            SEQ,
            text(20),
            st.lists(addresses, max_size=254).map(tuple),
            st.binary(max_size=254),
            *[OCTET] * 5,
            text(5),
            OCTET,
            OCTET,
            text(16),
            text(16),
            OCTET,
            OCTET,
            TLVS,
        ),
        st.builds(smpp.SubmitMultiResp, SEQ, st.just(0), text(64), st.lists(failed, max_size=9).map(tuple)),
        st.builds(smpp.QuerySm, SEQ, text(64), text(20), OCTET, OCTET),
        st.builds(smpp.QuerySmResp, SEQ, st.just(0), text(64), text(16), OCTET, OCTET),
        st.builds(smpp.ReplaceSm, SEQ, text(64), text(20), st.binary(max_size=254), OCTET, text(16), text(16), *[OCTET] * 3),
        st.builds(smpp.CancelSm, SEQ, text(64), text(20), text(20), *[OCTET] * 4, text(5)),
        st.builds(smpp.Plain, SEQ, st.sampled_from([Command.ENQUIRE_LINK, Command.UNBIND_RESP]), st.integers(0, 255)),
    )


def smpp_back(octets):
    _, command, status, seq = smpp_codec.HEAD.unpack_from(octets)
    return smpp_codec.decode(command, status, seq, octets[16:])


@given(smpp_messages())
def test_any_smpp_message_reads_back(pdu):
    octets = smpp_codec.encode(pdu)

    assert int.from_bytes(octets[:4], "big") == len(octets)
    assert smpp_back(octets) == pdu


@given(st.sampled_from([int(c) for c in Command] + [0x99]), WORD, st.binary(max_size=400))
def test_any_smpp_body_reads_or_is_refused(command, status, body):
    with suppress(BadPdu):
        smpp_codec.decode(command, status, 1, body)


@given(sms(), st.data())
def test_a_cut_smpp_text_reads_or_is_refused(pdu, data):
    octets = smpp_codec.encode(replace(pdu, tlvs={}))[16:]
    cut = data.draw(st.integers(0, len(octets) - 1))

    with pytest.raises(BadPdu):
        smpp_codec.decode(pdu.command, 0, 1, octets[:cut])


@pytest.mark.parametrize("body", [b"", b"\0", b"5F3A", b"5F3A\0", b" 5F3A \0"])
def test_the_answer_to_a_submit_may_leave_out_its_end(body):
    answer = smpp_codec.decode(Command.SUBMIT_SM_RESP, 0, 1, body)

    assert answer.message_id == ("5F3A" if b"5" in body else "")
    assert smpp_codec.read_message_id(body) == answer.message_id


@pytest.mark.parametrize("status", [0, 0x0E])
def test_the_answer_to_a_bind_may_have_no_body(status):
    answer = smpp_codec.decode(Command.BIND_TRANSCEIVER_RESP, status, 1, b"")

    assert (answer.status, answer.system_id, answer.tlvs) == (status, "", {})


def test_a_password_is_not_shown():
    assert "hunter2" not in repr(smpp.Bind(1, Command.BIND_RECEIVER, "me", "hunter2"))


@given(TLVS)
def test_parameters_read_back(tlvs):
    assert decode_tlvs(encode_tlvs(tlvs), 0) == tlvs


@given(st.binary(max_size=200))
def test_any_octets_read_as_parameters(octets):
    found = decode_tlvs(octets, 0)

    assert sum(4 + len(value) for value in found.values()) <= len(octets)


def test_a_parameter_cut_short_ends_the_reading_and_of_two_the_first_stands():
    octets = encode_tlvs({1: b"a"}) + encode_tlvs({1: b"b"}) + bytes.fromhex("0002 0009 aa")

    assert decode_tlvs(octets, 0) == {1: b"a"}


# --- CMPP: login and report ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hashed", "written"), [("901234", "901234"), ("9012", "9012"), ("9012\0\0", "9012")])
def test_a_login_is_authentic_whether_a_short_name_was_padded_or_not(hashed, written):
    connect = cmpp.Connect(1, written, digest_source(hashed, "s3cr3t", 1121093005), 0x20, 1121093005)

    assert is_authentic(connect, "s3cr3t")
    assert not is_authentic(connect, "S3cr3t")


def test_the_version_of_a_connect_answer_is_known_by_its_length():
    for wrote in (V20, V30):
        for expects in (V20, V30):
            answer = cmpp.ConnectResp(1, 3, bytes(16), 0x30)
            assert cmpp_back(cmpp_codec.encode(answer, wrote), expects) == answer


@pytest.mark.parametrize("number", ["13800138000", "+8613800138000", ""])
@pytest.mark.parametrize("version", [V20, V30])
def test_a_report_reads_by_its_length_on_either_link(version, number):
    report = Report(0xBAA5E1C003E91234, "MK:0011", "2611210930", "", number, 7)

    assert decode_report(encode_report(report, version)) == report


def test_a_report_that_is_cut_behind_its_times_still_says_its_state():
    octets = encode_report(Report(5, "DELIVRD", "2611210930", "2611210931", "13800138000"), V20)

    assert decode_report(octets[:35]) == Report(5, "DELIVRD", "2611210930", "2611210931", "")
    with pytest.raises(BadPdu):
        decode_report(octets[:34])


@given(st.binary(max_size=100))
def test_any_content_reads_as_a_report_or_is_refused(content):
    if len(content) < 35:
        with pytest.raises(BadPdu):
            decode_report(content)
    else:
        assert decode_report(content).msg_id == int.from_bytes(content[:8], "big")


@pytest.mark.parametrize("version", [V20, V30])
@given(seq=SEQ, msg_id=LONG, result=OCTET)
def test_the_answer_to_a_delivery_is_the_same_in_one_go(version, seq, msg_id, result):
    one_go = cmpp_codec.encode_deliver_resp(seq, msg_id, result, version)

    assert one_go == cmpp_codec.encode(cmpp.DeliverResp(seq, msg_id, result), version)
