"""Header blocks: what they mean for a connection, and that nothing in them raises otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.http.heads import UNKNOWN_LENGTH, BadRequest, Chunks, in_crlf, read_head

NEW, OLD = b"HTTP/1.1", b"HTTP/1.0"


def read(*lines, version=NEW):
    return read_head(version, b"\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n")


def test_a_head_without_headers_has_no_body_and_stays():
    head = read()

    assert (head.headers, head.length, head.keeps_alive, head.expects_continue) == ((), 0, True, False)


def test_names_are_in_lower_case_and_values_as_they_were():
    assert read(b"Content-LENGTH: 12", b"X-Y: A\xe6").headers == ((b"content-length", b"12"), (b"x-y", b"A\xe6"))


@pytest.mark.parametrize(
    ("line", "version", "keeps_alive"),
    [
        (b"Connection: close", NEW, False),
        (b"Connection: Close, keep-alive", NEW, False),
        (b"Connection: keep-alive", OLD, False),
        (b"X: y", NEW, True),
    ],
)
def test_which_side_closes_a_connection(line, version, keeps_alive):
    assert read(line, version=version).keeps_alive is keeps_alive


@pytest.mark.parametrize(
    "lines",
    [
        (b"Content-Length:",),
        (b"Content-Length: 1_0",),
        (b"Content-Length: 0x5",),
        (b"Content-Length: \xc2\xb2",),
        (b"Content-Length: 18446744073709551616",),
        (b"Content-Length: " + b"0" * 5_000 + b"5",),
        (b"Content-Length: 5", b"Content-Length: 5"),
        (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: identity",),
        (b"Transfer-Encoding: chunked, gzip",),
        (b"Transfer-Encoding: xchunked",),
        (b": x",),
        (b"A:b\rC:d",),
        (b"A:b\nC:d",),
        (b"A: b\x00c",),
    ],
)
def test_what_two_readers_could_read_in_two_ways_is_refused(lines):
    with pytest.raises(BadRequest):
        read(*lines)


CONTROLS = [octet for octet in range(0x20) if octet != 0x09] + [0x7F]


@pytest.mark.parametrize("octet", CONTROLS)
@pytest.mark.parametrize(
    "line", [b"Upgrade: a%cTransfer-Encoding: chunked", b"upgrade:%c", b"A: b%cc", b"A%cb: c", b"A%c: b", b"%cA: b"]
)
def test_no_control_octet_stands_in_a_name_or_a_value(line, octet):
    with pytest.raises(BadRequest):
        read(line % octet)


@pytest.mark.parametrize("octet", CONTROLS)
@pytest.mark.parametrize(
    "body", [b"1;a=b%cc\r\nx\r\n0\r\n\r\n", b"1\r\nx\r\n0\r\nA: b%cc\r\n\r\n", b"1\r\nx\r\n0\r\nA%cb: c\r\n\r\n"]
)
def test_no_control_octet_stands_in_what_surrounds_chunks(body, octet):
    with pytest.raises(BadRequest):
        Chunks(lambda _: None).feed(body % octet)


def test_a_tab_may_stand_in_a_value():
    assert read(b"A: b\tc", b"Upgrade: h2c\t").headers == ((b"a", b"b\tc"),)


def test_a_header_that_goes_on_in_the_next_line_is_one_line():
    head = read(
        b"Content-Type: multipart/related;", b'\tboundary="a";', b" \t start=b", b"Upgrade: h2c,", b" c", b"Content-Length: 5"
    )

    assert head.headers == ((b"content-type", b'multipart/related; boundary="a"; start=b'), (b"content-length", b"5"))


@pytest.mark.parametrize(
    "lines", [(b" A: b",), (b" ", b"A: b"), (b"Content-Length: 1", b" 2"), (b"Transfer-Encoding: chunked", b"\t, x")]
)
def test_nothing_hides_in_a_line_that_goes_on(lines):
    with pytest.raises(BadRequest):
        read(*lines)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (b"GET / HTTP/1.0\nA: b\n\n", b"GET / HTTP/1.0\r\nA: b\r\n\r\n"),
        (b"GET / HTTP/1.0\n\na\n\nb\r\n\r\n", b"GET / HTTP/1.0\r\n\r\na\n\nb\r\n\r\n"),  # a body stays as it is
        (b"GET / HTTP/1.0\nA: b\n", None),
        (b"GET / HTTP/1.0\nA: b\r\n\n", None),
        (b"GET / HTTP/1.0\r\nA: b\n\n", None),
        (b"GET /", None),
    ],
)
def test_a_head_with_lf_alone_is_read_as_one_with_crlf(given, read):
    assert in_crlf(given) == (read or given)


NAMES = [b"Content-Length", b"transfer-encoding", b"Connection", b"Upgrade", b"Expect", b"Host", b"", b" X"]
VALUES = [b"", b"5", b"chunked", b"close", b"100-continue", b"h2c", b"upgrade", b"-1", b"\x00", b"\r", b"9" * 20]


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([b":", b": ", b" : ", b""]), st.sampled_from(VALUES))),
    st.sampled_from([NEW, OLD]),
)
def test_no_headers_raise_otherwise(parts, version):
    try:
        head = read(*(name + colon + value for name, colon, value in parts), version=version)
    except BadRequest:
        return

    assert head.length >= UNKNOWN_LENGTH
    assert version is NEW or not (head.keeps_alive or head.expects_continue)


@given(st.lists(st.binary(min_size=1, max_size=9)), st.data())
def test_chunks_are_taken_however_they_are_cut(parts, data):
    octets = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    taken = []
    chunks = Chunks(taken.append)
    at = data.draw(st.integers(1, len(octets)))
    for piece in (octets[:at], octets[at:]):
        assert not chunks.is_ended or not piece
        chunks.feed(piece)

    assert b"".join(taken) == b"".join(parts)
    assert chunks.is_ended
    assert not chunks.is_overrun


@given(
    st.lists(st.one_of(st.binary(max_size=9), st.sampled_from([b"5\r\nhello\r\n", b"0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"])))
)
def test_no_chunks_raise_otherwise(pieces):
    chunks = Chunks(lambda _: None)
    try:
        for piece in pieces:
            chunks.feed(piece)
    except BadRequest:
        assert not chunks.is_ended
