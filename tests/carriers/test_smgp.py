"""Carrier words against ours: SMGP."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.adapters.smgp.client import SmgpClient
from hongyan.model.channel import Channel
from hongyan.model.message import ReceiptState
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.wire.frame import BadPdu
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smgp.codec import decode
from hongyan.wire.smgp.pdu import Tag, Version
from hongyan.wire.smgp.report import Report, encode_report

VECTORS = {
    v["name"]: bytes.fromhex(v["hex"])
    for v in json.loads((Path(__file__).parents[1] / "data" / "protocol_vectors.json").read_text())["smgp"]
}
NOW = 1_795_224_700_000
ID = bytes.fromhex("01006111210930012345")


def channel(**options):
    options = {"service_id": "MOBTEST"} | options
    return Channel(7, "up", Protocol.SMGP, user="10691234", secret="smgpsecret", options=options)


def segment(text="【测试】您好", phone=8618900001111, part=1, parts=1, message_id=0):
    return OutSegment(message_id, part, parts, phone, text, "106591234", 1)


def submit(octets, version=Version.V30):
    return decode(smgp.Command.SUBMIT, 1, octets[12:], version)


def test_the_login_is_that_of_the_specification():
    assert SmgpClient(channel()).protocol_state().login(1, 1_121_093_005) == VECTORS["Login"]


def test_a_segment_becomes_the_submit_of_the_specification_but_for_its_alphabet():
    vector = submit(VECTORS["Submit, one segment"])

    written = submit(SmgpClient(channel(m_service_id="100000000000000000001")).write(2, segment()))

    ucs2 = {"msg_format": 8, "msg_content": "【测试】您好".encode("utf-16-be")}
    assert written == replace(vector, seq=1, **ucs2)


def test_the_parts_of_a_long_message_carry_header_and_parameters():
    vector = submit(VECTORS["Submit, long message segment 1 of 2"])
    text = vector.msg_content[6:].decode("utf-16-be")

    written = submit(SmgpClient(channel()).write(3, segment(text, part=1, parts=2, message_id=0x5A)))

    assert written == replace(vector, seq=1, tlvs={Tag.MSG_SRC: b"10691234"} | vector.tlvs)


@pytest.mark.parametrize(
    ("phone", "written"), [(8613800138000, "13800138000"), (85261234567, "0085261234567"), (12025550123, "0012025550123")]
)
def test_numbers_go_out_in_national_form_and_a_report_is_asked_for(phone, written):
    pdu = submit(SmgpClient(channel()).write(1, segment(phone=phone)))

    assert (pdu.dest_term_id, pdu.need_report) == ((written,), 1)


def test_settings_of_the_channel_stand_in_every_submit():
    seen = {"fee_type": "01", "fee_code": "000010", "fixed_fee": "000002", "priority": "3", "charge_term_id": "18900000000"}

    pdu = submit(SmgpClient(channel(msg_src="90000001", **seen)).write(1, segment()))

    assert (pdu.fee_type, pdu.fee_code, pdu.fixed_fee, pdu.priority) == ("01", "000010", "000002", 3)
    assert (pdu.charge_term_id, pdu.tlvs) == ("18900000000", {Tag.MSG_SRC: b"90000001"})


def test_a_channel_of_version_1_3_logs_in_and_writes_so():
    adapter = SmgpClient(channel(version="1.3"))

    assert adapter.protocol_state().login(1, 0)[-1] == 0x13
    assert submit(adapter.write(1, segment()), Version.V13).msg_content == "【测试】您好".encode("utf-16-be")


@pytest.mark.parametrize(
    "options",
    [{"service_id": "x" * 11}, {"priority": "abc"}, {"msg_src": "123456789"}, {"m_service_id": "x" * 22}, {"version": "2"}],
)
def test_options_that_do_not_fit_are_refused(options):
    with pytest.raises((BadPdu, ValueError)):
        SmgpClient(channel(**options))


def delivered(content, *, is_report=0, fmt=8, msg_id=ID, **tlvs):
    return smgp.Deliver(
        5, msg_id, "18900001111", "10659123401", content, is_report, fmt, tlvs={Tag[n]: v for n, v in tlvs.items()}
    )


def test_the_report_of_the_specification_becomes_a_receipt_that_names_the_answers_id():
    pdu = decode(smgp.Command.DELIVER, 50, VECTORS["Deliver, status report"][12:], Version.V30)
    adapter = SmgpClient(channel())
    answered = adapter.carrier_id(adapter.protocol_state().read_answer(0, VECTORS["Submit_Resp"][12:])[1])

    receipt = adapter.read(pdu, NOW)

    assert receipt == Receipt(
        7, (answered,), 8618900001111, ReceiptState.DELIVERED, "DELIVRD", 1_795_224_660_000, NOW, "DELIVRD"
    )
    assert answered == ID.hex()


@pytest.mark.parametrize(
    ("stat", "err", "state", "code"),
    [
        ("DELIVRD", "000", ReceiptState.DELIVERED, "DELIVRD"),
        ("ACCEPTD", "000", ReceiptState.PENDING, "ACCEPTD"),
        ("UNKNOWN", "999", ReceiptState.UNKNOWN, "UNKNOWN"),
        ("UNDELIV", "004", ReceiptState.FAILED, "004"),
        ("EXPIRED", "000", ReceiptState.FAILED, "EXPIRED"),
        ("MK:0011", "", ReceiptState.UNKNOWN, "MK:0011"),  # the code table knows
        ("UNDELIV", "0", ReceiptState.FAILED, "UNDELIV"),
        ("delivrd", "000", ReceiptState.DELIVERED, "DELIVRD"),
        ("2", "0", ReceiptState.DELIVERED, "DELIVRD"),
    ],
)
def test_a_failure_is_known_by_its_error_where_it_has_one(stat, err, state, code):
    content = encode_report(Report(ID, stat, "", "", err))

    receipt = SmgpClient(channel()).read(delivered(content, is_report=1), NOW)

    assert (receipt.state, receipt.code, receipt.done_ms) == (state, code, NOW)


PART = bytes.fromhex("050003070201")


@pytest.mark.parametrize(
    ("content", "tlvs", "text", "place"),
    [
        ("你好", {}, "你好", (0, 1, 1)),
        (PART, {"TP_UDHI": b"\1"}, "", (7, 1, 2)),
        (PART, {"PK_TOTAL": b"\2"}, "", (7, 1, 2)),
        (PART, {}, PART.decode("utf-16-be"), (0, 1, 1)),
    ],
    ids=["alone", "said", "counted", "neither"],
)
def test_a_text_from_a_handset_becomes_a_reply(content, tlvs, text, place):
    octets = content if isinstance(content, bytes) else content.encode("utf-16-be")

    reply = SmgpClient(channel()).read(delivered(octets, **tlvs), NOW)

    assert reply == ReplyPart(7, 8618900001111, "10659123401", text.encode("utf-16-be"), ID.hex(), NOW, *place)


def test_a_gateway_that_says_nothing_of_headers_is_seen_through_where_the_channel_knows_it():
    reply = SmgpClient(channel(guess_header="yes")).read(delivered(PART + b"\x4f\x60"), NOW)

    assert (reply.body, reply.part, reply.parts) == (b"\x4f\x60", 1, 2)


def test_a_delivery_numbered_with_zeros_has_no_name():
    assert SmgpClient(channel()).read(delivered(b"", msg_id=bytes(10)), NOW).carrier_id == ""
    assert SmgpClient(channel()).carrier_id("0" * 20) == ""


@given(
    st.binary(max_size=160),
    st.integers(0, 255),
    st.integers(0, 1),
    st.dictionaries(st.sampled_from([t.name for t in Tag]), st.binary(max_size=9)),
)
def test_any_delivery_is_a_receipt_a_reply_or_nothing(content, fmt, is_report, tlvs):
    seen = SmgpClient(channel()).read(delivered(content, is_report=is_report, fmt=fmt, **tlvs), NOW)

    assert seen is None or isinstance(seen, Receipt if is_report else ReplyPart)
    assert seen is not None or is_report


@pytest.mark.parametrize("version", ["3.0", "1.3"])
def test_a_protocol_id_is_a_parameter_once(version):
    adapter = SmgpClient(channel(version=version))
    for part in (replace(segment(), protocol_id=0x40), replace(segment(), protocol_id=0x40, part=1, parts=2)):
        octets = adapter.write(2, part)

        assert submit(octets, adapter.protocol_state().version).tlvs[Tag.TP_PID] == b"\x40"
        assert octets.count(b"\0\x01\0\x01") == 1


# --- validity -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "at"), [("3.0", 40), ("1.3", 34)])
def test_the_carrier_is_reported_in_china_time_until_when_it_may_try(version, at):
    adapter = SmgpClient(channel(version=version))
    without = adapter.write(2, segment())

    octets = adapter.write(2, replace(segment(), valid_until_ms=NOW + 999))

    assert octets == without[:at] + b"261121093140032+\0" + without[at + 17 :]
    assert submit(octets, adapter.protocol_state().version).valid_time == "261121093140032+"
    assert adapter.write(2, segment()) == without
