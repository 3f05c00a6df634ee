"""The dispatch step: claim parcels before a byte leaves, record what the carrier answered.

Claiming moves whole parcels to the owner's epoch. A parcel that its owner did not finish is returned when the next epoch
begins. Its unanswered messages are sent again (at most two windows a link), its answered ones are not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hongyan.model.account import Product
from hongyan.model.channel import Channel, ChannelNeed
from hongyan.model.ids import IdSource, first_id
from hongyan.model.message import MessageState, SegmentResult, Verdict
from hongyan.model.protocol import TICKETED
from hongyan.model.rows import ClaimedMessage, MatchedReceipt, OpenMessage
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.traffic import Answered, OutSegment
from hongyan.policy.cutting import cut_of
from hongyan.policy.retry import channels_tried, next_step, was_resent, with_tried
from hongyan.ports.receivers import Receivers
from hongyan.ports.tx.dispatch import DispatchTx
from hongyan.services.steps.ending import Ending, end_messages
from hongyan.services.steps.parcels import requeue
from hongyan.services.steps.segmenting import to_send
from hongyan.services.steps.verdicts import ResendContext, conclude

EXPIRED = "EXPIRED"
"""The code of a message that waited longer than its validity and was not sent."""

STRAY_MS = 60_000
"""The age from which a parcel is looked for. A younger one may be claimed and still be on its way to its owner."""

_MMS = Product.MMS


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim by a channel's owner."""

    channel: Channel
    owner: str
    epoch: int
    most: int  # about so many messages


@dataclass(frozen=True, slots=True)
class StrayParcels:
    """The parcels that a channel's owner has. Others that its epoch has claimed went astray."""

    channel_id: int
    owner: str
    epoch: int
    in_hand: frozenset[int]


@dataclass(frozen=True, slots=True)
class Record:
    """What a link received: answers, and parcels of which every segment is answered now."""

    channel: Channel
    epoch: int
    answers: Sequence[Answered]
    parcels_done: Sequence[int]


@dataclass(slots=True)
class Recorded:
    owed: set[int]  # accounts that are owed a report
    queued: set[int]  # channels that got messages which another channel refused


def claim(
    tx: DispatchTx, asked: Sequence[Claim], *, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int
) -> list[list[OutSegment] | None]:
    """Return to each owner the segments of the parcels that it claimed now, in order; None if no parcel is ready, or it lost the lease.

    A message that waited longer than its account or product allows is not sent: it ends here. So a claim may have nothing to send while
    more waits behind it.
    """
    answers = [_claim_one(tx, one, snapshot, now_ms) for one in asked]
    for one, segments in zip(asked, answers, strict=True):
        if segments and one.channel.protocol in TICKETED:
            _assign_tickets(tx, segments, ids, now_ms)
        if segments and one.channel.product is _MMS:
            _load_media(tx, segments)
    return answers


def _load_media(tx: DispatchTx, segments: Sequence[OutSegment]) -> None:
    media = tx.media_of([segment.message_id for segment in segments])
    for segment in segments:
        segment.media = media.get(segment.message_id, ())


def _assign_tickets(tx: DispatchTx, segments: Sequence[OutSegment], ids: IdSource, now_ms: int) -> None:
    """Name segments before they leave. A segment that an earlier owner named keeps its name, so that the carrier recognises a
    repeat.
    """
    known = tx.tickets_of({s.message_id for s in segments})
    for segment in segments:
        segment.ticket = known.get(_place(segment), 0)
    fresh = [segment for segment in segments if not segment.ticket]
    for segment, number in zip(fresh, ids.take(len(fresh), now_ms), strict=True):
        segment.ticket = number
    tx.add_tickets([(*_place(segment), segment.ticket) for segment in fresh])


def _place(segment: OutSegment) -> tuple[int, int, int]:
    return segment.message_id, segment.part, segment.attempt


def _claim_one(tx: DispatchTx, asked: Claim, snapshot: ConfigSnapshot, now_ms: int) -> list[OutSegment] | None:
    if not tx.holds_lease(asked.channel.id, asked.owner, asked.epoch):
        return None
    cut = cut_of(asked.channel)
    messages = tx.claim_parcels(asked.channel.id, asked.epoch, asked.most, may_cut_short=cut is not None)
    if messages is None:
        return None
    segments, stale = to_send(messages, asked.channel, cut, snapshot, now_ms)
    if stale:
        _expire(tx, stale, snapshot, now_ms)
    return segments


def _expire(tx: DispatchTx, stale: Sequence[ClaimedMessage], snapshot: ConfigSnapshot, now_ms: int) -> None:
    """End messages with a code of ours. The pusher finds their reports by its poll."""
    verdict = Verdict(MessageState.FAILED, EXPIRED, now_ms)
    open_ones = tx.lock_messages([m.id for m in stale])
    end_messages(tx, [(m, verdict, was_resent(m)) for m in open_ones], snapshot, now_ms)
    tx.drop_empty({m.parcel_id for m in stale})


def give_back_strays(tx: DispatchTx, asked: Sequence[StrayParcels], *, now_ms: int) -> list[int]:
    """Return parcels whose claim was committed and never reached its owner, as when the store was lost meanwhile; returns how
    many.
    """
    return [_give_back(tx, one, now_ms) for one in asked]


def _give_back(tx: DispatchTx, asked: StrayParcels, now_ms: int) -> int:
    if not tx.holds_lease(asked.channel_id, asked.owner, asked.epoch):
        return 0
    claimed = tx.claimed_parcels(asked.channel_id, asked.epoch, first_id(now_ms - STRAY_MS))
    strays = [parcel_id for parcel_id in claimed if parcel_id not in asked.in_hand]
    tx.give_back_parcels(strays)
    return len(strays)


def record(
    tx: DispatchTx,
    batch: Sequence[Record],
    *,
    snapshot: ConfigSnapshot,
    ids: IdSource,
    now_ms: int,
    parcel_messages: int,
    receivers: Receivers | None = None,
) -> list[Recorded]:
    """Store answers. Accepted segments keep their carrier id; refused messages go to their next channel, or fail.

    A receipt that came before its answer is concluded in the same commit. Several reads of one channel are stored together; the
    result is returned with the first of them.
    """
    recorded = [Recorded(set(), set()) for _ in batch]
    resend = ResendContext(ids, parcel_messages)
    for place, heard in _together(batch):
        recorded[place], matched = _record_one(tx, heard, snapshot, ids, now_ms, parcel_messages)
        recorded[place].owed |= conclude(tx, matched, snapshot, resend, now_ms, receivers)
    return recorded


def _together(batch: Sequence[Record]) -> list[tuple[int, Record]]:
    """Join records by channel and epoch, each with the place of its first. If a carrier id comes again, a new group begins."""
    joined: list[tuple[int, Record]] = []
    newest: dict[tuple[int, int], tuple[int, set[str]]] = {}  # the index in `joined`, and the carrier ids in it
    for place, heard in enumerate(batch):
        key, names = (heard.channel.id, heard.epoch), {a.carrier_id for a in heard.answers if a.carrier_id}
        if key in newest and newest[key][1].isdisjoint(names):
            at, known = newest[key]
            joined[at] = joined[at][0], _joined(joined[at][1], heard)
            known |= names
        else:
            newest[key] = len(joined), names
            joined.append((place, heard))
    return joined


def _joined(one: Record, more: Record) -> Record:
    return replace(more, answers=[*one.answers, *more.answers], parcels_done=[*one.parcels_done, *more.parcels_done])


def _record_one(
    tx: DispatchTx, heard: Record, snapshot: ConfigSnapshot, ids: IdSource, now_ms: int, parcel_messages: int
) -> tuple[Recorded, Sequence[MatchedReceipt]]:
    """Returns also the receipts that came before these answers."""
    accepted = [a for a in heard.answers if a.result is SegmentResult.ACCEPTED]
    short = [a for a in accepted if a.segment.parts == 1]
    doubtful = [a for a in heard.answers if a.result is SegmentResult.UNANSWERED]
    tx.add_segments(heard.answers, heard.channel.id)
    named = [a for a in heard.answers if a.carrier_id]  # unanswered ones too, if we named them ourselves
    matched = tx.name_answers(named, heard.channel.id, now_ms) if named else []
    if heard.channel.protocol in TICKETED:
        tx.drop_tickets([_place(a.segment) for a in heard.answers])
    tx.mark_sent(
        [(a.segment.message_id, MessageState.SENT, a.at_ms) for a in short]
        + [(a.segment.message_id, MessageState.IN_DOUBT, a.at_ms) for a in doubtful]
    )
    owed: set[int] = set()
    queued: set[int] = set()
    to_judge = {
        a.segment.message_id: a.segment.parts for a in heard.answers if a.segment.parts > 1 or a.result is SegmentResult.REFUSED
    }
    if to_judge:
        owed, queued = _judge(tx, to_judge, heard.channel, snapshot, ids, now_ms, parcel_messages)
    if heard.parcels_done:
        tx.close_parcels(heard.parcels_done, heard.epoch)
    return Recorded(owed, queued), matched


def _judge(
    tx: DispatchTx,
    to_judge: Mapping[int, int],
    channel: Channel,
    snapshot: ConfigSnapshot,
    ids: IdSource,
    now_ms: int,
    parcel_messages: int,
) -> tuple[set[int], set[int]]:
    """Decide about messages with a refused part, or with several parts, once every part has its answer.

    to_judge: message → how many parts this channel made of it; another one may cut it elsewhere
    """
    parts = tx.parts_of(to_judge)
    refusals: list[_Refused] = []
    moves: list[tuple[int, MessageState, int]] = []
    for message in tx.lock_messages(to_judge):
        newest = [p for p in parts.get(message.id, []) if p.channel_id == message.channel_id]
        if not newest:  # these answers were recorded before, and the message is at its next channel
            continue
        refused = [p for p in newest if p.result is SegmentResult.REFUSED]
        accepted = [p for p in newest if p.result is SegmentResult.ACCEPTED]
        if len(newest) < to_judge[message.id]:
            moves.append((message.id, MessageState.SENDING, now_ms))
        elif not refused:
            state = MessageState.SENT if len(accepted) == len(newest) else MessageState.IN_DOUBT
            moves.append((message.id, state, now_ms))
        else:
            refusals.append((message, refused[0].code, bool(accepted)))
    tx.mark_sent(moves)
    return _move_or_end(tx, refusals, channel, snapshot, ids, now_ms, parcel_messages) if refusals else (set(), set())


_Refused = tuple[OpenMessage, str, bool]
"""A message, the code of its refusal, and whether another part of it was accepted."""


def _move_or_end(
    tx: DispatchTx,
    refusals: Sequence[_Refused],
    channel: Channel,
    snapshot: ConfigSnapshot,
    ids: IdSource,
    now_ms: int,
    parcel_messages: int,
) -> tuple[set[int], set[int]]:
    """Queue messages that this channel refused for the next channel that carries them; messages without one fail.

    returns: the accounts that are owed a report, and the channels that got messages
    """
    endings: list[Ending] = []
    moved: list[tuple[OpenMessage, int, str]] = []
    needs = tx.needs_of({message.task_id for message, _, _ in refusals})
    for message, code, was_accepted in refusals:
        if other := _elsewhere(message, needs[message.task_id], channel, snapshot, was_accepted=was_accepted):
            moved.append((message, other, with_tried(message.tried, str(channel.id))))
        else:
            endings.append((message, Verdict(MessageState.FAILED, code, now_ms), was_accepted or was_resent(message)))
    requeue(tx, moved, snapshot.prefixes, ids, now_ms, parcel_messages)
    return end_messages(tx, endings, snapshot, now_ms), {other for _, other, _ in moved}


def _elsewhere(
    message: OpenMessage, need: ChannelNeed, channel: Channel, snapshot: ConfigSnapshot, *, was_accepted: bool
) -> int | None:
    """Returns the next channel for a message that this one refused; None if a segment of it was accepted."""
    product, tried = Product(message.product), channels_tried(message.tried) | {channel.id}
    return next_step(snapshot, message.account_id, product, message.phone, need, tried, was_accepted=was_accepted)
