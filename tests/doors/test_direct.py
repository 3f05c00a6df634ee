"""A submission is answered alike without ASGI and with it, and by nobody for a client that left."""

import re

import pytest
from tests.doors.platform import Platform, fields, garbage_of
from tests.http.wire import Client, run, serving

from hongyan.doors.direct import SHORT_OCTETS
from hongyan.http.heads import read_head
from hongyan.http.request import HttpRequest
from hongyan.model.refusal import Code, Refusal

LOGIN = {"account": "demo", "password": "abc123"}
SEND = LOGIN | {"action": "send", "mobile": "13800138000", "content": "您好【测试】"}


def post(form, path="/sms.aspx"):
    head = f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    body = form if isinstance(form, bytes) else fields(**form)
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def get(form):
    return b"GET /sms.aspx?" + fields(**form) + b" HTTP/1.1\r\nHost: h\r\n\r\n"


REQUESTS = {
    "sends": post(SEND),
    "sends by GET": get(SEND),
    "JSON": post(SEND, "/smsJson.aspx"),
    "GBK by the door": post(fields(**LOGIN, action="send", mobile="13800138000") + b"&content=%C4%FA", "/smsGBK.aspx"),
    "GBK unsaid": post(fields(**LOGIN, action="send", mobile="13800138000") + b"&content=%C4%FA"),
    "another case": post(SEND, "/SMS.ASPX"),
    "wrong secret": post(SEND | {"password": "wrong"}),
    "no account": post({"action": "send"}),
    "stopped": post(SEND | {"account": "stopped"}),
    "many numbers": post(SEND | {"mobile": ",".join(["13800138000"] * 1_100)}),
    "a long body": post(SEND | {"content": "字" * SHORT_OCTETS}),
    "balance": post(LOGIN | {"action": "overage"}),
    "unknown action": post(LOGIN | {"action": "x"}),
    "PUT": b"PUT /sms.aspx HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
}


def answers(request, refusal, *, is_direct):
    """Head and body, without what differs each time; and what was submitted."""
    platform = Platform()
    platform.refusal = refusal
    answers = []

    async def main():
        app = platform.app()
        async with serving(app, direct=app.direct if is_direct else None) as listener:
            client = await Client.to(listener)
            for _ in range(2):  # the connection goes on
                client.write(request)
                answers.append(re.sub(rb"(date|x-request-id): [^\r]*", rb"", b"".join(await client.answer())))

    run(main)
    return answers, platform.submissions


@pytest.mark.parametrize("refusal", [None, Refusal(Code.INTERNAL), ZeroDivisionError()], ids=["accepted", "refused", "bug"])
@pytest.mark.parametrize("name", REQUESTS)
def test_it_is_answered_alike_without_asgi(name, refusal):
    directly, by_asgi = (answers(REQUESTS[name], refusal, is_direct=is_direct) for is_direct in (True, False))

    assert directly == by_asgi


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answered_request_goes_without_the_garbage_collector(name):
    assert garbage_of(Platform(), REQUESTS[name]) < 10


def test_nor_does_one_that_the_store_refused_need_it():
    platform = Platform()

    async def refuse(_admission):
        raise Refusal(Code.BALANCE_SHORT, account="demo", need=2, free=1)

    platform.accept = refuse

    assert garbage_of(platform, post(SEND)) < 10


def test_many_at_once_are_answered_each_on_its_connection():
    platform, answers = Platform(), []

    async def main():
        app = platform.app()
        async with serving(app, direct=app.direct) as listener:
            clients = [await Client.to(listener) for _ in range(20)]
            for number, client in enumerate(clients):
                client.write(post(SEND | {"mobile": f"138{number:08}"} if number != 7 else SEND | {"password": "x"}))
            answers.extend([await client.answer() for client in clients])

    run(main)

    assert [number for number, (_, body) in enumerate(answers) if b"Success" not in body] == [7]
    assert len(platform.submissions) == 19


def test_nothing_is_sent_for_a_client_that_left():
    platform = Platform()

    class Left:
        is_abandoned, body = True, fields(**SEND)
        request = HttpRequest(
            method="POST",
            raw_path=b"/sms.aspx",
            query=b"",
            version="1.1",
            head=read_head(b"HTTP/1.1", b"\r\n\r\n"),
            client=("127.0.0.1", 1),
            scheme="http",
            server=("127.0.0.1", 2),
        )

    async def main():
        assert platform.app().direct(Left())

    run(main)

    assert platform.submissions == []
