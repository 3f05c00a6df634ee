"""SQL of wallets and their proof."""

from hongyan.model.ledger import Wallet
from hongyan.store.connection import Connection
from hongyan.store.statement import Single

_READ_WALLET = Single("SELECT points, credit, topped_up FROM wallet WHERE account_id = :account AND product = :product")
_WALLETS = Single("SELECT account_id, product, points FROM wallet")
_SUMS = Single("SELECT account_id, product, CAST(sum(points) AS bigint) FROM entry GROUP BY account_id, product")


class BillingSql:
    db: Connection

    def read_wallet(self, account_id: int, product: int) -> Wallet | None:
        for row in self.db.run(_READ_WALLET, account=account_id, product=product):
            return Wallet(*row)
        return None

    def wallet_sums(self) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]:
        """Every wallet's points, and the sums of their entries; run in one snapshot."""
        wallets = {(account_id, product): points for account_id, product, points in self.db.run(_WALLETS)}
        sums = {(account_id, product): points for account_id, product, points in self.db.run(_SUMS)}
        return wallets, sums
