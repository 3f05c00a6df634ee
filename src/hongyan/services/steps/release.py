"""The release step: tasks that waited for their time, or are large, become messages and parcels, slice by slice.

Money was held at accept. The extno, black lists and routes are judged again here. Messages whose extno another account has by
now, or whose number was listed meanwhile or is served by no channel any more, fail with a report and get their points back by
the account's rule. Repeats safely: a slice is done once, by (task, slice).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.account import Account, Product
from hongyan.model.ids import IdSource
from hongyan.model.message import MessageState, Verdict
from hongyan.model.refusal import Code, Refusal
from hongyan.model.rows import NewMessage, TaskSlice
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.extno import check_extno
from hongyan.policy.listed import is_listed, lists_for
from hongyan.policy.numbers import carrier_of
from hongyan.policy.routing import choose
from hongyan.ports.tx.release import ReleaseTx
from hongyan.services.steps.ending import end_messages
from hongyan.services.steps.parcels import BULK, parcel_up


@dataclass(slots=True)
class Released:
    count: int  # numbers released; 0 when nothing was due
    queued: set[int]  # channels that got messages
    owed: set[int]  # accounts that are owed a report


def release(
    tx: ReleaseTx, asked: Sequence[None], *, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int, parcel_messages: int
) -> list[Released]:
    """Release one slice for each that asks."""
    return [_release_one(tx, snapshot, ids, now_ms, parcel_messages) for _ in asked]


def _release_one(tx: ReleaseTx, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int, parcel_messages: int) -> Released:
    part = tx.next_slice(now_ms)
    if part is None:
        return Released(0, set(), set())
    messages = _messages(part, snapshot, ids.take(len(part.phones), now_ms), now_ms)
    stranded = _take_out(messages, part, snapshot, now_ms)
    going = [m for m in messages if m.channel_id]
    parcels = parcel_up(going, BULK, parcel_messages, ids, now_ms)
    tx.add_messages(messages)
    tx.add_parcels(parcels)
    owed = _end(tx, stranded, snapshot, now_ms)
    tx.slice_done(part, messages[0].id, messages[-1].id)
    return Released(len(messages), {p.channel_id for p in parcels}, owed)


def _messages(part: TaskSlice, snapshot: ConfigSnapshot, message_ids: Sequence[int], now_ms: int) -> list[NewMessage]:
    """One message a number; channel 0 where no channel serves it."""
    account = snapshot.accounts_by_id.get(part.account_id)
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
            state=MessageState.QUEUED,
            channel_id=_channel(snapshot, account, part.product, phone),
            parcel_id=0,
            changed_ms=now_ms,
        )
        for message_id, phone, text, segments, points in zip(
            message_ids, part.phones, texts, part.segments, part.points, strict=True
        )
    ]


def _channel(snapshot: ConfigSnapshot, account: Account | None, product: int, phone: int) -> int:
    if account is None:
        return 0
    return choose(snapshot, account.id, Product(product), carrier_of(phone, snapshot.prefixes), phone) or 0


def _take_out(messages: Sequence[NewMessage], part: TaskSlice, snapshot: ConfigSnapshot, now_ms: int) -> dict[int, Code]:
    """Leave those without a channel that may not go any more; returns why, by id, for all that have none."""
    causes = {m.id: Code.NUMBER_NO_CHANNEL for m in messages if not m.channel_id}
    lists = lists_for(snapshot, part.account_id)
    causes |= {m.id: Code.NUMBER_LISTED for m in messages if is_listed(lists, m.phone, now_ms // 1000)} if lists else {}
    if refused := _extno_refused(part, snapshot):
        causes = dict.fromkeys((m.id for m in messages), refused)
    for message in messages:
        if message.id in causes:
            message.channel_id = 0
    return causes


def _extno_refused(part: TaskSlice, snapshot: ConfigSnapshot) -> Code | None:
    account = snapshot.accounts_by_id.get(part.account_id)
    if account is None:
        return None
    try:
        check_extno(snapshot, account, Product(part.product), part.extno)
    except Refusal as refusal:
        return refusal.code
    return None


def _end(tx: ReleaseTx, stranded: dict[int, Code], snapshot: ConfigSnapshot, now_ms: int) -> set[int]:
    """Give those that do not leave their verdicts; returns the accounts that are owed a report."""
    verdicts = {key: Verdict(MessageState.FAILED, str(cause.words.number), now_ms) for key, cause in stranded.items()}
    return end_messages(
        tx, [(message, verdicts[message.id], False) for message in tx.lock_messages(set(stranded))], snapshot, now_ms
    )
