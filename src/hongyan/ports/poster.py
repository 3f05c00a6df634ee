from collections.abc import Awaitable, Sequence
from typing import Protocol

from hongyan.model.account import Account
from hongyan.model.owed import OwedKind, OwedReply, OwedReport, Pushed


class Poster(Protocol):
    """Posts one body of owed items to a customer. It never raises for trouble on the customer's side."""

    def __call__(
        self, account: Account, kind: OwedKind, items: Sequence[OwedReport] | Sequence[OwedReply]
    ) -> Awaitable[Pushed]: ...
