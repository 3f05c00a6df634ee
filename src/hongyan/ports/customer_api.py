from collections.abc import Awaitable, Sequence
from typing import Protocol

from hongyan.model.account import Account, Balance, Product
from hongyan.model.owed import OwedKind, OwedReply, OwedReport
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission


class CustomerApi(Protocol):
    """What doors ask of the platform. Every call answers after the commit."""

    @property
    def snapshot(self) -> ConfigSnapshot: ...

    def accept(self, admission: Admission) -> Awaitable[Accepted]:
        """Hold the money and store the messages. Raises Refusal (balance, reused reference, internal), at once or when awaited."""
        ...

    async def balance(self, account: Account, product: Product) -> Balance: ...

    async def change_secret(self, account: Account, secret: str) -> None:
        """Change the account's API secret. The new one counts when this returns; the old one counts for a while too."""
        ...

    async def take_reports(self, account: Account, most: int, task_id: int | None) -> list[OwedReport]:
        """Hand out up to `most` reports, of one task if given. They are not handed out again."""
        ...

    async def take_again(self, account: Account, most: int, task_id: int) -> list[OwedReport]:
        """Hand out up to `most` reports of a task, including those that were handed out before."""
        ...

    async def take_replies(self, account: Account, most: int, task_id: int | None) -> list[OwedReply]: ...

    async def give_back(self, kind: OwedKind, owed_ids: Sequence[int]) -> None:
        """Let these wait again, since the answer with them did not leave our buffer."""
        ...
