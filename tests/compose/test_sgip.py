"""A whole platform at a simulated SGIP gateway: it submits on our connection and reports on its own."""

from contextlib import asynccontextmanager

import pytest
import uvloop
from bench.tools import free_port
from tests.command_store import command_store, message_states

from hongyan.model.channel import Channel, ChannelChange, ChannelState
from hongyan.model.fields import loaded
from hongyan.model.message import MessageState
from hongyan.model.protocol import Protocol
from hongyan.services.admin import billing, channels
from hongyan.services.queries.channel_details import channel_details
from hongyan.sim.carrier import CarrierSim
from hongyan.sim.script import read_script

MOBILES = [f"130123{n:05}" for n in range(20)]
NO_ANSWER = '[[rule]]\ndo = "no-answer"\n'


def lead_to(settings, sim, listen_port):
    with command_store(settings) as admin:
        options = {"node": "3010012345", "listen_port": str(listen_port), "listen_host": "127.0.0.1"}
        channel = Channel(
            0,
            "unicom",
            Protocol.SGIP,
            "127.0.0.1",
            sim.port,
            "unisp",
            "unipass",
            access="10655",
            options=options,
            answer_timeout_s=60.0,
        )
        admin.change(channels.add_channel, channel, admin.sealer)
        admin.change(channels.add_route, "unicom", None, None, 0, 1)
        for name in ("trial", "reserve"):
            admin.change(channels.set_channel_state, name, ChannelState.STOPPED)


@pytest.fixture
def at_gateway(furnished):
    """`at_gateway(go, script)`: runs `await go(settings, sim)` beside a gateway that lives longer than the platform."""

    @asynccontextmanager
    async def gateway(**options):
        port = free_port()
        sim = CarrierSim("sgip", user="unisp", secret="unipass", deliver_to=("127.0.0.1", port), **options)
        await sim.start()
        lead_to(furnished, sim, port)
        try:
            yield sim
        finally:
            await sim.stop()

    def run(go, script="", **options):
        async def inside():
            async with gateway(script=read_script(script), **options) as sim:
                return await go(furnished, sim)

        return uvloop.run(inside())

    return run


def look(settings, what):
    with command_store(settings) as admin:
        return admin.read(what)


def states(settings):
    return look(settings, lambda tx: {MessageState(state): count for state, count in message_states(tx).items()})


def test_what_is_sent_is_reported_and_a_reply_finds_its_account(at_gateway, start):
    async def go(settings, sim):
        async with start(settings) as running:
            assert {(await running.send(mobile))["returnstatus"] for mobile in MOBILES} == {"Success"}
            await running.send("13012399999", content="一" * 100 + "【测试】")
            mobiles = sorted(await running.reports(len(MOBILES) + 1))
            sim.say("8613012300001", "1065512", "收到")  # 12 is the extno of the account
            await running.until(lambda: sim.counts.taken == len(MOBILES) + 3)
            text = (await running.ask("callApi.aspx", action="query"))[0]
        return mobiles, text, sim

    mobiles, text, sim = at_gateway(go)

    assert mobiles == [*MOBILES, "13012399999"]
    assert "收到" in text
    assert len(sim.submits) == len(MOBILES) + 2
    assert (sim.counts.repeats, sim.counts.given_up, sim.counts.odd) == (0, 0, 0)


def test_reports_that_come_after_a_restart_meet_their_messages(at_gateway, start):
    async def go(settings, sim):
        async with start(settings) as running:
            for mobile in MOBILES:
                await running.send(mobile)
            await running.until(lambda: sim.counts.submits == len(MOBILES))
            (worker,) = running.platform.lease_manager.workers.values()
            await running.until(lambda: not worker.link.in_air)
        async with start(settings) as running:
            return sorted(await running.reports(len(MOBILES)))

    assert at_gateway(go, report_delay_s=1.0) == MOBILES


def test_what_left_and_was_never_answered_has_its_name_after_a_restart_and_is_sent_once(at_gateway, start):
    """The bytes are out and no answer is committed; the reports come before the next owner has sent anything."""

    async def go(settings, sim):
        async with start(settings) as running:
            for mobile in MOBILES[:5]:
                await running.send(mobile)
            await running.until(lambda: sim.counts.taken == 5)
        before = states(settings)
        async with start(settings) as running:
            return before, sorted(await running.reports(5)), sim

    before, mobiles, sim = at_gateway(go, NO_ANSWER)

    assert before == {MessageState.QUEUED: 5}
    assert mobiles == MOBILES[:5]
    assert (sim.counts.submits, sim.counts.repeats) == (5, 5), "the gateway knew each of them again"


def test_a_wrong_login_of_the_gateway_stands_in_the_state_of_the_channel(at_gateway, start):
    async def go(settings, sim):
        with command_store(settings) as admin:
            held = admin.read(lambda tx: loaded(ChannelChange, channels.find_channel(tx, "unicom"))["options"])
            admin.change(channels.change_channel, "unicom", ChannelChange(options=held | {"listen_user": "another"}))
        async with start(settings) as running:
            sim.say("8613012300001", "1065512", "收到")
            await running.until(lambda: "refused" in look(settings, lambda tx: channel_details(tx, "unicom"))["trouble"])
            return look(settings, lambda tx: channel_details(tx, "unicom"))

    shown = at_gateway(go)

    assert shown["trouble"] == "a login from 127.0.0.1 was refused, result 1: wrong name or password"
    assert shown["link"] == "up"


def test_the_ledger_balances_after_failures(at_gateway, start):
    async def go(settings, sim):
        async with start(settings) as running:
            for mobile in MOBILES[:4]:
                await running.send(mobile)
            text = ""
            while text.count("<errorcode>") < 4:
                text += (await running.ask("statusApi.aspx", action="query"))[0]
        return text, states(settings), look(settings, billing.verify)[1]

    text, ended, differing = at_gateway(go, '[[rule]]\ndo = "fail"\nstat = "29"\n')

    assert text.count("<errorcode>29</errorcode>") == 4
    assert (ended, differing) == ({MessageState.FAILED: 4}, [])
