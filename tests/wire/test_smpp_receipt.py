import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hongyan.wire.smpp.pdu import Command, DataSm, Sm, Tag
from hongyan.wire.smpp.report import ReceiptText, _read, _search, format_receipt, read_receipt

USUAL = b"id:1597676545 sub:001 dlvrd:001 submit date:2611210930 done date:2611210931 stat:DELIVRD err:000 text:Hello"


def receipt(text=b"", esm_class=4, tlvs=None):
    return read_receipt(Sm(1, Command.DELIVER_SM, "86138", "10690", text, esm_class=esm_class, tlvs=tlvs or {}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (USUAL, ReceiptText("1597676545", "", "DELIVRD", "000", "2611210930", "2611210931")),
        (
            b"ID:a-1 SUBMITDATE:261121093007 DoneDate:261121093107 STAT:undeliv ERR:MK:0011",
            ReceiptText("a-1", "", "UNDELIV", "MK:0011", "261121093007", "261121093107"),
        ),
        (b"stat:EXPIRED id:9", ReceiptText("9", "", "EXPIRED")),
        (b"id: 77 stat: REJECTD err: x1", ReceiptText("77", "", "REJECTD", "x1")),
        (b"id:1 stat:DELIVRD text:id:2 stat:EXPIRED err:9", ReceiptText("1", "", "DELIVRD")),
        (b"id:1 id:2 stat:DELIVRD", ReceiptText("1", "", "DELIVRD")),
        (b"msgid:5 stat:DELIVRD", ReceiptText("", "", "DELIVRD")),
        (b"id: sub:001 dlvrd: stat:DELIVRD err:", ReceiptText("", "", "DELIVRD")),
        (
            USUAL.replace(b"000 text", b"0" * 60 + b" Text"),
            ReceiptText("1597676545", "", "DELIVRD", "0" * 60, "2611210930", "2611210931"),
        ),
        (b"", ReceiptText()),
        (b"\xff\xfe\0\0", ReceiptText()),
    ],
)
def test_receipt_text_is_read_tolerantly(text, expected):
    assert receipt(text) == expected


WORD = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters=":\xa0\x85"), max_size=12)


@given(WORD, WORD, WORD, WORD, WORD, st.text(st.characters(max_codepoint=0xFF), max_size=30))
@example("1", "", "", "", "SCHEDLD", "")
def test_the_usual_template_reads_the_same_the_short_way_and_the_long_way(an_id, stat, submitted, done, err, words):
    text = format_receipt(an_id, stat, submitted, done, err, words)

    assert _read(text, b"", b"") == _search(text)


@given(st.binary(max_size=200))
def test_any_octets_are_read(text):
    receipt(text)


@pytest.mark.parametrize(
    ("esm_class", "text", "tlvs", "is_receipt"),
    [
        (0x04, b"", {}, True),
        (0x07, USUAL, {}, True),
        (0x44, USUAL, {}, True),
        (0x20, USUAL, {}, True),
        (0x00, USUAL, {}, True),
        (0x00, b"", {Tag.RECEIPTED_MESSAGE_ID: b"1\0", Tag.MESSAGE_STATE: b"\2"}, True),
        (0x00, b"stat:DELIVRD", {Tag.RECEIPTED_MESSAGE_ID: b"1\0"}, True),
        (0x00, b"yes, come in", {Tag.RECEIPTED_MESSAGE_ID: b"1\0"}, False),  # what the text answers
        (0x00, b"please send the id: and stat: of my order", {}, False),
        (0x00, b"hello", {}, False),
        (0x40, bytes.fromhex("0500035a0201") + b"hello", {}, False),
        (0x08, USUAL, {}, False),  # a handset's own acknowledgement
        (0x10, USUAL, {}, False),
    ],
)
def test_what_counts_as_a_receipt(esm_class, text, tlvs, is_receipt):
    assert (receipt(text, esm_class, tlvs) is not None) is is_receipt


def test_only_an_intermediate_notice_is_one():
    assert receipt(USUAL, 0x20).is_notice
    assert not receipt(USUAL, 0x04).is_notice


def test_parameters_are_believed_over_the_text_and_both_ids_are_kept():
    tlvs = {
        Tag.RECEIPTED_MESSAGE_ID: b"5F3A9C01\0",
        Tag.MESSAGE_STATE: b"\5",
        Tag.NETWORK_ERROR_CODE: b"\3\0\x22",
    }

    found = receipt(USUAL, tlvs=tlvs)

    assert (found.id_tlv, found.id_text, found.stat) == ("5F3A9C01", "1597676545", "UNDELIV")


@pytest.mark.parametrize("value", [b"5F3A9C01", b"5F3A9C01\0", b"5F3A9C01\0garbage"])
def test_the_nul_of_the_receipted_id_may_be_missing(value):
    assert receipt(tlvs={Tag.RECEIPTED_MESSAGE_ID: value}).id_tlv == "5F3A9C01"


@pytest.mark.parametrize(("code", "err"), [(b"\3\0\x22", "034"), (b"\3", ""), (b"", "")])
def test_the_network_error_fills_in_for_a_missing_err(code, err):
    assert receipt(b"id:1 stat:UNDELIV", tlvs={Tag.NETWORK_ERROR_CODE: code}).err == err


def test_an_unknown_state_leaves_the_word_of_the_text():
    assert receipt(USUAL, tlvs={Tag.MESSAGE_STATE: b"\x63"}).stat == "DELIVRD"


@pytest.mark.parametrize("octets", [b"", b"\2" * 5, b"\xff" * 2_000, b"\xff" * 65_535])
def test_a_state_of_any_length_is_no_state(octets):
    """Python writes no number of thousands of digits."""
    assert receipt(USUAL, tlvs={Tag.MESSAGE_STATE: octets}).stat == "DELIVRD"
    assert receipt(b"id:1", tlvs={Tag.MESSAGE_STATE: octets}).stat == ""


def test_a_receipt_may_come_as_payload_and_in_data_sm():
    payload = {Tag.MESSAGE_PAYLOAD: USUAL}

    assert receipt(b"", tlvs=payload).id_text == "1597676545"
    assert read_receipt(DataSm(1, "86138", "10690", esm_class=4, tlvs=payload)).id_text == "1597676545"


@pytest.mark.parametrize("coding", [0, 3, 8])
@pytest.mark.parametrize("codec", ["utf-16-be", "utf-16-le", "utf-16"])
def test_utf_16_is_read_in_either_order_whatever_coding_it_says(codec, coding):
    octets = (USUAL.decode() + "您好").encode(codec)

    for esm_class in (0, 4):
        found = read_receipt(Sm(1, Command.DELIVER_SM, "86138", "10690", octets, esm_class=esm_class, data_coding=coding))
        assert found == ReceiptText("1597676545", "", "DELIVRD", "000", "2611210930", "2611210931")


def test_a_header_before_a_receipt_is_not_utf_16():
    found = read_receipt(Sm(1, Command.DELIVER_SM, "86138", "10690", bytes.fromhex("0500030002010500") + USUAL, esm_class=0x44))

    assert found.id_text == "1597676545"
