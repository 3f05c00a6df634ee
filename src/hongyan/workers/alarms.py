"""The loop of alarms: observes, has the observations judged, and sends the notices that are due."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import structlog

from hongyan.model.alarm import Alarm, AlarmKind, AlarmState, NoticeResult, Observation
from hongyan.ports.lane import Lane
from hongyan.ports.notifier import Notifier
from hongyan.services.notices import notice_of
from hongyan.services.steps.alarming import Notified
from hongyan.workers.scheduler import Scheduler
from hongyan.workers.steps import Steps

log = structlog.get_logger(__name__)

LOOK_S = 15.0
SUCCESS_LOOKS, LEDGER_LOOKS = 8, 240
"""Every how many rounds the success of channels and the ledger are observed: every two minutes, once an hour."""

Look = Callable[[bool, bool], Sequence[Observation]]


class Alarms:
    def __init__(self, lane: Lane, steps: Steps, look: Look, notify: Notifier, language: str) -> None:
        """look: returns observations, with success and with the ledger if asked to; called in a thread. language: of the
        notices
        """
        self._lane, self._steps, self._look_at = lane, steps, look
        self._notify, self._language = notify, language
        self._looks = 0
        self.scheduler = Scheduler()
        self.firing: Counter[AlarmKind] = Counter()
        self.ledger_points: int | None = None  # points by which wallets differ; None before the ledger was observed

    async def run(self, stopping: asyncio.Event) -> None:
        await self.scheduler.every(LOOK_S, "look_for_alarms", self._look_for_alarms, stopping)

    async def _look_for_alarms(self) -> None:
        seen = await asyncio.to_thread(self._look_at, self._looks % SUCCESS_LOOKS == 0, self._looks % LEDGER_LOOKS == 0)
        if not self._looks:  # channels are only coming up, and what was seen before the last stop would count since then
            seen = [one for one in seen if one.kind is not AlarmKind.CHANNEL_DOWN]
        self._looks += 1
        for one in seen:
            if one.kind is AlarmKind.LEDGER_DIFFERS:
                self.ledger_points = one.value
        judged = await self._lane.ask(self._steps.judge_alarms, seen)
        self.firing = Counter(alarm.kind for alarm in judged.firing)
        for alarm in judged.to_notify:
            await self._send_notice(alarm)

    async def _send_notice(self, alarm: Alarm) -> None:
        note = log.error if alarm.state is AlarmState.FIRING else log.info
        note("alarm", kind=alarm.kind.value, subject=alarm.subject, state=alarm.state.name.lower(), value=alarm.value)
        if await self._notify(alarm, notice_of(alarm, self._language)) is not NoticeResult.FAILED:
            await self._lane.ask(self._steps.alarm_notified, Notified(alarm))
