"""Points: top-ups, corrections, credit, and the proof that every wallet is the sum of its entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hongyan.i18n import N_
from hongyan.model.account import Account, Balance, PayMode, Product
from hongyan.model.act import Act, AuditAction
from hongyan.model.errors import Forbidden, NotFound
from hongyan.model.ledger import BY_HAND_MOST, CREDIT, POINTS, PRICE, SIGNED_POINTS, Entry, EntryKind, EntryNote, Sums, Wallet
from hongyan.model.names import NOTE, REMARK
from hongyan.model.route import RouteChange
from hongyan.ports.tx.billing import BillingTx, EntryNotesTx
from hongyan.ports.tx.shared import WalletsTx

_FORCE = N_("force it if it is meant so")


class _NotedTx(WalletsTx, EntryNotesTx, Protocol): ...


@dataclass(frozen=True, slots=True)
class BalanceAsked:
    account: Account
    product: Product


def balances(tx: BillingTx, asked: Sequence[BalanceAsked]) -> list[Balance]:
    """Returns wallets as the overage doors show them. An account without a wallet for the product has 0 points."""
    return [_balance(tx, one) for one in asked]


def _balance(tx: BillingTx, asked: BalanceAsked) -> Balance:
    wallet = tx.read_wallet(asked.account.id, int(asked.product))
    return Balance(asked.account.pay_mode, *((wallet.points, wallet.topped_up) if wallet else (0, 0)))


def top_up(tx: BillingTx, act: Act, account_id: int, points: int, product: Product = Product.SMS, note: str = "") -> int:
    """Add points that were bought to a wallet; returns the new balance. raises: NotFound, Invalid

    The customer reads the sum of top-ups as sendTotal. A slip is corrected by `adjust`, which does not change that sum.
    """
    POINTS.checked("points", points)
    wallet = _lock_wallet(tx, account_id, product)
    after = {"points": wallet.points + points, "note": REMARK.checked("note", note)}
    subject = tx.audit(act, AuditAction.WALLET_TOPUP, str(account_id), {"points": wallet.points}, after)
    post_noted(tx, act, [Entry(EntryKind.TOPUP, subject, account_id, int(product), points)], note)
    tx.change_wallet(account_id, int(product), topped_up=wallet.topped_up + points)
    return wallet.points + points


@dataclass(frozen=True, slots=True)
class Correction:
    """Points to add to a wallet, or to take from it if negative, and why."""

    points: int
    note: str
    is_forced: bool = False  # also below what the account may owe

    def __post_init__(self) -> None:
        """raises: Invalid"""
        SIGNED_POINTS.checked("points", self.points)
        NOTE.checked("note", self.note)


def adjust(tx: BillingTx, act: Act, account_id: int, correction: Correction, product: Product = Product.SMS) -> int:
    """Correct a wallet; returns the new balance. raises: NotFound, and Forbidden below the credit"""
    check_slip(correction.points, is_forced=correction.is_forced)
    wallet = _lock_wallet(tx, account_id, product)
    after = wallet.points + correction.points
    if correction.points < 0 and after < -wallet.credit and not correction.is_forced:
        raise Forbidden(
            "{points} points cannot be taken: {free} are free, the credit included",
            _FORCE,
            points=-correction.points,
            free=wallet.points + wallet.credit,
        )
    change = {"points": after, "note": correction.note, "forced": correction.is_forced}
    subject = tx.audit(act, AuditAction.WALLET_ADJUST, str(account_id), {"points": wallet.points}, change)
    post_noted(tx, act, [Entry(EntryKind.ADJUST, subject, account_id, int(product), correction.points)], correction.note)
    return after


def post_noted(tx: _NotedTx, act: Act, entries: Sequence[Entry], note: str) -> None:
    """Post entries that somebody makes by hand, and store who made them and why."""
    tx.post(entries, act.now_ms)
    actor = str(act.actor)
    notes = [
        EntryNote(
            kind=e.kind, subject=e.subject, account_id=e.account_id, product=e.product, points=e.points, note=note, actor=actor
        )
        for e in entries
    ]
    tx.add_entry_notes(notes, act.now_ms)


def check_slip(points: int, *, is_forced: bool) -> None:
    """Raises Forbidden for so many points that they are likely a slip of the keyboard."""
    if abs(points) > BY_HAND_MOST and not is_forced:
        raise Forbidden(
            "{points:,} points at once are more than {most:,}, and likely a slip",
            _FORCE,
            points=abs(points),
            most=BY_HAND_MOST,
        )


def _lock_wallet(tx: BillingTx, account_id: int, product: Product) -> Wallet:
    wallet = tx.lock_wallets({(account_id, int(product))}).get((account_id, int(product)))
    if wallet is None:
        raise NotFound("account {account} has no wallet for {product}", account=account_id, product=product.name)
    return wallet


def set_price(tx: BillingTx, act: Act, account_id: int, product: Product, carrier: str | None, points: int) -> None:
    """Set the price of a segment, or an MMS, from now on.

    carrier: a destination (model.channel.read_destination); None: every one that has no price of its own
    raises:  Invalid
    """
    PRICE.checked("points", points)
    RouteChange(carrier=carrier)
    before = tx.set_price(account_id, int(product), str(carrier or ""), points)
    subject = f"{account_id} {product.name.lower()} {carrier or 'any'}"
    tx.audit(act, AuditAction.PRICE_SET, subject, {"points": before}, {"points": points})


def set_credit(tx: BillingTx, act: Act, account_id: int, credit: int, product: Product = Product.SMS) -> None:
    """Set how many points an account may go below zero. With any credit the account is post-paid. raises: Invalid"""
    if CREDIT.checked("points", credit):
        tx.change_row("account", account_id, pay_mode=int(PayMode.POSTPAID))
    tx.change_wallet(account_id, int(product), credit=credit)
    tx.audit(act, AuditAction.WALLET_CREDIT, str(account_id), {}, {"credit": credit})


@dataclass(frozen=True, slots=True)
class Difference:
    """A wallet that differs from the sum of its entries or of its turnover, or whose top-ups differ from their entries."""

    account_id: int
    product: int
    points: int
    entries: int
    topped_up: int
    topups: int
    turnover: int


def verify(tx: BillingTx) -> tuple[int, list[Difference]]:
    """Recompute every wallet from its entries, at one moment; returns how many wallets there are, and those that differ.

    If older entries are no longer kept, the top-ups among them are unknown: those that are kept may not exceed the total.
    """
    wallets, sums = tx.wallet_sums()
    turnovers = tx.turnover_sums()
    pairs = {key: (wallets.get(key, Wallet(0, 0)), sums.get(key, Sums(0, 0, False))) for key in wallets.keys() | sums.keys()}
    differing = [
        Difference(*key, wallet.points, entries.points, wallet.topped_up, entries.topups, turnovers.get(key, 0))
        for key, (wallet, entries) in sorted(pairs.items())
        if not _agree(wallet, entries, turnovers.get(key, 0))
    ]
    return len(pairs), differing


def _agree(wallet: Wallet, entries: Sums, turnover: int) -> bool:
    has_older = entries.has_carried and wallet.topped_up > entries.topups
    return wallet.points == entries.points == turnover and (has_older or wallet.topped_up == entries.topups)
