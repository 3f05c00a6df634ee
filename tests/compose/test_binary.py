"""A binary message through a whole platform to a simulated carrier of each protocol, over real sockets."""

import asyncio

import pytest
import uvloop
from bench.tools import free_port
from tests.command_store import command_store

from hongyan.model.binary import Binary
from hongyan.model.channel import Channel, ChannelState
from hongyan.model.protocol import Protocol
from hongyan.model.submission import Submission
from hongyan.services import admit
from hongyan.services.admin import billing, channels
from hongyan.sim.carrier import CarrierSim
from hongyan.wire.text import BINARY

PORTS = bytes.fromhex("0605040B8423F0")
LONG = bytes(range(256)) + bytes(44)  # three segments beside the ports
SHORT = bytes.fromhex("01066170706C00FF")
SENT = [("13012300001", SHORT), ("13012300002", LONG)]
WAYS = {
    "cmpp2": ("cmpp2", {}),
    "cmpp3": ("cmpp3", {}),
    "sgip": ("sgip", {"node": "3010012345", "listen_host": "127.0.0.1"}),
    "smgp": ("smgp", {}),
    "smpp": ("smpp", {}),
    "smpp, data_sm": ("smpp", {"submit": "data_sm"}),
    "smpp, 16 bits": ("smpp", {"long": "udh16"}),
    "smpp, parameters": ("smpp", {"long": "sar"}),
}


def lead_to(settings, protocol, sim, options):
    with command_store(settings) as admin:
        channel = Channel(0, "up", Protocol(protocol), "127.0.0.1", sim.port, "901234", "p", access="10655", options=options)
        admin.change(channels.add_channel, channel, admin.sealer)
        admin.change(channels.add_route, "up", None, None, 0, 1)
        for name in ("trial", "reserve"):
            admin.change(channels.set_channel_state, name, ChannelState.STOPPED)


def send(settings, number, binary):
    with command_store(settings) as admin:
        submission = Submission(admin.snapshot().accounts["demo"], [number], "", source="cli", binary=binary)
        return admin.accept(admit.admit(admin.snapshot(), submission, admin.now_ms()))


@pytest.mark.parametrize("way", WAYS)
def test_a_carrier_gets_the_octets_with_their_header_and_reports_them(on_sqlite, start, way):
    protocol, options = WAYS[way]
    port = free_port() if protocol == "sgip" else 0

    async def go():
        sim = CarrierSim(protocol, user="901234", secret="p", deliver_to=("127.0.0.1", port) if port else None)
        await sim.start()
        lead_to(on_sqlite, protocol, sim, options | ({"listen_port": str(port)} if port else {}))
        async with start(on_sqlite) as running:
            sent = [await asyncio.to_thread(send, on_sqlite, number, Binary(octets, PORTS)) for number, octets in SENT]
            mobiles = sorted(await running.reports(2))
        await sim.stop()
        return [one.segments for one in sent], mobiles, list(sim.submits)

    points, mobiles, submits = uvloop.run(go())

    short = [one for one in submits if one.numbers[0].endswith("1")]
    long = sorted((one for one in submits if one.numbers[0].endswith("2")), key=lambda one: one.concat.number)
    assert (points, mobiles) == ([1, 3], ["13012300001", "13012300002"])
    assert {one.coding for one in submits} == {BINARY}
    assert [(one.header, one.content, one.concat) for one in short] == [(PORTS, SHORT, None)]
    assert [(one.concat.total, one.concat.number) for one in long] == [(3, 1), (3, 2), (3, 3)]
    assert b"".join(one.content for one in long) == LONG
    assert all(one.header.endswith(PORTS[1:]) and one.header[0] == len(one.header) - 1 for one in long)
    assert all(len(one.header) + len(one.content) <= 140 for one in long)
    with command_store(on_sqlite) as admin:
        assert admin.read(billing.verify)[1] == []
