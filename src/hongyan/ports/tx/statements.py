"""What statements read, and the closing of days writes. Hours and days are counted since 1970; days are China's."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from hongyan.ports.tx.shared import ConfigRowsTx, CountersTx


class ClosingTx(CountersTx, Protocol):
    def moved_in(self, hours: range) -> dict[tuple[int, int], int]:
        """Returns by how much each wallet (account, product) moved in these hours; without those that did not."""
        ...

    def closings_before(self, day: int, accounts: Collection[int] | None = None) -> dict[tuple[int, int], int]:
        """The balance of each wallet at the end of the last day before this one that has been closed and on which it moved.

        accounts: only theirs; None: all
        """
        ...

    def add_closings(self, rows: Sequence[tuple[int, int, int, int]]) -> None:
        """Store balances at the end of days: (account, product, day, points). A repeat changes nothing."""
        ...

    def drop_closings_after(self, day: int) -> None:
        """Forget the balances at the end of all later days."""
        ...


class StatementsTx(ClosingTx, ConfigRowsTx, Protocol):
    def turnover_of(self, hours: range, accounts: Collection[int]) -> list[dict[str, Any]]:
        """What the entries of these accounts and hours come to: rows of account_id, product, day, kind, points."""
        ...

    def messages_by_day(self, hours: range, accounts: Collection[int]) -> list[dict[str, Any]]:
        """The messages of these accounts and hours: rows of account_id, product, day, state, messages, segments."""
        ...

    def entry_notes(self, account_id: int, most: int, after: tuple[int, int, int] | None = None) -> list[dict[str, Any]]:
        """The entries of an account that were made by hand, newest first. after: made_ms, subject and kind of the last one seen"""
        ...
