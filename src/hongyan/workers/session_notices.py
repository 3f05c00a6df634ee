"""Intermediate notices: the sweep that finds those that are due, page by page of the submits that ask for them."""

from hongyan.ports.lane import Lane
from hongyan.services.steps.session_notices import NoticePage
from hongyan.workers.signals import Signals
from hongyan.workers.steps import Steps


class NoticeSweep:
    def __init__(self, lane: Lane, steps: Steps, signals: Signals) -> None:
        self._lane, self._steps, self._signals = lane, steps, signals
        self._page = NoticePage()

    async def owe_notices(self) -> None:
        owed = await self._lane.ask(self._steps.owe_notices, self._page)
        self._page = owed.next_page
        self._signals.owed(owed.accounts)
