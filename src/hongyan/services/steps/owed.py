"""Handing out what is owed to customers: by pull, once; by push, up to three times, then it is parked and can still be pulled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hongyan.model.account import Account, Delivery
from hongyan.model.act import Act, AuditAction
from hongyan.model.ids import EVER_MS, first_id
from hongyan.model.masking import without_password
from hongyan.model.owed import OwedKind, OwedReply, OwedReport, OwedState, Pushed, PushOutcome
from hongyan.model.replay import Replay
from hongyan.model.session_settings import MissingSession
from hongyan.ports.tx.owed import OwedTx, ReplayTx
from hongyan.services.admin.accounts import find_account


@dataclass(frozen=True, slots=True)
class Pull:
    account: Account
    kind: OwedKind
    most: int
    task_id: int | None
    is_again: bool = False  # also reports of the task that were handed out before


@dataclass(frozen=True, slots=True)
class PushClaim:
    account_id: int
    kind: OwedKind
    most: int


@dataclass(frozen=True, slots=True)
class PushRecord:
    account: Account
    kind: OwedKind
    owed_ids: Sequence[int]
    pushed: Pushed
    attempt_id: int  # made before it is recorded, so that a repeat is recognised


@dataclass(frozen=True, slots=True)
class GiveBack:
    kind: OwedKind
    owed_ids: Sequence[int]


_ANY = (0, EVER_MS)

Items = list[OwedReport] | list[OwedReply]


def pull(tx: OwedTx, asked: Sequence[Pull], *, now_ms: int) -> list[Items]:
    """Hand out what is owed, the oldest first. An account that gets it in another way pulls only what was parked."""
    return [_pull_one(tx, one, now_ms) for one in asked]


def _pull_one(tx: OwedTx, asked: Pull, now_ms: int) -> Items:
    picked = _again(tx, asked) if asked.is_again else _pick(tx, asked, now_ms)
    tx.move_owed(picked, OwedState.HANDED, now_ms)
    return _items(tx, asked.kind, picked)


def _again(tx: OwedTx, asked: Pull) -> list[int]:
    assert asked.task_id is not None
    return tx.pick_again(asked.account.id, asked.task_id, asked.most, with_waiting=_may_pull(asked.account))


def _may_pull(account: Account) -> bool:
    """Returns whether it pulls what waits."""
    if account.delivery is Delivery.SESSION:
        return account.missing_session is MissingSession.PULL
    return account.delivery is Delivery.PULL


def _pick(tx: OwedTx, asked: Pull, now_ms: int) -> list[int]:
    """Returns what to hand out, whatever its due time: a clock that was put back may have left that in the future.

    What a session has claimed is due later, and is not pulled meanwhile.
    """
    account = asked.account
    spans = {OwedState.PARKED: _ANY}
    if _may_pull(account):
        spans[OwedState.WAITING] = (0, now_ms) if account.delivery is Delivery.SESSION else _ANY
    picked: list[int] = []
    for state, span in spans.items():
        if len(picked) < asked.most:
            picked += tx.pick_owed(account.id, asked.kind, state, span, asked.most - len(picked), asked.task_id)
    return picked


def _items(tx: OwedTx, kind: OwedKind, owed_ids: Sequence[int]) -> Items:
    return tx.owed_reports(owed_ids) if kind is OwedKind.REPORT else tx.owed_replies(owed_ids)


def give_back(tx: OwedTx, asked: Sequence[GiveBack], *, now_ms: int) -> list[None]:
    """Let these wait again, since the answer with them did not leave our buffer."""
    for one in asked:
        tx.move_owed(one.owed_ids, OwedState.WAITING, now_ms)
    return [None] * len(asked)


def replay(tx: ReplayTx, act: Act, account_name: str, asked: Replay) -> int:
    """Owe again what was made within a span and was handed out, pushed or parked; returns how many. raises: NotFound, Invalid"""
    since_ms, until_ms = asked.span(act.now_ms)
    count = owe_again(tx, act, account_name, asked.owed, since_ms, until_ms)
    facts = {"kind": asked.owed.name.lower(), "since_ms": since_ms, "until_ms": until_ms, "count": count}
    tx.audit(act, AuditAction.OWED_REPLAY, account_name, {}, facts)
    return count


def owe_again(tx: ReplayTx, act: Act, account_name: str, kind: OwedKind, since_ms: int, until_ms: int) -> int:
    """The same for a part of a span; the audit row of the whole replay exists already."""
    account_id = find_account(tx, account_name)["id"]
    return tx.replay(account_id, kind, first_id(since_ms), first_id(until_ms) - 1, act.now_ms)


def claim_push(tx: OwedTx, asked: Sequence[PushClaim], *, now_ms: int, delays_ms: Sequence[int]) -> list[Items]:
    """Read what is due for pushing, the oldest first. What is due later than any delay was owed before the clock was put back,
    and is due too.

    Nothing is marked. One process holds the lease on pushing and pushes one batch at a time of an account and kind, so what it
    is pushing is not claimed again, and what a crash interrupted is. Accounts that are pushed to do not pull what waits.
    """
    spans = (0, now_ms), (latest_due(now_ms, delays_ms) + 1, EVER_MS)
    return [_items(tx, one.kind, _first_of(tx, one, spans)) for one in asked]


def latest_due(now_ms: int, delays_ms: Sequence[int]) -> int:
    """Returns the latest moment at which a push can be due, unless the clock was put back."""
    return now_ms + max(delays_ms, default=0)


def due(
    tx: OwedTx, asked: Sequence[Sequence[int]], *, now_ms: int, delays_ms: Sequence[int]
) -> list[list[tuple[int, OwedKind]]]:
    """Returns which of these accounts have something to be pushed now."""
    return [tx.due_of(account_ids, now_ms, latest_due(now_ms, delays_ms)) for account_ids in asked]


def _first_of(tx: OwedTx, asked: PushClaim, spans: Iterable[tuple[int, int]]) -> list[int]:
    picks = (tx.pick_owed(asked.account_id, asked.kind, OwedState.WAITING, span, asked.most) for span in spans)
    return next(filter(None, picks), [])


def record_push(tx: OwedTx, batch: Sequence[PushRecord], *, now_ms: int, delays_ms: Sequence[int]) -> list[int]:
    """Store the outcome of POSTs; returns, for each, the milliseconds until its items are due again, or 0. A repeat changes
    nothing.

    delays_ms: pause before the second attempt, before the third …; after the last the items are parked
    """
    return [_record_one(tx, one, now_ms, delays_ms) for one in batch]


def _record_one(tx: OwedTx, done: PushRecord, now_ms: int, delays_ms: Sequence[int]) -> int:
    attempt_id, account, address = done.attempt_id, done.account, without_password(done.account.push_url)
    if not tx.add_attempt(attempt_id, account.id, done.kind, len(done.owed_ids), address, done.pushed):
        return 0
    if done.pushed.outcome is PushOutcome.TAKEN:
        tx.mark_pushed(done.owed_ids, attempt_id, now_ms)
        return 0
    attempts = tx.attempts_of(done.owed_ids)
    rows = [_next_try(owed_id, attempts.get(owed_id, 0), now_ms, delays_ms) for owed_id in done.owed_ids]
    tx.mark_failed(rows, attempt_id)
    return max(0, min((due for _, state, due in rows if state is OwedState.WAITING), default=now_ms) - now_ms)


def _next_try(owed_id: int, attempts: int, now_ms: int, delays_ms: Sequence[int]) -> tuple[int, OwedState, int]:
    if attempts < len(delays_ms):
        return owed_id, OwedState.WAITING, now_ms + delays_ms[attempts]
    return owed_id, OwedState.PARKED, now_ms
