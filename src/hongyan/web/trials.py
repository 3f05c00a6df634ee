"""What pages and programs try out beyond this process: a customer's address, and a channel's carrier."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from hongyan.model.account import Account
from hongyan.model.alarm import NoticeResult
from hongyan.model.errors import Conflict
from hongyan.model.owed import Pushed


class Trials(Protocol):
    """Nothing of a trial is stored, and nobody is charged."""

    async def push(self, account: Account) -> Pushed:
        """Post one sample report to the account's address."""
        ...

    async def notice(self) -> NoticeResult:
        """Send a sample notice of an alarm to where notices go."""
        ...

    async def channel(self, name: str, phone: int | None, text: str) -> "ChannelTrial":
        """Log in as the channel would, and send one text if a phone is named. raises: NotFound"""
        ...


class ChannelTrial(Protocol):
    """The outcome of each step."""

    @property
    def is_good(self) -> bool: ...
    @property
    def login(self) -> str: ...
    @property
    def login_ms(self) -> int: ...
    @property
    def answer(self) -> Mapping[str, Any]: ...
    @property
    def report(self) -> Mapping[str, Any]: ...
    @property
    def beside(self) -> str:
        """Returns the process that holds the channel meanwhile."""
        ...

    @property
    def pdus(self) -> Sequence[Mapping[str, Any]]: ...


async def send_sample_notice(trials: Trials) -> None:
    """Send a sample notice of an alarm. raises: Conflict if it did not leave"""
    match await trials.notice():
        case NoticeResult.NOBODY:
            raise Conflict("no address is set", "set alarms.webhook, or alarms.smtp_host and alarms.mail_to")
        case NoticeResult.FAILED:
            raise Conflict("it could not be sent", "the log says why")
