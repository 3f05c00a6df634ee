"""What replies say, whatever alphabet and header they come in, alike in every protocol."""

import pytest

from hongyan.adapters.cmpp.client import CmppClient
from hongyan.adapters.reply_decoder import ReplyDecoder
from hongyan.adapters.sgip.client import SgipClient
from hongyan.adapters.smgp.client import SmgpClient
from hongyan.adapters.smpp.client import SmppClient
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.policy.content import joined
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smpp import pdu as smpp

NOW = 1_795_224_700_000
PHONE = "13800138000"


def channel(protocol, **options):
    return Channel(7, "up", protocol, user="901234", secret="s", options={"node": "3010012345"} | options)


def delivered(protocol, octets, coding, **options):
    """The reply of one delivery in each protocol that has such octets."""
    match protocol:
        case "cmpp":
            pdu = cmpp.Deliver(9, 77, "10690001", PHONE, octets, msg_fmt=coding)
            return CmppClient(channel(Protocol.CMPP3, **options)).read(pdu, NOW)
        case "sgip":
            return SgipClient(channel(Protocol.SGIP, **options)).read(sgip.Deliver(9, PHONE, "10690001", octets, coding), NOW)
        case "smgp":
            pdu = smgp.Deliver(9, bytes(10), PHONE, "10690001", octets, 0, coding)
            return SmgpClient(channel(Protocol.SMGP, **options)).read(pdu, NOW)
        case _:
            pdu = smpp.Sm(9, smpp.Command.DELIVER_SM, PHONE, "10690001", octets, coding, 0)
            return SmppClient(channel(Protocol.SMPP, **options)).read(pdu, NOW)


ALL = ("cmpp", "sgip", "smgp", "smpp")
GSM = [0x10, 0x11, 0x12, 0x13, 0x1C, 0x40, 0x50, 0xC0, 0xC8, 0xD0, 0xD8, 0xF0, 0xF1, 0xF2, 0xF3, 0xF8]


@pytest.mark.parametrize("protocol", ALL)
@pytest.mark.parametrize("coding", GSM)
def test_a_coding_whose_bits_say_gsm_is_read_so(protocol, coding):
    reply = delivered(protocol, b"\x00 \x02 \x1b\x65", coding)

    assert joined([reply]) == "@ $ €"


@pytest.mark.parametrize("protocol", ALL)
@pytest.mark.parametrize("coding", [0x18, 0x19, 0x1B, 0x48, 0x58, 0xE0, 0xE8, 8])
def test_a_coding_whose_bits_say_ucs2_is_read_so(protocol, coding):
    assert joined([delivered(protocol, "退订".encode("utf-16-be"), coding)]) == "退订"


@pytest.mark.parametrize("coding", [0x14, 0x17, 0x20, 0x3F, 0x60, 0x44, 0xF4, 0xFF, 4, 2])
def test_octets_that_are_no_text_become_their_digits(coding):
    assert joined([delivered("cmpp", b"\xca\xfe", coding)]) == "CAFE"


@pytest.mark.parametrize("protocol", ["cmpp", "sgip", "smgp"])
@pytest.mark.parametrize(
    ("options", "octets", "text"),
    [
        ({}, "退订 TD$".encode("gbk"), "退订 TD$"),
        ({}, b"TD", "TD"),
        ({"alphabet": "utf8"}, "退订".encode(), "退订"),
        ({"alphabet": "latin1"}, b"caf\xe9", "café"),
        ({"alphabet": "gsm"}, b"\x00", "@"),
    ],
)
def test_what_coding_0_means_to_chinese_carriers_is_the_channels(protocol, options, octets, text):
    assert joined([delivered(protocol, octets, 0, **options)]) == text


@pytest.mark.parametrize(("alphabet", "octets"), [("utf8", "退订".encode()), ("gb18030", "退订".encode("gbk"))])
def test_a_message_centre_may_mean_chinese_by_coding_0(alphabet, octets):
    assert joined([delivered("smpp", octets, 0, alphabet=alphabet)]) == "退订"


@pytest.mark.parametrize("protocol", ALL)
def test_a_coding_may_be_said_to_mean_utf8(protocol):
    assert joined([delivered(protocol, "退订".encode(), 9, utf8_coding="9")]) == "退订"


@pytest.mark.parametrize("protocol", ALL)
@pytest.mark.parametrize(("header", "reference"), [("050003070201", 7), ("060804070a0201", 0x1070A)])
def test_an_unannounced_header_is_guessed_where_the_channel_says_so(protocol, header, reference):
    octets = bytes.fromhex(header) + "退".encode("utf-16-be")

    reply = delivered(protocol, octets, 8, guess_header="yes")

    assert (reply.reference, reply.part, reply.parts, joined([reply])) == (reference, 1, 2, "退")
    assert delivered(protocol, octets, 8).parts == 1


@pytest.mark.parametrize("octets", [b"\xff\xfe\0\x90", b"\xfe\xff\x90\0"])
def test_a_byte_order_mark_stays_for_the_other_parts(octets):
    reply = ReplyDecoder(channel(Protocol.CMPP2)).reply(13800138000, "1069", octets, 8, "", 0, has_header=False)

    assert reply.body == octets


@pytest.mark.parametrize(("options", "coding", "codec"), [
    ({}, 15, "gb18030"), ({}, 0, "gb18030"), ({"utf8_coding": "9"}, 9, "utf-8"), ({"alphabet": "utf8"}, 0, "utf-8"), ({}, 14, "euc_kr"),
])  # fmt: skip
@pytest.mark.parametrize("protocol", ALL)
def test_a_part_that_ends_within_a_character_keeps_its_octets(protocol, options, coding, codec):
    if protocol == "smpp" and coding == 0:
        options = {"alphabet": "gb18030"} | options
    octets = "漢字".encode(codec)
    header = b"\x05\x00\x03\x07\x02"

    parts = [
        delivered(protocol, header + bytes([number]) + octets[begin:end], coding, guess_header="yes", **options)
        for number, begin, end in ((1, 0, 3), (2, 3, None))
    ]

    assert joined(parts) == "漢字"
