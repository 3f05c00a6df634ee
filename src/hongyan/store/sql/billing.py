"""SQL of wallets and their proof."""

from hongyan.model.ledger import EntryKind, Sums, Wallet
from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import Single

_READ_WALLET = Single("SELECT points, credit, topped_up FROM wallet WHERE account_id = :account AND product = :product")
_WALLETS = Single("SELECT account_id, product, points, credit, topped_up FROM wallet")
_SUMS = Single(
    "SELECT account_id, product, CAST(sum(points) AS bigint), CAST(sum(CASE WHEN kind = :topup THEN points ELSE 0 END) AS bigint),"
    " max(CASE WHEN kind = :carried THEN 1 ELSE 0 END) FROM entry GROUP BY account_id, product"
)


class BillingSql:
    db: Connection

    def read_wallet(self, account_id: int, product: int) -> Wallet | None:
        for row in self.db.run(_READ_WALLET, account=account_id, product=product):
            return Wallet(*row)
        return None

    def wallet_sums(self) -> tuple[dict[tuple[int, int], Wallet], dict[tuple[int, int], Sums]]:
        wallets = {(account_id, product): Wallet(*row) for account_id, product, *row in self.db.run(_WALLETS)}
        found = self.db.run(_SUMS, topup=int(EntryKind.TOPUP), carried=int(EntryKind.CARRIED))
        sums = {(row[0], row[1]): Sums(row[2], row[3], bool(row[4])) for row in found}
        return wallets, sums
