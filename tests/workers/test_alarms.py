"""What the loop of alarms looks at, round by round."""

import asyncio
from types import SimpleNamespace

from hongyan.model.alarm import AlarmKind, Observation
from hongyan.services.steps.alarming import Judged
from hongyan.workers import alarms as worker
from hongyan.workers.alarms import Alarms


def test_channels_that_are_only_coming_up_are_not_called_down(monkeypatch):
    """A stop of an hour would make each of them an alarm as soon as the server is back."""
    monkeypatch.setattr(worker, "LOOK_S", 0.01)
    judged, stopping = [], asyncio.Event()

    async def judge(_, seen):
        judged.append([one.kind for one in seen])
        if len(judged) == 2:
            stopping.set()
        return Judged([], [])

    def look(_success, _ledger):
        return [Observation(AlarmKind.CHANNEL_DOWN, "up", 3600, True), Observation(AlarmKind.BALANCE_LOW, "acme", 1, True)]

    async def notify(*_):
        raise AssertionError("nothing is due")

    async def go():
        async with asyncio.timeout(20):
            await Alarms(SimpleNamespace(ask=judge), SimpleNamespace(judge_alarms=None), look, notify, "en").run(stopping)

    asyncio.run(go())
    assert judged == [[AlarmKind.BALANCE_LOW], [AlarmKind.CHANNEL_DOWN, AlarmKind.BALANCE_LOW]]
