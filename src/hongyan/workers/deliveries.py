"""What carriers deliver, on its way into the store: receipts and replies, by channel.

A delivery is handed to the lane at once, up to a bound for each channel. So a transaction stays short however much one carrier
delivers, and other work comes between. What the store does not take is held and offered again until it takes it; meanwhile the
link answers its carrier in time (see `ports.LinkEvents`). Held deliveries are offered singly, so that one which can never be
stored harms no other. A carrier's repeat of a held delivery waits together with it. Held deliveries outlive their channel's
worker, since any worker may store them.
"""

import asyncio
from asyncio import Future
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Generic, TypeVar

import structlog

from hongyan.model.channel import Channel
from hongyan.model.owed import OwedKind
from hongyan.model.traffic import Receipt, ReplyPart
from hongyan.ports.lane import Lane, Step
from hongyan.workers.signals import Signals
from hongyan.workers.steps import Steps

log = structlog.get_logger(__name__)

Item = TypeVar("Item", bound=Receipt | ReplyPart)
Confirm = Callable[[bool], None]

AGAIN_S = 1.0
"""Pause before the store is asked again for what it did not take."""

ASKED_MOST = 1024
"""Receipts, or replies, of one channel that the lane has at once."""

PIECE = 512
"""The most of one read that are stored together."""

LINE_OCTETS = 64 * 1024 * 1024
"""The most octets that wait of one channel. More is refused, and the carrier repeats it."""

KEEP_S = 3600.0
"""How long a delivery is held that the store does not take. One that can never be stored must not be tried for ever."""

REPEAT_S = 600.0
"""For how long another delivery of the same reply counts as its repeat, if the reply was held, or its answer lost, and it keeps
no name.
"""

EXPECTED_MOST = 10_000
"""The most replies of one channel that may come again since their answer was lost."""

_ITEM_OCTETS = 500


@dataclass(slots=True)
class _Batch:
    """What one read brought."""

    confirm: Confirm
    left: int = 0  # pieces that are not stored

    def stored(self) -> None:
        self.left -= 1
        if not self.left:
            self.confirm(True)

    def refused(self) -> None:
        if self.left > 0:
            self.left = -1
            self.confirm(False)


@dataclass(slots=True)
class _Piece(Generic[Item]):
    """Deliveries that are stored together, and the reads that wait for them."""

    items: Sequence[Item]
    batches: list[_Batch]
    octets: int
    held_at: float = 0.0  # monotonic
    held_as: Hashable = None  # what its item was equal by then: a step may judge a receipt's state anew


class DeliveryQueue(Generic[Item]):
    """The receipts, or the replies, of one channel."""

    def __init__(
        self,
        name: str,
        ask: Callable[[Sequence[Item], bool], "Future[set[int]]"],
        owed: Callable[[set[int]], None],
        same: Callable[[Item], Hashable],
    ) -> None:
        """ask: stores some, urgently if more wait; owed: called with the accounts; same: returns equal values for repeats"""
        self._name, self._ask, self._owed, self._same = name, ask, owed, same
        self._waiting: deque[_Piece[Item]] = deque()
        self._held: dict[Hashable, _Piece[Item]] = {}
        self._offered: dict[Hashable, _Piece[Item]] = {}  # those that were held and are offered again, until they are stored
        self._late: dict[Hashable, float] = {}  # reply without a lasting name that was held and is stored → when (monotonic)
        self._expected: dict[Hashable, deque[float]] = {}  # reply whose answer was lost → when (monotonic), each time
        self._asked = 0
        self._octets = 0
        self._again: asyncio.TimerHandle | None = None

    def take(self, items: Sequence[Item], confirm: Confirm) -> None:
        if self._late or self._expected:
            items = [item for item in items if not (self._is_late_repeat(item) or self._is_expected(item))]
            if not items:
                confirm(True)
                return
        batch = _Batch(confirm)
        pieces = [self._piece(items[start : start + PIECE], [batch]) for start in range(0, len(items), PIECE)]
        batch.left = len(pieces)
        if self._octets > LINE_OCTETS:
            self._refuse(pieces)
            return
        for piece in pieces:
            if self._repeats_earlier(piece):
                self._hold(piece)
            else:
                self._waiting.append(piece)
        self._pump()

    def _repeats_earlier(self, piece: _Piece[Item]) -> bool:
        return bool(self._held or self._offered) and any(self._earlier(item) for item in piece.items)

    def _earlier(self, item: Item) -> _Piece[Item] | None:
        key = self._same(item)
        return self._held.get(key) or self._offered.get(key)

    def close(self) -> None:
        """Offer nothing any more."""
        if self._again is not None:
            self._again.cancel()

    def _piece(self, items: Sequence[Item], batches: list[_Batch]) -> _Piece[Item]:
        octets = sum(map(_octets, items))
        self._octets += octets
        return _Piece(items, batches, octets)

    def _pump(self) -> None:
        while self._waiting and self._asked < ASKED_MOST:
            self._send(self._waiting.popleft())

    def _send(self, piece: _Piece[Item]) -> None:
        self._asked += len(piece.items)
        asked = self._ask(piece.items, bool(self._waiting))
        asked.add_done_callback(partial(self._answered, piece))

    def _answered(self, piece: _Piece[Item], done: "Future[set[int]]") -> None:
        self._asked -= len(piece.items)
        if piece.held_at:
            del self._offered[piece.held_as]
        if done.cancelled() or done.exception() is not None:
            self._hold(piece)
        else:
            self._octets -= piece.octets
            self._note_late(piece)
            for batch in piece.batches:
                batch.stored()
            self._owed(done.result())
        self._pump()

    def _note_late(self, piece: _Piece[Item]) -> None:
        """Note replies that were stored late: a carrier whose connection broke meanwhile repeats them. The store knows repeats
        by lasting names.
        """
        if piece.held_at and not _keeps_name(piece.items[0]):
            now = monotonic()
            self._late = {key: at for key, at in self._late.items() if now - at < REPEAT_S}
            self._late[self._same(piece.items[0])] = now

    def _is_late_repeat(self, item: Item) -> bool:
        return not _keeps_name(item) and monotonic() - self._late.get(self._same(item), -REPEAT_S) < REPEAT_S

    # --- answers that the carrier may not have ---------------------------------------------------------------------------

    def expect(self, items: Sequence[Item]) -> None:
        """Note stored replies that may come once more under other names; each counts as a repeat once. A person's next "1" is
        another reply.
        """
        for item in items:
            self._expected.setdefault(self._same(item), deque()).append(monotonic())
        while len(self._expected) > EXPECTED_MOST:
            del self._expected[next(iter(self._expected))]

    def _is_expected(self, item: Item) -> bool:
        times = self._expected.get(self._same(item)) if not _keeps_name(item) else None
        if times is None:
            return False
        lost_at = times.popleft()
        while times and monotonic() - lost_at >= REPEAT_S:
            lost_at = times.popleft()
        if not times:
            del self._expected[self._same(item)]
        return monotonic() - lost_at < REPEAT_S

    # --- what the store did not take -------------------------------------------------------------------------------------

    def _hold(self, piece: _Piece[Item]) -> None:
        """Hold them one by one. A repeat of a held one waits with it."""
        self._octets -= piece.octets
        held_at = piece.held_at or monotonic()
        for batch in piece.batches:
            batch.left += len(piece.items) - 1
        for item in piece.items:
            earlier = self._earlier(item)
            if earlier is not None:
                earlier.batches += piece.batches
            else:
                key = self._same(item)
                single = self._held[key] = self._piece([item], [*piece.batches])
                single.held_at, single.held_as = held_at, key
        if self._again is None:
            self._again = asyncio.get_running_loop().call_later(AGAIN_S, self._probe)

    def _probe(self) -> None:
        """Offer one again; if the store takes it, offer all."""
        self._again = None
        self._let_go()
        if not self._held:
            return
        key = next(iter(self._held))
        piece = self._offered[key] = self._held.pop(key)
        self._asked += 1
        self._ask(piece.items, True).add_done_callback(partial(self._probed, piece))

    def _probed(self, piece: _Piece[Item], done: "Future[set[int]]") -> None:
        if not done.cancelled() and done.exception() is None:
            self._waiting.extendleft(reversed(self._held.values()))
            self._offered |= self._held
            self._held.clear()
        self._answered(piece, done)

    def _let_go(self) -> None:
        late = monotonic() - KEEP_S
        given_up = [key for key, piece in self._held.items() if piece.held_at < late]
        if given_up:
            log.error("deliveries_given_up", channel=self._name, count=len(given_up))
            self._refuse([self._held.pop(key) for key in given_up])

    def _refuse(self, pieces: Sequence[_Piece[Item]]) -> None:
        for piece in pieces:
            self._octets -= piece.octets
            for batch in piece.batches:
                batch.refused()


class Deliveries:
    """The deliveries of all channels of a process."""

    def __init__(self, lane: Lane, steps: Steps, signals: Signals) -> None:
        self._lane, self._steps, self._signals = lane, steps, signals
        self._receipts: dict[int, DeliveryQueue[Receipt]] = {}
        self._replies: dict[int, DeliveryQueue[ReplyPart]] = {}

    def receipts_of(self, channel: Channel) -> DeliveryQueue[Receipt]:
        if channel.id not in self._receipts:
            queue = DeliveryQueue(channel.name, self._storing(self._steps.receipts), self._signals.owed, _same_receipt)
            self._receipts[channel.id] = queue
        return self._receipts[channel.id]

    def replies_of(self, channel: Channel) -> DeliveryQueue[ReplyPart]:
        if channel.id not in self._replies:
            queue = DeliveryQueue(channel.name, self._storing(self._steps.replies), self._owed_replies, _same_reply)
            self._replies[channel.id] = queue
        return self._replies[channel.id]

    def _owed_replies(self, account_ids: set[int]) -> None:
        self._signals.owed(account_ids, OwedKind.REPLY)

    def _storing(self, step: Step[Sequence[Item], set[int]]) -> Callable[[Sequence[Item], bool], "Future[set[int]]"]:
        return lambda items, is_urgent: self._lane.ask(step, items, is_urgent=is_urgent)

    def close(self) -> None:
        for receipts in self._receipts.values():
            receipts.close()
        for replies in self._replies.values():
            replies.close()


def _octets(item: Receipt | ReplyPart) -> int:
    """Returns its size: exact for what may be large, else about."""
    return _ITEM_OCTETS if isinstance(item, Receipt) else _ITEM_OCTETS + sum(len(media.data) for media in item.media)


def _keeps_name(item: Receipt | ReplyPart) -> bool:
    """Returns whether a repeat has the same name, by which the store recognises it."""
    return isinstance(item, Receipt) or item.keeps_name


def _same_receipt(receipt: Receipt) -> Hashable:
    return receipt.carrier_ids, receipt.phone, receipt.state, receipt.code


def _same_reply(part: ReplyPart) -> Hashable:
    name = part.carrier_id if _keeps_name(part) else ""
    return part.phone, part.dest, part.body, part.charset, name, part.reference, part.part
