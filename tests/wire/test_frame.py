import struct
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.wire.frame import FrameBroken, Framer

MOST = 400


def narrow(command, seq, body):
    return struct.pack(">III", 12 + len(body), command, seq) + body


def wide(command, status, seq, body):
    return struct.pack(">IIII", 16 + len(body), command, status, seq) + body


WORD = st.integers(0, 0xFFFF_FFFF)
BODY = st.binary(max_size=100)


@st.composite
def cuts(draw, octets):
    """The octets in pieces, as a socket may give them; some pieces are empty."""
    places = sorted(draw(st.lists(st.integers(0, len(octets)), max_size=12)))
    return [octets[a:b] for a, b in zip([0, *places], [*places, len(octets)], strict=True)]


@given(st.lists(st.tuples(WORD, WORD, WORD, BODY), max_size=6), st.data())
def test_wide_frames_come_out_whole_however_the_stream_is_cut(frames, data):
    stream = b"".join(wide(*frame) for frame in frames)
    framer = Framer(16, MOST)

    read = list(chain.from_iterable(framer.feed(piece) for piece in data.draw(cuts(stream))))

    assert read == frames


@given(st.lists(st.tuples(WORD, WORD, BODY), max_size=6), st.data())
def test_narrow_frames_have_status_0(frames, data):
    stream = b"".join(narrow(*frame) for frame in frames)
    framer = Framer(12, MOST)

    read = list(chain.from_iterable(framer.feed(piece) for piece in data.draw(cuts(stream))))

    assert read == [(command, 0, seq, body) for command, seq, body in frames]


@pytest.mark.parametrize("length", [0, 1, 15, MOST + 1, 0x7FFF_FFFF, 0x4854_5450, 0xFFFF_FFFF])
def test_an_implausible_length_breaks_the_stream_after_the_sound_frames(length):
    stream = wide(4, 0, 1, b"x") + wide(4, 0, 2, b"y") + struct.pack(">I", length) + bytes(12)
    read = []

    with pytest.raises(FrameBroken):
        read.extend(Framer(16, MOST).feed(stream))

    # list.extend keeps what came before the exception
    assert [frame[2] for frame in read] == [1, 2]


@pytest.mark.parametrize("length", [0, 15, MOST + 1])
def test_an_implausible_length_is_noticed_with_its_fourth_octet(length):
    framer, head = Framer(16, MOST), struct.pack(">I", length)

    assert [list(framer.feed(head[i : i + 1])) for i in range(3)] == [[], [], []]
    with pytest.raises(FrameBroken):
        list(framer.feed(head[3:]))


def test_the_least_and_the_longest_frame_are_believed():
    stream = narrow(8, 1, b"") + narrow(4, 2, bytes(MOST - 12))

    assert [len(body) for *_, body in Framer(12, MOST).feed(stream)] == [0, MOST - 12]


@given(st.binary(max_size=300), st.data())
def test_garbage_makes_frames_or_breaks_and_nothing_else(garbage, data):
    framer = Framer(data.draw(st.sampled_from([12, 16])), MOST)
    try:
        for piece in data.draw(cuts(garbage)):
            list(framer.feed(piece))
    except FrameBroken:
        pass
    assert len(framer._rest) <= MOST
