"""The report step: receipts find their segments, messages get their verdict, money is settled, reports are owed.

The lane commits before the carriers are answered, so a crash costs a repeat, never a loss. A repeat changes nothing. A receipt
that came before the answer to its submit is parked under its id and waits for it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hongyan.model.channel import OnDoubt
from hongyan.model.ids import IdSource, first_id, made_ms
from hongyan.model.message import MessageState, ReceiptOutcome, ReceiptState, SegmentResult, Verdict
from hongyan.model.rows import MatchedReceipt, OpenMessage, PageCursor, PartRow
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.traffic import Receipt
from hongyan.policy.receipts import ended_at, fold, judged, not_before, verdict_of
from hongyan.policy.resend import may_resend, second_channel
from hongyan.policy.retry import RESENT, was_resent, with_tried
from hongyan.ports.receivers import Receivers
from hongyan.ports.tx.report import ReportTx
from hongyan.services.steps.ending import Ending, end_messages
from hongyan.services.steps.parcels import requeue

DOUBT_MS = 24 * 3600 * 1000
"""The greatest age of an unanswered segment to which a receipt is given."""

_AHEAD_MS = 1000
"""By how much ids may be ahead of the clock normally: another process's clock may be fast."""

NO_RECEIPT = "UNKNOWN"
"""The code of a message whose receipt never came (wire contract, 7.5)."""


_OUTCOMES = {
    ReceiptState.DELIVERED: ReceiptOutcome.DELIVERED,
    ReceiptState.FAILED: ReceiptOutcome.FAILED,
    ReceiptState.UNKNOWN: ReceiptOutcome.UNKNOWN,
}


def take_receipts(
    tx: ReportTx,
    batches: Sequence[Sequence[Receipt]],
    *,
    snapshot: ConfigSnapshot,
    ids: IdSource,
    now_ms: int,
    parcel_messages: int,
    receivers: Receivers | None = None,
) -> list[set[int]]:
    """Record batches of status reports; returns, for each batch, the accounts that have something to be claimed."""
    receipts = [receipt for batch in batches for stated in batch if (receipt := _final(tx, stated, snapshot))]
    resend = ResendContext(ids, parcel_messages)
    owed = conclude(tx, tx.match_receipts(receipts, now_ms), snapshot, resend, now_ms, receivers) if receipts else set()
    return [owed] * len(batches)


def _final(tx: ReportTx, receipt: Receipt, snapshot: ConfigSnapshot) -> Receipt | None:
    """Returns the receipt as it is to be kept, or None if it ends nothing."""
    if receipt.state is not ReceiptState.DELIVERED or not receipt.code:
        receipt.state, receipt.code = judged(snapshot.channels.get(receipt.channel_id), receipt.state, receipt.code)
    if receipt.state is ReceiptState.PENDING:
        tx.count_receipts(receipt.channel_id, ReceiptOutcome.NOT_FINAL)
        return None
    receipt.done_ms = ended_at(receipt.done_ms, receipt.received_ms)
    return receipt


def take_matched(
    tx: ReportTx,
    batches: Sequence[Sequence[MatchedReceipt]],
    *,
    snapshot: ConfigSnapshot,
    ids: IdSource,
    now_ms: int,
    parcel_messages: int,
    receivers: Receivers | None = None,
) -> list[set[int]]:
    """The same for receipts that came before the answer to their submit."""
    resend = ResendContext(ids, parcel_messages)
    owed = conclude(tx, [matched for batch in batches for matched in batch], snapshot, resend, now_ms, receivers)
    return [owed] * len(batches)


@dataclass(frozen=True, slots=True)
class ResendContext:
    """What sending once more needs: ids for new parcels, and how many messages go into one."""

    ids: IdSource
    parcel_messages: int


def conclude(
    tx: ReportTx,
    matched: Sequence[MatchedReceipt],
    snapshot: ConfigSnapshot,
    resend: ResendContext,
    now_ms: int,
    receivers: Receivers | None = None,
) -> set[int]:
    """End the messages that these receipts complete, or send them once more; returns the accounts that have a report to be
    claimed.
    """
    if not matched:
        return set()
    messages = {m.id: m for m in tx.lock_messages({m.message_id for m in matched})}
    current: list[MatchedReceipt] = []
    late: list[MatchedReceipt] = []
    for one in matched:
        message = messages.get(one.message_id)
        (late if message is None or _is_of_first_try(one, message) else current).append(one)
    _count(tx, current, late)
    counts = {m.message_id: m.parts for m in current if m.parts > 1}
    verdicts = _long_verdicts(tx, messages, counts, snapshot, now_ms)
    for one in current:
        if one.parts == 1:
            verdicts[one.message_id] = verdict_of(one.receipt.state, one.receipt.code, one.receipt.done_ms)
    if late:
        verdicts |= _late_successes(tx, late, messages)
    endings = [
        (message, not_before(verdict, message.changed_ms, now_ms), True)
        for i, message in messages.items()
        if (verdict := verdicts.get(i))
    ]
    return end_messages(tx, _less_resent(tx, endings, snapshot, resend, now_ms), snapshot, now_ms, receivers)


def _count(tx: ReportTx, current: Sequence[MatchedReceipt], late: Sequence[MatchedReceipt]) -> None:
    found = Counter((one.receipt.channel_id, one.receipt.state) for one in current)
    for (channel_id, state), count in found.items():
        tx.count_receipts(channel_id, _OUTCOMES[state], count)
    for one in late:
        tx.count_receipts(one.receipt.channel_id, ReceiptOutcome.LATE)


def _is_of_first_try(matched: MatchedReceipt, message: OpenMessage) -> bool:
    """Returns whether a receipt is for the first try of a message that was sent once more."""
    return matched.receipt.channel_id != message.channel_id and was_resent(message)


def _late_successes(
    tx: ReportTx, late: Sequence[MatchedReceipt], messages: Mapping[int, OpenMessage]
) -> dict[int, Verdict | None]:
    """Store receipts that came after a verdict, to be shown. If the first try reached its handset after all, it ends the
    message.

    Repeats of the first try's failure are not stored: they would hide a success that comes later.
    """
    kept = [m for m in late if m.message_id not in messages or m.receipt.state is ReceiptState.DELIVERED]
    tx.note_receipts(kept)
    return {
        m.message_id: verdict_of(m.receipt.state, m.receipt.code, m.receipt.done_ms)
        for m in kept
        if m.parts == 1 and m.message_id in messages
    }


def _less_resent(
    tx: ReportTx, endings: Sequence[Ending], snapshot: ConfigSnapshot, resend: ResendContext, now_ms: int
) -> Sequence[Ending]:
    """Returns the endings that are final. Failures that another channel may mend are queued for it; they are charged and
    reported once.
    """
    failed = [(m, v) for m, v, _ in endings if v.state is MessageState.FAILED and may_resend(snapshot, m, v, now_ms)]
    if not failed:
        return endings
    needs = tx.needs_of({m.task_id for m, _ in failed})
    moved = [(m, v, other) for m, v in failed if (other := second_channel(snapshot, m, needs[m.task_id])) is not None]
    tx.note_resent([(m.id, m.channel_id, v.code, v.at_ms, now_ms) for m, v, _ in moved])
    queued = [(m, other, with_tried(m.tried, f"{RESENT}{m.channel_id}")) for m, _, other in moved]
    requeue(tx, queued, snapshot.prefixes, resend.ids, now_ms, resend.parcel_messages)
    resent = {m.id for m, _, _ in moved}
    return [ending for ending in endings if ending[0].id not in resent]


def _long_verdicts(
    tx: ReportTx, messages: Mapping[int, OpenMessage], counts: Mapping[int, int], snapshot: ConfigSnapshot, now_ms: int
) -> dict[int, Verdict | None]:
    """Returns verdicts of messages of several parts. counts: message → its parts"""
    if not counts:
        return {}
    parts = tx.parts_of(counts)
    return {i: _folded(messages[i], count, parts.get(i, []), snapshot, now_ms) for i, count in counts.items()}


def _folded(
    message: OpenMessage, count: int, parts: Sequence[PartRow], snapshot: ConfigSnapshot, now_ms: int
) -> Verdict | None:
    """Returns the verdict over the parts that the newest channel took, or None while some of its `count` parts are missing."""
    newest = max((p.attempt for p in parts), default=0)
    current = [
        p for p in parts if p.attempt == newest and p.channel_id == message.channel_id and p.result is not SegmentResult.REFUSED
    ]
    channel = snapshot.channels.get(message.channel_id)
    if channel is None:
        return None
    outcomes = {p.part: (p.receipt, p.receipt_code, p.done_ms or now_ms) for p in current if p.receipt is not None}
    return fold(channel.receipts, count, outcomes)


@dataclass(frozen=True, slots=True)
class OpenPage:
    """One page of open messages: behind a cursor (parcel, message), not younger than `settled_ms`."""

    after: PageCursor
    settled_ms: int


@dataclass(frozen=True, slots=True)
class UnreportedPage:
    """One page of open messages behind a cursor; of them those that a channel sent within a span."""

    channel_id: int
    after: PageCursor
    since_ms: int
    until_ms: int


@dataclass(slots=True)
class SweepResult:
    owed: set[int]
    next_cursor: PageCursor | None  # None at the end


def sweep_slipped(
    tx: ReportTx, pages: Sequence[OpenPage], *, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int, parcel_messages: int
) -> list[SweepResult]:
    """Conclude, page by page, what a crash left undone between a receipt and its message."""
    answers = []
    for page in pages:
        matched, next_cursor = tx.slipped(page.after, _made_before(tx, now_ms, page.settled_ms))
        answers.append(SweepResult(conclude(tx, matched, snapshot, ResendContext(ids, parcel_messages), now_ms), next_cursor))
    return answers


def unreported(tx: ReportTx, asked: Sequence[UnreportedPage]) -> list[tuple[list[str], PageCursor | None]]:
    """Returns the carrier ids of messages whose report has not come, page by page, and the place of the next page."""
    return [tx.unreported(one.channel_id, one.after, one.since_ms, one.until_ms) for one in asked]


def sweep_parked(
    tx: ReportTx,
    spans: Sequence[tuple[int, int]],
    *,
    snapshot: ConfigSnapshot,
    ids: IdSource,
    now_ms: int,
    parcel_messages: int,
) -> list[set[int]]:
    """Match receipts that wait for a segment, received within each span (since, until) in milliseconds.

    These are receipts that came before their answers in another spelling. If a channel holds what is in doubt, they are also
    receipts that fit exactly one unanswered segment by phone and time. What stays in doubt ends as any message without a
    receipt does.
    """
    answers = []
    for since, until in spans:
        matched = [found for receipt in tx.parked(since, until) if (found := tx.match_spelling(receipt))]
        for channel in snapshot.channels.values():
            if channel.on_doubt is OnDoubt.HOLD:
                parked = tx.parked_of(channel.id, since, until)
                matched += [found for receipt in parked if (found := tx.match_doubt(receipt, now_ms - DOUBT_MS))]
        answers.append(conclude(tx, matched, snapshot, ResendContext(ids, parcel_messages), now_ms))
    return answers


def sweep_silent(tx: ReportTx, asked: Sequence[None], *, snapshot: ConfigSnapshot, now_ms: int) -> list[tuple[int, set[int]]]:
    """End messages without a receipt whose time is over, as UNKNOWN; returns how many, and the accounts that are owed."""
    shortest_s = min((a.unknown_after_s for a in snapshot.accounts_by_id.values()), default=0)
    verdict = Verdict(MessageState.UNKNOWN, NO_RECEIPT, now_ms)
    answers = []
    for _ in asked:
        made_before = _made_before(tx, now_ms, shortest_s * 1000)
        messages = tx.lock_messages(tx.silent_messages(now_ms, made_before))
        endings = [(m, verdict, m.state is MessageState.SENT) for m in messages]
        answers.append((len(messages), end_messages(tx, endings, snapshot, now_ms)))
    return answers


def _made_before(tx: ReportTx, now_ms: int, age_ms: int) -> int:
    """Returns the first id that is younger than `age_ms`; the greatest one if a clock that was put back left ids ahead of it."""
    ahead_ms = made_ms(tx.newest_made())
    return first_id(ahead_ms + _AHEAD_MS) if ahead_ms > now_ms + _AHEAD_MS else first_id(now_ms - age_ms)
