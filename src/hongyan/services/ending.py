"""How a message ends, shared by the steps that can end one: verdict, money and report in the same transaction."""

from collections.abc import Mapping, Sequence

from hongyan.model.account import Account
from hongyan.model.book import Book
from hongyan.model.ledger import Entry, EntryKind
from hongyan.model.message import Verdict
from hongyan.model.owed import OwedKind
from hongyan.model.rows import EndedMessage
from hongyan.policy.receipts import settles
from hongyan.ports.tx import Tx

Ending = tuple[Verdict, bool]
"""A verdict, and whether a carrier had accepted the message."""


def end_messages(tx: Tx, endings: Mapping[int, Ending], book: Book, now_ms: int) -> set[int]:
    """Write the verdicts of messages, return the points that the account's rule gives back, owe the reports.

    Gives the accounts owed to. A message that has a verdict already is passed over, so each ends once and its points
    return at most once.
    """
    if not endings:
        return set()
    ended = tx.finish([(message_id, verdict) for message_id, (verdict, _) in endings.items()])
    with tx.together():
        tx.post(_returns(ended, endings, book), now_ms)
        tx.owe(OwedKind.REPORT, [(message.id, message.account_id, message.task_id) for message in ended], now_ms)
    return {message.account_id for message in ended}


def _returns(ended: Sequence[EndedMessage], endings: Mapping[int, Ending], book: Book) -> list[Entry]:
    return [
        Entry(EntryKind.RETURN, message.id, message.account_id, message.product, message.points)
        for message in ended
        if message.points and not _stays_charged(book.accounts_by_id[message.account_id], *endings[message.id])
    ]


def _stays_charged(account: Account, verdict: Verdict, was_accepted: bool) -> bool:
    return settles(account.charge_rule, verdict.state, was_accepted=was_accepted)
