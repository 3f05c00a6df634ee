"""The release step: tasks that waited for their time, or are large, become messages and parcels, slice by slice.

Money was held at accept. The rules that are marked so in the table of admission judge again. Messages whose extno another account has
by now, or whose number was black-listed meanwhile or is served by no channel any more, fail with a report and get their points back by
the account's rule. Safe to repeat: a slice is done once, by (task, slice).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hongyan.model.account import Account, Product
from hongyan.model.binary import Binary
from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState, Verdict
from hongyan.model.refusal import Code, Refusal
from hongyan.model.rows import NewMessage, TaskSlice
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission
from hongyan.policy.admission.case import Case
from hongyan.policy.admission.table import AT_RELEASE, Judges
from hongyan.policy.limits import LIMITS, Asked, Limit, Usage, keys_of, over_limit
from hongyan.ports.outlets import Outlets
from hongyan.ports.tx.release import ReleaseTx
from hongyan.services.counting import count_new
from hongyan.services.steps.ending import end_messages
from hongyan.services.steps.handing import hand_over, open_outlets
from hongyan.services.steps.parcels import BULK, parcel_up


@dataclass(slots=True)
class Released:
    count: int  # numbers released; 0 when nothing was due
    queued: set[int]  # channels for which messages wait in the store
    owed: set[int]  # accounts that are owed a report


def release(
    tx: ReleaseTx,
    asked: Sequence[None],
    *,
    snapshot: ConfigSnapshot,
    ids: IdSource,
    now_ms: int,
    parcel_messages: int,
    outlets: Outlets | None = None,
    limits: Sequence[Limit] = LIMITS,
) -> list[Released]:
    """Release one slice for each that asks."""
    return [_release_one(tx, snapshot, ids, now_ms, parcel_messages, outlets, limits) for _ in asked]


def _release_one(
    tx: ReleaseTx,
    snapshot: ConfigSnapshot,
    ids: IdSource,
    now_ms: int,
    parcel_messages: int,
    outlets: Outlets | None,
    limits: Sequence[Limit],
) -> Released:
    part = tx.next_slice(now_ms)
    if part is None:
        return Released(0, set(), set())
    channels, causes = _judge(part, snapshot, now_ms)
    opened = open_outlets(tx, outlets, set(channels.values())) if outlets else {}
    if limits and channels:
        _keep_to_limits(tx, part, snapshot.accounts_by_id[part.account_id], channels, causes, limits, now_ms)
    messages = _messages(part, channels, ids.take(len(part.phones), now_ms), now_ms)
    parcels = parcel_up([m for m in messages if m.channel_id], BULK, parcel_messages, ids, now_ms)
    if opened:
        hand_over(tx, opened, parcels, messages, {part.task_id: part}, snapshot, now_ms)
    tx.add_messages(messages)
    count_new(tx, messages, snapshot.prefixes)
    tx.add_parcels(parcels)
    owed = _end(tx, {m.id: causes[m.phone] for m in messages if not m.channel_id}, snapshot, now_ms)
    tx.slice_done(part, messages[0].id, messages[-1].id)
    return Released(len(messages), {p.channel_id for p in parcels if not p.epoch}, owed)


def _judge(part: TaskSlice, snapshot: ConfigSnapshot, now_ms: int) -> tuple[dict[int, int], dict[int, Code]]:
    """The channel of each number that a channel takes, and why the others are not sent."""
    account = snapshot.accounts_by_id.get(part.account_id)
    if account is None:
        return {}, dict.fromkeys(part.phones, Code.NUMBER_NO_CHANNEL)
    binary = Binary(bytes.fromhex(part.text), bytes.fromhex(part.udh)) if part.udh is not None else None
    account = replace(account, extno_most=len(part.extno))  # how many digits it may add was judged when it was accepted
    submission = Submission(
        account, (), part.text, extno=part.extno, product=Product(part.product), binary=binary, is_flash=part.is_flash
    )
    case = Case(snapshot, submission, now_ms, part.phones)
    try:
        for judge in AT_RELEASE:
            judge(case)
    except Refusal as refusal:
        return {}, dict.fromkeys(part.phones, refusal.code)
    return {phone: channel_id for phone, channel_id, _ in case.routed}, case.failed


def _keep_to_limits(
    tx: ReleaseTx,
    part: TaskSlice,
    account: Account,
    channels: dict[int, int],
    causes: dict[int, Code],
    limits: Sequence[Limit],
    now_ms: int,
) -> None:
    """Take out the numbers that have no room, and count the others. Limits of submissions were asked at accept."""
    limits = [limit for limit in limits if limit.judges is Judges.NUMBER]
    asked = Asked(account, Product(part.product), list(channels), now_ms)
    usage = Usage(tx.lock_usage(keys_of(limits, asked)))
    out = over_limit(limits, asked, usage)
    causes.update(out)
    for phone in out:
        del channels[phone]
    usage.take(limits, asked, list(channels))
    tx.add_usage(usage.added)


def _messages(part: TaskSlice, channels: Mapping[int, int], message_ids: Sequence[int], now_ms: int) -> list[NewMessage]:
    """One message a number; channel 0 for one that is not sent."""
    texts: Sequence[str | None] = part.texts or [None] * len(part.phones)
    return [
        NewMessage(
            id=message_id,
            task_id=part.task_id,
            account_id=part.account_id,
            product=part.product,
            phone=phone,
            text=text,
            segments=segments,
            points=points,
            channel_id=channels.get(phone, 0),
            changed_ms=now_ms,
        )
        for message_id, phone, text, segments, points in zip(
            message_ids, part.phones, texts, part.segments, part.points, strict=True
        )
    ]


_UNSERVED = frozenset({Code.NO_CHANNEL, Code.NO_BINARY_CHANNEL, Code.NO_FLASH_CHANNEL})
"""Causes that reports name as one: nothing serves the number any more."""


def _end(tx: ReleaseTx, causes: Mapping[int, Code], snapshot: ConfigSnapshot, now_ms: int) -> set[int]:
    """End the messages that do not leave. Returns the accounts that are owed a report."""
    verdicts = {}
    for message_id, cause in causes.items():
        shown = Code.NUMBER_NO_CHANNEL if cause in _UNSERVED else cause
        verdicts[message_id] = Verdict(MessageState.FAILED, str(shown.words.number), now_ms)
    return end_messages(tx, [(message, verdicts[message.id], False) for message in tx.lock_messages(causes)], snapshot, now_ms)
