"""How replies are spelt on sessions: the alphabet that has the text, in parts that cut no character."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.sessions.platform import ACCOUNT, reply

from hongyan.adapters.cmpp.server import CmppServer
from hongyan.adapters.reply_decoder import decode_text
from hongyan.adapters.smpp.server import SmppServer
from hongyan.adapters.text_encoding import DEFAULTS, IN_GBK, IN_UCS2, encode_parts
from hongyan.model.session_settings import ReplyAlphabet, SessionAlphabet
from hongyan.wire.text import decode, decode_gsm, fill_bits_after, split_user_data


def delivered(server, text, **settings):
    account = replace(ACCOUNT, **settings)
    return [(one.coding, one.content.hex()) for one in server.deliveries(reply(text), account)]


@pytest.mark.parametrize(
    ("text", "settings", "coding", "octets"),
    [
        ("Hi €", {}, 0, "486920" + "1b65"),
        ("Hi @", {"session_alphabet": SessionAlphabet.GSM_PACKED}, 0, "c8340800"),
        ("Hi @", {"session_alphabet": SessionAlphabet.ASCII}, 0, "48692040"),
        ("ça", {"session_alphabet": SessionAlphabet.ASCII}, 3, "e761"),
        ("退订", {}, 8, "90008ba2"),
        ("退订", {"session_alphabet": SessionAlphabet.GBK}, 0, "cdcbb6a9"),
        ("退订", {"session_alphabet": SessionAlphabet.UTF8}, 0, "e98080e8aea2"),
        ("Hi", {"reply_alphabet": ReplyAlphabet.UCS2}, 8, "00480069"),
    ],
)
def test_smpp_delivers_in_the_least_alphabet_that_has_the_text(text, settings, coding, octets):
    assert delivered(SmppServer(), text, **settings) == [(coding, octets)]


@pytest.mark.parametrize(
    ("text", "alphabet", "coding", "octets"),
    [
        ("T", "needed", 0, "54"),
        ("退订", "needed", 8, "90008ba2"),
        ("退订", "gbk", 15, "cdcbb6a9"),
        ("😀", "gbk", 8, "d83dde00"),
        ("T", "ucs2", 8, "0054"),
    ],
)
def test_cmpp_delivers_in_ascii_gbk_or_ucs2_as_the_account_asks(text, alphabet, coding, octets):
    assert delivered(CmppServer(), text, reply_alphabet=ReplyAlphabet(alphabet)) == [(coding, octets)]


@example("@[[[@", "gsm-packed")  # eight septets in seven octets
@given(st.text(alphabet="ab€您😀@[", min_size=1, max_size=400), st.sampled_from(["gsm", "gsm-packed", "utf8", "gbk", "ucs2"]))
def test_parts_join_back_into_the_text_and_none_is_too_long(text, name):
    encoding = IN_UCS2 if name == "ucs2" else DEFAULTS[name]
    try:
        parts = encode_parts(text, encoding, 7)
    except UnicodeEncodeError:
        return

    read = []
    for part in parts:
        _, header, content = split_user_data(part, has_header=len(parts) > 1)
        assert len(part) <= (160 if name == "gsm" else 140)
        read.append(read_back(content, name, len(header)))
    assert "".join(read) == text


def read_back(content, name, header_octets):
    """Packed septets as the specification has them: seven bits that end with the last octet are filling when they are a carriage return.

    Our own reader takes zeros for filling too, since some write them so, and then an @ at that place is lost.
    """
    if name == "ucs2":
        return decode(content, 8)
    if name != "gsm-packed":
        return decode_text(content, name, header_octets)
    fill_bits = fill_bits_after(header_octets)
    bits = int.from_bytes(content, "little") >> fill_bits
    septets = bytes(bits >> (7 * at) & 0x7F for at in range((8 * len(content) - fill_bits) // 7))
    return decode_gsm(septets).removesuffix("\r")


def test_gbk_is_cut_between_characters():
    parts = encode_parts("a" + "您" * 80, IN_GBK, 1)

    assert [part[6:].decode("gbk") for part in parts] == ["a" + "您" * 66, "您" * 14]
