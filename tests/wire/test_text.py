import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.wire.text import (
    Concat,
    concat_header,
    concat_header_16,
    decode,
    decode_gsm,
    decode_ucs2,
    encode_gsm,
    encode_ucs2,
    is_safe_ascii,
    split_header,
)

GSM_ROWS = [  # 3GPP TS 23.038, 6.2.1, row by row
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ",
    " !\"#¤%&'()*+,-./",
    "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO",
    "PQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmno",
    "pqrstuvwxyzäöñüà",
]
GSM_CODES = {char: bytes([row * 16 + column]) for row, chars in enumerate(GSM_ROWS) for column, char in enumerate(chars)}
GSM_CODES.pop("\x1b")
GSM_EXTENDED = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65}
GSM_CODES |= {char: bytes([0x1B, code]) for char, code in GSM_EXTENDED.items()}


@pytest.mark.parametrize(("char", "octets"), GSM_CODES.items())
def test_gsm_alphabet_is_the_standard_one(char, octets):
    assert encode_gsm(char) == octets
    assert decode_gsm(octets) == char


@given(st.text(alphabet=list(GSM_CODES)))
def test_gsm_text_reads_back(text):
    assert decode_gsm(encode_gsm(text)) == text


@pytest.mark.parametrize("char", ["`", "\t", "一", "😀"])
def test_a_character_outside_the_gsm_alphabet_is_refused(char):
    with pytest.raises(UnicodeEncodeError):
        encode_gsm(f"a{char}")


@pytest.mark.parametrize(
    ("octets", "text"),
    [(b"\x1b\x41", "A"), (b"\x1b", ""), (b"a\x80b", "a\ufffdb"), (b"\x1b\x1b\x65", "\x1be")],
    ids=["unknown extension", "cut off", "no septet", "escape twice"],
)
def test_broken_gsm_decodes_to_something(octets, text):
    assert decode_gsm(octets) == text


@given(st.text())
def test_ucs2_text_reads_back(text):
    if not text.startswith(("\ufeff", "\ufffe")):
        assert decode_ucs2(encode_ucs2(text)) == text


@pytest.mark.parametrize("mark", [b"\xfe\xff", b""])
def test_a_big_endian_mark_is_dropped(mark):
    assert decode_ucs2(mark + "你好".encode("utf-16-be")) == "你好"


def test_a_little_endian_mark_is_obeyed():
    assert decode_ucs2(b"\xff\xfe" + "你好".encode("utf-16-le")) == "你好"


def test_half_a_pair_passes_out_and_becomes_a_replacement_when_read_alone():
    assert encode_ucs2("\ud83d") == b"\xd8\x3d"
    assert decode_ucs2(b"\xd8\x3d") == "\ufffd"


@given(st.binary(max_size=300), st.integers(0, 255))
def test_any_octets_in_any_coding_decode_to_text(octets, coding):
    decode(octets, coding).encode()
    decode_gsm(octets).encode()


@pytest.mark.parametrize(
    ("octets", "coding", "text"),
    [
        (b"TD", 0, "TD"),
        ("拒收".encode("gbk"), 15, "拒收"),
        ("拒收".encode("utf-16-be"), 8, "拒收"),
        ("拒收".encode("utf-16-be"), 0x18, "拒收"),
        (b"caf\xe9", 3, "café"),
        (b"\xff\xff\xff", 15, "\ufffd\ufffd\ufffd"),
    ],
)
def test_text_reads_by_its_coding(octets, coding, text):
    assert decode(octets, coding) == text


@pytest.mark.parametrize("text", ["Your code is 123456.", "a+b=c; 50% (net), \"x\" & 'y'!?/:<>#*\r\n"])
def test_plain_ascii_is_safe(text):
    assert is_safe_ascii(text)
    assert encode_gsm(text) == text.encode("ascii")


@pytest.mark.parametrize("char", list("@$_[]{}^~|\\`\t\f一é€\x00\x7f"))
def test_ascii_that_a_carrier_may_alter_is_not_safe(char):
    assert not is_safe_ascii(f"a{char}")


CONTENT = "正文".encode("utf-16-be")


@pytest.mark.parametrize(
    ("header", "concat"),
    [
        (concat_header(0x5A, 2, 1), Concat(0x5A, 2, 1)),
        (concat_header_16(0x1234, 255, 255), Concat(0x1234, 255, 255)),
        (bytes.fromhex("0b 05 04 23f4 0000 00 03 5a 02 01"), Concat(0x5A, 2, 1)),
        (bytes.fromhex("0b 00 03 5a 02 01 05 04 23f4 0000"), Concat(0x5A, 2, 1)),
        (bytes.fromhex("06 05 04 23f4 0000"), None),
        (bytes.fromhex("00"), None),
    ],
    ids=["8 bits", "16 bits", "ports before", "ports behind", "ports alone", "empty"],
)
def test_a_header_is_read_and_removed(header, concat):
    assert split_header(header + CONTENT) == (concat, CONTENT)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        bytes.fromhex("05 00 03 5a 02"),  # longer than what is there
        bytes.fromhex("05 00 03 5a 02 00") + CONTENT,  # part 0
        bytes.fromhex("05 00 03 5a 02 03") + CONTENT,  # part 3 of 2
        bytes.fromhex("05 00 09 5a 02 01") + CONTENT,  # an element beyond the header
        bytes.fromhex("06 00 03 5a 02 01 00") + CONTENT,  # half an element at the end
        b"Hello, this begins with no header",
    ],
)
def test_what_is_no_header_is_content(octets):
    assert split_header(octets) == (None, octets)


@given(st.binary(max_size=160))
def test_any_user_data_splits_into_header_and_content(octets):
    concat, content = split_header(octets)

    assert octets.endswith(content)
    assert concat is None or 1 <= concat.number <= concat.total
