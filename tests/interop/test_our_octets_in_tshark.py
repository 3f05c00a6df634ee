"""Wireshark's dissectors find nothing malformed in what our sessions say to each other, in both roles.

CMPP 3.0 only: the dissector takes every CMPP for 3.0.
"""

import asyncio

import pytest
from tests.interop.tap import Tap
from tests.interop.tshark import judge
from tests.sim.client import SECRET, USER, Client

from hongyan.sim.carrier import CarrierSim
from hongyan.sim.script import read_script
from hongyan.wire import text
from hongyan.wire.session import State

pytestmark = pytest.mark.interop

PORTS = {"cmpp": 7890, "smpp": 2775}
SCRIPT = """
[[rule]]
do = "refuse"
code = 8
to = "*1"

[[rule]]
do = "fail"
stat = "MK:0011"
to = "*2"

[[rule]]
do = "reply"
text = "你好，我不需要"
times = 1
"""
SUBMITTED, REFUSED, REPLY_PARTS = 5, 1, 1


async def conversation(carrier, protocol):
    """Everything that our sessions can say: login, texts short and long, a refusal, reports, a reply, heartbeat, logout."""
    async with Tap(carrier.port, PORTS[protocol[:4]]) as tap:
        carrier.port = tap.port
        client = await Client.login(carrier, protocol)
        for tail in "012":
            client.submit(tail, number=f"861380013800{tail}")
        for part in (1, 2):
            content = text.concat_header(7, 2, part) + "长".encode("utf-16-be") * 67
            marks = {"esm_class": 0x40} if protocol == "smpp" else {"tp_udhi": 1, "pk_total": 2, "pk_number": part}
            client.submit_octets(part, content, **marks)
        assert await client.until(lambda: len(client.answers) == SUBMITTED), client.events
        assert await client.until(lambda: len(client.asked) == SUBMITTED - REFUSED + REPLY_PARTS), client.asked
        client.session.tick(client.loop.time() + 31)
        client.session.logout(client.loop.time())
        client.flush()
        assert await client.until(lambda: client.session.state is State.CLOSED)
        return tap


def play(protocol):
    async def whole():
        carrier = CarrierSim(protocol, user=USER, secret=SECRET, script=read_script(SCRIPT), report_delay_s=0.02)
        await carrier.start()
        try:
            return await conversation(carrier, protocol)
        finally:
            await carrier.stop()

    return asyncio.run(whole())


@pytest.mark.parametrize(
    ("protocol", "login", "heartbeat", "logout"),
    [("cmpp3", 0x01, 0x08, 0x02), ("smpp", 0x09, 0x15, 0x06)],
)
def test_a_whole_conversation_is_dissected_without_a_malformed_message(protocol, login, heartbeat, logout, tmp_path):
    capture = tmp_path / "conversation.pcap"
    play(protocol).write_pcap(capture)

    counts, trouble = judge(capture, protocol[:4], PORTS[protocol[:4]])

    assert trouble == []
    deliveries = SUBMITTED - REFUSED + REPLY_PARTS
    requests = {login: 1, 0x04: SUBMITTED, 0x05: deliveries, heartbeat: 1, logout: 1}
    assert counts == requests | {command | 0x8000_0000: count for command, count in requests.items()}


def test_the_judge_finds_a_malformed_message(tmp_path):
    """A judge that never finds anything would prove nothing."""

    async def scene():
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
        async with Tap(server.sockets[0].getsockname()[1], PORTS["smpp"]) as tap:
            _, writer = await asyncio.open_connection("127.0.0.1", tap.port)
            writer.write(bytes.fromhex("00000015 00000004 00000000 00000001 0001010000"))
            await asyncio.sleep(0.1)
            writer.close()
        server.close()
        return tap

    capture = tmp_path / "broken.pcap"
    asyncio.run(scene()).write_pcap(capture)

    assert judge(capture, "smpp", PORTS["smpp"])[1] != []
