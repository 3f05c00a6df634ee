"""Carriers that misbehave: every message ends once, and nobody else notices."""

import asyncio

import pytest
from tests.survive.whole_platform import Behaviour, whole_platform

from hongyan.sim.customer import Customer

COUNT = 200
FAST = ("--answer-timeout-s", "1", "--heartbeat-s", "0.5", "--window", "20")


def rule(do, **keys):
    return "[[rule]]\n" + "\n".join([f'do = "{do}"', *(f"{name} = {value!r}" for name, value in keys.items())])


SPELLINGS = [
    Behaviour("early", rule("early"), report_delay_s=1),
    Behaviour("doubled", rule("double")),
    Behaviour("doubled3", rule("double"), "cmpp3"),
    Behaviour("telecom", rule("double"), "smgp"),
    Behaviour("hexdec", rule("spell", answer="hex", report="decimal")),
    Behaviour("dechex", rule("spell", answer="decimal", report="HEX")),
    Behaviour("zeros", rule("spell", answer="decimal", report="zeros")),
    Behaviour("elsewhere", rule("elsewhere"), "cmpp2", channel=("--connections", "2")),
    Behaviour("late", rule("late", seconds=1, every=2)),
]

HOSTILE = [
    Behaviour("disconnects", rule("disconnect", every=50, times=3), channel=FAST),
    Behaviour("hangs", rule("hang", after=50, times=1), channel=FAST),
    Behaviour("halfopens", rule("half-open", after=50, times=1), channel=FAST),
    Behaviour("cuts", rule("cut", after=50, times=1), "cmpp3", channel=FAST),
    Behaviour("garbage", rule("garbage", after=50, times=1), channel=FAST),
    Behaviour("drips", rule("drip", times=1), channel=FAST),
    Behaviour("throttles", rule("throttle", rate=100), channel=FAST),
    Behaviour("silent", rule("no-answer", every=40, times=3), "cmpp2", channel=FAST),
    Behaviour("lockedout", rule("ignore-login", times=1), channel=FAST),
]


def test_a_report_of_any_spelling_and_at_any_time_ends_its_message_once(tmp_path):
    async def scene():
        async with whole_platform(tmp_path, *SPELLINGS) as platform:
            sent = {one.name: await platform.send(one.name, COUNT) for one in SPELLINGS}
            everybody = [mobile for mobiles in sent.values() for mobile in mobiles]
            await platform.all_reported(everybody, 30)
            await asyncio.sleep(1)  # what comes twice has had its time
            return {name: (platform.reports(mobiles), platform.statuses(mobiles)) for name, mobiles in sent.items()}

    seen = asyncio.run(scene())
    assert {name: sorted(set(reports.values())) for name, (reports, _) in seen.items()} == {name: [1] for name in seen}
    assert {name: statuses for name, (_, statuses) in seen.items()} == {name: {("10", "DELIVRD")} for name in seen}


def test_a_hostile_carrier_harms_no_other_channel_and_loses_nothing(tmp_path):
    healthy = Behaviour("healthy")

    async def scene():
        async with whole_platform(tmp_path, healthy, *HOSTILE) as platform:
            hostile = {one.name: await platform.send(one.name, COUNT) for one in HOSTILE}
            assert await platform.all_reported(await platform.send("healthy", COUNT), 30)
            for name, mobiles in hostile.items():
                assert await platform.all_reported(mobiles, 60), (name, platform.carriers[name].counts)
            return platform.installation.resident_mib(), {name: platform.carriers[name].counts for name in hostile}

    resident_mib, counts = asyncio.run(scene())
    assert resident_mib < 300
    reconnected = {name for name, count in counts.items() if count.connections > 1}
    assert reconnected >= {"disconnects", "hangs", "halfopens", "cuts", "garbage", "lockedout"}
    assert counts["throttles"].refused > 0


def test_reports_about_unknown_messages_are_taken_and_pile_up_nowhere(tmp_path):
    async def scene():
        async with whole_platform(tmp_path, Behaviour("flooded"), Behaviour("other")) as platform:
            flood = asyncio.ensure_future(platform.carriers["flooded"].report_unknown(20_000))
            assert await platform.all_reported(await platform.send("other", COUNT), 30)
            await asyncio.wait_for(flood, 60)
            assert await platform.all_reported(await platform.send("flooded", COUNT), 30)
            return platform.installation.resident_mib()

    assert asyncio.run(scene()) < 300


def test_one_customer_that_hangs_does_not_slow_the_pushes_of_another(tmp_path):
    async def scene():
        hanging = Customer(answer="hang")
        await hanging.start()
        async with whole_platform(tmp_path, Behaviour("hanging", callback=hanging.url), Behaviour("quick")) as platform:
            await platform.send("hanging", COUNT)
            assert await hanging.wait_for(1, 15)
            assert await platform.all_reported(await platform.send("quick", COUNT), 30)
            attempts = hanging.pushes
        await hanging.stop()
        return attempts

    assert asyncio.run(scene()) == 1  # everybody else's reports went out while the first one hung


@pytest.mark.soak
def test_a_million_unknown_reports_leave_memory_flat(tmp_path):
    async def scene():
        async with whole_platform(tmp_path, Behaviour("flooded")) as platform:
            await platform.carriers["flooded"].report_unknown(600_000)  # the store's cache is full by then
            before = platform.installation.resident_mib()
            await platform.carriers["flooded"].report_unknown(400_000)
            assert await platform.all_reported(await platform.send("flooded", COUNT), 60)
            return before, platform.installation.resident_mib()

    before, after = asyncio.run(scene())
    assert after < before + 20
    assert after < 250
