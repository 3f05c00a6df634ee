"""Points: top-ups, credit, and the proof that every wallet is the sum of its entries."""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.account import Account, Actor, Balance, Product
from hongyan.model.channel import Carrier
from hongyan.model.ids import IdSource
from hongyan.model.ledger import Entry, EntryKind
from hongyan.model.told import Missing
from hongyan.ports.tx import Tx


@dataclass(frozen=True, slots=True)
class BalanceAsked:
    account: Account
    product: Product


def balances(tx: Tx, asked: Sequence[BalanceAsked]) -> list[Balance]:
    """Wallets as the overage doors show them; an account without a wallet for the product has nothing."""
    return [_balance(tx, one) for one in asked]


def _balance(tx: Tx, asked: BalanceAsked) -> Balance:
    wallet = tx.read_wallet(asked.account.id, int(asked.product))
    return Balance(asked.account.pay_mode, *((wallet.points, wallet.topped_up) if wallet else (0, 0)))


def top_up(
    tx: Tx, account_id: int, points: int, actor: Actor, ids: IdSource, now_ms: int, product: Product = Product.SMS
) -> int:
    """Add points to a wallet (or take some away with a negative number); gives the new balance. raises: Missing"""
    wallet = tx.lock_wallets({(account_id, int(product))}).get((account_id, int(product)))
    if wallet is None:
        raise Missing("account {account} has no wallet for {product}", account=account_id, product=product.name)
    kind = EntryKind.TOPUP if points >= 0 else EntryKind.ADJUST
    subject = ids.one(now_ms)
    tx.post([Entry(kind, subject, account_id, int(product), points)], now_ms)
    if kind is EntryKind.TOPUP:
        tx.change_wallet(account_id, int(product), topped_up=wallet.topped_up + points)
    after = {"points": wallet.points + points}
    tx.audit(subject, actor, "wallet.topup", str(account_id), {"points": wallet.points}, after, now_ms)
    return wallet.points + points


def set_price(
    tx: Tx, account_id: int, product: Product, carrier: Carrier | None, points: int, actor: Actor, ids: IdSource, now_ms: int
) -> None:
    """What a segment, or an MMS, costs an account from now on; carrier None: to every carrier that has no price of its own."""
    before = tx.set_price(account_id, int(product), str(carrier or ""), points)
    subject = f"{account_id} {product.name.lower()} {carrier or 'any'}"
    tx.audit(ids.one(now_ms), actor, "price.set", subject, {"points": before}, {"points": points}, now_ms)


def set_credit(
    tx: Tx, account_id: int, credit: int, actor: Actor, ids: IdSource, now_ms: int, product: Product = Product.SMS
) -> None:
    """How many points a post-paid account may go below zero."""
    tx.change_wallet(account_id, int(product), credit=credit)
    tx.audit(ids.one(now_ms), actor, "wallet.credit", str(account_id), {}, {"credit": credit}, now_ms)


@dataclass(frozen=True, slots=True)
class Difference:
    """A wallet that is not the sum of its entries."""

    account_id: int
    product: int
    points: int
    entries: int


def verify(tx: Tx) -> tuple[int, list[Difference]]:
    """Recompute every wallet from its entries, as of one moment; gives how many wallets, and those that differ."""
    wallets, sums = tx.wallet_sums()
    keys = sorted(set(wallets) | set(sums))
    differing = [
        Difference(*key, wallets.get(key, 0), sums.get(key, 0)) for key in keys if wallets.get(key, 0) != sums.get(key, 0)
    ]
    return len(keys), differing
