from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model.channel import SignaturePlace
from hongyan.model.refusal import Code, Refusal
from hongyan.model.traffic import UTF16, ReplyPart
from hongyan.policy.content import clean_text, find_signature, joined, place_signature

FRONT, BACK, AS_IS = SignaturePlace.FRONT, SignaturePlace.BACK, SignaturePlace.AS_IS


@pytest.mark.parametrize("text", ["", " ", "\r\n\t　", "\x01\x02", " \x0b "])
def test_a_text_of_blanks_is_empty(text):
    with pytest.raises(Refusal) as refusal:
        clean_text(text)
    assert refusal.value.code is Code.CONTENT_EMPTY


@pytest.mark.parametrize("text", ["a\x00", "\x00", "\ud83d", "你好\udc00", "\ude00\ud83d", "a\x01\x00"])
def test_what_no_store_carries_is_refused(text):
    with pytest.raises(Refusal) as refusal:
        clean_text(text)
    assert refusal.value.code is Code.PARAMETER_BAD
    assert refusal.value.facts == {"name": "content"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("你好", "你好"),
        ("  a\r\n\tb  ", "  a\r\n\tb  "),
        ("a\x08b\x1f\x0c", "ab"),
        ("\ufffea\uffff", "a"),
        ("😀", "😀"),
        ("\x7f\x85", "\x7f\x85"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("\ue000\U0010ffff", "\ue000\U0010ffff"),
    ],
)
def test_only_what_xml_forbids_is_dropped(text, kept):
    assert clean_text(text) == kept


@given(st.text(max_size=40))
def test_a_clean_text_is_clean(text):
    try:
        once = clean_text(text)
    except Refusal:
        return
    assert clean_text(once) is once


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ("【华信】您好", "华信", FRONT),
        ("您好【华信】", "华信", BACK),
        (" \n【华信】您好", "华信", FRONT),
        ("您好【华信】 \n", "华信", BACK),
        ("【华信】", "华信", FRONT),
        ("【前面】您好【后面】", "前面", FRONT),
        ("【一】您好【后面】", "后面", BACK),  # one character is no signature
        (f"【{'签' * 20}】您好", "签" * 20, FRONT),
        ("您【中间】好【后面】", "后面", BACK),
        ("【【华信】您好【内部】", "内部", BACK),
    ],
)
def test_a_signature_is_found_at_either_end(text, name, place):
    found = find_signature(text)
    assert (found.name, found.place) == (name, place)
    assert text[found.start : found.end] == f"【{name}】"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "您好",
        "【华】您好",
        f"【{'签' * 21}】您好",
        "您【华信】好",
        "[华信]您好",
        "〖华信〗您好",
        "【华信您好",
        "华信】您好",
        "您好【华信】。",
    ],
)
def test_what_is_no_signature_is_not_found(text):
    assert find_signature(text) is None
    assert place_signature(text, FRONT) == place_signature(text, BACK) == text


@pytest.mark.parametrize(
    ("text", "place", "placed"),
    [
        ("【华信】您好", AS_IS, "【华信】您好"),
        ("您好【华信】", AS_IS, "您好【华信】"),
        ("【华信】您好", FRONT, "【华信】您好"),
        ("您好【华信】", FRONT, "【华信】您好"),
        ("【华信】您好", BACK, "您好【华信】"),
        ("您好【华信】 ", FRONT, "【华信】您好 "),
        (" 【华信】您好", BACK, " 您好【华信】"),
        ("【华信】", BACK, "【华信】"),
    ],
)
def test_a_signature_stands_where_the_channel_wants_it(text, place, placed):
    assert place_signature(text, place) == placed
    assert len(placed) == len(text)


@given(st.text(alphabet="【】签名a \n", max_size=30), st.sampled_from(SignaturePlace))
def test_placing_loses_nothing_and_is_done_once(text, place):
    placed = place_signature(text, place)
    assert sorted(placed) == sorted(text)
    if (found := find_signature(placed)) is not None and found.place is place:
        assert place_signature(placed, place) == placed


TEXT = "您好，退订😀"
WORDS = "退订，谢谢€a你𠀀"
LITTLE, BIG = TEXT.encode("utf-16-le"), TEXT.encode("utf-16-be")


@pytest.mark.parametrize(
    "bodies",
    [
        [BIG], [BIG[:6], BIG[6:]], [BIG[:-2], BIG[-2:]],
        [b"\xfe\xff" + BIG[:6], BIG[6:]],
        [b"\xff\xfe" + LITTLE], [b"\xff\xfe" + LITTLE[:6], LITTLE[6:]], [b"\xff\xfe" + LITTLE[:-2], LITTLE[-2:]],
        [b"\xff\xfe" + LITTLE[:4], b"\xff\xfe" + LITTLE[4:6], LITTLE[6:]],
        [b"\xff\xfe" + LITTLE[:4], b"\xfe\xff" + BIG[4:]],
    ],
)  # fmt: skip
def test_a_byte_order_mark_holds_for_the_parts_behind_it(bodies):
    assert joined(parts_of(bodies)) == TEXT


def parts_of(bodies, charset=UTF16, but=()):
    parts = [ReplyPart(1, 8613800138000, "1069", body, "", 0, 7, n, len(bodies), charset) for n, body in enumerate(bodies, 1)]
    return [part for part in parts if part.part not in but]


@pytest.mark.parametrize("charset", ["gb18030", "utf-8", "euc_kr", "iso2022_jp", UTF16])
@given(st.integers(1, 4))
def test_a_character_that_is_cut_between_parts_is_whole_again(charset, size):
    octets = (WORDS if charset in {"gb18030", "utf-8", UTF16} else "漢字").encode(charset)
    size = size * 2 if charset == UTF16 else size

    assert joined(parts_of([octets[at : at + size] for at in range(0, len(octets), size)], charset)) == octets.decode(charset)


def test_what_stood_round_a_part_that_is_missing_is_not_put_together():
    octets = "退订谢谢".encode()

    assert joined(parts_of([octets[:5], octets[5:7], octets[7:]], "utf-8", but={2})) == "退\ufffd\ufffd\ufffd谢"


def test_parts_in_different_charsets_are_read_each_as_it_came():
    first, second = parts_of([b"abc", "退订".encode("gb18030")], "gb18030")

    assert joined([replace(first, charset="ascii"), second]) == "abc退订"
