"""Connections for one direction only, and gateways that know no more than a lower version."""

import asyncio
from dataclasses import replace

import pytest

from hongyan.adapters.smgp.centre import SmgpCentre
from hongyan.adapters.smpp.client import SmppClient
from hongyan.carriers.factory import adapter_of
from hongyan.carriers.link import CarrierLink
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.sim.carrier import CarrierSim
from hongyan.sim.script import read_script
from hongyan.wire.smgp.pdu import Version as SmgpVersion
from hongyan.wire.smgp.state import SmgpState

BOTH = pytest.mark.parametrize("protocol", ["smgp", "smpp"])


@BOTH
def test_one_connection_sends_and_the_other_receives(trial, wait, some, protocol):
    async def go():
        async with trial(protocol, connections=2, options={"bind": "split"}) as t:
            t.link.offer(some(60))
            await t.accepted(60)
            await wait(lambda: len(t.events.receipts) == 60)
            t.sim.say("8613800138000", "10690000123", "不需要")
            await wait(lambda: t.events.parts)

            takers = {c.number for c in t.sim.connections.values() if c.is_ready}
            senders = {submit.connection for submit in t.sim.submits}
            assert (len(takers), len(senders), len(t.sim.connections)) == (1, 1, 2)
            assert not takers & senders

    asyncio.run(go())


@BOTH
def test_four_connections_are_two_of_each(trial, some, protocol):
    async def go():
        async with trial(protocol, connections=4, options={"bind": "split"}) as t:
            t.link.offer(some(100))
            await t.accepted(100)

            assert sum(c.is_ready for c in t.sim.connections.values()) == 2
            assert len({submit.connection for submit in t.sim.submits}) == 2

    asyncio.run(go())


@BOTH
def test_a_channel_that_only_sends_gets_no_delivery(trial, some, protocol):
    async def go():
        async with trial(protocol, options={"bind": "transmitter"}) as t:
            t.link.offer(some(5))
            await t.accepted(5)

            assert t.link.is_up
            assert t.sim.counts.delivered == 0

    asyncio.run(go())


@BOTH
def test_a_channel_that_only_receives_says_that_it_cannot_send(wait, some, fast, recorded_events, a_channel, now_ms, protocol):
    async def go():
        sim = CarrierSim(protocol)
        await sim.start()
        events = recorded_events()
        channel = a_channel(protocol, sim.port, options={"bind": "receiver"})
        events.link = link = CarrierLink(channel, adapter_of, events, now_ms, fast, lambda: 1.0)
        await link.open()
        await wait(lambda: link.counts.logins == 1)
        sim.say("8613800138000", "10690000123", "不需要")
        await wait(lambda: events.parts)
        link.offer(some(3))
        await asyncio.sleep(0.05)

        assert (link.is_up, sim.counts.submits) == (False, 0)
        assert "only for receiving" in link.trouble
        assert len(link.withdraw()) == 3
        await link.close(0)
        await sim.stop()

    asyncio.run(go())


@BOTH
def test_without_its_sending_connection_a_split_channel_is_down(trial, wait, some, protocol):
    async def go():
        async with trial(protocol, connections=2, options={"bind": "split"}) as t:
            sender = next(c for c in t.sim.connections.values() if not c.is_ready)
            sender.transport.abort()
            await wait(lambda: False in t.events.ups)
            await wait(lambda: t.link.is_up)  # it comes back
            t.link.offer(some(5))
            await t.accepted(5)

    asyncio.run(go())


@pytest.mark.parametrize(("seen", "connections"), [("sideways", 2), ("split", 1)])
def test_a_bind_that_makes_no_sense_is_refused_as_a_setting(seen, connections):
    channel = Channel(7, "up", Protocol.SMPP, user="u", secret="p", connections=connections, options={"bind": seen})

    with pytest.raises(ValueError, match="bind"):
        SmppClient(channel)


# --- versions ----------------------------------------------------------------------------------------------------------------


def with_protocol(channel, protocol):
    return replace(channel, protocol=Protocol(protocol))


def meet(gateway, client, script, scene, fast, recorded_events, a_channel, now_ms, **settings):
    """A client of one version at a gateway of another."""

    async def go():
        sim = CarrierSim(gateway, user="901234", secret="s3cr3t", script=read_script(script))
        await sim.start()
        events = recorded_events()
        channel = with_protocol(a_channel(gateway, sim.port, **settings), client)
        events.link = link = CarrierLink(channel, adapter_of, events, now_ms, fast, lambda: 1.0)
        await link.open()
        try:
            await scene(link, events, sim)
        finally:
            await link.close(0)
            await sim.stop()

    asyncio.run(go())


def test_a_gateway_of_2_0_that_accepts_a_login_of_3_0_is_spoken_to_in_2_0(wait, some, fast, recorded_events, a_channel, now_ms):
    async def scene(link, events, sim):
        await wait(lambda: link.is_up)
        link.offer(some(20))
        await wait(lambda: len(events.receipts) == 20)

        assert {submit.text for submit in sim.submits} == {"你好"}
        assert {len(submit.numbers) for submit in sim.submits} == {1}
        assert events.results().keys() == set(range(1, 21))

    meet("cmpp2", "cmpp3", "", scene, fast, recorded_events, a_channel, now_ms, connections=2)


def test_the_record_of_a_connection_is_read_in_the_version_that_it_speaks(wait, some, fast, recorded_events, a_channel, now_ms):
    async def scene(link, events, sim):
        await wait(lambda: link.is_up)
        link.offer(some(1))
        await wait(lambda: events.receipts)
        pdus = link.pdus(clear=True)

        assert not [one for one in pdus if "unreadable" in one]
        (submit,) = [one for one in pdus if one["pdu"] == "Submit"]
        assert (submit["dest_terminal_id"], submit["msg_content"]) == (["13800000001"], "你好")
        (deliver,) = [one for one in pdus if one["pdu"] == "Deliver"]
        assert (deliver["src_terminal_id"], deliver["report"].split()[1]) == ("13800000001", "DELIVRD")

    meet("cmpp2", "cmpp3", "", scene, fast, recorded_events, a_channel, now_ms)


def test_a_gateway_that_refuses_the_version_is_asked_again_soon_for_its_own(
    wait, some, fast, recorded_events, a_channel, now_ms
):
    async def scene(link, events, sim):
        await wait(lambda: link.is_up)  # long before the minute that follows refused credentials
        link.offer(some(5))
        await wait(lambda: len(events.receipts) == 5)

        assert link.counts.logins_refused == 1
        assert {submit.text for submit in sim.submits} == {"你好"}

    refusal = '[[rule]]\ndo = "refuse-login"\ncode = 4\ntimes = 1'
    meet("cmpp2", "cmpp3", refusal, scene, fast, recorded_events, a_channel, now_ms)


@pytest.mark.parametrize("protocol", ["cmpp2", "smgp"])
def test_a_version_that_is_refused_is_no_trouble_while_the_lower_one_is_asked_for(
    wait, fast, recorded_events, a_channel, now_ms, protocol, monkeypatch
):
    monkeypatch.setattr(SmgpCentre, "protocol_state", lambda self: SmgpState(SmgpVersion.V13))

    async def scene(link, events, sim):
        await wait(lambda: sim.counts.connections == 2)

        assert (link.counts.logins_refused, link.trouble) == (1, "")

    script = (
        f'[[rule]]\ndo = "refuse-login"\ncode = {4 if protocol == "cmpp2" else 22}\ntimes = 1\n[[rule]]\ndo = "ignore-login"'
    )
    client = "cmpp3" if protocol == "cmpp2" else protocol
    meet(protocol, client, script, scene, fast, recorded_events, a_channel, now_ms)


def test_a_gateway_of_3_0_that_refuses_for_its_version_is_left_alone(wait, fast, recorded_events, a_channel, now_ms):
    async def scene(link, events, sim):
        await wait(lambda: link.counts.logins_refused == 1)
        await asyncio.sleep(0.1)

        assert sim.counts.connections == 1

    refusal = '[[rule]]\ndo = "refuse-login"\ncode = 4'
    meet("cmpp3", "cmpp3", refusal, scene, fast, recorded_events, a_channel, now_ms)


def test_version_2_1_is_named_in_the_login_and_has_the_layouts_of_2_0(wait, some, fast, recorded_events, a_channel, now_ms):
    channel = Channel(7, "up", Protocol.CMPP2, user="901234", secret="s", options={"version": "2.1"})
    login = adapter_of(channel).protocol_state().login(1, 0)

    async def scene(link, events, sim):
        await wait(lambda: link.is_up)
        link.offer(some(5))
        await wait(lambda: len(events.receipts) == 5)

    assert login[-5] == 0x21
    meet("cmpp2", "cmpp2", "", scene, fast, recorded_events, a_channel, now_ms, options={"version": "2.1"})


# --- short connections -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["cmpp2", "smgp"])
def test_a_connection_that_nobody_uses_is_left_and_comes_back_with_the_next_message(trial, wait, some, protocol):
    async def go():
        async with trial(protocol, options={"keep_open": "no", "idle_s": "1"}) as t:
            t.link.offer(some(3))
            await wait(lambda: len(t.events.receipts) == 3)
            await wait(lambda: not t.sim.connections)
            assert t.link.is_up

            t.link.offer(some(3, first=10))
            await t.accepted(6)
            assert t.sim.counts.connections == 2

    asyncio.run(go())
