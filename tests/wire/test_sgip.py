"""SGIP against its vectors, against a second reading of its sheet, and against whatever may come."""

import json
from contextlib import suppress
from dataclasses import fields, replace
from itertools import chain
from pathlib import Path
from struct import unpack_from

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire import sgip_sheet as sheet

from hongyan.wire.frame import BadPdu, FrameBroken, Framer
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.sgip.codec import decode, encode
from hongyan.wire.sgip.pdu import Command, Sequence
from hongyan.wire.sgip.template import SubmitTemplate

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "protocol_vectors.json").read_text())["sgip"]
COUNTED_OR_FRAMED = {"messagelength", "commandid", "usercount", "reserve"}


def framed(octets):
    ((command, _, seq, body),) = Framer(20, sgip.FRAME_MOST).feed(octets)
    return command, seq, body


def dripped(octets):
    framer = Framer(20, sgip.FRAME_MOST)
    ((command, _, seq, body),) = chain.from_iterable(framer.feed(octets[i : i + 1]) for i in range(len(octets)))
    return command, seq, body


def back(octets):
    return decode(*framed(octets))


def attributes(pdu):
    """Our names without underscores, sequences in their three parts, as the vectors spell them."""
    seen = {}
    for name in [field.name for field in fields(pdu)]:
        value = getattr(pdu, name)
        if name in {"seq", "submit_sequence_number"}:
            base = "sequencenumber" if name == "seq" else "submitsequencenumber"
            seen |= {f"{base}{number}": part for number, part in enumerate(Sequence.unpacked(value), 1)}
        else:
            seen[name.replace("_", "")] = value
    return seen


def says(value, octets):
    if isinstance(value, int):
        return value == int.from_bytes(octets, "big")
    if isinstance(value, tuple):
        (value,) = value
    return (value.encode() if isinstance(value, str) else value) == octets.rstrip(b"\0")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["name"])
def test_every_field_of_a_vector_reads_as_described_and_writes_back(vector):
    octets = bytes.fromhex(vector["hex"])

    pdu = back(octets)

    seen = attributes(pdu)
    fields = {
        f["name"].split(" (")[0].replace(" ", "").replace("_", "").replace("[0]", "").lower(): f["hex"]
        for f in vector["fields"]
    }
    assert {name for name in fields if name not in seen} <= COUNTED_OR_FRAMED
    assert [name for name, octets in fields.items() if name in seen and not says(seen[name], bytes.fromhex(octets))] == []
    assert encode(pdu) == octets
    assert decode(*dripped(octets)) == pdu


def test_a_sequence_is_three_numbers_and_a_node_may_have_its_highest_bit():
    sequence = Sequence(3_010_012_345, 1_121_093_005, 0xFFFF_FFFF)

    assert Sequence.unpacked(sequence.packed()) == sequence == Sequence.read(sgip.sequence_name(sequence.packed()))
    assert sequence.packed().to_bytes(12, "big").hex() == "b36924b942d2858dffffffff"


# --- a second reading ------------------------------------------------------------------------------------------------------


def text(most):
    return st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=most)


OCTET = st.integers(0, 0xFF)
SEQ = st.integers(0, 2**96 - 1)
NUMBER = text(21)
RESERVE = st.binary(max_size=8).map(lambda octets: octets.rstrip(b"\0"))
CONTENT = st.binary(max_size=300)
ANSWERS = [Command.BIND_RESP, Command.SUBMIT_RESP, Command.DELIVER_RESP, Command.REPORT_RESP, Command.USER_RPT_RESP]


def submits():
    return st.builds(
        sgip.Submit,
        SEQ,
        NUMBER,
        st.lists(NUMBER, max_size=100).map(tuple),
        CONTENT,
        OCTET,
        OCTET,
        NUMBER,
        text(5),
        text(10),
        OCTET,
        text(6),
        text(6),
        OCTET,
        OCTET,
        OCTET,
        text(16),
        text(16),
        OCTET,
        OCTET,
        OCTET,
        RESERVE,
    )


def messages():
    return st.one_of(
        submits(),
        st.builds(sgip.Bind, SEQ, OCTET, text(16), text(16), RESERVE),
        st.builds(sgip.Resp, SEQ, st.sampled_from(ANSWERS), OCTET, RESERVE),
        st.builds(sgip.Deliver, SEQ, NUMBER, NUMBER, CONTENT, OCTET, OCTET, OCTET, RESERVE),
        st.builds(sgip.Report, SEQ, SEQ, NUMBER, OCTET, OCTET, OCTET, RESERVE),
        st.builds(sgip.UserRpt, SEQ, NUMBER, NUMBER, OCTET, RESERVE),
        st.builds(sgip.Trace, SEQ, SEQ, NUMBER, RESERVE),
        st.builds(sgip.Plain, SEQ, st.sampled_from([Command.UNBIND, Command.UNBIND_RESP])),
    )


def of_sheet(seen):
    """What the second decoder read, with its names spelt as `attributes` spells ours."""
    names = {name.replace(" ", "").replace("_", "").lower(): value for name, value in seen.items()}
    sequence = names.pop("sequence")
    return names | {f"sequencenumber{number}": part for number, part in enumerate(sequence, 1)}


@given(messages())
def test_the_second_decoder_reads_what_we_write(pdu):
    seen = of_sheet(sheet.read(encode(pdu)))

    for name, value in attributes(pdu).items():
        wanted = [n.encode() for n in value] if isinstance(value, tuple) else value
        assert seen[name] == (wanted.encode() if isinstance(wanted, str) else wanted), name


@given(messages())
def test_we_read_what_the_second_encoder_writes(pdu):
    seen = sheet.read(encode(pdu))
    command, sequence = seen.pop("Command"), seen.pop("Sequence")

    assert back(sheet.write(command, sequence, seen)) == pdu


@given(messages())
def test_any_message_reads_back(pdu):
    assert back(encode(pdu)) == pdu


@given(SEQ, st.lists(st.builds(sgip.TraceNode, OCTET, text(6), text(16), text(16), RESERVE), max_size=80).map(tuple))
def test_the_way_of_a_text_reads_back_node_by_node(seq, nodes):
    octets = encode(sgip.TraceResp(seq, nodes))
    seen = [unpack_from(">B6s16s16s8s", octets, 21 + 47 * place) for place in range(octets[20])]

    assert back(octets) == sgip.TraceResp(seq, nodes)
    assert len(octets) == 21 + 47 * len(nodes)
    assert [(one[0], one[1].rstrip(b"\0")) for one in seen] == [(node.result, node.node_id.encode()) for node in nodes]


@pytest.mark.parametrize("body", [b"", b"\1", b"\2" + bytes(47)], ids=["nothing", "a count alone", "one node of two"])
def test_a_way_that_is_cut_is_refused(body):
    with pytest.raises(BadPdu):
        decode(Command.TRACE_RESP, 7, body)


@pytest.mark.parametrize("spelt", ["", "1-2", "1-2-3-4", "1--3", "a-2-3", f"1-2-{1 << 32}"])
def test_a_name_that_is_no_sequence_is_refused(spelt):
    with pytest.raises(ValueError, match="node-time-count"):
        Sequence.read(spelt)


@given(st.sampled_from([int(c) for c in Command] + [0x99]), st.binary(max_size=400))
def test_any_body_reads_or_is_refused(command, body):
    with suppress(BadPdu):
        decode(command, 1, body)


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_any_stream_makes_frames_or_breaks(pieces):
    framer = Framer(20, sgip.FRAME_MOST)
    with suppress(FrameBroken):
        for piece in pieces:
            list(framer.feed(piece))


@pytest.mark.parametrize("command", ANSWERS)
def test_an_answer_without_its_reserve_is_read(command):
    assert decode(command, 7, b"\x0b") == sgip.Resp(7, command, 11)
    with pytest.raises(BadPdu):
        decode(command, 7, b"")


def test_octets_behind_the_known_fields_are_ignored():
    deliver = sgip.Deliver(9, "8613800138000", "10690", b"TD", reserve=b"12345678")
    command, seq, body = framed(encode(deliver))

    assert decode(command, seq, body + b"more") == deliver


@pytest.mark.parametrize(
    "field",
    [
        {"sp_number": "1" * 22},
        {"user_number": ("1" * 22,)},
        {"user_number": ("1",) * 256},
        {"corp_id": "123456"},
        {"message_coding": 256},
        {"seq": 1 << 96},
    ],
    ids=str,
)
def test_a_value_that_its_field_cannot_hold_is_refused_and_never_cut(field):
    with pytest.raises(BadPdu):
        encode(replace(sgip.Submit(1, "10690", ("8613800138000",), b"x"), **field))


# --- templates of submits -----------------------------------------------------------------------------------------------


@given(submits(), NUMBER)
def test_the_template_writes_what_the_codec_writes(like, dest):
    whole = replace(like, user_number=(dest,))

    octets = SubmitTemplate(like).encode(
        whole.seq, whole.tp_udhi, whole.message_coding, whole.sp_number.encode(), dest.encode(), whole.message_content
    )

    assert octets == encode(whole)


@pytest.mark.parametrize(("source", "dest", "udhi"), [(b"1" * 22, b"1", 0), (b"1", b"1" * 22, 0), (b"1", b"1", 256)])
def test_the_template_refuses_what_does_not_fit(source, dest, udhi):
    with pytest.raises(BadPdu):
        SubmitTemplate(sgip.Submit(0, "", (), b"")).encode(1, udhi, 8, source, dest, b"")
