"""Any ASGI application runs behind our connections: streams, faults, Starlette."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, StreamingResponse
from starlette.routing import Route
from tests.http.wire import Client, post, run, serving

from hongyan.http.state import Limits


def start(status=200, *headers):
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(octets=b"", more=False):
    return {"type": "http.response.body", "body": octets, "more_body": more}


def sending(*messages):
    async def app(_scope, _receive, send):
        for message in messages:
            await send(message)

    return app


def answered(app, octets=b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", **settings):
    """All octets that come back until the connection is closed."""
    got = []

    async def main():
        async with serving(app, **settings) as listener:
            client = await Client.to(listener)
            client.write(octets)
            try:
                got.append(await client.rest())
            except ConnectionResetError:
                got.append(b"reset")

    run(main)
    return got[0]


def test_a_stream_of_unknown_length_comes_in_chunks():
    answer = answered(sending(start(), body(b"abc", more=True), body(b"", more=True), body(b"de", more=True), body()))

    assert b"transfer-encoding: chunked\r\n" in answer
    assert answer.endswith(b"\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")


def test_http_1_0_gets_no_chunks():
    answer = answered(sending(start(), body(b"abc", more=True), body(b"de")), b"GET / HTTP/1.0\r\n\r\n")

    assert b"chunked" not in answer
    assert answer.endswith(b"\r\n\r\nabcde")


def test_a_stream_of_known_length_has_it():
    answer = answered(sending(start(200, (b"Content-Length", b"5")), body(b"abc", more=True), body(b"de")))

    assert b"Content-Length: 5\r\n" in answer
    assert answer.endswith(b"\r\n\r\nabcde")


def test_head_gets_the_head_alone():
    answer = answered(sending(start(), body(b"abc")), b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")

    assert answer.endswith(b"content-length: 3\r\nconnection: close\r\n\r\n")


def test_no_content_has_no_length():
    answer = answered(sending(start(204), body()))

    assert answer.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert b"content-length" not in answer


async def raising(_scope, _receive, _send):
    raise ValueError("13800138000")


async def silent(_scope, _receive, _send):
    return


@pytest.mark.parametrize("app", [raising, silent, sending(body()), sending(start(200, (b"a", b"b\r\nc: d")), body())])
def test_a_fault_of_the_application_is_a_500(app):
    assert answered(app).startswith(b"HTTP/1.1 500 Internal Server Error\r\n")


@pytest.mark.parametrize(
    "messages",
    [
        (start(), body(b"abc", more=True)),
        (start(), body(b"abc", more=True), start()),
        (start(200, (b"content-length", b"5")), body(b"abc", more=True)),
    ],
)
def test_an_answer_that_breaks_off_is_cut_so_that_nobody_takes_it_for_whole(messages):
    assert not answered(sending(*messages)).endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("length", [b"2", b"4"])
def test_an_answer_with_a_wrong_length_is_cut(length):
    assert answered(sending(start(200, (b"content-length", length)), body(b"abc"))) in (b"", b"reset")


def test_after_a_fault_other_connections_go_on():
    async def main():
        async with serving(raising) as listener:
            for _ in range(3):
                client = await Client.to(listener)
                client.write(post("/x"))

                assert (await client.answer())[0].startswith(b"HTTP/1.1 500 ")
                assert await client.is_closed()

    run(main)


def test_an_answer_before_the_end_of_the_request_closes_the_connection():
    async def main():
        async with serving(sending(start(), body(b"no"))) as listener:
            client = await Client.to(listener)
            client.write(post("/x", b"0123456789")[:-5])

            assert b"connection: close\r\n\r\nno" in await client.rest()

    run(main)


def test_a_fast_client_waits_for_a_slow_application():
    async def main():
        may_read, sizes = asyncio.Event(), []

        async def app(_scope, receive, send):
            await may_read.wait()
            more = True
            while more:
                message = await receive()
                sizes.append(len(message["body"]))
                more = message["more_body"]
            await send(start())
            await send(body(b"%d" % sum(sizes)))

        size = 8 * 1024 * 1024
        async with serving(app, limits=Limits(held_octets=100_000)) as listener:
            client = await Client.to(listener)
            client.write(post("/x", b"x" * size))
            await asyncio.sleep(0.1)
            may_read.set()

            assert (await client.answer())[1] == b"%d" % size
            assert max(sizes) < 1_000_000

    run(main)


def test_a_fast_application_waits_for_a_slow_client():
    async def main():
        sent = []

        async def app(_scope, _receive, send):
            await send(start())
            for _ in range(500):
                await send(body(b"x" * 65536, more=True))
                sent.append(1)
            await send(body())

        async with serving(app) as listener:
            client = await Client.to(listener)
            client.write(b"GET / HTTP/1.0\r\n\r\n")
            await asyncio.sleep(0.1)

            assert len(sent) < 500
            assert len(await client.rest()) > 500 * 65536

    run(main)


def test_an_application_that_waits_is_reported_when_the_client_leaves():
    async def main():
        seen = asyncio.get_running_loop().create_future()

        async def app(_scope, receive, _send):
            await receive()
            seen.set_result((await receive())["type"])

        async with serving(app) as listener:
            client = await Client.to(listener)
            client.write(b"GET / HTTP/1.1\r\n\r\n")
            await asyncio.sleep(0.02)
            client.reset()

            assert await seen == "http.disconnect"

    run(main)


async def _form(request: Request):
    form = await request.form()
    return PlainTextResponse(f"{form['a']} {request.query_params['q']} {request.client.host}")


async def _stream(_request):
    async def parts():
        for part in ("one", "two"):
            yield part

    return StreamingResponse(parts())


async def _away(_request):
    return RedirectResponse("/短?a=b")


PORTAL = Starlette(routes=[Route("/form", _form, methods=["POST"]), Route("/stream", _stream), Route("/away", _away)])


@pytest.mark.parametrize(
    ("octets", "piece"),
    [
        (post("/form?q=1", b"a=2", b"Content-Type: application/x-www-form-urlencoded"), b"\r\n\r\n2 1 127.0.0.1"),
        (b"GET /stream HTTP/1.1\r\n\r\n", b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"),
        (b"GET /away HTTP/1.1\r\n\r\n", b"location: /%E7%9F%AD?a=b\r\n"),
        (b"GET /nowhere HTTP/1.1\r\n\r\n", b"HTTP/1.1 404 Not Found\r\n"),
    ],
)
def test_starlette_runs_on_it(octets, piece):
    assert piece in answered(PORTAL, octets.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: close\r\n"))
