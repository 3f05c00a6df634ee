"""Trials that people start from pages: they run in the console's process, on connections of their own."""

from hongyan.compose.notices import send_sample
from hongyan.compose.sample import post_sample
from hongyan.compose.trial import TrialResult, try_channel
from hongyan.model.account import Account
from hongyan.model.alarm import NoticeResult
from hongyan.model.owed import Pushed
from hongyan.ports.admin import AdminStore
from hongyan.settings.settings import Settings

REPORT_S = 10.0
"""How long the report of a text is waited for, while a person looks at the page."""


class ConsoleTrials:
    """Implements web.trials.Trials."""

    def __init__(self, admin: AdminStore, settings: Settings) -> None:
        self._admin, self._settings = admin, settings

    async def push(self, account: Account) -> Pushed:
        return await post_sample(account, self._settings.limits)

    async def notice(self) -> NoticeResult:
        return await send_sample(self._settings, self._admin.now_ms())

    async def channel(self, name: str, phone: int | None, text: str) -> TrialResult:
        return await try_channel(self._admin, name, phone, text, REPORT_S)
