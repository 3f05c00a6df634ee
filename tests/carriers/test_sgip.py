"""Carrier words against ours: SGIP."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.adapters.client import Notice
from hongyan.adapters.sgip.client import SgipClient
from hongyan.model.channel import Channel
from hongyan.model.ids import first_id
from hongyan.model.message import ReceiptState
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.wire.frame import BadPdu
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.sgip.codec import decode
from hongyan.wire.sgip.pdu import Sequence

VECTORS = {
    v["name"]: bytes.fromhex(v["hex"])
    for v in json.loads((Path(__file__).parents[1] / "data" / "protocol_vectors.json").read_text())["sgip"]
}
NOW = 1_795_224_700_000
NODE = 3_010_012_345


def channel(**options):
    options = {"node": str(NODE), "service_type": "MOBTEST"} | options
    return Channel(7, "up", Protocol.SGIP, user="unisp", secret="unipass", options=options)


def segment(text="您好【测试】", part=1, parts=1, ticket=0, message_id=0):
    return OutSegment(message_id, part, parts, 8613012345678, text, "10655123", 1, ticket=ticket)


def read(octets):
    return decode(int.from_bytes(octets[4:8], "big"), int.from_bytes(octets[8:20], "big"), octets[20:])


def written(adapter, out):
    return read(adapter.write(adapter.sequence(out), out))


def test_a_segment_becomes_the_submit_of_the_specification_but_for_its_alphabet():
    vector = read(VECTORS["SGIP_SUBMIT, one GBK segment"])
    submit = written(SgipClient(channel()), segment())

    vector.seq, vector.message_coding, vector.message_content = submit.seq, 8, "您好【测试】".encode("utf-16-be")
    assert submit == vector


def test_the_sequence_is_made_of_the_ticket_and_is_ours():
    ticket = first_id(NOW + 999) | 0x3FFFFF  # 21 November 2026, 09:31:40.999 in China

    name = Sequence.unpacked(SgipClient(channel()).sequence(segment(ticket=ticket)))

    assert name == (NODE, 1_121_093_140, 999 << 22 | 0x3FFFFF)
    assert name.counter < 0xFA00_0000, "counters from there on are the session's own"


@given(st.sets(st.integers(first_id(NOW), first_id(NOW + 180 * 24 * 3_600_000)), min_size=2, max_size=5))
def test_no_two_tickets_make_the_same_sequence_within_half_a_year(tickets):
    adapter = SgipClient(channel())

    assert len({adapter.sequence(segment(ticket=ticket)) for ticket in tickets}) == len(tickets)


@pytest.mark.parametrize("part", [1, 2])
def test_the_parts_of_a_long_message_carry_their_headers_and_each_asks_for_its_report(part):
    submit = written(SgipClient(channel()), segment("一" * 67, part=part, parts=2, message_id=0x5A))

    assert submit.message_content == bytes([5, 0, 3, 0x5A, 2, part]) + ("一" * 67).encode("utf-16-be")
    assert (submit.tp_udhi, submit.report_flag) == (1, 1)


@pytest.mark.parametrize(
    ("option", "text", "coding"), [("no", "code 1234", 8), ("yes", "code 1234", 0), ("yes", "code [1234]", 8)]
)
def test_coding_0_only_where_the_channel_allows_it_and_the_text_is_safe(option, text, coding):
    submit = written(SgipClient(channel(ascii=option)), segment(text))

    assert (submit.message_coding, submit.message_content) == (coding, text.encode("utf-16-be" if coding else "ascii"))


def test_fees_are_the_channels():
    submit = written(SgipClient(channel(fee_type="2", fee_value="10", mt_flag="0", corp_id="54321")), segment())

    assert (submit.fee_type, submit.fee_value, submit.morelateto_mt_flag, submit.corp_id) == (2, "10", 0, "54321")


@pytest.mark.parametrize(
    "options", [{"node": ""}, {"node": "3010x"}, {"node": "99999999999"}, {"corp_id": "123456"}, {"fee_type": "x"}], ids=str
)
def test_options_that_do_not_fit_are_refused(options):
    with pytest.raises((BadPdu, ValueError)):
        SgipClient(channel(**options))


# --- what comes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "counter", "number", "state", "code"),
    [
        ("SGIP_REPORT (success)", 1, 8613012345678, ReceiptState.DELIVERED, "DELIVRD"),
        ("SGIP_REPORT (failure, code 29)", 2, 8613012345679, ReceiptState.FAILED, "29"),
    ],
)
def test_a_report_becomes_a_receipt_under_the_name_of_its_submit(name, counter, number, state, code):
    receipt = SgipClient(channel()).read(read(VECTORS[name]), NOW)

    assert receipt == Receipt(7, (f"{NODE}-1121093005-{counter}",), number, state, code, NOW, NOW)


def test_the_name_of_a_segment_is_what_its_report_says():
    adapter = SgipClient(channel())
    out = segment(ticket=first_id(NOW) + 5)
    report = sgip.Report(1, written(adapter, out).seq, "8613012345678", 0)

    assert adapter.read(report, NOW).carrier_ids == (adapter.name(out),)


@pytest.mark.parametrize(
    ("state", "code", "seen"),
    [
        (1, 0, ReceiptState.PENDING),
        (2, 0, ReceiptState.FAILED),
        (7, 0, ReceiptState.PENDING),  # no such state: nothing is over
    ],
)
def test_only_states_0_and_2_end_a_message(state, code, seen):
    assert SgipClient(channel()).read(sgip.Report(1, 2, "13012345678", state, code), NOW).state is seen


@pytest.mark.parametrize(
    "pdu", [sgip.Report(1, 2, "8613012345678", 0, report_type=1), sgip.UserRpt(1, "10655123", "8613012345678", 1)], ids=repr
)
def test_what_nobody_needs_to_keep_is_a_notice(pdu):
    assert isinstance(SgipClient(channel()).read(pdu, NOW), Notice)


def test_a_text_from_a_handset_becomes_a_reply_named_by_its_sequence():
    reply = SgipClient(channel()).read(read(VECTORS["SGIP_DELIVER (mobile-originated)"]), NOW)

    assert reply == ReplyPart(
        7, 8613012345678, "10655123", b"TD", "101001-1121093120-9", NOW, charset="gb18030", is_named_anew=True
    )


def test_parts_of_a_long_reply_say_which_they_are():
    pdu = sgip.Deliver(1, "8613012345678", "10655123", bytes.fromhex("050003070201") + b"\x4f\x60", 8, 1)

    reply = SgipClient(channel()).read(pdu, NOW)

    assert (reply.reference, reply.part, reply.parts, reply.body) == (7, 1, 2, b"\x4f\x60")


@given(st.binary(max_size=160), st.integers(0, 255), st.integers(0, 255))
def test_any_delivery_is_a_reply(content, coding, udhi):
    pdu = sgip.Deliver(1, "8613012345678", "10655123", content, coding, udhi)

    assert isinstance(SgipClient(channel()).read(pdu, NOW), ReplyPart)


def test_a_protocol_id_is_tp_pid():
    adapter, plain = SgipClient(channel()), segment()

    assert read(adapter.write(adapter.sequence(plain), replace(plain, protocol_id=0x40))).tp_pid == 0x40


# --- validity -------------------------------------------------------------------------------------------------------------


def test_the_carrier_is_reported_in_china_time_until_when_it_may_try():
    adapter, plain = SgipClient(channel()), segment()
    seq, without = adapter.sequence(plain), adapter.write(adapter.sequence(plain), plain)

    octets = adapter.write(seq, replace(plain, valid_until_ms=NOW + 999))

    assert octets == without[:115] + b"261121093140032+" + without[131:]
    assert read(octets).expire_time == "261121093140032+"
    assert adapter.write(seq, plain) == without
