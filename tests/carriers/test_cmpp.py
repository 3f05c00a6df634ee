"""Carrier words against ours: CMPP."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.adapters.cmpp.client import CmppClient
from hongyan.model.channel import Channel
from hongyan.model.message import ReceiptState
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.policy.content import joined
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.codec import decode
from hongyan.wire.cmpp.report import Report, encode_report
from hongyan.wire.frame import BadPdu

VECTORS = {
    v["name"]: bytes.fromhex(v["hex"])
    for v in json.loads((Path(__file__).parents[1] / "data" / "protocol_vectors.json").read_text())["cmpp"]
}
NOW = 1_795_224_700_000


def channel(protocol=Protocol.CMPP3, **options):
    options = {"service_id": "MOBTEST"} | options
    return Channel(7, "up", protocol, user="901234", secret="s3cr3t", options=options)


def segment(text="【测试】验证码1234", phone=8613800138000, part=1, parts=1, message_id=0):
    return OutSegment(message_id, part, parts, phone, text, "10690000123", 1)


def submit(octets, version=cmpp.Version.V30):
    return decode(cmpp.Command.SUBMIT, 1, octets[12:], version)


@pytest.mark.parametrize(
    ("protocol", "name"),
    [(Protocol.CMPP3, "CMPP_SUBMIT 3.0, one UCS2 segment"), (Protocol.CMPP2, "CMPP_SUBMIT 2.0, one UCS2 segment")],
)
def test_a_segment_becomes_the_submit_of_the_specification(protocol, name):
    assert CmppClient(channel(protocol)).write(2, segment()) == VECTORS[name]


@pytest.mark.parametrize("part", [1, 2])
def test_the_parts_of_a_long_message_carry_their_headers(part):
    vector = VECTORS[f"CMPP_SUBMIT 3.0, long message segment {part} of 2"]
    text = submit(vector).msg_content[6:].decode("utf-16-be")

    assert CmppClient(channel()).write(part + 2, segment(text, part=part, parts=2, message_id=0x5A)) == vector


def test_a_report_is_asked_for_on_every_segment_and_fees_are_the_channels():
    like = submit(CmppClient(channel(feecode="000010", sp_id="905555", fee_usertype="0")).write(1, segment()))

    assert (like.registered_delivery, like.feecode, like.msg_src, like.fee_usertype) == (1, "000010", "905555", 0)


@pytest.mark.parametrize(
    ("phone", "written"), [(8613800138000, "13800138000"), (85261234567, "0085261234567"), (12025550123, "0012025550123")]
)
def test_numbers_go_out_in_national_form(phone, written):
    assert submit(CmppClient(channel()).write(1, segment(phone=phone))).dest_terminal_id == (written,)


@pytest.mark.parametrize(
    ("option", "text", "fmt"),
    [("no", "code 1234", 8), ("yes", "code 1234", 0), ("yes", "code [1234]", 8), ("yes", "验证码", 8)],
)
def test_format_0_only_where_the_channel_allows_it_and_the_text_is_safe(option, text, fmt):
    written = submit(CmppClient(channel(ascii=option)).write(1, segment(text)))

    assert written.msg_fmt == fmt
    assert written.msg_content.decode("ascii" if fmt == 0 else "utf-16-be") == text


def test_a_part_of_a_long_message_is_never_ascii():
    assert submit(CmppClient(channel(ascii="yes")).write(1, segment("a" * 67, part=1, parts=2))).msg_fmt == 8


@pytest.mark.parametrize("options", [{"service_id": "x" * 11}, {"fee_usertype": "abc"}, {"sp_id": "1234567"}])
def test_options_that_do_not_fit_are_refused(options):
    with pytest.raises((BadPdu, ValueError)):
        CmppClient(channel(**options))


def delivered(content, *, registered=0, udhi=0, fmt=8):
    return cmpp.Deliver(5, 77, "10690000123", "+8613800138000", content, registered, fmt, udhi)


@pytest.mark.parametrize(
    "name", ["CMPP_DELIVER 3.0, status report (71-byte content)", "CMPP_DELIVER 2.0, status report (60-byte content)"]
)
def test_a_report_becomes_a_receipt(name):
    version = cmpp.Version.V30 if "3.0" in name else cmpp.Version.V20
    pdu = decode(cmpp.Command.DELIVER, 78, VECTORS[name][12:], version)

    receipt = CmppClient(channel()).read(pdu, NOW)

    assert receipt == Receipt(
        7, ("13449404077027430964",), 8613800138000, ReceiptState.DELIVERED, "DELIVRD", 1_795_224_660_000, NOW
    )
    assert CmppClient(channel()).carrier_id("13449404077027430964") == receipt.carrier_ids[0]


@pytest.mark.parametrize(
    ("stat", "state", "code"),
    [
        ("DELIVRD", ReceiptState.DELIVERED, "DELIVRD"),
        ("delivrd", ReceiptState.DELIVERED, "DELIVRD"),
        ("DELIVER", ReceiptState.DELIVERED, "DELIVRD"),
        ("2", ReceiptState.DELIVERED, "DELIVRD"),
        ("ACCEPTD", ReceiptState.PENDING, "ACCEPTD"),
        ("BUFFRED", ReceiptState.PENDING, "BUFFRED"),
        ("UNKNOWN", ReceiptState.UNKNOWN, "UNKNOWN"),
        ("", ReceiptState.UNKNOWN, "UNKNOWN"),
        ("EXPIRED", ReceiptState.FAILED, "EXPIRED"),
        ("MK:0011", ReceiptState.UNKNOWN, "MK:0011"),  # the code table knows
        ("xyz", ReceiptState.UNKNOWN, "xyz"),
    ],
)
def test_a_stat_is_read_by_the_words_of_all_and_others_are_kept_raw(stat, state, code):
    content = encode_report(Report(5, stat, "", "", "+8613800138000"), cmpp.Version.V20)

    receipt = CmppClient(channel()).read(delivered(content, registered=1), NOW)

    assert (receipt.state, receipt.code, receipt.phone, receipt.done_ms) == (state, code, 8613800138000, NOW)


@pytest.mark.parametrize(
    ("content", "fmt", "text"),
    [
        ("你好".encode("utf-16-be"), 8, "你好"),
        ("你好".encode("utf-16-be") + b"\x4f", 8, "你好"),
        (b"\xff\xfe" + "你好".encode("utf-16-le"), 8, "你好"),
        ("拒收".encode("gbk"), 15, "拒收"),
        (b"TD", 0, "TD"),
    ],
)
def test_a_text_from_a_handset_becomes_a_reply(content, fmt, text):
    reply = CmppClient(channel()).read(delivered(content, fmt=fmt), NOW)

    assert reply == ReplyPart(7, 8613800138000, "10690000123", reply.body, "77", NOW, charset=reply.charset)
    assert joined([reply]) == text


def test_parts_of_a_long_reply_keep_half_a_pair():
    whole = "😀".encode("utf-16-be")
    reply = CmppClient(channel()).read(delivered(bytes.fromhex("050003070201") + whole[:2], udhi=1), NOW)

    assert (reply.reference, reply.part, reply.parts, reply.body) == (7, 1, 2, whole[:2])


@given(st.binary(max_size=160), st.integers(0, 255), st.integers(0, 1), st.integers(0, 1))
def test_any_delivery_is_a_receipt_a_reply_or_nothing(content, fmt, udhi, registered):
    seen = CmppClient(channel()).read(delivered(content, registered=registered, udhi=udhi, fmt=fmt), NOW)

    assert seen is None or isinstance(seen, Receipt if registered else ReplyPart)
    assert (seen is None) == (registered and len(content) < 35)


@pytest.mark.parametrize(
    ("protocol", "name"),
    [(Protocol.CMPP3, "CMPP_SUBMIT 3.0, one UCS2 segment"), (Protocol.CMPP2, "CMPP_SUBMIT 2.0, one UCS2 segment")],
)
def test_a_protocol_id_is_tp_pid(protocol, name):
    adapter = CmppClient(channel(protocol))
    octets = adapter.write(2, replace(segment(), protocol_id=0x40))

    assert submit(octets, adapter.protocol_state().version).tp_pid == 0x40
    assert sum(one != two for one, two in zip(octets, VECTORS[name], strict=True)) == 1


# --- validity -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protocol", "name", "at"),
    [(Protocol.CMPP3, "CMPP_SUBMIT 3.0, one UCS2 segment", 85), (Protocol.CMPP2, "CMPP_SUBMIT 2.0, one UCS2 segment", 73)],
)
def test_the_carrier_is_reported_in_china_time_until_when_it_may_try(protocol, name, at):
    adapter, hurried = CmppClient(channel(protocol)), replace(segment(), valid_until_ms=NOW + 999)

    octets = adapter.write(2, hurried)

    assert octets == VECTORS[name][:at] + b"261121093140032+\0" + VECTORS[name][at + 17 :]
    assert submit(octets, adapter.protocol_state().version).valid_time == "261121093140032+"
    assert adapter.write(2, segment()) == VECTORS[name]


@pytest.mark.parametrize(
    ("in_report", "in_head", "phone"),
    [
        ("13800138000", "13900139000", 8613800138000),
        ("", "13900139000", 8613900139000),
        ("10690001", "13900139000", 8613900139000),
    ],
)
def test_the_phone_of_a_report_is_the_number_that_may_be_one(in_report, in_head, phone):
    content = encode_report(Report(5, "DELIVRD", "2611210930", "2611210931", in_report), cmpp.Version.V30)

    receipt = CmppClient(channel()).read(cmpp.Deliver(9, 77, "10690001", in_head, content, registered_delivery=1), NOW)

    assert receipt.phone == phone
