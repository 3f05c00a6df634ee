"""The octets of a text in every alphabet and with every kind of header, out through a protocol's words and in again."""

from typing import Any

import pytest

from hongyan.adapters.cmpp.client import CmppClient
from hongyan.adapters.sgip.client import SgipClient
from hongyan.adapters.smgp.client import SmgpClient
from hongyan.adapters.smpp.client import SmppClient
from hongyan.model.binary import Binary
from hongyan.model.channel import Alphabet, Channel
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import OutSegment
from hongyan.policy.content import joined
from hongyan.wire.cmpp import codec as cmpp_codec
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.sgip import codec as sgip_codec
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.smgp import codec as smgp_codec
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smpp import codec as smpp_codec
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.pdu import Tag
from hongyan.wire.text import decode_gsm, encode_gsm, unpack_septets

A = Alphabet
MESSAGE_ID = 0x123456
NARROW, WIDE = "56", "3456"  # the low octet of the id, which has no time, and two


def channel(protocol=Protocol.SMPP, **options):
    return Channel(7, "up", protocol, user="esme01", secret="p", options=options)


def segment(text, alphabet=A.UCS2, part=1, parts=1):
    return OutSegment(MESSAGE_ID, part, parts, 8613800138000, text, "10690000123", 1, alphabet=alphabet)


def as_smpp(octets):
    _, command, status, seq = smpp_codec.HEAD.unpack_from(octets)
    return smpp_codec.decode(command, status, seq, octets[16:])


def smpp_of(one, **options):
    return as_smpp(SmppClient(channel(**options)).write(1, one))


@pytest.mark.parametrize(
    ("alphabet", "text", "coding", "octets"),
    [
        (A.UCS2, "你", 8, "你".encode("utf-16-be")),
        (A.GSM, "a€@", 0, bytes.fromhex("611b6500")),
        (A.GSM_PACKED, "hellohello", 0, bytes.fromhex("e8329bfd4697d9ec37")),
        (A.ASCII, "a{", 1, b"a{"),
        (A.LATIN1, "café", 3, b"caf\xe9"),
        (A.GBK, "您好", 15, "您好".encode("gbk")),
    ],
)
def test_smpp_spells_a_text_in_its_alphabet(alphabet, text, coding, octets):
    pdu = smpp_of(segment(text, alphabet), encoding=str(alphabet))

    assert (pdu.data_coding, pdu.short_message, pdu.esm_class) == (coding, octets, 0)


@pytest.mark.parametrize(
    ("alphabet", "text", "fmt"), [(A.GSM, "a€", 0), (A.ASCII, "a{", 0), (A.GBK, "您好", 15), (A.UCS2, "你", 8)]
)
def test_the_chinese_protocols_spell_a_text_in_its_alphabet(alphabet, text, fmt):
    octets = {A.GSM: encode_gsm, A.UCS2: lambda t: t.encode("utf-16-be")}.get(alphabet, lambda t: t.encode("gbk"))(text)
    options = {"encoding": str(alphabet)}

    by_cmpp = CmppClient(channel(Protocol.CMPP2, **options)).write(1, segment(text, alphabet))
    by_smgp = SmgpClient(channel(Protocol.SMGP, **options)).write(1, segment(text, alphabet))

    submit = cmpp_codec.decode(cmpp.Command.SUBMIT, 1, by_cmpp[12:], cmpp.Version.V20)
    assert (submit.msg_fmt, submit.msg_content) == (fmt, octets)
    other = smgp_codec.decode(smgp.Command.SUBMIT, 1, by_smgp[12:], smgp.Version.V30)
    assert (other.msg_format, other.msg_content) == (fmt, octets)


@pytest.mark.parametrize(
    ("long", "header"), [("udh8", f"050003{NARROW}0302"), ("udh16", f"060804{WIDE}0302")], ids=["8 bits", "16 bits"]
)
@pytest.mark.parametrize("protocol", [Protocol.CMPP3, Protocol.SMGP, Protocol.SMPP])
def test_parts_carry_the_header_that_the_channel_asks_for(protocol, long, header):
    adapter: Any = {Protocol.CMPP3: CmppClient, Protocol.SMGP: SmgpClient, Protocol.SMPP: SmppClient}[protocol]

    octets = adapter(channel(protocol, long=long)).write(1, segment("你", part=2, parts=3))

    assert bytes.fromhex(header) + "你".encode("utf-16-be") in octets


@pytest.mark.parametrize(("long", "fill"), [("udh8", 1), ("udh16", 0)])
def test_packed_septets_begin_at_a_septet_behind_the_header(long, fill):
    pdu = smpp_of(segment("x" * 152, A.GSM_PACKED, 1, 2), encoding="gsm-packed", long=long)

    header = pdu.short_message[0] + 1
    assert len(pdu.short_message) == 140
    assert pdu.esm_class == 0x40
    assert decode_gsm(unpack_septets(pdu.short_message[header:], fill)).startswith("x" * 152)


def test_parameters_stand_in_for_the_header():
    pdu = smpp_of(segment("你", part=2, parts=3), long="sar")

    assert (pdu.esm_class, pdu.short_message) == (0, "你".encode("utf-16-be"))
    assert pdu.tlvs == {
        Tag.SAR_MSG_REF_NUM: bytes.fromhex(WIDE),
        Tag.SAR_TOTAL_SEGMENTS: b"\3",
        Tag.SAR_SEGMENT_SEQNUM: b"\2",
    }


def test_a_long_text_goes_whole_in_the_payload_and_a_short_one_in_the_message():
    long, short = smpp_of(segment("一" * 500), long="payload"), smpp_of(segment("一" * 70), long="payload")

    assert (long.short_message, long.tlvs) == (b"", {Tag.MESSAGE_PAYLOAD: ("一" * 500).encode("utf-16-be")})
    assert (len(short.short_message), short.tlvs) == (140, {})


def test_data_sm_carries_the_same_text_receipt_and_parts():
    pdu = smpp_of(segment("你", part=2, parts=3), submit="data_sm", long="sar")

    assert isinstance(pdu, smpp.DataSm)
    assert (pdu.destination_addr, pdu.data_coding, pdu.registered_delivery) == ("8613800138000", 8, 1)
    assert pdu.tlvs[Tag.MESSAGE_PAYLOAD] == "你".encode("utf-16-be")
    assert pdu.tlvs[Tag.SAR_SEGMENT_SEQNUM] == b"\2"


@pytest.mark.parametrize(
    ("adapter", "protocol", "options"),
    [
        (CmppClient, Protocol.CMPP3, {"encoding": "latin1"}),
        (SmgpClient, Protocol.SMGP, {"encoding": "gsm-packed"}),
        (CmppClient, Protocol.CMPP3, {"long": "sar"}),
        (SmppClient, Protocol.SMPP, {"encoding": "morse"}),
        (SmppClient, Protocol.SMPP, {"submit": "submit_multi"}),
        (SmppClient, Protocol.SMPP, {"alphabet": "morse"}),
        (SmppClient, Protocol.SMPP, {"carrier_signature": "many"}),
        (SmppClient, Protocol.SMPP, {"carrier_signature": "8", "carrier_signature_on": "second"}),
    ],
)
def test_what_a_protocol_has_not_is_refused_as_a_setting(adapter, protocol, options):
    with pytest.raises(ValueError, match=next(reversed(options))):
        adapter(channel(protocol, **options))


# --- octets that are no text --------------------------------------------------------------------------------------------------

PORTS = bytes.fromhex("0605040B8423F0")
DATA = b"\x01\x06\0\xff"


def data_segment(header=PORTS, part=1, parts=1):
    return OutSegment(MESSAGE_ID, part, parts, 8613800138000, "", "10690000123", 1, binary=Binary(DATA, header))


def submit_of(protocol, one):
    """A submit as its protocol's codec reads it: format, whether there is a header, content."""
    match protocol:
        case Protocol.CMPP3:
            octets = CmppClient(channel(protocol)).write(1, one)
            pdu = cmpp_codec.decode(cmpp.Command.SUBMIT, 1, octets[12:], cmpp.Version.V30)
            return pdu.msg_fmt, pdu.tp_udhi, pdu.msg_content
        case Protocol.SGIP:
            octets = SgipClient(channel(protocol, node="3010012345")).write(1, one)
            pdu = sgip_codec.decode(sgip.Command.SUBMIT, 1, octets[20:])
            return pdu.message_coding, pdu.tp_udhi, pdu.message_content
        case Protocol.SMGP:
            pdu = smgp_codec.decode(smgp.Command.SUBMIT, 1, SmgpClient(channel(protocol)).write(1, one)[12:], smgp.Version.V30)
            return pdu.msg_format, int(pdu.tlvs.get(smgp.Tag.TP_UDHI, b"\0")[0]), pdu.msg_content
        case _:
            pdu = smpp_of(one)
            return pdu.data_coding, pdu.esm_class >> 6, pdu.short_message


@pytest.mark.parametrize("protocol", [Protocol.CMPP3, Protocol.SGIP, Protocol.SMGP, Protocol.SMPP])
def test_octets_go_as_format_4_behind_their_header(protocol):
    assert submit_of(protocol, data_segment()) == (4, 1, PORTS + DATA)
    assert submit_of(protocol, data_segment(b"")) == (4, 0, DATA)


@pytest.mark.parametrize("protocol", [Protocol.CMPP3, Protocol.SGIP, Protocol.SMGP, Protocol.SMPP])
def test_a_part_says_its_place_before_its_own_elements(protocol):
    place = bytes.fromhex(f"0003{NARROW}0302")

    assert submit_of(protocol, data_segment(part=2, parts=3)) == (4, 1, b"\x0b" + place + PORTS[1:] + DATA)
    assert submit_of(protocol, data_segment(b"", 2, 3)) == (4, 1, b"\x05" + place + DATA)


def test_the_place_of_octets_is_reported_as_the_channel_says_it_of_texts():
    part = data_segment(part=2, parts=3)

    wide, by_parameters = smpp_of(part, long="udh16"), smpp_of(part, long="sar")

    assert wide.short_message == bytes.fromhex(f"0c0804{WIDE}0302") + PORTS[1:] + DATA
    assert (by_parameters.esm_class, by_parameters.short_message) == (0x40, PORTS + DATA)
    assert by_parameters.tlvs[Tag.SAR_SEGMENT_SEQNUM] == b"\2"


def test_the_alphabet_of_a_channel_is_none_of_theirs():
    pdu = smpp_of(data_segment(), encoding="gsm-packed", submit="data_sm", long="payload")

    assert (pdu.data_coding, pdu.esm_class, pdu.tlvs[Tag.MESSAGE_PAYLOAD]) == (4, 0x40, PORTS + DATA)


# --- and in again ----------------------------------------------------------------------------------------------------------


def reply_of(pdu, **options):
    return SmppClient(channel(**options)).read(pdu, 0)


def deliver(octets, coding, esm_class=0, **tlvs):
    return smpp.Sm(
        9,
        smpp.Command.DELIVER_SM,
        "8613800138000",
        "10690000123",
        octets,
        coding,
        esm_class,
        tlvs={Tag[n]: v for n, v in tlvs.items()},
    )


@pytest.mark.parametrize(
    ("alphabet", "text"), [("gsm", "a€@Δ"), ("gsm-packed", "hello €"), ("ascii", "a{`"), ("latin1", "café")]
)
@pytest.mark.parametrize("coding", [0, 0x10, 0xF0])
def test_the_default_alphabet_of_a_reply_is_the_channels(alphabet, text, coding):
    sent = {"gsm": A.GSM, "gsm-packed": A.GSM_PACKED, "ascii": A.ASCII, "latin1": A.LATIN1}[alphabet]
    octets = smpp_of(segment(text, sent), encoding=str(sent)).short_message

    assert joined([reply_of(deliver(octets, coding), alphabet=alphabet)]) == text


def test_packed_parts_of_a_reply_read_behind_their_header():
    part = smpp_of(segment("packed", A.GSM_PACKED, 1, 2), encoding="gsm-packed")

    reply = reply_of(deliver(part.short_message, 0, 0x40), alphabet="gsm-packed")

    assert (joined([reply]), reply.part, reply.parts) == ("packed", 1, 2)


def test_a_header_and_parameters_together_are_one_part_of_one_text():
    sar = {"SAR_MSG_REF_NUM": b"\0\x75", "SAR_TOTAL_SEGMENTS": b"\3", "SAR_SEGMENT_SEQNUM": b"\2"}
    octets = bytes.fromhex("050003750302") + "你".encode("utf-16-be")

    reply = reply_of(deliver(octets, 8, 0x40, **sar))

    assert (joined([reply]), reply.part, reply.parts) == ("你", 2, 3)


def test_references_of_header_and_parameter_and_of_different_width_are_different():
    seen = "你".encode("utf-16-be")
    narrow = reply_of(deliver(bytes.fromhex("050003750302") + seen, 8, 0x40))
    wide = reply_of(deliver(bytes.fromhex("06080400750302") + seen, 8, 0x40))
    sar = reply_of(deliver(seen, 8, SAR_MSG_REF_NUM=b"\0\x75", SAR_TOTAL_SEGMENTS=b"\3", SAR_SEGMENT_SEQNUM=b"\2"))

    assert len({narrow.reference, wide.reference, sar.reference}) == 3


def test_octets_that_are_no_text_reach_the_customer_as_their_digits():
    assert joined([reply_of(deliver(b"\x00\xa1\xff", 4))]) == "00A1FF"
