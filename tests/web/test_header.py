"""The header of every page: the bell, and what the platform is for."""

import re

import pytest

from hongyan.model.alarm import Alarm, AlarmKind, AlarmState
from hongyan.model.staff import Role
from hongyan.services.queries.alarms import firing
from hongyan.web import header

ENGLISH, CHINESE = {"Accept-Language": "en"}, {"Accept-Language": "zh-CN"}
_BELL = re.compile(r'id="bell" href="([^"]*)" aria-label="([^"]*)"')
_BADGE = re.compile(r'class="environment">([^<]*)<')


async def put(admin, count: int, state: AlarmState = AlarmState.FIRING) -> None:
    now_ms = admin.now_ms()
    alarms = [Alarm(AlarmKind.CHANNEL_DOWN, f"up{number}", state, 60, now_ms, now_ms) for number in range(count)]
    await admin.change(lambda tx, _: tx.put_alarms(alarms))


def test_the_bell_counts_what_fires_in_both_languages_and_leads_to_it(browse):
    async def go(site):
        await put(site.admin, 3)
        await put(site.admin, 1, AlarmState.PENDING)  # it was firing, and is the first of these
        async with site.browser() as browser:
            await browser.come_in(Role.READ_ONLY)
            english, chinese = [(await browser.get("/tasks", **language))[2] for language in (ENGLISH, CHINESE)]

            assert _BELL.findall(english) == [("/alarms", "Alarms: 2")]
            assert _BELL.findall(chinese) == [("/alarms", "告警：2 条")]
            assert (await browser.get("/alarms"))[0] == 200

    browse(go)


def test_a_bell_without_alarms_says_so(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in(Role.READ_ONLY)
            page = (await browser.get("/tasks", **ENGLISH))[2]

            assert _BELL.findall(page) == [("/alarms", "No alarms")]
            assert "bell-count" not in page

    browse(go)


def test_alarms_are_counted_once_for_the_pages_of_some_seconds(browse, monkeypatch):
    counted = []

    def count(tx):
        counted.append(tx)
        return firing(tx)

    monkeypatch.setattr(header, "firing", count)

    async def go(site):
        async with site.browser() as browser:
            await browser.come_in(Role.READ_ONLY)
            for _ in range(10):
                await browser.get("/tasks")

            assert len(counted) == 1

    browse(go)


@pytest.mark.parametrize(
    ("environment", "english", "chinese"),
    [("live", [], []), ("demo", ["Demo"], ["演示"]), ("sandbox", ["Sandbox"], ["沙箱"])],
)
def test_every_page_says_what_the_platform_is_for_where_it_is_not_live(browse, environment, english, chinese):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in(Role.READ_ONLY)
            for path in ("/", "/tasks", "/alarms", "/nowhere"):
                assert _BADGE.findall((await browser.get(path, **ENGLISH))[2]) == english
                assert _BADGE.findall((await browser.get(path, **CHINESE))[2]) == chinese

    browse(go, environment=environment)
