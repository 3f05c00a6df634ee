"""What is wrong with a channel is said in the reader's language, whatever it is."""

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from hongyan.carriers.factory import adapter_of, make_link
from hongyan.carriers.link import CarrierLink
from hongyan.i18n import translated, using_language
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol

ENGLISH = {
    "a",
    "an",
    "and",
    "answer",
    "cannot",
    "carrier",
    "closed",
    "command",
    "connection",
    "frame",
    "is",
    "it",
    "its",
    "not",
}
ENGLISH |= {"numbers", "octets", "of", "one", "settings", "silent", "the", "was", "where", "with"}
"""Words of our sentences; names of options, their values and what a protocol calls its PDUs are none."""


def assert_is_chinese(trouble):
    with using_language("zh"):
        said = re.sub(r"（[^）]*）|\([^)]*\)", "", translated(trouble))  # what a protocol calls it
    assert re.search("[\u4e00-\u9fff]", said)
    assert ENGLISH & set(re.findall(r"[a-z_]+", said)) == set(), said


@pytest.mark.parametrize(
    ("protocol", "options"),
    [
        ("http", {"scheme": "ftp"}),
        ("http", {"path": "x"}),
        ("http", {"secret_form": "sha"}),
        ("http", {"listen_port": "x"}),
        ("http", {"listen_port": "1", "allow_ip": "nowhere"}),
        ("mm7", {"auth": "kerberos"}),
        ("mm7", {"path": "x"}),
        ("mm7", {"variant": "x"}),
        ("mm7", {"listen_port": "1", "allow_ip": "nowhere"}),
        ("smpp", {"encoding": "x"}),
        ("smpp", {"bind": "split"}),
        ("cmpp2", {"long": "sar"}),
        ("smgp", {"carrier_signature": "99"}),
        ("sgip", {"node": "1x"}),
        ("sgip", {"node": "3010012345", "listen_port": "1", "listen_idle_s": "x"}),
        ("cmpp3", {"receipt_zone": "noon"}),
    ],
    ids=str,
)
def test_settings_that_do_not_fit_keep_the_link_down_and_are_said(recorded_events, now_ms, protocol, options):
    async def go():
        channel = Channel(7, "up", Protocol(protocol), "127.0.0.1", 1, "901234", "s3cr3t", options=options)
        events = recorded_events()
        events.link = link = make_link(channel, events, now_ms)
        await link.open()
        try:
            assert link.trouble.count("its settings do not fit: ") == 1
            assert next(reversed(options)) in link.trouble
            assert not link.is_up
            assert_is_chinese(link.trouble)
        finally:
            await link.close(0)

    asyncio.run(go())


def test_settings_that_fit_again_are_no_trouble_any_more(trial, wait):
    async def go():
        async with trial("smpp") as t:
            fitting = t.link.channel
            t.link.retune(replace(fitting, options={"encoding": "x"}))
            assert "encoding is one of" in t.link.trouble
            assert t.link.is_up  # it goes on with the old ones
            t.link.retune(fitting)
            await wait(lambda: t.link.trouble == "" and t.link.is_up)

    asyncio.run(go())


HEAD = 12  # octets of CMPP: length, command, sequence


@asynccontextmanager
async def centre(answer):
    """A centre of CMPP that says this to whoever logs in, and nothing more; its port."""
    writers = []

    async def serve(reader, writer):
        writers.append(writer)
        with suppress(asyncio.IncompleteReadError):
            await reader.readexactly(HEAD)
            writer.write(answer)
        if not answer:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for writer in writers:
        writer.transport.abort()
    await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "the connection was lost"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "the carrier sent octets that are no messages: a frame of 1213486160 octets"),
        (b"\0\0\0\x0f\x80\0\0\x01\0\0\0\x01abc", "the login was refused: its answer cannot be read (CONNECT_RESP 1: "),
    ],
    ids=["left", "another protocol", "unreadable"],
)
def test_how_a_login_ends(recorded_events, a_channel, now_ms, fast, wait, answer, said):
    async def go():
        async with centre(answer) as port:
            events = recorded_events()
            events.link = link = CarrierLink(
                a_channel("cmpp2", port), adapter_of, events, now_ms, replace(fast, first_pause_s=60)
            )
            await link.open()
            await wait(lambda: link.trouble)

            assert link.trouble.startswith(said)
            assert_is_chinese(link.trouble)
            await link.close(0)

    asyncio.run(go())


def test_a_carrier_that_gives_no_sign_of_life(trial, wait, some, fast):
    async def go():
        timing, script = replace(fast, first_pause_s=60), '[[rule]]\ndo = "hang"\n'
        async with trial("cmpp3", script, answer_timeout_s=30, heartbeat_s=0.1, timing=timing) as t:
            t.link.offer(some(1))
            await wait(lambda: t.link.trouble)

            assert re.fullmatch(r"the carrier gave no sign of life: silent for \d+ s", t.link.trouble)
            assert_is_chinese(t.link.trouble)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        ("cmpp3", "its settings do not fit: a PDU cannot be written ("),
        ("smpp", "the login was refused: it cannot be written ("),
    ],
)
def test_a_login_that_the_protocol_cannot_carry(recorded_events, a_channel, now_ms, fast, wait, protocol, said):
    async def go():
        async with centre(b"") as port:
            events = recorded_events()
            channel = replace(a_channel(protocol, port), user="much-too-long-for-it")
            events.link = link = CarrierLink(channel, adapter_of, events, now_ms, fast)
            await link.open()
            await wait(lambda: link.trouble)

            assert link.trouble.startswith(said)
            assert_is_chinese(link.trouble)
            await link.close(0)

    asyncio.run(go())


@pytest.mark.parametrize("protocol", ["smpp", "mm7"])
def test_a_carrier_that_cannot_be_reached(recorded_events, now_ms, wait, protocol):
    async def go():
        events = recorded_events()
        events.link = link = make_link(Channel(7, "up", Protocol(protocol), "127.0.0.1", 1, "901234", "s3cr3t"), events, now_ms)
        await link.open()
        await wait(lambda: link.trouble)

        assert link.trouble.endswith(": Connection refused")
        assert_is_chinese(link.trouble)
        await link.close(0)

    asyncio.run(go())
