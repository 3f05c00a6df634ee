"""PDUs for people: every field, no secret, and phones and texts only where they are asked for."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.wire.cmpp import codec as cmpp_codec
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.report import Report, encode_report
from hongyan.wire.describe import PROTOCOLS, fitting, read_octets
from hongyan.wire.sgip import codec as sgip_codec
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.smgp import codec as smgp_codec
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smpp import codec as smpp_codec
from hongyan.wire.smpp import pdu as smpp

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "protocol_vectors.json").read_text(encoding="utf-8"))
TEXT = "您的验证码是123456"
WIDE = TEXT.encode("utf-16-be")
PORTS = bytes.fromhex("0605040B8423F0")
V20, V30 = cmpp.Version.V20, cmpp.Version.V30

SUBMITS = {
    "cmpp2": cmpp_codec.encode(cmpp.Submit(7, "10690000123", ("13800138000",), WIDE), V20),
    "cmpp3": cmpp_codec.encode(cmpp.Submit(7, "10690000123", ("13800138000",), WIDE), V30),
    "smgp": smgp_codec.encode(smgp.Submit(7, "10690000123", ("13800138000",), WIDE), smgp.Version.V30),
    "sgip": sgip_codec.encode(sgip.Submit(7, "10690000123", ("8613800138000",), WIDE)),
    "smpp": smpp_codec.encode(smpp.Sm(7, smpp.Command.SUBMIT_SM, "10690000123", "8613800138000", WIDE, 8)),
}


@pytest.mark.parametrize("protocol", SUBMITS)
def test_a_submit_is_reported_in_clear_to_who_brought_the_octets(protocol):
    (seen,) = read_octets(SUBMITS[protocol], protocol, clear=True)

    assert TEXT in seen.values()
    assert "13800138000" in str(seen)
    assert protocol in fitting(SUBMITS[protocol])


@pytest.mark.parametrize("protocol", SUBMITS)
def test_what_is_shown_of_a_link_names_nobody(protocol):
    (seen,) = read_octets(SUBMITS[protocol], protocol)

    assert TEXT not in str(seen)
    assert "13800138000" not in str(seen)
    assert WIDE.hex() not in str(seen)
    assert f"({len(WIDE)} octets)" in seen.values()
    assert "****8000" in str(seen)


def test_the_way_of_a_text_is_reported_node_by_node():
    about = sgip.Sequence(3010012345, 1121093005, 7)
    nodes = (sgip.TraceNode(0, "101001", "261121093005032+", ""), sgip.TraceNode(2, "102101", "", "", b"x"))
    octets = sgip_codec.encode(sgip.Trace(7, about.packed(), "8613800138000")) + sgip_codec.encode(sgip.TraceResp(7, nodes))

    asked, seen = read_octets(octets, "sgip")

    assert asked["submit_sequence_number"] == "3010012345-1121093005-7"
    assert "13800138000" not in str(asked)
    assert json.loads(json.dumps(seen))["nodes"] == [
        {"result": 0, "node_id": "101001", "receive_time": "261121093005032+", "send_time": ""},
        {"result": 2, "node_id": "102101", "receive_time": "", "send_time": "", "reserve": "78"},
    ]


@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize(
    ("protocol", "octets"),
    [
        ("smpp", smpp_codec.encode(smpp.Bind(1, smpp.Command.BIND_TRANSCEIVER, "u", "hushhush"))),
        ("sgip", sgip_codec.encode(sgip.Bind(1, 1, "u", "hushhush"))),
        ("cmpp2", cmpp_codec.encode(cmpp.Connect(1, "901234", b"hushhush" * 2, V20, 0), V20)),
    ],
)
def test_a_secret_is_never_shown(protocol, octets, clear):
    (seen,) = read_octets(octets, protocol, clear=clear)

    assert "***" in seen.values()
    assert "hushhush" not in str(seen)
    assert b"hushhush".hex() not in str(seen)


def test_a_report_is_known_by_its_id_and_word_and_not_by_its_phone():
    content = encode_report(Report(99, "MK:0011", "2611210000", "2611210001", "13800138000", 5), V20)

    (seen,) = read_octets(cmpp_codec.encode(cmpp.Deliver(7, 1, "1069", "13800138000", content, 1), V20), "cmpp2")

    assert seen["report"] == "99 MK:0011"
    assert "13800138000" not in str(seen)


@pytest.mark.parametrize(
    ("protocol", "octets"),
    [
        ("cmpp3", cmpp_codec.encode(cmpp.Submit(7, "1069", ("13800138000",), PORTS + b"\1\6", 4, tp_udhi=1), V30)),
        ("sgip", sgip_codec.encode(sgip.Submit(7, "1069", ("8613800138000",), PORTS + b"\1\6", message_coding=4, tp_udhi=1))),
        (
            "smgp",
            smgp_codec.encode(
                smgp.Submit(7, "1069", ("13800138000",), PORTS + b"\1\6", 4, tlvs={smgp.Tag.TP_UDHI: b"\1"}),
                smgp.Version.V30,
            ),
        ),
        (
            "smpp",
            smpp_codec.encode(smpp.Sm(7, smpp.Command.SUBMIT_SM, "1069", "8613800138000", PORTS + b"\1\6", 4, 0x40)),
        ),
    ],
)
def test_octets_are_reported_apart_from_the_header_before_them(protocol, octets):
    (seen,) = read_octets(octets, protocol, clear=True)
    (scrubbed,) = read_octets(octets, protocol)

    assert seen["user_data_header"] == PORTS.hex()
    assert "0106" in seen.values()
    assert "user_data_header" not in scrubbed


def test_the_sequences_of_sgip_are_reported_as_three_numbers():
    sequence, about = sgip.Sequence(3010012345, 1121093005, 7), sgip.Sequence(3010012345, 1121093001, 6)
    report = sgip_codec.encode(sgip.Report(sequence.packed(), about.packed(), "8613800138000", 0))
    unknown = report[:4] + b"\0\0\xff\xff" + report[8:]

    seen, other = read_octets(report + unknown, "sgip")

    assert (seen["seq"], seen["submit_sequence_number"]) == ("3010012345-1121093005-7", "3010012345-1121093001-6")
    assert other["sequence"] == "3010012345-1121093005-7"


def test_several_pdus_are_reported_in_order_and_what_is_cut_is_named():
    heartbeat = bytes.fromhex("00000010000000150000000000000007")

    seen = read_octets(heartbeat * 2 + heartbeat[:5], "smpp")

    assert [one["pdu"] for one in seen] == ["ENQUIRE_LINK", "ENQUIRE_LINK", "?"]
    assert seen[-1]["rest"] == 5


@pytest.mark.parametrize("protocol", ["cmpp", "sgip", "smgp", "smpp"])
def test_every_vector_is_readable(protocol):
    names = ("cmpp2", "cmpp3") if protocol == "cmpp" else (protocol,)
    for vector in VECTORS[protocol]:
        readings = [read_octets(bytes.fromhex(vector["hex"]), name) for name in names]
        assert any(not {"unreadable", "rest"} & one[0].keys() for one in readings), vector["name"]


@given(st.binary(max_size=200), st.sampled_from(PROTOCOLS), st.booleans())
def test_any_octets_are_described_or_called_unreadable(octets, protocol, clear):
    seen = read_octets(octets, protocol, clear=clear)

    assert all("pdu" in one for one in seen)
    json.dumps(seen)


@pytest.mark.parametrize("version", smgp.Version)
def test_a_submit_of_smgp_is_read_in_the_version_that_it_is_of(version):
    submit = smgp.Submit(3, "10690001", ("13800138000",), "你好".encode("utf-16-be"), 8, fixed_fee="000010", service_id="S")

    (seen,) = read_octets(smgp_codec.encode(submit, version), "smgp", clear=True)

    assert (seen["msg_content"], seen["dest_term_id"], seen["service_id"]) == ("你好", ["13800138000"], "S")


@pytest.mark.parametrize("clear", [True, False])
def test_the_numbers_of_a_submit_to_many_are_shown_as_those_of_one(clear):
    to = (smpp.Address("8613800138000", 1, 1), smpp.Address("abc"))
    octets = smpp_codec.encode(smpp.SubmitMulti(7, "", to, b"hi")) + smpp_codec.encode(
        smpp.SubmitMultiResp(7, 0, "1", (smpp.Unsuccess("8613800138000", 1, 1, 11),))
    )

    asked, answered = json.loads(json.dumps(read_octets(octets, "smpp", clear=clear)))

    shown = "8613800138000" if clear else "861****8000"
    assert shown in str(asked["dest_address"])
    assert answered["unsuccess"] == [{"addr": shown, "ton": 1, "npi": 1, "error_status_code": 11}]
    assert ("13800138000" in str([asked, answered])) is clear
