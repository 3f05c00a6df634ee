"""TMS: the octets of real programs, both orders of octets, and whatever else arrives."""

import struct
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats.encoding import read_text
from hongyan.formats.tms import MOST_ELEMENTS, BadTms, Element, Step, pack, read_content, unpack

TEXT = "你好，彩信".encode("gb2312")
GOLDEN = b"1.txt\0\x0a\0\0\0" + TEXT + b"2.jpg\0\x03\0\0\0\xff\xd8\xff" + b"mms.smil\0\x07\0\0\0<smil/>"
ELEMENTS = [Element("1.txt", TEXT), Element("2.jpg", b"\xff\xd8\xff"), Element("mms.smil", b"<smil/>")]

names = st.text(st.characters(codec="gbk", exclude_characters="\0锘", exclude_categories=("Cc", "Zs")), min_size=1, max_size=20)
elements = st.lists(
    st.builds(Element, names.filter(lambda name: name == name.strip() and utf8_is_no_gbk(name)), st.binary(max_size=400)),
    max_size=8,
)


def utf8_is_no_gbk(name):
    """A few names in GBK are valid UTF-8 by chance, and are read as such. (One that begins with 锘 may have UTF-8's mark.)"""
    return read_text(name.encode("gbk")) == name


def test_the_octets_of_the_manual_read_back_as_written():
    assert unpack(GOLDEN) == ("little", ELEMENTS)
    assert pack(ELEMENTS) == GOLDEN
    assert read_content(b64encode(GOLDEN).decode()) == ELEMENTS


def test_lengths_of_a_java_program_are_reported_by_where_they_lead():
    octets = pack(ELEMENTS, "big")

    assert octets.startswith(b"1.txt\0\0\0\0\x0a")
    assert unpack(octets) == ("big", ELEMENTS)


@given(elements, st.sampled_from(["little", "big"]))
def test_what_is_packed_is_unpacked(given, order):
    assert unpack(pack(given, order))[1] == given


@pytest.mark.parametrize(("octets", "step", "number"), [
    (b"name without end", Step.NAME, 1),
    (b"\0\x01\0\0\0x", Step.NAME, 1),
    (b"n" * 256 + b"\0\0\0\0\0", Step.NAME, 1),
    (b"a\0\x01\0\0\0x" + b"\xff\xff\0\0\0\0\0", Step.NAME, 2),
    (b"a\0\x05\0\0\0only", Step.LENGTH, 1),
    (b"a\0\x05", Step.LENGTH, 1),
    (b"a\0\xff\xff\xff\xffx", Step.LENGTH, 1),
    (b"a\0\0\0\0\0" * (MOST_ELEMENTS + 1), Step.COUNT, MOST_ELEMENTS + 1),
])  # fmt: skip
def test_a_fault_is_named_with_its_element(octets, step, number):
    with pytest.raises(BadTms) as caught:
        unpack(octets)

    assert (caught.value.step, caught.value.element) == (step, number)


def test_no_octets_are_no_elements():
    assert unpack(b"") == ("little", [])


def test_what_is_no_base64_is_named_so():
    with pytest.raises(BadTms) as caught:
        read_content("这不是 Base64")

    assert (caught.value.step, caught.value.element) == (Step.BASE64, 0)


@given(st.binary(max_size=600))
def test_any_octets_end_in_elements_or_in_a_fault(octets):
    try:
        order, found = unpack(octets)
    except BadTms:
        return
    assert sum(len(element.data) for element in found) <= len(octets)
    assert order in {"little", "big"}


def test_a_length_that_lies_costs_nothing():
    with pytest.raises(BadTms):
        unpack(b"a\0" + struct.pack("<I", 2**31) + b"x")
