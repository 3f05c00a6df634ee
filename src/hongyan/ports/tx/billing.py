"""What changes of money and prices do inside their transactions, and what proves the ledger."""

from typing import Any, Protocol

from hongyan.model.ledger import Sums, Wallet
from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.shared import WalletsTx


class BillingTx(WalletsTx, ConfigTx, Protocol):
    def change_wallet(self, account_id: int, product: int, **values: Any) -> None: ...

    def set_price(self, account_id: int, product: int, carrier: str, points: int) -> int | None:
        """Set an account's price; carrier '' is every carrier. Returns the price before."""
        ...

    def wallet_sums(self) -> tuple[dict[tuple[int, int], Wallet], dict[tuple[int, int], Sums]]:
        """Every wallet, and the sums of their entries. To be run in one snapshot."""
        ...
