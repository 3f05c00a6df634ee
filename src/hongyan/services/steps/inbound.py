"""The inbound step: parts of replies (MO) become whole texts, find their account, and are owed to it.

A repeated delivery changes nothing. Parts are kept by their place, and for a while after their text was handed on. Whole texts
are recognised by the carrier's ids if there are any, else by their contents with the carrier's own time
(`adapters/delivery_name.py`). Handsets use a reference again: another text in the place of a part begins a new set.
"""

from collections.abc import Sequence

from hongyan.model.ids import IdSource
from hongyan.model.owed import OwedKind
from hongyan.model.rows import NewReply
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.traffic import ReplyPart
from hongyan.policy.content import joined
from hongyan.policy.extno import extension, owner_by_extno
from hongyan.ports.tx.inbound import InboundTx

REPEAT_MS = 24 * 3600 * 1000
"""How long a repeated delivery is recognised."""

LOOK_BACK_MS = 3 * 24 * 3600 * 1000
"""The greatest age of the last message to a phone for which its reply is taken."""

COMPLETE_WITHIN_MS = 10 * 60 * 1000
"""How long a long reply waits for its missing parts. Then the parts that came are handed on, marked as incomplete."""


def take_replies(
    tx: InboundTx,
    batches: Sequence[Sequence[ReplyPart]],
    *,
    snapshot: ConfigSnapshot,
    ids: IdSource,
    now_ms: int,
    media_octets: int,
) -> list[set[int]]:
    """Store batches of reply parts; returns, for each batch, the accounts that are owed a reply."""
    whole: list[NewReply] = []
    for part in (p for batch in batches for p in batch):
        if tx.is_repeat(part, now_ms - REPEAT_MS) or any(_is_same(part, reply) for reply in whole):
            continue
        parts, is_whole = ([part], True) if part.parts == 1 else _join(tx, part)
        if parts:
            whole.append(_reply(tx, parts, snapshot, ids.one(now_ms), now_ms, is_whole=is_whole))
    return [_store(tx, whole, now_ms, media_octets)] * len(batches)


def _join(tx: InboundTx, part: ReplyPart) -> tuple[Sequence[ReplyPart], bool]:
    """Add a part to the others of its text; returns the parts of a text to hand on, if it has any, and whether it is complete."""
    known, was_handed_on = tx.open_set(part)
    earlier = next((one for one in known if one.part == part.part), None)
    if earlier is not None and (earlier.body, earlier.charset) == (part.body, part.charset):
        return (), False
    if earlier is not None:
        tx.drop_parts(part)
        tx.open_set(part)
    parts = tx.add_part(part)
    if len(parts) == part.parts:
        tx.close_set(part)
        return parts, True
    return (known, False) if earlier is not None and not was_handed_on else ((), False)


def sweep_parts(
    tx: InboundTx, asked: Sequence[None], *, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int
) -> list[set[int]]:
    """Hand on long replies whose rest did not come in time."""
    answers = []
    for _ in asked:
        broken = []
        for part in tx.stale_parts(now_ms, COMPLETE_WITHIN_MS):
            parts, was_handed_on = tx.open_set(part)
            if parts and not was_handed_on:
                broken.append(_reply(tx, parts, snapshot, ids.one(now_ms), now_ms, is_whole=False))
            tx.drop_parts(part)
        answers.append(_store(tx, broken, now_ms, 0))  # parts of texts have no media
    return answers


def _is_same(part: ReplyPart, reply: NewReply) -> bool:
    is_from_there = (part.channel_id, part.phone) == (reply.channel_id, reply.phone)
    return bool(part.carrier_id) and is_from_there and part.carrier_id in reply.carrier_id.split(",")


def _reply(
    tx: InboundTx, parts: Sequence[ReplyPart], snapshot: ConfigSnapshot, reply_id: int, now_ms: int, *, is_whole: bool
) -> NewReply:
    first = parts[0]
    account_id, extno, task_id = _owner(tx, first, snapshot, now_ms)
    deliveries = ",".join(p.carrier_id for p in parts if p.carrier_id)
    text = joined(parts).replace("\0", "")
    return NewReply(
        id=reply_id,
        account_id=account_id,
        channel_id=first.channel_id,
        phone=first.phone,
        dest=first.dest,
        extno=extno,
        text=text,
        task_id=task_id,
        carrier_id=deliveries,
        is_whole=is_whole,
        received_ms=first.received_ms,
        media=first.media,
    )


def _owner(tx: InboundTx, part: ReplyPart, snapshot: ConfigSnapshot, now_ms: int) -> tuple[int | None, str, int]:
    """Returns account, extension digits and task of a reply: by the longest matching extno, else by the last message to the
    phone.
    """
    channel = snapshot.channels.get(part.channel_id)
    owned = owner_by_extno(snapshot, channel, part.dest) if channel else None
    last = tx.last_task(part.phone, owned[0].id if owned else None, now_ms, LOOK_BACK_MS)
    extno = extension(channel, part.dest) if channel else ""
    if owned:
        return owned[0].id, owned[1], last[1] if last else 0
    return (last[0], extno, last[1]) if last else (None, extno, 0)


def _store(tx: InboundTx, replies: Sequence[NewReply], now_ms: int, media_octets: int) -> set[int]:
    tx.add_replies(replies)
    for reply in replies:
        if reply.media and tx.lock_media() < media_octets:  # if the store is full, only the text is kept
            tx.add_reply_media(reply.id, reply.media, now_ms)
    owed = [(r.id, r.account_id, r.task_id) for r in replies if r.account_id is not None]
    tx.owe(OwedKind.REPLY, owed, now_ms)
    return {account_id for _, account_id, _ in owed}
