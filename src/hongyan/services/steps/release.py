"""The release step: tasks that waited for their time, or are large, become messages and parcels, slice by slice.

The money was held at accept. The rules that the table of admission marks so judge again. A message fails, with a report, if its
extno belongs to another account by now, its number was black-listed, or no channel serves it any more; its points return by the
account's rule. Safe to repeat: a slice is done once, by (task, slice).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hongyan.model.account import Account, Product
from hongyan.model.binary import Binary
from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState, Verdict
from hongyan.model.parcel import Parcel
from hongyan.model.refusal import Code, Refusal
from hongyan.model.rows import SliceMessages, TaskSlice
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission
from hongyan.policy.admission.context import AdmissionContext
from hongyan.policy.admission.table import AT_RELEASE, RuleScope
from hongyan.policy.limits import LIMITS, Asked, Limit, Usage, keys_of, over_limit
from hongyan.ports.outlets import Outlet, Outlets
from hongyan.ports.tx.release import ReleaseTx
from hongyan.services.counting import count_new_slice
from hongyan.services.steps.ending import end_messages
from hongyan.services.steps.outlets import claim_at_once, of_slices, open_outlets
from hongyan.services.steps.parcels import slice_parcels


@dataclass(slots=True)
class Released:
    count: int  # numbers that were released; 0 if nothing was due
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
    taken = [one for _ in asked if (one := _take_slice(tx, snapshot, ids, now_ms))]
    opened = open_outlets(tx, outlets, {i for one in taken for i in one.channels.values()}) if outlets else {}
    for one in taken:
        if limits and one.channels:
            _keep_to_limits(tx, one, snapshot.accounts_by_id[one.part.account_id], limits, now_ms)
        one.parcels, one.messages = slice_parcels(
            one.part.messages(one.message_ids), one.channels, parcel_messages, ids, now_ms
        )
    _write(tx, taken, opened, snapshot, now_ms)
    released = [
        Released(len(one.message_ids), {p.channel_id for p in one.parcels if not p.epoch}, _end(tx, one, snapshot, now_ms))
        for one in taken
    ]
    return released + [Released(0, set(), set())] * (len(asked) - len(released))


@dataclass(slots=True)
class _Taken:
    """A slice removed from its task: the ids of its messages, the channel of each number that is sent, why the others are not."""

    part: TaskSlice
    message_ids: list[int]
    channels: dict[int, int]
    causes: dict[int, Code]
    messages: list[SliceMessages] = field(default_factory=list)  # of each parcel, and those that are not sent
    parcels: list[Parcel] = field(default_factory=list)


def _take_slice(tx: ReleaseTx, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int) -> _Taken | None:
    part = tx.next_slice(now_ms)
    if part is None:
        return None
    taken = _Taken(part, ids.take(len(part.phones), now_ms), *_judge(part, snapshot, now_ms))
    tx.slice_done(part, taken.message_ids[0], taken.message_ids[-1])
    return taken


def _write(tx: ReleaseTx, taken: Sequence[_Taken], opened: Mapping[int, Outlet], snapshot: ConfigSnapshot, now_ms: int) -> None:
    """Store messages and parcels of all slices; parcels for which their channel has room are stored as claimed."""
    messages = [some for one in taken for some in one.messages]
    parcels = [parcel for one in taken for parcel in one.parcels]
    if opened:
        claim_at_once(tx, opened, parcels, of_slices(messages, snapshot, now_ms))
    for some in messages:
        tx.add_slice_messages(some, now_ms)
        count_new_slice(tx, some, snapshot.prefixes, now_ms)
    tx.add_parcels(parcels)


def _judge(part: TaskSlice, snapshot: ConfigSnapshot, now_ms: int) -> tuple[dict[int, int], dict[int, Code]]:
    """Returns the channel of each number that a channel takes, and why the others are not sent."""
    account = snapshot.accounts_by_id.get(part.account_id)
    if account is None:
        return {}, dict.fromkeys(part.phones, Code.NUMBER_NO_CHANNEL)
    binary = Binary(bytes.fromhex(part.text), bytes.fromhex(part.udh)) if part.udh is not None else None
    account = replace(account, extno_most=len(part.extno))  # how many digits it may add was judged at acceptance
    submission = Submission(
        account, (), part.text, extno=part.extno, product=Product(part.product), binary=binary, is_flash=part.is_flash
    )
    context = AdmissionContext(snapshot, submission, now_ms, part.phones)
    try:
        for judge in AT_RELEASE:
            judge(context)
    except Refusal as refusal:
        return {}, dict.fromkeys(part.phones, refusal.code)
    return {phone: channel_id for phone, channel_id, _ in context.routed}, context.failed


def _keep_to_limits(tx: ReleaseTx, taken: _Taken, account: Account, limits: Sequence[Limit], now_ms: int) -> None:
    """Reject the numbers that a limit leaves no room for, and count the others. Limits of submissions were asked at accept."""
    limits = [limit for limit in limits if limit.judges is RuleScope.NUMBER]
    asked = Asked(account, Product(taken.part.product), list(taken.channels), now_ms)
    usage = Usage(tx.lock_usage(keys_of(limits, asked)))
    out = over_limit(limits, asked, usage)
    taken.causes.update(out)
    for phone in out:
        del taken.channels[phone]
    usage.take(limits, asked, list(taken.channels))
    tx.add_usage(usage.added)


_UNSERVED = frozenset({Code.NO_CHANNEL, Code.NO_BINARY_CHANNEL, Code.NO_FLASH_CHANNEL})
"""Causes that reports name as one: no channel serves the number any more."""


def _end(tx: ReleaseTx, taken: _Taken, snapshot: ConfigSnapshot, now_ms: int) -> set[int]:
    """End the messages that do not leave; returns the accounts that are owed a report."""
    verdicts = {
        message_id: _verdict(taken.causes[phone], now_ms)
        for some in taken.messages
        if not some.channel_id
        for message_id, phone in zip(some.ids, some.phones, strict=True)
    }
    return end_messages(
        tx, [(message, verdicts[message.id], False) for message in tx.lock_messages(verdicts)], snapshot, now_ms
    )


def _verdict(cause: Code, now_ms: int) -> Verdict:
    shown = Code.NUMBER_NO_CHANNEL if cause in _UNSERVED else cause
    return Verdict(MessageState.FAILED, str(shown.words.number), now_ms)
