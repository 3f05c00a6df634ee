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
    fill_bits_after,
    is_safe_ascii,
    pack_septets,
    split_header,
    unpack_septets,
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


@pytest.mark.parametrize("coding", [2, 4, 0x14, 0xF4, 0xF5])
def test_octets_that_are_no_text_become_their_digits(coding):
    assert decode(b"\x00\xa1", coding) == "00A1"


@pytest.mark.parametrize(("coding", "octets"), [(0x11, b"hi"), (0xF1, b"hi"), (0x19, b"\0h\0i"), (6, b"hi"), (14, b"hi")])
def test_the_class_of_a_message_does_not_change_its_text(coding, octets):
    assert decode(octets, coding) == "hi"


# --- septets -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "octets"),
    [("hellohello", "e8329bfd4697d9ec37"), ("1234567", "31d98c56b3dd1a"), ("", ""), ("€", "9b32")],
)
def test_septets_are_packed_as_the_standard_packs_them(text, octets):
    assert pack_septets(encode_gsm(text)).hex() == octets
    assert decode_gsm(unpack_septets(bytes.fromhex(octets))) == text


def test_septets_behind_a_header_of_six_octets_begin_one_bit_later():
    packed = pack_septets(encode_gsm("hello"), fill_bits_after(6))

    assert fill_bits_after(6) == 1
    assert fill_bits_after(7) == 0
    assert fill_bits_after(0) == 0
    assert int.from_bytes(packed, "little") & 1 == 0
    assert decode_gsm(unpack_septets(packed, 1)) == "hello"


@given(st.text(alphabet="aZ5 é€[@Δ", max_size=170), st.sampled_from([0, 6, 7]))
def test_packed_septets_read_back_but_for_an_at_sign_that_looks_like_filling(text, header):
    fill = fill_bits_after(header)
    packed = pack_septets(encode_gsm(text), fill)

    assert len(packed) == -(-(7 * len(encode_gsm(text)) + fill) // 8)
    assert decode_gsm(unpack_septets(packed, fill)) in {text, text.removesuffix("@")}


def test_a_text_of_any_length_unpacks():
    octets = pack_septets(b"hi, you.") * 400_000  # an hour for a reader that shifts all of it for each septet

    assert unpack_septets(octets) == b"hi, you." * 400_000


@given(st.binary(max_size=160), st.integers(0, 6))
def test_any_octets_unpack(octets, fill):
    assert all(septet < 0x80 for septet in unpack_septets(octets, fill))


CONTENT = "正文".encode("utf-16-be")


@pytest.mark.parametrize(
    ("header", "concat"),
    [
        (concat_header(0x5A, 2, 1), Concat(0x5A, 2, 1)),
        (concat_header_16(0x1234, 255, 255), Concat(0x1234, 255, 255, 16)),
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
        bytes.fromhex("03 70 00 01") + CONTENT,  # half an element at the end
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


@pytest.mark.parametrize(
    ("header", "concat"),
    [
        ("06 00 03 5a 02 01", Concat(0x5A, 2, 1)),
        ("07 08 04 12 5a 02 02", Concat(0x125A, 2, 2, 16)),
        ("0b 05 04 0b 84 23 f0 00 03 5a 02 01", Concat(0x5A, 2, 1)),
    ],
)
@pytest.mark.parametrize("content", [b"", b"hi", bytes(40)])
def test_a_header_whose_length_counts_itself_is_seen_through(header, concat, content):
    assert split_header(bytes.fromhex(header) + content) == (concat, content)
