"""Sweeps over messages that no receipt has ended: what a crash left, what was spelt otherwise or is in doubt, what is silent.

Each asks the store for one page or span, so that a turn of the lane stays short.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.channel import OnDoubt
from hongyan.model.ids import IdSource, first_id, made_ms
from hongyan.model.message import MessageState, Verdict
from hongyan.model.rows import PageCursor
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.tx.report import ReportTx
from hongyan.services.steps.ending import end_messages
from hongyan.services.steps.verdicts import ResendContext, conclude

DOUBT_MS = 24 * 3600 * 1000
"""The greatest age of an unanswered segment to which a receipt is given."""

_AHEAD_MS = 1000
"""By how much ids may be ahead of the clock normally: another process's clock may be fast."""

NO_RECEIPT = "UNKNOWN"
"""The code of a message whose receipt never came (wire contract, 7.5)."""


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
