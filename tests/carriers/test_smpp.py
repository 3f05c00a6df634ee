"""Carrier words against ours: SMPP."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.adapters.smpp.client import SmppClient
from hongyan.model.channel import Channel, IdForm
from hongyan.model.message import ReceiptState
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.policy.content import joined
from hongyan.wire.smpp.codec import decode
from hongyan.wire.smpp.pdu import Command, DataSm, Plain, Sm, Tag

VECTORS = {
    v["name"]: bytes.fromhex(v["hex"])
    for v in json.loads((Path(__file__).parents[1] / "data" / "protocol_vectors.json").read_text())["smpp"]
}
NOW = 1_795_224_700_000


def channel(id_form=IdForm.AUTO, **options):
    return Channel(7, "up", Protocol.SMPP, user="esme01", secret="pass1234", id_form=id_form, options=options)


def segment(text="你好", source="10690000123", part=1, parts=1, message_id=0, phone=8613800138000):
    return OutSegment(message_id, part, parts, phone, text, source, 1)


def pdu_of(octets):
    return decode(int.from_bytes(octets[4:8], "big"), 0, int.from_bytes(octets[12:16], "big"), octets[16:])


def test_a_part_of_a_long_message_becomes_the_submit_sm_of_the_specification():
    vector = VECTORS["submit_sm, UCS2 long message segment 1 of 2 with UDH"]
    text = pdu_of(vector).short_message[6:].decode("utf-16-be")
    adapter = SmppClient(channel(source_ton="1", source_npi="1"))

    assert adapter.write(3, segment(text, part=1, parts=2, message_id=0x5A)) == vector


def test_the_bind_is_that_of_the_specification():
    assert SmppClient(channel()).protocol_state().login(1, 0) == VECTORS["bind_transceiver"]


@pytest.mark.parametrize(
    ("source", "ton", "npi"), [("10690000123", 3, 1), ("ACME", 5, 0), ("", 3, 1)], ids=["digits", "letters", "none"]
)
def test_a_name_as_sender_is_alphanumeric_whatever_the_channel_says_of_numbers(source, ton, npi):
    written = pdu_of(SmppClient(channel(source_ton="3", source_npi="1")).write(1, segment(source=source)))

    assert (written.source_addr, written.source_addr_ton, written.source_addr_npi) == (source, ton, npi)


@pytest.mark.parametrize(("phone", "written"), [(8613800138000, "8613800138000"), (85261234567, "85261234567")])
def test_numbers_go_out_international_and_a_receipt_is_asked_for(phone, written):
    pdu = pdu_of(SmppClient(channel()).write(1, segment(phone=phone)))

    assert (pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi) == (written, 1, 1)
    assert pdu.registered_delivery == 1


@pytest.mark.parametrize(
    ("option", "text", "coding"), [("no", "code 1234", 8), ("yes", "code 1234", 0), ("yes", "code {1}", 8), ("yes", "码", 8)]
)
def test_coding_0_only_where_the_channel_allows_it_and_the_text_is_safe(option, text, coding):
    pdu = pdu_of(SmppClient(channel(ascii=option)).write(1, segment(text)))

    assert (pdu.data_coding, pdu.esm_class) == (coding, 0)
    assert pdu.short_message.decode("ascii" if coding == 0 else "utf-16-be") == text


@pytest.mark.parametrize("options", [{"service_type": "x" * 6}, {"source_ton": "abc"}, {"dest_ton": "256"}])
def test_options_that_do_not_fit_are_refused(options):
    with pytest.raises(ValueError):
        SmppClient(channel(**options))


def test_a_refusal_is_written_as_the_status_in_hex():
    assert [SmppClient(channel()).code(status) for status in (0x0B, 0x401)] == ["0x0B", "0x401"]


def test_the_receipt_of_the_specification_names_its_message_by_the_parameter_first():
    adapter = SmppClient(channel())
    answered = adapter.carrier_id("5F3A9C01")

    receipt = adapter.read(pdu_of(VECTORS["deliver_sm, delivery receipt"]), NOW)

    assert receipt.carrier_ids[0] == answered
    assert (receipt.phone, receipt.state, receipt.code) == (8613800138000, ReceiptState.DELIVERED, "DELIVRD")
    assert (receipt.channel_id, receipt.done_ms, receipt.received_ms) == (7, 1_795_224_660_000, NOW)


def deliver(text=b"", esm_class=4, tlvs=None, coding=0, source="8613800138000", ton=1):
    return Sm(9, Command.DELIVER_SM, source, "10690000123", text, coding, esm_class, source_addr_ton=ton, tlvs=tlvs or {})


@pytest.mark.parametrize(
    ("text", "esm_class", "state", "code"),
    [
        (b"id:1 stat:DELIVRD err:000", 4, ReceiptState.DELIVERED, "DELIVRD"),
        (b"id:1 stat:UNDELIV err:045", 4, ReceiptState.FAILED, "UNDELIV"),
        (b"id:1 stat:UNDELIV err:MK:0011", 4, ReceiptState.FAILED, "MK:0011"),
        (b"id:1 stat:DELIVRD err:abc", 4, ReceiptState.DELIVERED, "DELIVRD"),
        (b"id:1 stat:ACCEPTD", 4, ReceiptState.PENDING, "ACCEPTD"),
        (b"id:1 stat:ENROUTE", 4, ReceiptState.PENDING, "ENROUTE"),
        (b"id:1 stat:DELIVRD", 0x20, ReceiptState.PENDING, "DELIVRD"),
        (b"id:1 stat:UNKNOWN", 4, ReceiptState.UNKNOWN, "UNKNOWN"),
        (b"id:1", 4, ReceiptState.UNKNOWN, "UNKNOWN"),
        (b"id:1 stat:" + b"X" * 50, 4, ReceiptState.UNKNOWN, "X" * 32),
        (b"id:1 stat:DELIVERED err:000", 4, ReceiptState.DELIVERED, "DELIVRD"),
        (b"id:1 stat:DELIVRD\0", 4, ReceiptState.DELIVERED, "DELIVRD"),
        (
            b"id:1 sub:001 dlvrd:001 submit date:1 done date:1 stat:DELIVRD; err:000; text:",
            4,
            ReceiptState.DELIVERED,
            "DELIVRD",
        ),
        (b"id:1;sub:001;dlvrd:001;stat:DELIVRD;err:000;text:", 4, ReceiptState.DELIVERED, "DELIVRD"),
        (b"id:1 sub:001 DELIVRD err:000", 4, ReceiptState.DELIVERED, "DELIVRD"),
        (b"id:1 UNDELIV text:DELIVRD", 4, ReceiptState.FAILED, "UNDELIV"),
        (b"id:1 stat:2", 4, ReceiptState.DELIVERED, "DELIVRD"),
        (b"id:1 stat:BUFFRED", 4, ReceiptState.PENDING, "BUFFRED"),
        (b"id:1 stat:FOO err:MK:0011", 4, ReceiptState.UNKNOWN, "MK:0011"),
        (b"id:1 stat:DELIVRD", 0, ReceiptState.DELIVERED, "DELIVRD"),
    ],
)
def test_the_state_of_a_receipt(text, esm_class, state, code):
    receipt = SmppClient(channel()).read(deliver(text, esm_class), NOW)

    assert (receipt.state, receipt.code) == (state, code)


def test_a_receipt_without_an_id_makes_no_sense():
    assert SmppClient(channel()).read(deliver(b"stat:DELIVRD"), NOW) is None


@pytest.mark.parametrize(
    ("source", "ton", "phone"),
    [
        ("8613800138000", 1, 8613800138000),
        ("13800138000", 1, 8613800138000),
        ("13800138000", 0, 8613800138000),
        ("+8613800138000", 0, 8613800138000),
        ("85261234567", 1, 85261234567),
        ("+85261234567", 1, 85261234567),
        ("10086", 0, 10086),
        ("ACME", 5, 0),
        ("", 0, 0),
        ("9" * 40, 1, 0),
    ],
)
def test_senders_are_read_as_carriers_write_them(source, ton, phone):
    assert SmppClient(channel()).read(deliver(b"hello", 0, source=source, ton=ton), NOW).phone == phone


UDH = bytes.fromhex("050003070201")
SAR = {Tag.SAR_MSG_REF_NUM: b"\x12\x34", Tag.SAR_TOTAL_SEGMENTS: b"\3", Tag.SAR_SEGMENT_SEQNUM: b"\2"}


@pytest.mark.parametrize(
    ("pdu", "text", "concat"),
    [
        (deliver("你".encode("utf-16-be"), 0, coding=8), "你", (0, 1, 1)),
        (deliver(b"\x00a", 0), "@a", (0, 1, 1)),
        (deliver(b"caf\xe9", 0, coding=3), "café", (0, 1, 1)),
        (deliver("拒收".encode("gbk"), 0, coding=15), "拒收", (0, 1, 1)),
        (deliver(UDH + "你".encode("utf-16-be"), 0x40, coding=8), "你", (7, 1, 2)),
        (deliver(b"\5abc", 0), "éabc", (0, 1, 1)),  # not said to have a header
        (deliver("你".encode("utf-16-be"), 0, coding=8, tlvs=SAR), "你", (0x21234, 2, 3)),
        (deliver("你".encode("utf-16-be"), 0, coding=8, tlvs=SAR | {Tag.SAR_SEGMENT_SEQNUM: b"\4"}), "你", (0, 1, 1)),
        (deliver(b"", 0, coding=8, tlvs={Tag.MESSAGE_PAYLOAD: "你".encode("utf-16-be")}), "你", (0, 1, 1)),
        (deliver(b"", 0x40, coding=8, tlvs={Tag.MESSAGE_PAYLOAD: UDH + "你".encode("utf-16-be")}), "你", (7, 1, 2)),
        (deliver("你".encode("utf-16-be"), 0, coding=8, tlvs={Tag.MESSAGE_PAYLOAD: b""}), "你", (0, 1, 1)),
        (
            DataSm(9, "8613800138000", "10690000123", 8, 0, 0, 1, tlvs={Tag.MESSAGE_PAYLOAD: "你".encode("utf-16-be")}),
            "你",
            (0, 1, 1),
        ),
    ],
)
def test_a_text_from_a_handset_becomes_a_reply(pdu, text, concat):
    reply = SmppClient(channel()).read(pdu, NOW)

    assert reply == ReplyPart(7, 8613800138000, "10690000123", reply.body, "", NOW, *concat, charset=reply.charset)
    assert joined([reply]) == text


@pytest.mark.parametrize(("alphabet", "text"), [("gsm", "ä"), ("ascii", "{"), ("latin1", "{")])
def test_what_coding_0_means_is_the_channels(alphabet, text):
    reply = SmppClient(channel(alphabet=alphabet)).read(deliver(b"\x7b", 0), NOW)

    assert joined([reply]) == text


def test_what_is_no_message_is_nothing():
    assert SmppClient(channel()).read(Plain(1, Command.ALERT_NOTIFICATION), NOW) is None


@given(
    st.binary(max_size=254),
    st.integers(0, 255),
    st.integers(0, 255),
    st.dictionaries(st.sampled_from(list(Tag)), st.binary(max_size=50) | st.just(b"\xff" * 2_000)),
    st.text(max_size=20),
)
def test_any_delivery_is_a_receipt_a_reply_or_nothing(text, esm_class, coding, tlvs, source):
    seen = SmppClient(channel()).read(deliver(text, esm_class, tlvs, coding, source), NOW)

    assert seen is None or isinstance(seen, Receipt | ReplyPart)
    if isinstance(seen, Receipt):
        assert seen.carrier_ids
        assert len(seen.code) <= 32


def test_a_protocol_id_goes_on():
    adapter, expected = SmppClient(channel()), pdu_of(SmppClient(channel()).write(2, segment()))

    expected.protocol_id = 0x40
    assert pdu_of(adapter.write(2, replace(segment(), protocol_id=0x40))) == expected


# --- validity -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["10690000123", "ACME"])
def test_the_carrier_is_reported_in_utc_until_when_it_may_try(source):
    adapter, plain = SmppClient(channel()), segment(source=source)
    without, expected = adapter.write(2, plain), pdu_of(adapter.write(2, plain))

    octets = adapter.write(2, replace(plain, valid_until_ms=NOW + 999))

    expected.validity_period = "261121013140000+"
    assert pdu_of(octets) == expected
    assert octets[4:].replace(b"261121013140000+\0", b"\0") == without[4:]
    assert adapter.write(2, plain) == without


@pytest.mark.parametrize(("left_ms", "left_s"), [(90_999, 90), (999, 1)])
def test_a_data_sm_counts_the_seconds_that_are_left(left_ms, left_s):
    adapter = SmppClient(channel(submit="data_sm"))
    plain = segment()

    octets = adapter.write(2, replace(plain, submitted_ms=NOW, valid_until_ms=NOW + left_ms))

    without = pdu_of(adapter.write(2, plain))
    assert pdu_of(octets) == replace(without, tlvs={**without.tlvs, Tag.QOS_TIME_TO_LIVE: left_s.to_bytes(4, "big")})


@pytest.mark.parametrize(
    ("source", "destination", "phone"),
    [
        ("8613800138000", "10690000123", 8613800138000),
        ("10690000123", "8613800138000", 8613800138000),  # turned about
        ("10659999", "13800138000", 8613800138000),
        ("0086-13800138000", "", 8613800138000),
        ("85261234567", "10690000123", 85261234567),
        ("10690000123", "ACME", 0),
        ("12345", "", 0),
    ],
)
def test_the_phone_of_a_receipt_is_the_address_that_may_be_one(source, destination, phone):
    adapter = SmppClient(replace(channel(), access="10690000"))
    pdu = replace(deliver(b"id:1 stat:DELIVRD", source=source), destination_addr=destination)

    assert adapter.read(pdu, NOW).phone == phone


@pytest.mark.parametrize(
    ("message_state", "text", "state", "code"),
    [
        (0, b"", ReceiptState.PENDING, "SCHEDLD"),
        (9, b"", ReceiptState.PENDING, "SKIPPED"),
        (9, b"id:1 stat:DELIVRD", ReceiptState.PENDING, "SKIPPED"),
        (5, b"id:1 stat:DELIVRD", ReceiptState.FAILED, "UNDELIV"),
        (2, b"", ReceiptState.DELIVERED, "DELIVRD"),
        (99, b"", ReceiptState.UNKNOWN, "99"),
    ],
)
def test_a_state_without_a_word_is_known_by_its_own(message_state, text, state, code):
    tlvs = {Tag.RECEIPTED_MESSAGE_ID: b"1\0", Tag.MESSAGE_STATE: bytes([message_state])}

    receipt = SmppClient(channel()).read(deliver(text, tlvs=tlvs), NOW)

    assert (receipt.state, receipt.code) == (state, code)


RECEIPT = "id:1597676545 sub:001 dlvrd:001 submit date:2611210930 done date:2611210931 stat:DELIVRD err:000 text:"


@pytest.mark.parametrize("esm_class", [4, 0])
@pytest.mark.parametrize(
    ("octets", "coding"),
    [
        (RECEIPT.encode("utf-16-be"), 8),
        (b"\xff\xfe" + RECEIPT.encode("utf-16-le"), 8),
        (RECEIPT.encode("utf-16-be"), 0x18),
        (RECEIPT.encode("ascii"), 8),  # said, and not done
        (RECEIPT.encode("ascii"), 3),
    ],
)
def test_a_receipt_in_ucs2_is_read_by_its_coding(octets, coding, esm_class):
    receipt = SmppClient(channel()).read(deliver(octets, esm_class, coding=coding), NOW)

    assert (receipt.carrier_ids[0], receipt.state, receipt.done_ms) == ("1597676545", ReceiptState.DELIVERED, 1_795_224_660_000)


@pytest.mark.parametrize("date", ["done_date", "Done_Date", "done time", "DoneDate", "final date", "done_time"])
def test_the_date_of_a_receipt_has_several_names(date):
    receipt = SmppClient(channel()).read(deliver(f"id:1 {date}:2611210931 stat:DELIVRD".encode()), NOW)

    assert receipt.done_ms == 1_795_224_660_000
