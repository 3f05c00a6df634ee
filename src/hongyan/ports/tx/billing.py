"""What changes of money and prices do inside their transactions, and what the proof of the ledger reads."""

from collections.abc import Sequence
from typing import Any, Protocol

from hongyan.model.ledger import Entry, EntryNote, Sums, Wallet
from hongyan.model.rows import LockedTask
from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.shared import AuditTx, LockedTaskTx, WalletsTx


class EntryNotesTx(Protocol):
    def add_entry_notes(self, notes: Sequence[EntryNote], now_ms: int) -> None:
        """Store who made these entries by hand, and why."""
        ...


class RefundTx(EntryNotesTx, LockedTaskTx, AuditTx, WalletsTx, Protocol):
    def messages_of(self, task: LockedTask, after: int) -> tuple[list[int], int | None]:
        """Returns up to 500 messages of a task behind an id, and the id behind which the next page begins, None at the end."""
        ...

    def refundable(self, message_ids: Sequence[int]) -> list[Entry]:
        """Returns entries that would give back the points of these messages, for those that ended and were given back nothing
        yet.

        Lock their wallet first: then nobody else gives back points of the same messages.
        """
        ...


class TurnoverTx(Protocol):
    def turnover_sums(self) -> dict[tuple[int, int], int]:
        """Returns the sums of all hours of turnover, by account and product."""
        ...


class BillingTx(EntryNotesTx, ConfigTx, TurnoverTx, WalletsTx, Protocol):
    def change_wallet(self, account_id: int, product: int, **values: Any) -> None: ...

    def set_price(self, account_id: int, product: int, carrier: str, points: int) -> int | None:
        """Set an account's price; carrier '' means every carrier. Returns the price before."""
        ...

    def wallet_sums(self) -> tuple[dict[tuple[int, int], Wallet], dict[tuple[int, int], Sums]]:
        """Returns every wallet, and the sums of their entries. To be run in one snapshot."""
        ...
