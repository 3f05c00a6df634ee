"""Delivering what is owed to customers over their sessions: claimed, sent, and done once the customer answered.

A claim moves the due time ahead by the time that an answer may take. Until then nobody else gets the item; afterwards it is due
again. So every item arrives at least once, with the same ids, whichever process or session has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from hongyan.model.ids import EVER_MS
from hongyan.model.owed import OwedKind, OwedState
from hongyan.model.session_delivery import Deliverable, SessionNotice, SessionReply
from hongyan.model.session_submit import SubmitReports
from hongyan.ports.tx.owed import OwedTx
from hongyan.services.steps.receivers import wanted_reports

LATEST_MS = 24 * 3_600_000
"""What is due later than this was owed before the clock was put back, and is due too."""

_ROUNDS = 5
"""Rounds of one claim that find only unwanted reports; then the claim ends."""

_DELAY_MS, _DELAY_MOST_MS = 30_000, 3_600_000


@dataclass(frozen=True, slots=True)
class SessionClaim:
    """takes_notices: the protocol of the session has intermediate notices"""

    account_id: int
    most: int
    answer_ms: int
    takes_notices: bool = False


class SessionOutcome(Enum):
    """The outcome of items that were claimed."""

    DELIVERED = auto()
    REFUSED = auto()  # for ever; they can still be pulled
    DEFERRED = auto()  # refused for the moment
    UNSENT = auto()


@dataclass(frozen=True, slots=True)
class SessionResult:
    owed_ids: Sequence[int]
    outcome: SessionOutcome
    notice_ids: Sequence[int] = ()


def claim_session(tx: OwedTx, asked: Sequence[SessionClaim], *, now_ms: int) -> list[list[Deliverable]]:
    """Claim what is due: replies, then reports, then notices, each the oldest first. Reports that nobody asked for are ended
    here.
    """
    return [_claim_one(tx, one, now_ms) for one in asked]


def _claim_one(tx: OwedTx, asked: SessionClaim, now_ms: int) -> list[Deliverable]:
    items: list[Deliverable] = []
    for _ in range(_ROUNDS):
        replies = _take(tx, asked, OwedKind.REPLY, asked.most, now_ms)
        reports = _take(tx, asked, OwedKind.REPORT, asked.most - len(replies), now_ms)
        items = [*(SessionReply(one) for one in tx.owed_replies(replies)), *wanted_reports(tx, reports, now_ms)]
        if items or not reports:
            break
    return [*items, *_notices(tx, asked, asked.most - len(items), now_ms)]


def _notices(tx: OwedTx, asked: SessionClaim, most: int, now_ms: int) -> list[SessionNotice]:
    if most < 1 or not asked.takes_notices:
        return []
    found = tx.take_notices(asked.account_id, most, now_ms, now_ms + asked.answer_ms)
    for notice, reports in found:
        parts = zip(notice.message_ids, reports.split(","), strict=False)
        notice.message_ids = tuple(one for one, number in parts if SubmitReports.of(int(number)).has_notice)
    return [notice for notice, _ in found]


def _take(tx: OwedTx, asked: SessionClaim, kind: OwedKind, most: int, now_ms: int) -> list[int]:
    if most < 1:
        return []
    spans = (0, now_ms), (now_ms + LATEST_MS, EVER_MS)
    picks = (tx.pick_owed(asked.account_id, kind, OwedState.WAITING, span, most) for span in spans)
    picked = next(filter(None, picks), [])
    if picked:
        tx.move_owed(picked, OwedState.WAITING, now_ms + asked.answer_ms)
    return picked


_ENDS = {
    SessionOutcome.DELIVERED: OwedState.SENT,
    SessionOutcome.REFUSED: OwedState.PARKED,
    SessionOutcome.UNSENT: OwedState.WAITING,
}


def end_session_items(tx: OwedTx, batch: Sequence[SessionResult], *, now_ms: int) -> list[None]:
    """Store the outcome of claimed items, in one go for all sessions of a batch. A repeat changes nothing."""
    for outcome in {one.outcome for one in batch}:
        results = [one for one in batch if one.outcome is outcome]
        owed_ids = [owed_id for one in results for owed_id in one.owed_ids]
        if outcome is SessionOutcome.DEFERRED:
            _defer(tx, owed_ids, now_ms)
        else:
            tx.move_owed(owed_ids, _ENDS[outcome], now_ms)
        if notice_ids := [notice_id for one in results for notice_id in one.notice_ids]:
            _end_notices(tx, notice_ids, outcome, now_ms)
    return [None] * len(batch)


def _end_notices(tx: OwedTx, notice_ids: Sequence[int], outcome: SessionOutcome, now_ms: int) -> None:
    match outcome:
        case SessionOutcome.DELIVERED | SessionOutcome.REFUSED:
            tx.end_notices(notice_ids)
        case SessionOutcome.DEFERRED:
            tx.defer_notices(notice_ids, now_ms + _DELAY_MS)
        case SessionOutcome.UNSENT:
            tx.defer_notices(notice_ids, now_ms)


def _defer(tx: OwedTx, owed_ids: Sequence[int], now_ms: int) -> None:
    """Set when these are due again: after half a minute, a minute, two …, an hour at most."""
    attempts = tx.attempts_of(owed_ids)
    tx.defer_owed([(i, now_ms + min(_DELAY_MS << min(attempts.get(i, 0), 20), _DELAY_MOST_MS)) for i in owed_ids])


def due_for_sessions(tx: OwedTx, asked: Sequence[Sequence[int]], *, now_ms: int) -> list[set[int]]:
    """Returns which of these accounts have something to be claimed."""
    return [
        {account_id for account_id, _ in tx.due_of(ids, now_ms, now_ms + LATEST_MS)} | tx.notices_due(ids, now_ms)
        for ids in asked
    ]
