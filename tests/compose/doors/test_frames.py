"""Frames between the doors' process and the writer: whole, in pieces, and not of ours."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.compose.doors.frames import FRAME_MOST, BadFrame, FrameReader, frame

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=8,
)
MESSAGES = st.lists(st.lists(VALUES, min_size=1), max_size=5)


def written(frames):
    return b"".join(frame([orjson.dumps(message) for message in messages]) for messages in frames)


@given(st.lists(MESSAGES, max_size=4), st.data())
def test_messages_read_back_as_written_however_the_octets_come(frames, data):
    octets = written(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=6)))
    reader, read = FrameReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
        read += reader.feed(octets[start:end])

    assert read == [message for messages in frames for message in messages]


def test_messages_read_back_octet_by_octet():
    reader, octets = FrameReader(), written([[[1, "accept", ["您好"]]], [[0, "serving"], [2, None]]])

    assert [m for octet in octets for m in reader.feed(bytes([octet]))] == [[1, "accept", ["您好"]], [0, "serving"], [2, None]]


@given(st.binary(max_size=200))
def test_any_octets_are_messages_or_a_bad_frame(octets):
    reader = FrameReader()
    try:
        read = reader.feed(octets)
    except BadFrame:
        return
    assert all(isinstance(message, list) and message for message in read)


@pytest.mark.parametrize(
    "octets",
    [
        (FRAME_MOST + 1).to_bytes(4, "big"),  # before anything of it is kept
        b"\xff\xff\xff\xff",
        b"\0\0\0\0",
        b"\0\0\0\x02{}",
        b"\0\0\0\x03[1]",
        b"\0\0\0\x04[[]]",
        b"\0\0\0\x03[[]",
    ],
)
def test_what_is_no_frame_of_ours_is_refused(octets):
    with pytest.raises(BadFrame):
        FrameReader().feed(octets)
