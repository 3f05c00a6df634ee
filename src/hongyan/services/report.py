"""The report step: receipts meet their segments, messages get their verdict, money settles, reports are owed.

The lane commits and only then are the carriers answered, so a crash costs a repeat, never a loss. A repeat changes
nothing. A receipt that outran its submit answer is parked under its id and waits for it.
"""

from collections.abc import Sequence

from hongyan.model.book import Book
from hongyan.model.channel import ReceiptsGiven
from hongyan.model.ids import first_id
from hongyan.model.message import MessageState, ReceiptState, SegmentResult, Verdict
from hongyan.model.rows import MetReceipt, OpenMessage, PartRow
from hongyan.model.traffic import Receipt
from hongyan.policy.receipts import fold
from hongyan.ports.tx import Tx
from hongyan.services.ending import Ending, end_messages

NO_RECEIPT = "UNKNOWN"
"""Error code of a message whose receipt never came (wire contract, 7.5)."""


def take_receipts(tx: Tx, batches: Sequence[Sequence[Receipt]], *, book: Book, now_ms: int) -> list[set[int]]:
    """Record batches of status reports; gives, for each batch, the accounts that are owed something by all of them."""
    receipts = [r for batch in batches for r in batch if r.state is not ReceiptState.PENDING]
    owed = conclude(tx, tx.match_receipts(receipts, now_ms), book, now_ms) if receipts else set()
    return [owed] * len(batches)


def take_met(tx: Tx, batches: Sequence[Sequence[MetReceipt]], *, book: Book, now_ms: int) -> list[set[int]]:
    """The same for receipts that were there before their answer."""
    owed = conclude(tx, [met for batch in batches for met in batch], book, now_ms)
    return [owed] * len(batches)


def conclude(tx: Tx, met: Sequence[MetReceipt], book: Book, now_ms: int) -> set[int]:
    """End the messages that these receipts complete; gives the accounts that are owed a report."""
    by_message: dict[int, MetReceipt] = {m.message_id: m for m in met}
    messages = tx.lock_messages(by_message)
    long_ones = [m.id for m in messages if m.segments > 1]
    parts = tx.parts_of(long_ones) if long_ones else {}
    endings: list[Ending] = []
    for message in messages:
        receipt = by_message[message.id]
        if message.segments == 1:
            verdict = fold(ReceiptsGiven.EVERY, 1, {1: (receipt.state, receipt.code, receipt.done_ms or now_ms)})
        else:
            verdict = _folded(message, parts.get(message.id, []), book, now_ms)
        if verdict is not None:
            endings.append((message, verdict, True))
    return end_messages(tx, endings, book, now_ms)


def _folded(message: OpenMessage, parts: Sequence[PartRow], book: Book, now_ms: int) -> Verdict | None:
    """The verdict over the parts that the newest channel took, or None while some are missing."""
    newest = max((p.attempt for p in parts), default=0)
    current = [p for p in parts if p.attempt == newest and p.result is SegmentResult.ACCEPTED]
    channel = book.channels.get(message.channel_id)
    if channel is None:
        return None
    outcomes = {p.part: (p.receipt, p.receipt_code, p.done_ms or now_ms) for p in current if p.receipt is not None}
    return fold(channel.receipts, message.segments, outcomes)


def sweep_slipped(tx: Tx, spans: Sequence[tuple[int, int]], *, book: Book, now_ms: int) -> list[set[int]]:
    """Conclude what a crash left between a receipt and its message, in each span of (since, until) milliseconds."""
    return [conclude(tx, tx.slipped(since, until), book, now_ms) for since, until in spans]


def sweep_silent(tx: Tx, asked: Sequence[None], *, book: Book, now_ms: int) -> list[tuple[int, set[int]]]:
    """End messages whose time without a receipt is over: UNKNOWN; gives how many, and the accounts owed to."""
    answers = []
    for _ in asked:
        messages = tx.lock_messages(tx.silent_messages(now_ms, first_id(now_ms)))
        verdict = Verdict(MessageState.UNKNOWN, NO_RECEIPT, now_ms)
        owed = end_messages(tx, [(m, verdict, m.state is MessageState.SENT) for m in messages], book, now_ms)
        answers.append((len(messages), owed))
    return answers
