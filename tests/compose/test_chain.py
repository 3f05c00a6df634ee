"""One platform is the carrier of another: what a customer of the first sends comes out of the second, and all comes back."""

import asyncio
import re

import pytest
import uvloop
from bench.tools import free_port
from tests.command_store import command_store, message_states

from hongyan.compose.process_start import clock
from hongyan.model.account import AccountChange
from hongyan.model.channel import Channel, ChannelState
from hongyan.model.dialect import DialectName
from hongyan.model.protocol import Protocol
from hongyan.services.admin import accounts, billing, channels
from hongyan.services.queries.lists.listing import ListQuery, read_list
from hongyan.services.queries.lists.tasks import TASKS
from hongyan.store.database import Database

UPSTREAM_SECRET = "up-secret"
TEXT = "您好【测试】"


def push_to(port, form):
    return {"push_url": f"http://127.0.0.1:{port}/in", "push_format": form, "push_private": True}


def make_upstream(settings, points=1000, **spec):
    """A platform with one account and one loopback channel."""
    Database(settings.database_url).upgrade(clock())
    with command_store(settings) as admin:
        account_id = admin.change(
            accounts.add_account,
            accounts.NewAccount("chained", 77, UPSTREAM_SECRET, AccountChange(extno="8", **spec)),
            admin.sealer,
        )
        if points:
            admin.change(billing.top_up, account_id, points)
        channel = Channel(0, "loop", Protocol.LOOPBACK, access="10655", options={"report_delay_s": "0"})
        admin.change(channels.add_channel, channel, admin.sealer)
        admin.change(channels.add_route, "loop", None, None, 0, 1)


def change(settings, service, *args):
    with command_store(settings) as admin:
        return admin.change(service, *args)


def lead_to(settings, port, **options):
    """The downstream's only channel: the platform at this port."""
    with command_store(settings) as admin:
        options = {"userid": "77", "poll_s": "1"} | options
        channel = Channel(
            0, "chain", Protocol.HTTP, "127.0.0.1", port, "chained", UPSTREAM_SECRET, window=4, options=options, access="106558"
        )
        admin.change(channels.add_channel, channel, admin.sealer)
        admin.change(channels.add_route, "chain", None, None, 0, 1)
        for name in ("trial", "reserve"):
            admin.change(channels.set_channel_state, name, ChannelState.STOPPED)


@pytest.fixture
def chained(on_sqlite, settings_of, tmp_path, start):
    """`chained(go, …)`: runs `await go(down, up)` with the downstream's channel leading to the upstream."""

    def run(go, spec=None, points=1000, **options):
        async def inside():
            up_data = tmp_path / "up"
            up_data.mkdir()
            up_settings = settings_of(up_data)
            make_upstream(up_settings, points, **(spec or {}))
            async with start(up_settings) as up:
                lead_to(on_sqlite, up.platform.door_port, **options)
                async with start(on_sqlite) as down:
                    if points:
                        await down.until(lambda: all(w.link.is_up for w in down.platform.lease_manager.workers.values()))
                    return await go(down, up)

        return uvloop.run(inside())

    return run


def both_ways():
    async def go(down, up):
        mobiles = [f"138001{n:05}" for n in range(1000, 1020)]
        answers = [await down.send(mobile) for mobile in mobiles]
        assert {a["returnstatus"] for a in answers} == {"Success"}
        assert sorted(await down.reports(len(mobiles))) == mobiles

        long = await down.send("13800139999", content="一" * 150 + "【测试】")
        failing = await down.send("13800130001")  # a loopback channel fails it
        replying = await down.send("13800130007", extno="3")  # and answers this one
        reports, replies = {}, ""
        async with asyncio.timeout(20):
            while len(reports) < 3 or "callbox" not in replies:
                text, _ = await down.ask("statusApi.aspx", action="query")
                reports |= {
                    box[0]: box[1:]
                    for box in re.findall(
                        r"<taskid>(.*?)</taskid>\s*<status>(.*?)</status>.*?<errorcode>(.*?)</errorcode>", text, re.DOTALL
                    )
                }
                replies += (await down.ask("callApi.aspx", action="query"))[0]
                await asyncio.sleep(0.02)
        with command_store(up.platform.settings) as admin:
            tasks = admin.read(read_list, TASKS, ListQuery(100, admin.now_ms())).rows
        return long, failing, replying, reports, replies, tasks

    return go


@pytest.mark.parametrize("form", ["pull", "xml", "json"])
def test_reports_and_replies_come_all_the_way_back(chained, form):
    port = free_port()
    spec = {} if form == "pull" else push_to(port, form)
    if form == "json":  # its reports name the smsId, which stands as taskID in the answers of this dialect alone
        spec["dialect"] = DialectName.LS
    options = {} if form == "pull" else {"listen_port": str(port), "listen_host": "127.0.0.1", "listen_path": "/in"}

    long, failing, replying, reports, replies, tasks = chained(both_ways(), spec, **options)

    assert reports[long["taskID"]] == ("10", "DELIVRD")
    assert reports[failing["taskID"]] == ("20", "UNDELIV")
    assert reports[replying["taskID"]] == ("10", "DELIVRD")
    assert "<mobile>13800130007</mobile>" in replies
    assert "你好，我不需要" in replies
    assert len(tasks) == 23, "each message is one task of the upstream"
    assert max(task["points"] for task in tasks) == 3, "a long text goes whole, and the upstream cuts it"


def test_a_report_that_was_lost_on_its_way_comes_when_it_is_asked_for_by_its_task(chained, monkeypatch):
    """A report is pulled once. Here it went out on a connection that broke behind the last octet."""
    monkeypatch.setattr("hongyan.carriers.http.reconcile.ROUND_S", 0.1)

    async def go(down, up):
        sent = await down.send("13800138000")
        assert sent["returnstatus"] == "Success"
        lost = ""
        async with asyncio.timeout(20):
            while "DELIVRD" not in lost:
                lost, _ = await up.ask(
                    "statusApi.aspx", action="query", userid="77", account="chained", password=UPSTREAM_SECRET
                )
                await asyncio.sleep(0.02)
        return await down.reports(1)

    assert chained(go, poll_s="3600", ask_after_s="0.5") == ["13800138000"]


def test_a_short_balance_is_trouble_of_the_channel_and_no_message_fails(chained):
    async def go(down, up):
        await down.until(lambda: down.platform.lease_manager.workers)
        (worker,) = down.platform.lease_manager.workers.values()
        await down.until(lambda: worker.link.is_up)
        answers = [await down.send(f"138001{n:05}") for n in range(1000, 1003)]
        assert {a["returnstatus"] for a in answers} == {"Success"}
        await down.until(lambda: "额度不足" in worker.link.trouble)
        with command_store(down.platform.settings) as admin:
            failed = {state for state, _ in admin.read(lambda tx: message_states(tx).items())}
        account_id = up.platform.process_state.snapshot.accounts["chained"].id
        await asyncio.to_thread(change, up.platform.settings, billing.top_up, account_id, 100)
        return failed, sorted(await down.reports(3))

    states, mobiles = chained(go, points=0)

    assert max(states) < 10, "none has a verdict"
    assert mobiles == ["13800101000", "13800101001", "13800101002"]


def test_a_refusal_of_one_message_is_its_own(chained):
    async def go(down, up):
        await down.send("13800130009")  # the upstream takes it, and its channel refuses it
        text = ""
        async with asyncio.timeout(20):
            while text.count("<errorcode>") < 1:
                text += (await down.ask("statusApi.aspx", action="query"))[0]
                await asyncio.sleep(0.05)
        return re.findall("<errorcode>(.*?)</errorcode>", text)

    assert chained(go) == ["REJECTD"]
