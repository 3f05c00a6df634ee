"""What protocol servers ask of the platform, put together, with the loops behind it.

Logins, submits, deliveries and questions have a file each, `workers/session_….py`.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence

from hongyan.model.customer_session import CustomerSession
from hongyan.model.listener import Listener
from hongyan.model.session_settings import SessionProtocol
from hongyan.ports.guard import Guard
from hongyan.ports.lane import Lane
from hongyan.ports.message_names import MessageNames
from hongyan.workers.customer_api import LaneCustomerApi
from hongyan.workers.held_sessions import HeldSessions
from hongyan.workers.long_texts import LongTexts
from hongyan.workers.process_state import ProcessState
from hongyan.workers.refused_numbers import RefusedNumberReports
from hongyan.workers.scheduler import Scheduler
from hongyan.workers.session_deliveries import LaneSessionDeliveries
from hongyan.workers.session_logins import IsListed, LaneSessionLogins
from hongyan.workers.session_notices import NoticeSweep
from hongyan.workers.session_questions import LaneSessionQuestions
from hongyan.workers.session_submits import LaneSessionSubmits
from hongyan.workers.signals import Signals
from hongyan.workers.steps import Steps
from hongyan.workers.waiting import wait_any_or_timeout

OWED_S = 1.0
"""Pause between two looks for owed items without a signal."""

SEEN_S = 5.0
"""How often sessions are stored as up. After `ALIVE_MS` without that they no longer count as up."""

NOTICES_S = 1.0
"""Pause between two looks for intermediate notices that are due."""

FOLLOW_S = 1.0
"""Pause between two looks for another ConfigSnapshot without a signal."""

LOST_S, PARTS_S, EARLY_S = 60.0, 30.0, 1.0
"""Pauses between two sweeps: of sessions whose processes died, of texts with missing parts, and of those that have early ones."""


class LaneCustomerSessions:
    """Implements ports.customer_sessions.CustomerSessions."""

    def __init__(
        self,
        process_state: ProcessState,
        lanes: tuple[Lane, Lane],
        steps: Steps,
        signals: Signals,
        api: LaneCustomerApi,
        guard: Guard,
        is_listed: IsListed,
        names: Mapping[SessionProtocol, MessageNames],
        owner: str,
        *,
        is_alone: bool,
    ) -> None:
        """lanes: that of the doors, and that of sending and reports. owner: this process. is_alone: no other process has the
        store
        """
        lane, carry_lane = lanes
        self._process_state, self._held = process_state, HeldSessions()
        refused = RefusedNumberReports(lane, steps, signals)
        self._texts = LongTexts(process_state, lane, steps, signals, api, refused)
        self.logins = LaneSessionLogins(
            process_state=process_state,
            lanes=lanes,
            steps=steps,
            held=self._held,
            guard=guard,
            is_listed=is_listed,
            owner=owner,
            is_alone=is_alone,
        )
        self.submits = LaneSessionSubmits(
            process_state=process_state, lane=lane, steps=steps, api=api, texts=self._texts, refused=refused, names=names
        )
        self.deliveries = LaneSessionDeliveries(carry_lane, steps, self._held)
        self.questions = LaneSessionQuestions(process_state, lane, steps, signals, names)
        self._notices = NoticeSweep(carry_lane, steps, signals)
        self._changed: Callable[[], None] = lambda: None
        self._seen_snapshot = process_state.snapshot
        self.scheduler = Scheduler()
        signals.on_owed(self._held.notify_owed)
        signals.on_reports(self.deliveries.receivers)
        signals.on_cut_off(self._held.is_cut_off)

    @property
    def listeners(self) -> Mapping[int, Listener]:
        return self._process_state.snapshot.listeners

    @property
    def sessions(self) -> Sequence[CustomerSession]:
        """Returns the sessions of this process."""
        return [held.session for held in self._held]

    @property
    def receiving(self) -> Collection[int]:
        """Returns accounts with a session here that takes deliveries."""
        return self._held.accounts

    def on_listeners(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    async def run(self, stopping: asyncio.Event) -> None:
        await asyncio.gather(
            self._follow(stopping),
            self.scheduler.every(OWED_S, "notify_owed", self.deliveries.notify_owed, stopping),
            self.scheduler.every(SEEN_S, "see_sessions", self.logins.see_sessions, stopping),
            self.scheduler.every(NOTICES_S, "owe_notices", self._notices.owe_notices, stopping),
            self.scheduler.every(LOST_S, "close_lost", self.logins.close_lost, stopping),
            self.scheduler.every(PARTS_S, "sweep_parts", self._texts.sweep_parts, stopping),
            self.scheduler.every(EARLY_S, "accept_early", self._texts.accept_early, stopping),
        )

    async def _follow(self, stopping: asyncio.Event) -> None:
        """Apply each new ConfigSnapshot."""
        while not stopping.is_set():
            turned = self._process_state.turned
            before, now = self._seen_snapshot, self._process_state.snapshot
            if now is not before:
                self._seen_snapshot = now
                self.logins.take_over(now)
                if now.listeners != before.listeners:
                    self._changed()
            await wait_any_or_timeout((turned, stopping), FOLLOW_S)
