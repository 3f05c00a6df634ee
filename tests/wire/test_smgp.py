"""SMGP: any message reads back as it was written and as the sheet reads it; any octets read or are refused."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire import smgp_sheet

from hongyan.wire.codec import HEAD
from hongyan.wire.frame import BadPdu
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smgp.auth import digest_client, is_authentic
from hongyan.wire.smgp.codec import decode, encode, encode_deliver_resp
from hongyan.wire.smgp.pdu import Command, Tag, Version
from hongyan.wire.smgp.report import Report, decode_report, encode_report
from hongyan.wire.smgp.state import SmgpState
from hongyan.wire.smgp.template import SubmitTemplate
from hongyan.wire.state import Role

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "protocol_vectors.json").read_text())["smgp"]
V13, V30 = Version.V13, Version.V30


def text(most):
    return st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=most)


OCTET = st.integers(0, 0xFF)
WORD = st.integers(0, 0xFFFF_FFFF)
SEQ = st.integers(1, 0x7FFF_FFFF)
ID = st.binary(min_size=10, max_size=10)
RESERVE = st.binary(max_size=8).map(lambda octets: octets.rstrip(b"\0"))
TLVS = st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=40), max_size=4)


def submits(version):
    fixed = text(6) if version is V30 else st.just("")
    return st.builds(
        smgp.Submit,
        SEQ,
        text(21),
        st.lists(text(21), max_size=100).map(tuple),
        st.binary(max_size=255),
        OCTET,
        OCTET,
        OCTET,
        OCTET,
        text(10),
        text(2),
        text(6),
        fixed,
        text(17),
        text(17),
        text(21),
        RESERVE,
        TLVS,
    )


def messages(version):
    digest = st.binary(min_size=16, max_size=16)
    return st.one_of(
        submits(version),
        st.builds(smgp.Login, SEQ, text(8), digest, OCTET, WORD, OCTET),
        st.builds(smgp.LoginResp, SEQ, WORD, digest, OCTET),
        st.builds(smgp.SubmitResp, SEQ, ID, WORD),
        st.builds(smgp.Deliver, SEQ, ID, text(21), text(21), st.binary(max_size=255), OCTET, OCTET, text(14), RESERVE, TLVS),
        st.builds(smgp.DeliverResp, SEQ, ID, WORD),
        st.builds(smgp.Query, SEQ, text(8), OCTET, text(10)),
        st.builds(smgp.QueryResp, SEQ, text(8), OCTET, text(10), st.tuples(*[WORD] * 8), RESERVE),
        st.builds(smgp.Plain, st.sampled_from([Command.ACTIVE_TEST, Command.EXIT_RESP]), SEQ),
    )


def back(octets, version=V30):
    command, seq = HEAD.unpack_from(octets)[1:]
    return decode(command, seq, octets[12:], version)


@pytest.mark.parametrize("version", [V13, V30])
@given(data=st.data())
def test_any_message_reads_back(version, data):
    pdu = data.draw(messages(version))

    octets = encode(pdu, version)

    assert int.from_bytes(octets[:4], "big") == len(octets)
    assert back(octets, version) == pdu


@given(st.sampled_from([int(c) for c in Command] + [0x99, 5]), st.binary(max_size=400), st.sampled_from([V13, V30]))
def test_any_body_reads_or_is_refused(command, body, version):
    with suppress(BadPdu):
        decode(command, 1, body, version)


@given(submits(V30))
def test_a_submit_is_read_by_the_sheet_as_it_was_meant(pdu):
    seen = smgp_sheet.read(encode(pdu, V30))

    assert (seen["MsgType"], seen["NeedReport"], seen["Priority"]) == (pdu.msg_type, pdu.need_report, pdu.priority)
    assert (seen["ServiceID"], seen["FeeType"], seen["FeeCode"], seen["FixedFee"]) == (
        pdu.service_id,
        pdu.fee_type,
        pdu.fee_code,
        pdu.fixed_fee,
    )
    assert (seen["MsgFormat"], seen["ValidTime"], seen["AtTime"]) == (pdu.msg_format, pdu.valid_time, pdu.at_time)
    assert (seen["SrcTermID"], seen["ChargeTermID"], seen["DestTermID"]) == (
        pdu.src_term_id,
        pdu.charge_term_id,
        list(pdu.dest_term_id),
    )
    assert (seen["MsgContent"], seen["Reserve"].rstrip(b"\0"), seen["TLVs"]) == (pdu.msg_content, pdu.reserve, pdu.tlvs)


@given(messages(V30))
def test_whatever_we_write_is_sound_to_the_sheet(pdu):
    octets = encode(pdu, V30)
    if isinstance(pdu, smgp.Query | smgp.QueryResp):
        assert len(octets) == 12 + (19 if isinstance(pdu, smgp.Query) else 59)
        return

    seen = smgp_sheet.read(octets)

    assert seen["sequence"] == pdu.seq


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["name"])
def test_the_sheets_own_vectors_are_sound_to_the_second_decoder(vector):
    seen = smgp_sheet.read(bytes.fromhex(vector["hex"]))

    named = {f["name"]: bytes.fromhex(f["hex"]) for f in vector["fields"]}
    for name in {"MsgContent", "MsgID", "AuthenticatorClient"} & set(seen) & set(named):
        assert seen[name] == named[name]


def test_version_1_3_has_no_fixed_fee():
    submit = smgp.Submit(1, "10690", ("18900001111",), b"x")

    assert len(encode(submit, V30)) - len(encode(submit, V13)) == 6


@pytest.mark.parametrize(
    "field",
    [{"src_term_id": "1" * 22}, {"dest_term_id": ("1" * 22,)}, {"service_id": "1" * 11}, {"msg_content": bytes(256)},
     {"msg_format": 256}, {"tlvs": {Tag.LINK_ID: bytes(65_536)}}],
    ids=lambda field: next(iter(field)),
)  # fmt: skip
def test_a_value_that_its_field_cannot_hold_is_refused_and_never_cut(field):
    with pytest.raises(BadPdu):
        encode(replace(smgp.Submit(1, "10690", ("18900001111",), b"x"), **field), V30)


@pytest.mark.parametrize("cut", [90, 150, 160, 175])
def test_a_submit_that_ends_in_its_middle_is_refused_and_one_that_ends_in_a_parameter_is_read(cut):
    octets = encode(smgp.Submit(1, "10690", ("18900001111",), b"x" * 20, tlvs={Tag.MSG_SRC: b"10691234"}), V30)

    if cut < 160:
        with pytest.raises(BadPdu):
            back(octets[:cut])
    else:
        assert back(octets[:cut]).tlvs == {}


# --- templates of submits -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [V13, V30])
@given(data=st.data())
def test_the_template_writes_what_the_codec_writes(version, data):
    like = data.draw(submits(version))
    dest, content, part = data.draw(text(21)), data.draw(st.binary(max_size=255)), data.draw(st.integers(1, 3))
    place = {Tag.TP_PID: b"\0", Tag.TP_UDHI: b"\1", Tag.PK_TOTAL: b"\3", Tag.PK_NUMBER: bytes((part,))}
    like.tlvs = {tag: value for tag, value in like.tlvs.items() if tag not in place}
    template = SubmitTemplate(replace(like, dest_term_id=()), version)
    whole = replace(like, dest_term_id=(dest,), msg_content=content)

    rest = like.msg_format, like.src_term_id.encode(), dest.encode(), content
    alone, headed, one_of_three = (template.encode(like.seq, *how, *rest) for how in [(1, 1, 0), (1, 1, 1), (3, part, 1)])

    assert alone == encode(whole, version)
    assert headed == encode(replace(whole, tlvs=like.tlvs | {Tag.TP_PID: b"\0", Tag.TP_UDHI: b"\1"}), version)
    assert one_of_three == encode(replace(whole, tlvs=like.tlvs | place), version)


@pytest.mark.parametrize(("source", "dest", "content"), [("1" * 22, "1", b""), ("1", "1" * 22, b""), ("1", "1", bytes(256))])
def test_the_template_refuses_what_does_not_fit(source, dest, content):
    template = SubmitTemplate(smgp.Submit(0, "", (), b""), V30)

    with pytest.raises(BadPdu):
        template.encode(1, 1, 1, 0, 8, source.encode(), dest.encode(), content)


# --- login and report --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hashed", "written"), [("10691234", "10691234"), ("9012", "9012"), ("9012\0\0\0\0", "9012")])
def test_a_login_is_authentic_whether_a_short_name_was_padded_or_not(hashed, written):
    login = smgp.Login(1, written, digest_client(hashed, "s3cr3t", 301_000_000), 2, 301_000_000, 0x30)

    assert is_authentic(login, "s3cr3t")
    assert not is_authentic(login, "S3cr3t")


@pytest.mark.parametrize(
    ("mode", "comes", "delivers"),
    [(0, {Command.SUBMIT, Command.QUERY}, False), (1, set(), True), (2, {2, 7}, True), (9, {2, 7}, True)],
)
def test_what_may_come_is_said_by_the_mode_of_the_login(mode, comes, delivers):
    centre = SmgpState()
    centre.negotiate(smgp.Login(1, "10691234", bytes(16), mode, 0, 0x30))

    assert centre.may_come(Role.CENTRE) == comes
    assert centre.delivers is delivers


REPORT = Report(bytes.fromhex("01006111210930012345"), "DELIVRD", "2611210930", "2611210931", "000", b"004Test")


@given(ID, st.sampled_from(["DELIVRD", "UNDELIV", "MK:0011"]), st.sampled_from(["000", "045", "ABC"]), st.binary(max_size=20))
def test_a_report_with_any_id_and_any_words_reads_back(msg_id, stat, err, words):
    content = encode_report(Report(msg_id, stat, "2611210930", "2611210931", err, words))

    seen, sheet = decode_report(content), smgp_sheet.report(content)

    assert (seen.msg_id, seen.stat, seen.err, seen.done_date) == (msg_id, stat, err, "2611210931")
    assert seen.text == words.ljust(20, b"\0")
    assert (sheet["id"], sheet["stat"].decode(), sheet["err"].decode()) == (msg_id, stat, err)


@given(ID, st.binary(max_size=20), st.sampled_from(["DELIVRD", "MK:0011", "X"]), st.sampled_from(["2611210930", ""]))
def test_the_usual_report_and_the_searched_one_are_read_alike(msg_id, words, stat, date):
    content = encode_report(Report(msg_id, stat, date, date, "045", words))
    odd = content[:13] + content[13:].replace(b" Text:", b" TEXT:", 1)  # a spelling that is searched

    assert decode_report(content) == decode_report(odd)


@pytest.mark.parametrize("spelt", [bytes.lower, bytes.upper, lambda octets: octets.replace(b"Submit date", b"submit date")])
def test_labels_come_in_any_case(spelt):
    content = encode_report(REPORT)
    changed = content[:13] + spelt(content[13:])

    assert (decode_report(changed).stat, decode_report(changed).done_date) == ("DELIVRD", "2611210931")


@pytest.mark.parametrize("id_", [b" stat:OOPS", b"id: sub: x", bytes(10), b" sub: sub:", b"\n\r\n\r\n\r\n\r\n\r"])
def test_an_id_that_looks_like_labels_is_taken_by_its_place(id_):
    assert decode_report(encode_report(replace(REPORT, msg_id=id_))) == replace(
        REPORT, msg_id=id_, text=REPORT.text.ljust(20, b"\0")
    )


def test_an_id_of_twenty_digits_is_read_as_ten_octets():
    content = encode_report(REPORT)
    spelt = b"id:" + REPORT.msg_id.hex().encode() + content[13:]

    assert decode_report(spelt).msg_id == REPORT.msg_id
    assert decode_report(spelt).stat == "DELIVRD"


@pytest.mark.parametrize("between", [b"s", b" ", b";", b"\0", b"", b", "])
@pytest.mark.parametrize(
    "date", [b"Submit_Date:2611210930%bDone_Date:2611210931", b"submit time:2611210930%bdone date:2611210931"]
)
def test_labels_may_have_other_separators_and_names(between, date):
    words = b"%bSub:001%bDlvrd:000%b" + date + b"%bStat:DELIVRD%bErr:000%bText:sStat:X"

    seen = decode_report(b"id:" + REPORT.msg_id + words % ((between,) * 7))

    assert seen == Report(REPORT.msg_id, "DELIVRD", "2611210930", "2611210931", "000", b"sStat:X")


@pytest.mark.parametrize("end", [88, 96, 102])
def test_a_report_that_ends_behind_its_state_is_read(end):
    assert decode_report(encode_report(REPORT)[:end]).stat == "DELIVRD"


@pytest.mark.parametrize("blanks", [b" ", b"\0", b", "])
def test_separators_without_end_are_read_once(blanks):
    """Hours for a reader that looks for a label again at each of them."""
    content = b"id:" + REPORT.msg_id + blanks * 1_000_000 + b"x" + blanks * 1_000_000 + b"stat:DELIVRD" + blanks * 1_000_000

    assert decode_report(content).stat.startswith("DELIVRD")


@given(st.binary(max_size=140))
def test_any_content_reads_as_a_report_or_is_refused(content):
    with suppress(BadPdu):
        assert len(decode_report(content).msg_id) == 10


def test_the_words_of_the_message_are_not_searched_for_a_state():
    content = encode_report(replace(REPORT, stat="UNDELIV", text=b" stat:DELIVRD"))

    assert decode_report(content).stat == "UNDELIV"


# --- versions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "named", "spoken", "stays_away"),
    [
        (0, 0x30, V30, True),
        (0, 0x13, V13, False),
        (22, 0x13, V13, False),
        (22, 0x30, V30, True),
        (21, 0x13, V30, True),
        (0, 0, V30, True),
    ],
)
def test_a_gateway_that_knows_1_3_alone_is_spoken_to_so(status, named, spoken, stays_away):
    settled = []
    client = SmgpState(V30, "10691234", "s", settle=settled.append)
    client.login(1, 0)

    seen, _ = client.read_login_answer(Command.LOGIN_RESP, 0, 1, encode(smgp.LoginResp(1, status, bytes(16), named), V30)[12:])

    assert (seen, client.version, settled) == (status, spoken, [V13] if spoken is V13 else [])
    assert client.has_settled is not stays_away


def test_a_client_that_insists_on_its_version_keeps_it():
    client = SmgpState(V30, "10691234", "s")
    client.read_login_answer(Command.LOGIN_RESP, 0, 1, encode(smgp.LoginResp(1, 0, bytes(16), 0x13), V30)[12:])

    assert client.version is V30


@given(seq=SEQ, msg_id=ID, status=WORD)
def test_the_answer_to_a_delivery_is_the_same_in_one_go(seq, msg_id, status):
    assert encode_deliver_resp(seq, msg_id, status) == encode(smgp.DeliverResp(seq, msg_id, status), V30)


@pytest.mark.parametrize("pads", [False, True])
def test_a_client_pads_its_name_in_the_digest_where_it_is_reported_to(pads):
    login = decode(Command.LOGIN, 1, SmgpState(user="abc", secret="s", pads_name=pads).login(1, 5)[12:], Version.V30)

    assert login.authenticator_client == digest_client("abc".ljust(8, "\0") if pads else "abc", "s", 5)
    assert is_authentic(login, "s")
