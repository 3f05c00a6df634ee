"""An MMS through a whole platform to a simulated relay/server and back: report by pull, and a reply with a picture."""

import asyncio

import pytest
from bench.tools import free_port
from tests.carriers.test_mm7 import SECRET
from tests.command_store import command_store
from tests.doors.mms import ELEMENTS, content

from hongyan.model.account import Product
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.services.admin import accounts, billing, channels
from hongyan.sim.relay import RelaySim
from hongyan.wire.mm7.pdu import Part

PATIENCE_S = 30.0


@pytest.fixture
def listen_port():
    return free_port()


@pytest.fixture
def relay_port():
    return free_port()


@pytest.fixture
def furnished(furnished, listen_port, relay_port):
    with command_store(furnished) as admin:
        account_id = admin.change(accounts.add_product, "demo", Product.MMS)
        admin.change(billing.top_up, account_id, 50, Product.MMS)
        channel = Channel(
            0,
            "mm",
            Protocol.MM7,
            "127.0.0.1",
            relay_port,
            "vasp01",
            SECRET,
            Product.MMS,
            access="10690002",
            options={"listen_port": str(listen_port), "auth": "digest"},
        )
        admin.change(channels.add_channel, channel, admin.sealer)
        admin.change(channels.add_route, "mm", None, None, 0, 1)
    return furnished


async def reply_of(running):
    """Pull until one came; returns who wrote and what."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            _, box = await running.ask("callApi.aspx", action="query")
            if "content" in box:
                return box["mobile"], box["content"]
            await asyncio.sleep(0.02)


def test_an_mms_goes_out_by_mm7_and_its_report_and_a_reply_come_back(furnished, run, listen_port, relay_port):
    async def go(running):
        sim = RelaySim(relay_port, "vasp01", SECRET, uses_digest=True, report_to=f"http://127.0.0.1:{listen_port}/mm7")
        await sim.start()
        try:
            _, answer = await running.ask(
                "mms.aspx", action="send", mobile="13800138000,13800138001", subject="新品上市", content=content(), extno="7"
            )
            assert answer["returnstatus"] == "Success"
            assert sorted(await running.reports(2)) == ["13800138000", "13800138001"]
            sim.reply("8613800138000", "10690002127", "我要买", parts=(Part("p.gif", "image/gif", b"GIF89a"),))
            assert await reply_of(running) == ("13800138000", "我要买")
            submit = sim.submits[0]
            assert (submit.subject, submit.sender, len(sim.submits)) == ("新品上市", "10690002127", 2)
            assert [part.name for part in submit.parts] == [element.name for element in ELEMENTS]
            assert submit.parts[0].data == "您好".encode()
        finally:
            await sim.stop()
        return await running.balance()

    assert run(furnished, go) == 100_000
    with command_store(furnished) as admin:
        kept = admin.read(lambda tx: [tx.media_of_reply(row["id"]) for row in tx.rows_of("mo")])
    assert [[m.name for m in media] for media in kept] == [["1.txt", "p.gif"]]
