"""A running server sends notices of a channel that is down, and of its end; metrics and the list agree."""

import asyncio

from tests.chat_robot import chat_robot
from tests.command_store import command_store

from hongyan.model.alarm import AlarmKind, AlarmRuleChange
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.services.admin import alarms, channels
from hongyan.services.queries import alarms as reading
from hongyan.workers import alarms as worker


def test_a_channel_that_is_down_is_reported_of(on_sqlite, settings_of, start, monkeypatch):
    monkeypatch.setattr(worker, "LOOK_S", 0.1)

    def end():
        with command_store(on_sqlite) as admin:
            assert admin.read(reading.alarms, admin.now_ms())[0]["state"] == "firing"
            admin.change(alarms.set_rule, AlarmKind.CHANNEL_DOWN, "gone", AlarmRuleChange(is_on=False))

    async def go():
        async with chat_robot() as (url, heard):
            settings = settings_of(on_sqlite.data, alarms={"webhook": url, "language": "en"})
            async with start(settings) as running, asyncio.timeout(20):
                seen = await heard.get()
                assert seen["text"]["content"].startswith("Hongyan alarm: channel gone is down")
                await running.until(lambda: running.platform.alarms.firing[AlarmKind.CHANNEL_DOWN] == 1)
                _, metrics = await running.ops("metrics")
                assert 'hongyan_alarms_firing{kind="channel_down"} 1.0' in metrics
                assert "hongyan_ledger_imbalance_points 0.0" in metrics
                await asyncio.to_thread(end)
                assert (await heard.get())["alarm"]["state"] == "cleared"

    with command_store(on_sqlite) as admin:
        admin.change(channels.add_channel, Channel(0, "gone", Protocol.SMPP, "127.0.0.1", 1, "u", "p"), admin.sealer)
        admin.change(alarms.set_rule, AlarmKind.CHANNEL_DOWN, "gone", AlarmRuleChange(duration_s=0))
    asyncio.run(go())
