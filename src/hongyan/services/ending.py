"""How a message ends, shared by the steps that can end one: verdict, money and report in the same transaction."""

from collections.abc import Sequence

from hongyan.model.account import Account
from hongyan.model.book import Book
from hongyan.model.ledger import Entry, EntryKind
from hongyan.model.message import Verdict
from hongyan.model.owed import OwedKind
from hongyan.model.rows import OpenMessage
from hongyan.policy.receipts import settles
from hongyan.ports.tx import Tx

Ending = tuple[OpenMessage, Verdict, bool]
"""A message that this transaction has locked open, its verdict, and whether a carrier had accepted it."""


def end_messages(tx: Tx, endings: Sequence[Ending], book: Book, now_ms: int) -> set[int]:
    """Write the verdicts of messages, return the points that the account's rule gives back, owe the reports.

    Gives the accounts owed to. The messages are locked and open, so each ends once and its points return at most once.
    """
    if not endings:
        return set()
    with tx.together():
        tx.finish([(message.id, verdict) for message, verdict, _ in endings])
        tx.post(_returns(endings, book), now_ms)
        tx.owe(OwedKind.REPORT, [(message.id, message.account_id, message.task_id) for message, _, _ in endings], now_ms)
    return {message.account_id for message, _, _ in endings}


def _returns(endings: Sequence[Ending], book: Book) -> list[Entry]:
    return [
        Entry(EntryKind.RETURN, message.id, message.account_id, message.product, message.points)
        for message, verdict, was_accepted in endings
        if message.points and not _stays_charged(book.accounts_by_id[message.account_id], verdict, was_accepted)
    ]


def _stays_charged(account: Account, verdict: Verdict, was_accepted: bool) -> bool:
    return settles(account.charge_rule, verdict.state, was_accepted=was_accepted)
