"""Reports and replies of one session: claimed as its window has room, or handed to it as they are owed; written in bursts, ended
when the customer answered.

Delivery is at least once: an item that is not answered in time is due again, on any session that the account has then. An item
of several PDUs is delivered when all of them are answered.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from hongyan.adapters.centre import Delivery
from hongyan.adapters.server import ServerAdapter
from hongyan.model.customer_session import CustomerSession
from hongyan.model.session_delivery import Deliverable
from hongyan.ports.customer_sessions import SessionDeliveries
from hongyan.sockets.connection import Connection
from hongyan.wire.frame import BadPdu

log = structlog.get_logger(__name__)

_AHEAD = 2
"""How many windows are claimed ahead of the customer's answers, so that the customer never waits for our store."""

AT_ONCE = 32
"""Items that are made PDUs in one turn of the loop. All other work waits meanwhile, some 0.3 ms."""


@dataclass(slots=True, eq=False)
class _Item:
    """A claimed item, and how many of its PDUs are not answered."""

    deliverable: Deliverable
    left: int
    is_over: bool = False  # refused or late: the rest of it is not sent


@dataclass(slots=True)
class _OutPdu:
    """One PDU, and until when (loop time) it may still be sent."""

    item: _Item
    delivery: Delivery
    until: float


class Deliveries:
    def __init__(
        self, api: SessionDeliveries, session: CustomerSession, adapter: ServerAdapter, connection: Connection, answer_s: float
    ) -> None:
        self._api, self._session, self._adapter, self._connection = api, session, adapter, connection
        self._answer_s = answer_s
        self.answer_ms = round(_AHEAD * answer_s * 1000)
        """How long a claim lasts."""
        self._loop = asyncio.get_running_loop()
        self._taken: deque[tuple[Deliverable, float]] = deque()  # items that are no PDUs yet, and until when they may be sent
        self._making: asyncio.Handle | None = None
        self._queue: deque[_OutPdu] = deque()
        self._is_claiming = False
        self._is_owed = False  # whether there may be more in the store
        self._done: list[Deliverable] = []
        self._tasks: set[asyncio.Future[None]] = set()

    @property
    def room(self) -> int:
        """Returns how many items it takes without a claim; 0 while there may be older ones to claim."""
        if self._is_owed or self._is_claiming or not self._connection.session.may_send or self._connection.over.done():
            return 0
        return max(0, self._room)

    @property
    def _room(self) -> int:
        session = self._connection.session
        return _AHEAD * session.limits.window - len(self._taken) - len(self._queue) - session.pending

    def owed(self) -> None:
        """There may be something to claim."""
        self._is_owed = True
        self.pump()

    def answered(self, token: object, status: int) -> None:
        """The customer answered one PDU."""
        assert isinstance(token, _OutPdu)
        item = token.item
        self._session.counts.waiting_out -= 1
        if item.is_over:
            return
        if status:
            item.is_over = True
            self._report(self._api.undelivered(self._session, [item.deliverable], is_final=self._adapter.is_final(status)))
            return
        item.left -= 1
        if not item.left:
            self._done.append(item.deliverable)

    def unanswered(self, tokens: Sequence[object]) -> None:
        """These PDUs came back without an answer, so their items are due again."""
        for token in tokens:
            assert isinstance(token, _OutPdu)
            token.item.is_over = True
            self._session.counts.waiting_out -= 1

    def settle(self) -> None:
        """Store what was answered since, then send what there is room for. Called after the events of a read."""
        if self._done:
            self._session.counts.delivered += len(self._done)
            self._report(self._api.delivered(self._session, self._done))
            self._done = []
        self.pump()

    def pump(self) -> None:
        """Send what is claimed, and claim what there is room for."""
        session, now, is_written = self._connection.session, self._loop.time(), False
        while self._queue and self._connection.free:
            outgoing = self._queue.popleft()
            outgoing.item.is_over |= outgoing.until < now
            if not outgoing.item.is_over:
                is_written |= self._write(outgoing, now)
        if is_written:
            self._connection.flush()
        room = self._room
        if self._is_owed and not self._is_claiming and self._connection.free and room >= session.limits.window:
            self._claim(room)

    def _write(self, outgoing: _OutPdu, now: float) -> bool:
        session = self._connection.session
        try:
            octets = self._adapter.write(outgoing.delivery, session.next_seq, session.protocol_state)
        except BadPdu as unfit:
            log.warning("delivery_unfit", account=self._session.account.name, what=str(unfit), limit_by=("account",))
            outgoing.item.is_over = True
            self._report(self._api.undelivered(self._session, [outgoing.item.deliverable], is_final=True))
            return False
        session.send(octets, outgoing, now)
        self._session.counts.deliveries += 1
        self._session.counts.waiting_out += 1
        return True

    def _claim(self, room: int) -> None:
        self._is_claiming, self._is_owed = True, False
        claimed = self._api.claim(self._session, room, self.answer_ms)
        claimed.add_done_callback(lambda done: self._claimed(done, room))

    def _claimed(self, done: "asyncio.Future[Sequence[Deliverable]]", room: int) -> None:
        self._is_claiming = False
        if done.cancelled() or done.exception() is not None:
            return  # the store is away: the lane logged it, and `owed` is called again
        items = done.result()
        self._is_owed = self._is_owed or len(items) >= room
        if not self._connection.over.done():  # the end of the session returns them
            self._take(items)

    def take_owed(self, items: Sequence[Deliverable]) -> None:
        """Deliver items that were claimed for this session in the commit that owed them.

        Commits that follow each other closely have seen the same room. What there is none for any more is due again.
        """
        if self._connection.over.done():
            return  # the end of the session returns them
        room = max(0, self._room)
        if items[room:]:
            self._give_back(items[room:])
        self._take(items[:room])

    def _give_back(self, items: Sequence[Deliverable]) -> None:
        self._is_owed = True
        returned = self._api.give_back(self._session, items)
        self._report(returned)
        returned.add_done_callback(lambda _: self.owed())

    def _take(self, items: Sequence[Deliverable]) -> None:
        until = self._loop.time() + self._answer_s
        self._taken.extend((one, until) for one in items)
        if self._making is None:
            self._make_pdus()

    def _make_pdus(self) -> None:
        """Make PDUs of some of the items, and of the others in the next turns of the loop."""
        for _ in range(min(AT_ONCE, len(self._taken))):
            deliverable, until = self._taken.popleft()
            deliveries = self._adapter.deliveries(deliverable, self._session.account)
            item = _Item(deliverable, len(deliveries))
            self._queue.extend(_OutPdu(item, delivery, until) for delivery in deliveries)
        self._making = self._loop.call_soon(self._make_pdus) if self._taken else None
        self.pump()

    def _report(self, reported: "asyncio.Future[None]") -> None:
        """Store the outcome. If that fails, the items are due again by themselves."""
        self._tasks.add(reported)
        reported.add_done_callback(self._reported)

    def _reported(self, reported: "asyncio.Future[None]") -> None:
        self._tasks.discard(reported)
        if not reported.cancelled() and (error := reported.exception()) is not None:
            log.warning(
                "delivery_not_noted", account=self._session.account.name, error=type(error).__name__, limit_by=("error",)
            )
