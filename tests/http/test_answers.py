"""Answers of servers: read however they are cut, and never without a bound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.http.answers import INFORMATIONAL_MOST, Answer, BadAnswer

HEAD_OCTETS, BODY_OCTETS = 1_000, 100
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def fed(octets, piece=1 << 20):
    answer = Answer(HEAD_OCTETS, BODY_OCTETS)
    for at in range(0, len(octets), piece):
        answer.feed(octets[at : at + piece])
    return answer


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    ("octets", "status", "body", "keeps_alive"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, b"abc", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, b"", True),
        (b"HTTP/1.1 204 X\r\n\r\n", 204, b"", True),
        (b"HTTP/1.0 200 OK\nContent-Length: 3\n\nabc", 200, b"abc", False),
        (b"HTTP/1.1 500 X\r\nConnection: close\r\nContent-Length: 1\r\n\r\na", 500, b"a", False),
        (b"HTTP/1.1 302 X\r\nLocation: /\r\nContent-Length: 1\r\n\r\na", 302, b"a", True),
        (CONTINUE * 3 + b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", 200, b"a", True),
        (b"HTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", 200, b"a", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1 \r\nc\r\n0\r\nT: u\r\n\r\n", 200, b"abc", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"a" * 101, 200, b"a" * 100, False),
        (b"HTTP/1.1 200 OK\r\nA: b;\r\n\tc\r\n d\x01\r\nContent-Length : 1\r\n\r\na", 200, b"a", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 200, b"a", False),
        (b"HTTP/1.1 200 OK\r\nUpgrade: h2\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\na", 200, b"a", True),
    ],
)  # fmt: skip
def test_an_answer_is_read_however_it_is_cut(octets, status, body, keeps_alive, piece):
    answer = fed(octets, piece)

    assert (answer.is_ended, answer.status, bytes(answer.body), answer.keeps_alive) == (True, status, body, keeps_alive)


def test_a_body_without_a_length_ends_with_its_connection():
    answer = fed(b"HTTP/1.0 200 OK\r\n\r\nabc")
    assert not answer.is_ended
    answer.end()

    assert (answer.is_ended, bytes(answer.body), answer.keeps_alive) == (True, b"abc", False)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        CONTINUE,
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
    ],
)
def test_an_answer_that_is_cut_off_is_none(octets):
    with pytest.raises(BadAnswer, match="ended before the answer did"):
        fed(octets).end()


@pytest.mark.parametrize("piece", [1, 1 << 20])
@pytest.mark.parametrize(
    ("begin", "more", "said"),
    [
        (b"", CONTINUE, f"more than {INFORMATIONAL_MOST} answers 1xx"),
        (b"", b"HTTP/1.1 102 X\r\nA: " + b"a" * 100 + b"\r\n\r\n", "heads of more than 1000 octets"),
        (b"HTTP/1.1 200 OK\r\n", b"A: b\r\n", "heads of more than 1000 octets"),
        (b"HTTP/1.1 200 OK\r\nA: ", b"b", "heads of more than 1000 octets"),
        (b"HTTP/1.1 200 ", b"O", "heads of more than 1000 octets"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a=b;", "more octets than it is worth"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n", "more octets than it is worth"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0", "no HTTP|more octets than it is worth"),
    ],
)
def test_what_has_no_end_is_cut_soon(begin, more, said, piece):
    octets = begin + more * 100_000
    answer, taken = Answer(HEAD_OCTETS, BODY_OCTETS), []

    def feed():
        for at in range(0, len(octets), piece):
            taken.append(piece)
            answer.feed(octets[at : at + piece])

    with pytest.raises(BadAnswer, match=said):
        feed()
    assert piece > 1 or len(taken) <= 2 * HEAD_OCTETS + 2 * BODY_OCTETS + 2


@pytest.mark.parametrize(
    "octets",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA\x00: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_refused(octets):
    with pytest.raises(BadAnswer):
        fed(octets)


def test_octets_behind_an_answer_end_its_connection():
    assert not fed(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na" + CONTINUE).keeps_alive


@given(st.lists(st.one_of(st.binary(max_size=20), st.sampled_from([CONTINUE, b"HTTP/1.1 200 OK\r\n", b"\r\n", b"1\r\na\r\n"]))))
def test_no_octets_raise_otherwise(pieces):
    answer = Answer(HEAD_OCTETS, BODY_OCTETS)
    try:
        for piece in pieces:
            answer.feed(piece)
        answer.end()
    except BadAnswer:
        return
    assert answer.status


def test_a_header_that_goes_on_in_the_next_line_is_one_value():
    octets = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/related;\r\n\tboundary=a\r\nContent-Length: 0\r\n\r\n"

    assert fed(octets, 1).headers == {"content-type": "multipart/related;\tboundary=a", "content-length": "0"}


def test_challenges_are_one_list_on_one_line_or_several():
    head = b"HTTP/1.1 401 X\r\nContent-Length: 0\r\nServer: a\r\nServer: b\r\n"

    headers = fed(head + b"WWW-Authenticate: Digest nonce=1\r\nWWW-Authenticate: Basic\r\n\r\n").headers

    assert (headers["www-authenticate"], headers["server"]) == ("Digest nonce=1, Basic", "b")
