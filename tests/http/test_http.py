"""Requests as real clients write them, over a real socket (wire contract, 1.1)."""

import asyncio
import json

import pytest
from tests.http.wire import Client, echo, post, quicken, run, serving

from hongyan.http.state import Limits

CHINESE = "您的验证码".encode()


async def asked(octets, app=echo, **settings):
    """What the server answers to these octets."""
    async with serving(app, **settings) as listener:
        client = await Client.to(listener)
        client.write(octets)
        return await client.answer()


def body_of(octets, **settings):
    got = []

    async def main():
        got.extend(await asked(octets, **settings))

    run(main)
    return got[1]


def head_of(octets, **settings):
    got = []

    async def main():
        got.extend(await asked(octets, **settings))

    run(main)
    return got[0].lower()


def test_a_post_is_answered_with_a_length_and_the_connection_stays():
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            for body in (b"a=1", b"b=2"):
                client.write(post("/sms.aspx?q=1", body))
                head, answer = await client.answer()

                assert head.startswith(b"HTTP/1.1 200 OK\r\ndate: ")
                assert b"content-length: 22\r\n" in head
                assert b"chunked" not in head
                assert b"connection" not in head
                assert answer == b"POST /sms.aspx q=1\n" + body

    run(main)


@pytest.mark.parametrize(
    "query",
    [
        b"content=" + CHINESE,
        "content=验证码".encode("gbk"),
        b"content=two words and more",
        b"content=a#b",
        b"content=" + CHINESE + b" #\xff\x80 HTTP/1.1 x",
        b"content=\"<>\\^`{|}'",
        b"content=%E6%82",
    ],
)
def test_the_request_line_may_hold_anything_but_a_line_break(query):
    assert body_of(b"GET /sms.aspx?" + query + b" HTTP/1.1\r\nHost: h\r\n\r\n") == b"GET /sms.aspx " + query + b"\n"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"//smsGBK.aspx", "//smsGBK.aspx"),
        (b"http://dx.ipyy.net:8080/sms.aspx", "/sms.aspx"),
        (b"http://dx.ipyy.net", "/"),
        (b"/sms%2Easpx", "/sms.aspx"),
        (b"/%E7%9F%AD", "/短"),
        ("/短".encode(), "/短"),
        (b"/%FF", "/\ufffd"),
        (b"  /sms.aspx ", "/sms.aspx"),
        (b"*", "/"),
    ],
)
def test_the_path_is_found_in_every_kind_of_target(target, path):
    assert body_of(b"GET " + target + b" HTTP/1.1\r\n\r\n") == f"GET {path} \n".encode()


WHOLE = post(b"/sms.aspx?content=" + CHINESE + b" #", b"mobile=1" * 3)


def test_a_request_may_come_octet_by_octet():
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            for _ in range(2):
                await client.drip(WHOLE)

                assert (await client.answer())[1] == b"POST /sms.aspx content=" + CHINESE + b" #\n" + b"mobile=1" * 3

    run(main)


def test_a_request_may_be_cut_anywhere():
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener, limit=2**20)
            client.writer.transport.set_write_buffer_limits(0)
            for at in range(len(WHOLE)):
                client.write(WHOLE[:at])
                await asyncio.sleep(0.0005)
                client.write(WHOLE[at:])

                assert (await client.answer())[1].endswith(b"mobile=1" * 3)

    run(main)


@pytest.mark.parametrize("header", [b"", b"Connection: keep-alive\r\n", b"Connection: close\r\n"])
def test_http_1_0_gets_a_length_and_a_close(header):
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            client.write(b"GET /x?a=1 HTTP/1.0\r\n" + header + b"\r\n")
            answer = await client.rest()

            assert b"content-length: 11\r\n" in answer
            assert b"connection: close\r\n" in answer
            assert answer.endswith(b"\r\n\r\nGET /x a=1\n")

    run(main)


def test_a_head_whose_lines_end_in_lf_alone_is_read():
    """As the transport class of a wide-spread PHP shop writes it on Linux."""
    octets = b"POST /sms.aspx HTTP/1.0\nHost: h\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 3\n\na=1"

    assert body_of(octets) == b"POST /sms.aspx \na=1"


def test_connection_close_is_honoured():
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            client.write(post("/x", b"a", b"Connection: close"))

            assert (await client.rest()).endswith(b"POST /x \na")

    run(main)


def test_a_client_that_shuts_its_side_down_after_asking_is_answered():
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            client.write(post("/x", b"a"))
            client.writer.write_eof()

            assert (await client.rest()).endswith(b"POST /x \na")

    run(main)


def test_expect_100_continue_is_honoured():
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            client.write(post("/x", b"body", b"Expect: 100-continue")[:-4])

            assert await client.head() == b"HTTP/1.1 100 Continue\r\n\r\n"

            client.write(b"body")

            assert (await client.answer())[1] == b"POST /x \nbody"

    run(main)


def test_a_client_that_does_not_wait_for_100_continue_gets_none():
    assert head_of(post("/x", b"body", b"Expect: 100-continue")).startswith(b"http/1.1 200")


def test_a_bogus_content_encoding_is_ignored():
    assert body_of(post("/x", b"a=1", b"Content-Encoding: UTF-8")) == b"POST /x \na=1"


def test_an_offer_of_http_2_does_not_swallow_the_body():
    upgrade = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAEAAEAA")

    assert body_of(post("/x", b"a=1", *upgrade)) == b"POST /x \na=1"


def test_raw_octets_in_a_header_are_taken():
    assert body_of(post("/x", b"a", b"X-Name: " + CHINESE)) == b"POST /x \na"


def test_pipelined_requests_are_answered_in_order():
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            client.write(
                post("/1", b"one"), b"GET /2?\xe6\x82\xa8 # HTTP/1.1\r\n\r\n", post("/3", b"three"), post("/4", b"four")[:-2]
            )

            assert [(await client.answer())[1] for _ in range(3)] == [
                b"POST /1 \none",
                b"GET /2 \xe6\x82\xa8 #\n",
                b"POST /3 \nthree",
            ]

            client.write(b"ur")

            assert (await client.answer())[1] == b"POST /4 \nfour"

    run(main)


def test_a_hundred_pipelined_requests_are_answered():
    async def main():
        async with serving(echo, limits=Limits(held_octets=100)) as listener:
            client = await Client.to(listener)
            client.write(*(post(f"/{n}", b"x" * 50) for n in range(100)))

            for n in range(100):
                assert (await client.answer())[1] == b"POST /%d \n" % n + b"x" * 50

    run(main)


def test_line_breaks_after_a_body_are_skipped():
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            client.write(post("/1", b"a"), b"\r\n", post("/2", b"b"), b"\r\n\r\n", post("/3", b"c"))

            assert [(await client.answer())[1][-1:] for _ in range(3)] == [b"a", b"b", b"c"]

    run(main)


def test_what_is_written_beyond_the_stated_length_does_not_cost_the_answer():
    """A client that counted characters instead of octets."""

    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            client.write(post("/1", b"abc"), b"def&g=1")

            assert (await client.answer())[1] == b"POST /1 \nabc"

    run(main)


@pytest.mark.parametrize("drip", [False, True])
def test_a_body_in_chunks_is_taken(drip):
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            octets = (
                b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n"
            )
            for _ in range(2):
                if drip:
                    await client.drip(octets)
                else:
                    client.write(octets)

                assert (await client.answer())[1] == b"POST /x \nabcdefg"

    run(main)


def test_a_request_behind_chunks_in_the_same_read_is_left_to_be_asked_again():
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            client.write(b"POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + post("/2", b"d"))
            answer = await client.rest()

            assert answer.endswith(b"POST /1 \nabc")
            assert b"connection: close" in answer

    run(main)


@pytest.mark.parametrize(
    "octets",
    [
        b"GET /\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET / http/1.1\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\x01\r\n\r\n",
        b"CONNECT h:1 HTTP/1.1\r\n\r\n",
        b"get / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nNo colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nA : b\r\n\r\n",
        b"GET / HTTP/1.1\r\n A: b\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\nHost: h\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_and_the_connection_closed(octets):
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            client.write(octets)
            answer = await client.rest()

            assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
            assert b"connection: close" in answer

    run(main)


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nUpgrade: a\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        b"POST /a\nX: y HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
        b"POST /a\0 HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
        b"POST /a\rb HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
    ],
)
def test_a_line_that_hides_in_another_is_refused(head):
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            client.write(head, b"hello")

            assert (await client.answer())[0].startswith(b"HTTP/1.1 400 ")
            assert await client.is_closed()

    run(main)


def test_garbage_behind_a_request_does_not_overtake_its_answer():
    async def main():
        async with serving(echo) as listener:
            client = await Client.to(listener)
            client.write(post("/1", b"a"), b"\x00\x01\r\n\r\n")

            assert (await client.answer())[1] == b"POST /1 \na"
            assert (await client.answer())[0].startswith(b"HTTP/1.1 400 ")
            assert await client.is_closed()

    run(main)


SMALL = Limits(head_octets=500, body_octets=1000)


def test_a_head_has_a_greatest_length():
    async def main():
        async with serving(echo, limits=SMALL) as listener:
            whole, endless = await Client.to(listener), await Client.to(listener)
            whole.write(b"GET /" + b"x" * 600 + b" HTTP/1.1\r\n\r\n")
            endless.write(b"GET /" + b"x" * 600)

            for client in (whole, endless):
                assert (await client.rest()).startswith(b"HTTP/1.1 431 ")

    run(main)


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read():
    async def main():
        read = []

        async def app(scope, receive, send):
            read.append(await receive())

        async with serving(app, limits=SMALL) as listener:
            client = await Client.to(listener)
            client.write(b"POST / HTTP/1.1\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
            answer = await client.rest()

            assert answer.startswith(b"HTTP/1.1 413 ")
            assert read == []

    run(main)


def test_a_client_that_goes_on_sending_what_was_refused_can_read_why():
    async def main():
        async with serving(echo, limits=SMALL) as listener:
            client = await Client.to(listener)
            client.write(b"POST / HTTP/1.1\r\nContent-Length: 400000\r\n\r\n", b"x" * 200_000)
            await asyncio.sleep(0.05)
            client.write(b"x" * 200_000)

            assert (await client.rest()).startswith(b"HTTP/1.1 413 ")

    run(main)


def test_a_body_in_chunks_cannot_grow_for_ever():
    async def main():
        gone = asyncio.Event()

        async def app(scope, receive, send):
            while (await receive())["type"] == "http.request":
                pass
            gone.set()

        async with serving(app, limits=SMALL) as listener:
            client = await Client.to(listener)
            client.write(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"100\r\n" + b"x" * 256 + b"\r\n")
            await asyncio.sleep(0)
            client.write((b"100\r\n" + b"x" * 256 + b"\r\n") * 4)

            assert (await client.rest()).startswith(b"HTTP/1.1 413 ")
            await gone.wait()

    run(main)


@pytest.mark.parametrize("begun", [b"", b"G", b"GET / HTTP/1.1\r\nHost: h\r\n"])
def test_a_head_that_does_not_come_is_given_up(monkeypatch, begun):
    quicken(monkeypatch)

    async def main():
        async with serving(echo, limits=Limits(head_timeout_s=0.05)) as listener:
            client = await Client.to(listener)
            client.write(begun)

            assert (await client.rest()).startswith(b"HTTP/1.1 408 ")

    run(main)


@pytest.mark.parametrize(
    ("limits", "begin"),
    [
        (Limits(head_timeout_s=0.1), b""),
        (Limits(body_grace_s=0.1), b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n"),
    ],
    ids=["head", "body"],
)
def test_a_request_in_drips_is_given_up(monkeypatch, limits, begin):
    quicken(monkeypatch)

    async def main():
        async with serving(echo, limits=limits) as listener:
            client = await Client.to(listener)
            client.write(begin)
            answer = asyncio.ensure_future(client.rest())
            while not answer.done():
                client.write(b"x")
                await asyncio.sleep(0.01)

            assert answer.result().startswith(b"HTTP/1.1 408 ")

    run(main)


def test_an_idle_connection_is_closed(monkeypatch):
    quicken(monkeypatch)

    async def main():
        async with serving(echo, limits=Limits(idle_timeout_s=0.05)) as listener:
            client = await Client.to(listener)
            client.write(post("/x", b"a"))
            await client.answer()

            assert await client.is_closed()

    run(main)


def test_there_is_a_greatest_number_of_connections():
    async def main():
        async with serving(echo, limits=Limits(connections=2)) as listener:
            first, second, third = [await Client.to(listener) for _ in range(3)]

            assert (await third.rest()).startswith(b"HTTP/1.1 503 ")

            first.write(post("/1", b"a"))
            second.write(post("/2", b"b"))

            assert (await first.answer())[1] == b"POST /1 \na"
            assert (await second.answer())[1] == b"POST /2 \nb"

    run(main)


async def who(scope, _receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": json.dumps([scope["client"][0], scope["scheme"]]).encode()})


@pytest.mark.parametrize(
    ("headers", "seen"),
    [
        ((b"X-Forwarded-For: 203.0.113.9",), ["203.0.113.9", "http"]),
        ((b"X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.2.3", b"X-Forwarded-Proto: https"), ["203.0.113.9", "https"]),
        ((b"X-Forwarded-For: 203.0.113.9:4711",), ["203.0.113.9", "http"]),
        ((b"X-Forwarded-For: [2001:db8::1]:4711",), ["2001:db8::1", "http"]),
        ((b"X-Forwarded-For: 203.0.113.9, nonsense",), ["127.0.0.1", "http"]),
        ((b"X-Forwarded-For: 10.0.0.1",), ["127.0.0.1", "http"]),
        ((), ["127.0.0.1", "http"]),
    ],
)
def test_our_own_proxies_are_believed(headers, seen):
    assert json.loads(body_of(post("/x", b"", *headers), app=who, trusted=("127.0.0.0/8", "10.0.0.0/8"))) == seen


def test_nobody_else_is_believed():
    octets = post("/x", b"", b"X-Forwarded-For: 203.0.113.9", b"X-Forwarded-Proto: https")

    assert json.loads(body_of(octets, app=who, trusted=("10.0.0.0/8",))) == ["127.0.0.1", "http"]
    assert json.loads(body_of(octets, app=who)) == ["127.0.0.1", "http"]
