"""Reports and replies that another platform posts to the port of a channel of kind http."""

import asyncio
import io
import re
import threading

import aiohttp
import pytest
from bench.tools import free_port
from lxml import etree
from tests.carriers.upstream import STATUS, captured, post

from hongyan.carriers.http import push as httppush
from hongyan.i18n import translated, using_language


def test_a_push_that_is_not_stored_in_time_is_to_be_repeated(upstream, wait, monkeypatch):
    monkeypatch.setattr("hongyan.carriers.http.push.ANSWER_S", 0.05)

    async def go():
        port = free_port()
        async with upstream(options={"listen_port": str(port), "listen_host": "127.0.0.1"}) as t:
            await wait(lambda: t.link.receiver.port)
            t.events.stores = None
            assert await post(port, "/", STATUS.format(1, 10, "DELIVRD")) == (200, "error")
            assert len(t.events.confirms) == 1  # the worker has it, and goes on asking its store

    asyncio.run(go())


@pytest.mark.parametrize("comes", ["pushed", "pulled"])
def test_however_many_items_come_at_once_others_have_their_turn(upstream, wait, monkeypatch, comes):
    """They are passed on piece by piece, and a long post is read in a thread."""
    boxes = b"".join(STATUS.format(n, 10, "DELIVRD").encode()[11:-12] for n in range(2_000))
    body, threads = b"<returnsms>" + boxes + b"</returnsms>", []
    monkeypatch.setattr("hongyan.xml.etree.fromstring", _noted(etree.fromstring, threads))

    async def go():
        port = free_port()
        listening = {"listen_port": str(port), "listen_host": "127.0.0.1"}
        async with upstream(options=listening if comes == "pushed" else {}) as t:
            await wait(lambda: t.link.receiver.port or comes == "pulled")
            sizes, received = [], t.events.received
            t.events.received = lambda receipts, confirm: sizes.append(len(receipts)) or received(receipts, confirm)
            if comes == "pushed":
                assert await post(port, "/", body) == (200, "1")
            else:
                t.up.pulls.append(body)
            await wait(lambda: len(t.events.receipts) == 2_000, 15.0)
            assert max(sizes) <= 500

    asyncio.run(go())
    assert [len(octets) for octets, thread in threads if thread is threading.main_thread() and len(octets) > 100_000] == []
    assert [thread for octets, thread in threads if octets == body]


def _noted(call, calls):
    def noted(octets, *more):
        calls.append((octets, threading.current_thread()))
        return call(octets, *more)

    return noted


@pytest.mark.parametrize(
    ("body", "taken", "again"),
    [
        (STATUS.format(1, 10, "DELIVRD"), "1", "error"),
        ('{"smsResult":[{"smsId":"AB","phone":"13800000001","status":"0"}]}', '{"respCode":"00000"}', '{"respCode":"00001"}'),
    ],
    ids=["xml", "json"],
)
def test_a_push_is_answered_after_the_commit(upstream, wait, body, taken, again):
    async def go():
        port = free_port()
        async with upstream(options={"listen_port": str(port), "listen_host": "127.0.0.1", "listen_path": "/in"}) as t:
            await wait(lambda: t.link.receiver.port)
            t.events.stores = False
            assert await post(port, "/in", body) == (200, again)
            t.events.stores = True
            assert await post(port, "/in", body) == (200, taken)
            assert (await post(port, "/in", "<html/>"))[0] == 400
            assert "could not be read" in t.link.trouble
            assert (await post(port, "/elsewhere", body))[0] == 403
            assert "127.0.0.1 was refused: it is no post, or its path is another" in t.link.trouble
            assert (await post(port, "/in", io.BytesIO(bytes((4 << 20) + 1))))[0] == 413

    asyncio.run(go())


def test_a_push_from_an_address_that_is_not_listed_is_cut_off_and_reported(upstream, wait, monkeypatch):
    async def go():
        port = free_port()
        logged = captured(monkeypatch, httppush)
        options = {"listen_port": str(port), "listen_host": "127.0.0.1", "allow_ip": "192.0.2.0/24"}
        async with upstream(options=options) as t:
            await wait(lambda: t.link.receiver.port)
            for _ in range(100):
                with pytest.raises(aiohttp.ClientError):
                    await post(port, "/", STATUS)
            assert (t.events.receipts, t.link.receiver._listener.connections) == ([], 0)
            assert t.link.trouble == "a connection from 127.0.0.1 was refused: its address is not in allow_ip"
            assert {line["limit_by"] for line in logged if line["event"] == "carrier_post_refused"} == {("channel",)}

    asyncio.run(go())


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", "<html/>"),
        ("/", "<returnsms>"),
        ("/", ""),
        ("/", "<!DOCTYPE a [<!ENTITY b 'c'>]><returnsms/>"),
        ("/", "{"),
        ("/", "[1]"),
        ("/", '{"smsResult": 1}'),
        ("/", '{"smsResult": [1]}'),
        ("/elsewhere", "<returnsms/>"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_push_is_said_in_the_readers_language(upstream, wait, path, body):
    async def go():
        port = free_port()
        async with upstream(options={"listen_port": str(port), "listen_host": "127.0.0.1"}) as t:
            await wait(lambda: t.link.receiver.port)
            assert (await post(port, path, body))[0] in {400, 403}
            assert "127.0.0.1" in t.link.trouble
            with using_language("zh"):
                said = translated(t.link.trouble)
            assert not re.search(r"[a-z]{2}", re.sub("html|smsResult", "", said)), said

    asyncio.run(go())
