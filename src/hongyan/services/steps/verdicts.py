"""What receipts conclude about their messages: verdicts that end them, or another try on a second channel.

They are part of the commit that stores the receipt, or the answer that came behind it. A repeat changes nothing: a message that has
ended is not concluded again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState, ReceiptOutcome, ReceiptState, SegmentResult, Verdict
from hongyan.model.rows import MatchedReceipt, OpenMessage, PartRow
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.receipts import fold, not_before, verdict_of
from hongyan.policy.resend import may_resend, second_channel
from hongyan.policy.retry import RESENT, was_resent, with_tried
from hongyan.ports.receivers import Receivers
from hongyan.ports.tx.shared import VerdictTx
from hongyan.services.steps.ending import Ending, end_messages
from hongyan.services.steps.parcels import requeue

_OUTCOMES = {
    ReceiptState.DELIVERED: ReceiptOutcome.DELIVERED,
    ReceiptState.FAILED: ReceiptOutcome.FAILED,
    ReceiptState.UNKNOWN: ReceiptOutcome.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class ResendContext:
    """What sending once more needs: ids for new parcels, and how many messages go into one."""

    ids: IdSource
    parcel_messages: int


def conclude(
    tx: VerdictTx,
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


def _count(tx: VerdictTx, current: Sequence[MatchedReceipt], late: Sequence[MatchedReceipt]) -> None:
    found = Counter((one.receipt.channel_id, one.receipt.state) for one in current)
    for (channel_id, state), count in found.items():
        tx.count_receipts(channel_id, _OUTCOMES[state], count)
    for one in late:
        tx.count_receipts(one.receipt.channel_id, ReceiptOutcome.LATE)


def _is_of_first_try(matched: MatchedReceipt, message: OpenMessage) -> bool:
    """Returns whether a receipt is for the first try of a message that was sent once more."""
    return matched.receipt.channel_id != message.channel_id and was_resent(message)


def _late_successes(
    tx: VerdictTx, late: Sequence[MatchedReceipt], messages: Mapping[int, OpenMessage]
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
    tx: VerdictTx, endings: Sequence[Ending], snapshot: ConfigSnapshot, resend: ResendContext, now_ms: int
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
    tx: VerdictTx, messages: Mapping[int, OpenMessage], counts: Mapping[int, int], snapshot: ConfigSnapshot, now_ms: int
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
