"""The demo: what it prints works, and a folder of an older demo gets what is new."""

import asyncio
import re
import socket
from unittest.mock import AsyncMock

import pytest
import uvloop
from tests.command_store import command_store
from tests.compose.conftest import make_settings, started

from hongyan.carriers.loopback import BEHAVIOURS
from hongyan.cli.demo import welcome
from hongyan.compose import demo, demo_customers, demo_listeners, demo_traffic
from hongyan.compose.admin_store import make_store
from hongyan.compose.demo_history import HOURS
from hongyan.model.ids import HOUR_MS, china_day
from hongyan.model.protocol import Protocol
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.submission import Submission
from hongyan.services import admit
from hongyan.services.admin import billing
from hongyan.services.queries import statistics
from hongyan.services.queries.account_details import accounts_after
from hongyan.services.queries.channel_details import all_channels
from hongyan.services.queries.statistics import GroupBy, StatisticsQuery
from hongyan.settings.settings import Settings
from hongyan.sim.carrier import CarrierSim

DAY_MS = 24 * HOUR_MS
NOW = 1_770_000_000_000


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "hongyan.key").write_text("ab" * 32, encoding="ascii")
    made = Settings(data=tmp_path)
    make_store(made, NOW)
    return made


def test_numbers_of_the_trial_account_decide_and_others_go_to_carriers(settings):
    asyncio.run(demo_customers.add_missing(settings, 1, 2, 3, "http://127.0.0.1:3/"))

    with command_store(settings) as admin:
        snapshot = admin.snapshot()
    names = [
        snapshot.channels[
            admit.admit(snapshot, Submission(snapshot.accounts[name], ["13800130001"], "x【t】"), NOW).channels[0]
        ].name
        for name in (demo_customers.PULLS, demo_customers.PUSHED, demo_customers.TRIAL)
    ]
    assert names == ["demo-cmpp", "demo-cmpp", "demo-loopback"]


def test_a_folder_of_an_older_demo_gets_the_trial_account_once(settings, monkeypatch):
    monkeypatch.setattr(demo_customers, "_add_trial", AsyncMock())
    asyncio.run(demo_customers.add_missing(settings, 1, 2, 3, "http://127.0.0.1:3/"))
    monkeypatch.undo()

    for _ in range(2):
        asyncio.run(demo_customers.add_missing(settings, 1, 2, 3, "http://127.0.0.1:3/"))

    with command_store(settings) as admin:
        named = [row["name"] for row in admin.read(accounts_after, None, 100)]
        ours = [demo_customers.PULLS, demo_customers.PUSHED, demo_customers.SHOP, demo_customers.BANK, demo_customers.TRIAL]
        assert named == sorted(ours)
        assert [row["name"] for row in admin.read(all_channels)][-1] == "demo-loopback"


def test_a_demo_has_a_week_behind_it_that_adds_up(settings):
    """Made by the steps themselves: every wallet is the sum of its entries, and every counter counts its messages."""
    asyncio.run(demo_customers.add_missing(settings, 1, 2, 3, "http://127.0.0.1:4/"))

    with command_store(settings) as admin:
        now_ms = admin.now_ms()
        query = StatisticsQuery(GroupBy.DAY, now_ms - 7 * DAY_MS, now_ms)
        days = admin.read(statistics.statistics, query)
        _, differing = admin.read(billing.verify)
        hours = range((now_ms - DAY_MS) // HOUR_MS, now_ms // HOUR_MS)
        wrong = [row for hour in hours for row in admin.read(statistics.verify, hour)]

    begun = {china_day(now_ms - hour * HOUR_MS) for hour in range(1, HOURS + 1)}  # seven, in the first hour of a day
    assert len(days) == len(begun) >= 7
    assert sum(day["submitted"] for day in days) > 10_000
    long = [day for day in days if day["submitted"] > 1_000]  # the first and the last are a few hours at times
    assert len(long) >= 6
    assert all(day["delivered"] > 10 * day["failed"] > 0 for day in long)
    assert differing == []
    assert wrong == []


@pytest.mark.parametrize(("language", "begins"), [("C.UTF-8", "Hongyan 鸿雁 runs."), ("zh_CN.UTF-8", "鸿雁已运行。")])
def test_the_welcome_names_every_tail(monkeypatch, tmp_path, language, begins):
    monkeypatch.setenv("LC_ALL", language)

    carriers, listeners = {Protocol.CMPP3: 3, Protocol.SMGP: 4}, {SessionProtocol.SMPP: 6, SessionProtocol.CMPP: 7}
    seen = welcome(demo.DemoAddresses(1, 2, carriers, "http://127.0.0.1:5/", listeners), tmp_path)

    assert seen.startswith(begins)
    assert "CMPP 3.0 127.0.0.1:3, SMGP 3.0 127.0.0.1:4\n" in seen
    tails = {int(tail) for tail in re.findall(r"\b00\d\d\b", seen)}
    assert tails == set(BEHAVIOURS) - {5}  # a report before its answer shows nowhere in the demo
    assert seen.count("curl '") == 4


def test_a_port_that_another_demo_took_meanwhile_is_left_to_it(tmp_path, monkeypatch):
    async def go():
        made = make_settings(tmp_path)
        make_store(made, NOW)
        with socket.create_server(("127.0.0.1", 0)) as another, monkeypatch.context() as patch:
            taken, free = another.getsockname()[1], demo_listeners._free_port(0)
            found = iter([taken, free])
            patch.setattr(demo_listeners, "_free_port", lambda _: next(found))
            before = await demo_listeners.open_listeners(made)
            patch.undo()
            async with started(made) as running:
                ports = before | await demo_listeners.move_listeners(made, running.platform)
                there = running.platform.session_server.listeners
                await running.until(lambda: {one.number for one in there.values()} == set(ports.values()))
                return taken, free, set(ports.values())

    taken, free, ports = uvloop.run(go())
    assert free in ports
    assert taken not in ports


async def is_open(port):
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def test_a_carrier_goes_away_now_and_then_and_comes_back(monkeypatch):
    monkeypatch.setattr(demo_traffic, "AWAY_AFTER_S", 0.2)
    monkeypatch.setattr(demo_traffic, "AWAY_S", 0.2)

    async def go():
        restless = CarrierSim("smpp", user="demo", secret="secret")
        await restless.start()
        traffic = demo_traffic.Traffic("http://127.0.0.1:1", {"demo": {}}, {"demo": ("Hello",)}, restless)
        traffic.start()
        try:
            async with asyncio.timeout(10):
                for is_there in (False, True, False, True):
                    while await is_open(restless.port) is not is_there:  # noqa: ASYNC110  the demo says nothing of it
                        await asyncio.sleep(0.01)
        finally:
            await traffic.stop()
            await restless.stop()

    asyncio.run(go())
