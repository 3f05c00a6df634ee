"""Which headers binary messages may bear, and how they are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model.binary import Binary
from hongyan.model.channel import LongText
from hongyan.model.refusal import Code, Refusal
from hongyan.policy.binary import OCTETS, count_binary, cut_binary

PORTS = bytes.fromhex("0605040B8423F0")
SECOND_OF_THREE = bytes.fromhex("050003750302")
WIDE_SECOND_OF_THREE = bytes.fromhex("06080435750302")


@pytest.mark.parametrize(
    ("octets", "header", "segments"),
    [
        (1, b"", 1),
        (140, b"", 1),
        (141, b"", 2),
        (268, b"", 2),
        (269, b"", 3),
        (1340, b"", 10),
        (133, PORTS, 1),
        (134, PORTS, 2),
        (2 * 128, PORTS, 2),
        (2 * 128 + 1, PORTS, 3),
        (134, SECOND_OF_THREE, 1),
    ],
)
def test_segments_are_counted_in_octets_with_the_header(octets, header, segments):
    assert count_binary(Binary(bytes(octets), header)) == segments


@pytest.mark.parametrize(
    ("octets", "header", "code"),
    [
        (0, PORTS, Code.CONTENT_EMPTY),
        (1341, b"", Code.CONTENT_LONG),
        (1, b"\0\0", Code.PARAMETER_BAD),
        (1, PORTS[:-1], Code.PARAMETER_BAD),
        (1, PORTS + b"\0", Code.PARAMETER_BAD),
        (1, b"\x03" + b"\x05\x04\0", Code.PARAMETER_BAD),
        (1, b"\x01\x05", Code.PARAMETER_BAD),
        (1, bytes((139, 0x24, 137)) + bytes(137), Code.PARAMETER_BAD),
        (135, SECOND_OF_THREE, Code.PARAMETER_BAD),
        (134, WIDE_SECOND_OF_THREE, Code.PARAMETER_BAD),
    ],
)
def test_what_no_handset_could_read_is_refused(octets, header, code):
    with pytest.raises(Refusal) as refusal:
        count_binary(Binary(bytes(octets), header))

    assert refusal.value.code is code


@pytest.mark.parametrize(("how", "room"), [(LongText.UDH8, 128), (LongText.SAR, 128), (LongText.UDH16, 127)])
def test_every_part_has_the_header_and_leaves_room_for_its_place(how, room):
    parts = cut_binary(Binary(bytes(300), PORTS), how)

    assert [(len(part.octets), part.header) for part in parts] == [(room, PORTS), (room, PORTS), (300 - 2 * room, PORTS)]


def test_a_carrier_that_cuts_gets_the_whole():
    whole = Binary(bytes(1000), PORTS)

    assert cut_binary(whole, LongText.PAYLOAD) == [whole]


@given(octets=st.binary(min_size=1, max_size=1340), how=st.sampled_from([LongText.UDH8, LongText.UDH16, LongText.SAR]))
def test_the_parts_join_back_and_fit(octets, how):
    parts = cut_binary(Binary(octets), how)

    assert b"".join(part.octets for part in parts) == octets
    assert all(len(part.octets) <= OCTETS - 6 for part in parts) or len(parts) == 1
