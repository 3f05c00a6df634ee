"""What statements read and the closing of days writes. Hours and days are counted since 1970; days are those of China."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from hongyan.ports.tx.shared import ConfigRowsTx, CountersTx


class ClosingTx(CountersTx, Protocol):
    def moved_in(self, hours: range) -> dict[tuple[int, int], int]:
        """Returns by how much each wallet (account, product) changed in these hours, if it did."""
        ...

    def closings_before(self, day: int, accounts: Collection[int] | None = None) -> dict[tuple[int, int], int]:
        """Returns each wallet's balance at the end of the last closed day before this one on which it changed.

        accounts: only theirs; None: all
        """
        ...

    def add_closings(self, rows: Sequence[tuple[int, int, int, int]]) -> None:
        """Store balances at the end of days: (account, product, day, points). A repeat changes nothing."""
        ...

    def drop_closings_after(self, day: int) -> None:
        """Drop the balances at the end of all later days."""
        ...


class StatementsTx(ClosingTx, ConfigRowsTx, Protocol):
    def turnover_of(self, hours: range, accounts: Collection[int]) -> list[dict[str, Any]]:
        """Returns the sums of entries of these accounts and hours: rows of account_id, product, day, kind, points."""
        ...

    def messages_by_day(self, days: range, accounts: Collection[int]) -> list[dict[str, Any]]:
        """Returns the messages of these accounts and days: rows of account_id, product, day, and model.hourly.FIGURES. Rows of a
        day are to be added up.
        """
        ...

    def entry_notes(self, account_id: int, most: int, after: tuple[int, int, int] | None = None) -> list[dict[str, Any]]:
        """Returns the entries of an account that were made by hand, the newest first. after: made_ms, subject and kind of the
        last one seen
        """
        ...
