"""The report step: receipts meet their segments, messages get their verdict, money settles, reports are owed.

The lane commits and only then are the carriers answered, so a crash costs a repeat, never a loss. A repeat changes
nothing. A receipt that outran its submit answer is parked under its id and waits for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hongyan.model.book import Book
from hongyan.model.channel import OnDoubt
from hongyan.model.ids import first_id
from hongyan.model.message import MessageState, ReceiptState, SegmentResult, Verdict
from hongyan.model.rows import MetReceipt, OpenMessage, PartRow
from hongyan.model.traffic import Receipt
from hongyan.policy.receipts import ended_at, fold, verdict_of
from hongyan.ports.tx import Tx
from hongyan.services.ending import end_messages

DOUBT_MS = 24 * 3600 * 1000
"""How old an unanswered segment may be for a receipt to be given to it."""

NO_RECEIPT = "UNKNOWN"
"""Error code of a message whose receipt never came (wire contract, 7.5)."""


def take_receipts(tx: Tx, batches: Sequence[Sequence[Receipt]], *, book: Book, now_ms: int) -> list[set[int]]:
    """Record batches of status reports; gives, for each batch, the accounts that are owed something by all of them."""
    receipts = [r for batch in batches for r in batch if r.state is not ReceiptState.PENDING]
    for receipt in receipts:
        receipt.done_ms = ended_at(receipt.done_ms, receipt.received_ms)
    owed = conclude(tx, tx.match_receipts(receipts, now_ms), book, now_ms) if receipts else set()
    return [owed] * len(batches)


def take_met(tx: Tx, batches: Sequence[Sequence[MetReceipt]], *, book: Book, now_ms: int) -> list[set[int]]:
    """The same for receipts that were there before their answer."""
    owed = conclude(tx, [met for batch in batches for met in batch], book, now_ms)
    return [owed] * len(batches)


def conclude(tx: Tx, met: Sequence[MetReceipt], book: Book, now_ms: int) -> set[int]:
    """End the messages that these receipts complete; gives the accounts that are owed a report."""
    if not met:
        return set()
    messages = {m.id: m for m in tx.lock_messages({m.message_id for m in met})}
    tx.note_receipts([m for m in met if m.message_id not in messages])
    counts = {m.message_id: m.parts for m in met if m.parts > 1 and m.message_id in messages}
    verdicts = _long_verdicts(tx, messages, counts, book, now_ms)
    for one in met:
        if one.parts == 1:
            verdicts[one.message_id] = verdict_of(one.receipt.state, one.receipt.code, one.receipt.done_ms)
    endings = [(message, verdict, True) for i, message in messages.items() if (verdict := verdicts.get(i))]
    return end_messages(tx, endings, book, now_ms)


def _long_verdicts(
    tx: Tx, messages: Mapping[int, OpenMessage], counts: Mapping[int, int], book: Book, now_ms: int
) -> dict[int, Verdict | None]:
    """Verdicts of messages of several parts; counts: message → its parts."""
    if not counts:
        return {}
    parts = tx.parts_of(counts)
    return {i: _folded(messages[i], count, parts.get(i, []), book, now_ms) for i, count in counts.items()}


def _folded(message: OpenMessage, count: int, parts: Sequence[PartRow], book: Book, now_ms: int) -> Verdict | None:
    """The verdict over the parts that the newest channel took, or None while some of so many are missing."""
    newest = max((p.attempt for p in parts), default=0)
    current = [p for p in parts if p.attempt == newest and p.result is SegmentResult.ACCEPTED]
    channel = book.channels.get(message.channel_id)
    if channel is None:
        return None
    outcomes = {p.part: (p.receipt, p.receipt_code, p.done_ms or now_ms) for p in current if p.receipt is not None}
    return fold(channel.receipts, count, outcomes)


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of open messages: behind a place (parcel, message), up to a parcel."""

    after: tuple[int, int]
    until_parcel: int


@dataclass(slots=True)
class Swept:
    owed: set[int]
    next_place: tuple[int, int] | None  # None at the end


def sweep_slipped(tx: Tx, pages: Sequence[Page], *, book: Book, now_ms: int) -> list[Swept]:
    """Conclude what a crash left between a receipt and its message, page by page."""
    answers = []
    for page in pages:
        met, next_place = tx.slipped(page.after, page.until_parcel)
        answers.append(Swept(conclude(tx, met, book, now_ms), next_place))
    return answers


def sweep_parked(tx: Tx, spans: Sequence[tuple[int, int]], *, book: Book, now_ms: int) -> list[set[int]]:
    """Find homes for receipts that wait, received within each span (since, until) in milliseconds.

    Those that outran their answers in another spelling; and, where a channel holds what is in doubt, those that fit exactly
    one unanswered segment by phone and time. What stays in doubt ends as any message without a receipt does.
    """
    answers = []
    for since, until in spans:
        met = [found for receipt in tx.parked(since, until) if (found := tx.match_spelling(receipt))]
        for channel in book.channels.values():
            if channel.on_doubt is OnDoubt.HOLD:
                parked = tx.parked_of(channel.id, since, until)
                met += [found for receipt in parked if (found := tx.match_doubt(receipt, now_ms - DOUBT_MS))]
        answers.append(conclude(tx, met, book, now_ms))
    return answers


def sweep_silent(tx: Tx, asked: Sequence[None], *, book: Book, now_ms: int) -> list[tuple[int, set[int]]]:
    """End messages whose time without a receipt is over: UNKNOWN; gives how many, and the accounts owed to."""
    shortest_s = min((a.unknown_after_s for a in book.accounts_by_id.values()), default=0)
    verdict = Verdict(MessageState.UNKNOWN, NO_RECEIPT, now_ms)
    answers = []
    for _ in asked:
        messages = tx.lock_messages(tx.silent_messages(now_ms, first_id(now_ms - shortest_s * 1000)))
        endings = [(m, verdict, m.state is MessageState.SENT) for m in messages]
        answers.append((len(messages), end_messages(tx, endings, book, now_ms)))
    return answers
