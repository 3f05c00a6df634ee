"""Every CMPP, SMGP and SMPP vector of the protocol sheets: read, written back, and dripped one octet at a time."""

import json
from hashlib import md5
from itertools import chain
from pathlib import Path

import pytest

from hongyan.wire.cmpp import codec as cmpp_codec
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.auth import MsgId, digest_gateway, digest_source
from hongyan.wire.cmpp.pdu import Version
from hongyan.wire.cmpp.report import decode_report, encode_report
from hongyan.wire.frame import Framer
from hongyan.wire.smgp import codec as smgp_codec
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smgp.auth import MsgId as SmgpId
from hongyan.wire.smgp.auth import digest_client, digest_server
from hongyan.wire.smgp.report import decode_report as decode_smgp_report
from hongyan.wire.smgp.report import encode_report as encode_smgp_report
from hongyan.wire.smpp import codec as smpp_codec
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.tlv import decode_tlvs

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "protocol_vectors.json").read_text())

OUR_NAME = {
    "command_length": None, "total_length": None, "command_id": "command", "sequence_id": "seq", "sequence_number": "seq",
    "command_status": "status", "valid_time": "valid_time", "destusr_tl": None, "msg_length": None, "sm_length": None,
    "number_of_dests": None, "reserve": "linkid", "reserved": "linkid", "authenticatorsource": "authenticator_source",
    "authenticatorismg": "authenticator_ismg", "dest_terminal_id[0]": "dest_terminal_id",
}  # fmt: skip


def version_of(vector):
    return Version.V20 if "2.0" in vector["name"] or "0x20" in vector["name"] else Version.V30


def framed(octets, head, most):
    (frame,) = Framer(head, most).feed(octets)
    return frame


def dripped(octets, head, most):
    framer = Framer(head, most)
    (frame,) = chain.from_iterable(framer.feed(octets[i : i + 1]) for i in range(len(octets)))
    return frame


def read_cmpp(frame, version):
    command, _, seq, body = frame
    return cmpp_codec.decode(command, seq, body, version)


def read_smgp(frame):
    command, _, seq, body = frame
    return smgp_codec.decode(command, seq, body, smgp.Version.V30)


def says(value, octets):
    """Is this attribute what these octets of the vector spell?"""
    if isinstance(value, int):
        return value == int.from_bytes(octets, "big")
    if isinstance(value, tuple):
        (value,) = value
    if isinstance(value, str):
        value = value.encode("latin-1")
    return value == octets.rstrip(b"\0") or value == octets


def described(vector, pdu):
    """Names of the vector's fields that the message has as attributes, and those whose values differ."""
    seen, wrong = [], []
    for field in vector["fields"]:
        name = {"ValId_Time": "valid_time"}.get(field["name"], field["name"].lower())
        attribute = OUR_NAME.get(name, name)
        if attribute and hasattr(pdu, attribute):
            seen.append(name)
            if not says(getattr(pdu, attribute), bytes.fromhex(field["hex"])):
                wrong.append((name, getattr(pdu, attribute), field["hex"]))
    return seen, wrong


@pytest.mark.parametrize("vector", VECTORS["cmpp"], ids=lambda v: v["name"])
def test_cmpp_vector_reads_as_described_and_writes_back(vector):
    octets, version = bytes.fromhex(vector["hex"]), version_of(vector)

    pdu = read_cmpp(framed(octets, 12, cmpp.FRAME_MOST), version)

    assert cmpp_codec.encode(pdu, version) == octets
    seen, wrong = described(vector, pdu)
    assert not wrong
    assert "sequence_id" in seen
    assert read_cmpp(dripped(octets, 12, cmpp.FRAME_MOST), version) == pdu


@pytest.mark.parametrize("vector", VECTORS["smpp"], ids=lambda v: v["name"])
def test_smpp_vector_reads_as_described_and_writes_back(vector):
    octets = bytes.fromhex(vector["hex"])

    pdu = smpp_codec.decode(*framed(octets, 16, smpp.FRAME_MOST))

    assert smpp_codec.encode(pdu) == octets
    seen, wrong = described(vector, pdu)
    assert not wrong
    assert "sequence_number" in seen
    assert smpp_codec.decode(*dripped(octets, 16, smpp.FRAME_MOST)) == pdu


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS["cmpp"] if v["name"].startswith("CMPP_SUBMIT ")], ids=lambda v: v["name"]
)
def test_every_field_of_a_submit_vector_is_an_attribute(vector):
    pdu = read_cmpp(framed(bytes.fromhex(vector["hex"]), 12, cmpp.FRAME_MOST), version_of(vector))

    seen, _ = described(vector, pdu)

    counted_or_framed = {"total_length", "command_id", "destusr_tl", "msg_length"}
    names = {"valid_time" if f["name"] == "ValId_Time" else f["name"].lower() for f in vector["fields"]}
    assert names - set(seen) == counted_or_framed


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("CMPP_DELIVER 3.0, status report (71-byte content)", Version.V30),
        ("CMPP_DELIVER 2.0, status report (60-byte content)", Version.V20),
    ],
)
def test_report_inside_a_deliver_reads_and_writes_back(name, version):
    vector = next(v for v in VECTORS["cmpp"] if v["name"] == name)
    content = read_cmpp(framed(bytes.fromhex(vector["hex"]), 12, cmpp.FRAME_MOST), version).msg_content

    report = decode_report(content)

    found = {f["name"].removeprefix("Msg_Content.").lower(): f["hex"] for f in vector["fields"] if "Content." in f["name"]}
    assert all(says(getattr(report, field), bytes.fromhex(octets)) for field, octets in found.items())
    assert len(found) == 6
    assert encode_report(report, version) == content


def test_cmpp_digests_are_those_of_the_sheet():
    found = VECTORS["authenticators"]["cmpp_source"]
    source = digest_source(found["source_addr"], found["shared_secret"], found["timestamp_int"])

    assert source.hex() == found["md5"]
    for name, version in (("cmpp_ismg_v2", Version.V20), ("cmpp_ismg_v3", Version.V30)):
        assert digest_gateway(0, source, found["shared_secret"], version).hex() == VECTORS["authenticators"][name]["md5"]


def test_a_stamp_of_january_keeps_its_leading_zero():
    whole = b"901234" + bytes(9) + b"s3cr3t" + b"0301000000"

    assert digest_source("901234", "s3cr3t", 301_000_000) == md5(whole, usedforsecurity=False).digest()


def test_msg_id_packs_as_in_the_sheet():
    found = VECTORS["authenticators"]["cmpp_msgid"]
    parts = MsgId(*(found[name] for name in ("month", "day", "hour", "minute", "second", "gateway", "sequence")))

    assert str(parts.packed()) == found["value"]
    assert MsgId.unpacked(parts.packed()) == parts


# --- SMGP --------------------------------------------------------------------------------------------------------------

SMGP_NAME = {
    "SequenceID": "seq", "ClientID": "client_id", "AuthenticatorClient": "authenticator_client", "LoginMode": "login_mode",
    "TimeStamp": "timestamp", "ClientVersion": "client_version", "Status": "status", "AuthenticatorServer": "authenticator_server",
    "ServerVersion": "server_version", "MsgType": "msg_type", "NeedReport": "need_report", "Priority": "priority",
    "ServiceID": "service_id", "FeeType": "fee_type", "FeeCode": "fee_code", "FixedFee": "fixed_fee", "MsgFormat": "msg_format",
    "ValidTime": "valid_time", "AtTime": "at_time", "SrcTermID": "src_term_id", "ChargeTermID": "charge_term_id",
    "DestTermID[0]": "dest_term_id", "DestTermID": "dest_term_id", "MsgContent": "msg_content", "Reserve": "reserve",
    "MsgID": "msg_id", "IsReport": "is_report", "RecvTime": "recv_time",
}  # fmt: skip
FRAMED = {"PacketLength", "RequestID", "DestTermIDCount", "MsgLength"}


@pytest.mark.parametrize("vector", VECTORS["smgp"], ids=lambda v: v["name"])
def test_smgp_vector_reads_as_described_and_writes_back(vector):
    octets = bytes.fromhex(vector["hex"])

    pdu = read_smgp(framed(octets, 12, smgp.FRAME_MOST))

    assert smgp_codec.encode(pdu, smgp.Version.V30) == octets
    assert read_smgp(dripped(octets, 12, smgp.FRAME_MOST)) == pdu
    plain = [f for f in vector["fields"] if f["name"] not in FRAMED and not f["name"].startswith(("TLV", "MsgContent."))]
    assert plain
    assert [f for f in plain if not says(getattr(pdu, SMGP_NAME[f["name"]]), bytes.fromhex(f["hex"]))] == []
    tlvs = b"".join(bytes.fromhex(f["hex"]) for f in vector["fields"] if f["name"].startswith("TLV"))
    assert decode_tlvs(tlvs, 0) == getattr(pdu, "tlvs", {})


def test_report_inside_an_smgp_deliver_reads_and_writes_back():
    vector = next(v for v in VECTORS["smgp"] if v["name"] == "Deliver, status report")
    content = read_smgp(framed(bytes.fromhex(vector["hex"]), 12, smgp.FRAME_MOST)).msg_content

    report = decode_smgp_report(content)

    assert (report.msg_id.hex(), report.stat, report.err) == ("01006111210930012345", "DELIVRD", "000")
    assert (report.submit_date, report.done_date, report.text[:7]) == ("2611210930", "2611210931", b"004Test")
    assert encode_smgp_report(report) == content
    assert len(content) == 122


def test_smgp_digests_and_ids_are_those_of_the_sheet():
    found = VECTORS["authenticators"]["smgp_client"]
    client = digest_client(found["client_id"], found["shared_secret"], int(found["timestamp_text"]))

    assert client.hex() == found["md5"]
    assert digest_server(0, client, found["shared_secret"]).hex() == VECTORS["authenticators"]["smgp_server"]["md5"]
    assert SmgpId(10061, 11, 21, 9, 30, 12345).packed().hex() == "01006111210930012345"
