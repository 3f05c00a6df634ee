"""One connection of a protocol: a session of `wire` on a socket. It passes what comes to its owner, one read at a time.

A peer that does not read gets no more requests and is not read either. Nothing is read while too many deliveries wait for their
commit, so that nobody can fill our memory. In the second case, and while a peer is made to wait, its silence is our doing: the
session's time stands still meanwhile.

What it decides by stands in files of its own: `peer_reader` (what is read, and when), `waiting_deliveries` (what waits for its
commit), `lost_answers` (what the peer may not have).
"""

import asyncio
from collections.abc import Callable, Sequence
from math import inf
from typing import Protocol, cast

from hongyan.http.penalty import REST_S
from hongyan.sockets.lost_answers import LostAnswers
from hongyan.sockets.peer_reader import Pause, PeerReader
from hongyan.sockets.peer_state import is_unacknowledged
from hongyan.sockets.waiting_deliveries import Batch, WaitingDeliveries
from hongyan.wire.events import Answer, Closed, Event, LoggedIn, Reason, Unanswered
from hongyan.wire.frame import BadPdu
from hongyan.wire.session import Limits, Session
from hongyan.wire.session_trouble import SessionTrouble
from hongyan.wire.state import Pdu, ProtocolState, Role

PIECE_OCTETS = 64 * 1024
"""Octets that are handled in one turn of the loop: some four hundred deliveries, which take two milliseconds. One read may have
256 KiB.
"""

_TICK_LEAST_S = 0.01
_LINGER_S = 5.0  # for the last octets of a connection that is being closed

_PATIENCE = 5 / 6
"""The share of the answer time-out that a delivery may wait for its commit. Carriers are assumed to wait as long for us as we
for them.
"""

_SILENCE = 1 / 2
"""The share of the same time after which a request without an answer shows that the peer is dead, if it answered nothing for so
long.
"""

_ORDERLY = frozenset({Reason.LEFT, Reason.PEER_LEFT})
_ANSWERED = _ORDERLY | {Reason.REFUSED, Reason.OUT_OF_STEP, Reason.WRONG_STATE}
"""Ends whose last octets are for the peer to read."""

_UNFIT = -1  # instead of a status: the login could not be written
_NEVER_OPENED = Closed(Reason.LOST, what=SessionTrouble("closed before the login"))


class Owner(Protocol):
    def take_events(self, connection: "Connection", events: Sequence[Event]) -> None:
        """Handle all events of one read, tick or end of the connection."""
        ...

    def writable(self) -> None:
        """A connection that took no octets takes them again."""
        ...


class _Gone:
    """The owner of a connection that is lost."""

    def take_events(self, connection: "Connection", events: Sequence[Event]) -> None: ...

    def writable(self) -> None: ...


_GONE = _Gone()

Record = Callable[[bool, bytes, bool], None]
"""Whether it was sent, the octets, and whether their first one begins a PDU."""


class Connection(asyncio.Protocol):
    def __init__(
        self,
        owner: Owner,
        protocol_state: ProtocolState,
        limits: Limits,
        stamp: int = 0,
        role: Role = Role.CLIENT,
        record: Record | None = None,
    ) -> None:
        """stamp: for a client's login. role: the client is the side that logs in, whichever side submits"""
        self.record = record
        """Called with every read and write."""
        self._owner: Owner = owner
        self._loop = asyncio.get_running_loop()
        self._stamp = stamp
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._reader = PeerReader()
        self._handling: asyncio.Handle | None = None  # of the next piece
        self._rest: asyncio.TimerHandle | None = None  # the end of Pause.RESTING
        self._ready_at: float | None = None
        self._heard_answer_at = self._loop.time()
        self._forgotten = ""  # what the peer answered when it did not know our login any more
        self._waiting = WaitingDeliveries()
        self._lost_answers = LostAnswers()
        self._is_broken = False
        self.was_up_s = 0.0
        """How long it was logged in; set when it ends."""
        self.was_locked_out = False
        """Whether the login was refused in a way that another attempt makes worse; set when it ends."""
        self.session = Session(protocol_state, role, limits, self._loop.time())
        self.over: asyncio.Future[Closed] = self._loop.create_future()

    @property
    def piece_octets(self) -> int:
        """Returns how many octets are handled in one turn of the loop."""
        return PIECE_OCTETS

    @property
    def has_been_up(self) -> bool:
        return self._ready_at is not None

    @property
    def peer(self) -> str:
        """Returns the peer's IP address; "" before there is one."""
        peer = self._transport.get_extra_info("peername") if self._transport else None
        return str(peer[0]) if peer else ""

    @property
    def is_cut_off(self) -> bool:
        """Returns whether the peer's system does not acknowledge what was written. May be read in any thread."""
        line = self._transport.get_extra_info("socket") if self._transport else None
        return line is not None and is_unacknowledged(line)

    @property
    def free(self) -> int:
        """Returns how many submits may be written now."""
        return 0 if self._reader.is_paused(Pause.STUFFED) else self.session.free

    @property
    def unconfirmed(self) -> int:
        """Returns how many deliveries wait for their commit."""
        return self._waiting.count

    # --- the socket ------------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transport is one by its methods only
        if self.session.role is Role.CLIENT:
            try:
                self.session.login(self._loop.time(), self._stamp)
            except BadPdu as unfit:  # a user name or secret that the protocol cannot carry: another try soon is useless
                self._end(Closed(Reason.REFUSED, _UNFIT, SessionTrouble("it cannot be written ({what})", what=unfit)))
                return
        self.flush()
        self._set_timer()

    def data_received(self, data: bytes) -> None:
        if self.record is not None:
            self.record(False, data, self.session.is_between_frames)
        if len(data) > self.piece_octets or self._reader.is_held:
            self._reader.octets += data
            if self._handling is None:
                self._handle_next()
        else:
            self._report(self.session.feed(data, self._loop.time()))

    def _handle_next(self) -> None:
        """Handle the next piece of the last read, unless handling is paused."""
        self._handling = None
        piece = self._reader.take_piece(self.piece_octets)
        if piece:
            self._report(self.session.feed(piece, self._loop.time()))
            self._read_as_wanted()

    def connection_lost(self, error: Exception | None) -> None:
        self._is_broken = error is not None
        if self._reader.octets:
            self._report(self.session.feed(self._reader.octets, self._loop.time()))
            self._reader.octets = b""
        self._report(self.session.lost())
        self._end(_NEVER_OPENED)
        self._let_go()

    def _let_go(self) -> None:
        """Forget who refers to this connection: what refers to itself is left to the garbage collector, and everybody waits for
        that.
        """
        self._owner, self.record, self._transport = _GONE, None, None

    def pause_writing(self) -> None:
        """The peer does not read. Then it is not read either, or our answers to its requests would pile up."""
        self._pause(Pause.STUFFED)

    def resume_writing(self) -> None:
        self._reader.resume(Pause.STUFFED, self._loop.time())
        self._read_as_wanted()
        self._owner.writable()

    def flush(self) -> None:
        """Write what the session has ready, in one piece."""
        octets = self.session.take_out()
        if octets and self._transport is not None and not self._transport.is_closing():
            if self.record is not None:
                self.record(True, octets, True)
            self._transport.write(octets)

    # --- what the link asks for ------------------------------------------------------------------------------------------

    def confirmer(
        self, pdus: Sequence[Pdu], repeat: int, when_lost: Callable[[], None] | None = None
    ) -> Callable[[bool], None]:
        """Returns a function that is called after the commit: it answers these deliveries, or asks for them again.

        Until it is called nothing is answered. When the peer's time for our answer is nearly over, the deliveries are asked for
        again, and the call answers nothing.

        when_lost: called if they were stored and the peer may not know so: the connection broke, or they were asked for again
        """
        until = self._loop.time() + _PATIENCE * self.session.limits.answer_timeout_s
        batch = Batch(pdus, repeat, until, when_lost)
        self._waiting.add(batch)
        if self._waiting.is_full:
            self._pause(Pause.UNCONFIRMED)

        def confirm(is_stored: bool) -> None:
            self._answer_batch(batch, 0 if is_stored else repeat)

        return confirm

    def _answer_batch(self, batch: Batch, status: int) -> None:
        if batch.is_answered:
            if not status and batch.when_lost is not None:
                batch.when_lost()
            return
        self._waiting.remove(batch)
        self.answer(batch.pdus, status)
        if not status and batch.when_lost is not None:
            self._watch(batch.when_lost)
        if self._waiting.has_room and self._reader.is_paused(Pause.UNCONFIRMED):
            self._resume(Pause.UNCONFIRMED)

    def _watch(self, when_lost: Callable[[], None]) -> None:
        """Note an answer until it is proven. On a connection that has ended it counts as lost."""
        if self.over.done():
            when_lost()
        else:
            self._lost_answers.add(when_lost, self._loop.time(), self.session.heard_at)

    def answer(self, pdus: Sequence[Pdu], status: int) -> None:
        for pdu in pdus:
            self.session.answer(pdu, status)
        self.flush()

    def admit(self, status: int, secret: str = "") -> None:
        """Answer the login that the owner got; any status but 0 ends the connection. secret: by which it was proved"""
        self._report(self.session.admit(status, self._loop.time(), secret))

    def rest(self, seconds: float = REST_S) -> None:
        """Read nothing for a while, so that a peer that keeps no bounds takes no more of our time than its rate."""
        if self.over.done():
            return
        if self._rest is not None:
            if self._rest.when() >= self._loop.time() + seconds:
                return
            self._rest.cancel()
        self._rest = self._loop.call_later(seconds, self._rested)
        self._pause(Pause.RESTING)

    def _rested(self) -> None:
        self._rest = None
        self._heard_answer_at += self._resume(Pause.RESTING)

    def logout(self) -> None:
        self._report(self.session.logout(self._loop.time()))
        self._set_timer()

    def leave(self, what: str) -> None:
        """The peer does not know our login any more: send nothing more, and end once nothing is unanswered."""
        self._forgotten = what
        self.session.may_send = False

    def give_up(self, what: str) -> None:
        """Break the connection of a peer that keeps no bounds."""
        self._report(self.session.give_up(what, Reason.UNRULY))

    def abort(self) -> None:
        """Break the connection; unanswered requests are reported at once."""
        self._is_broken = True
        self._report(self.session.lost())
        self._end(_NEVER_OPENED)

    # --- time ------------------------------------------------------------------------------------------------------------

    def limit(self, limits: Limits) -> None:
        """Set the session's limits from now on."""
        self.session.limits = limits
        self._set_timer()

    def _set_timer(self) -> None:
        """Plan a tick at the next deadline, but no later than a deadline that may begin meanwhile. A connection without traffic
        costs nothing.
        """
        if self._timer is not None:
            self._timer.cancel()
        if self.over.done():
            return
        deadline = self._waiting.next_deadline
        if not self._reader.is_silence_ours:
            deadline = min(deadline, self.session.next_deadline)
        due_s = min(self._soonest_s, deadline - self._loop.time())
        self._timer = self._loop.call_later(max(_TICK_LEAST_S, due_s), self._tick)

    @property
    def _soonest_s(self) -> float:
        """Returns after how many seconds a deadline that begins now is due at the earliest, except that of a logout."""
        limits = self.session.limits
        return min(_PATIENCE * limits.answer_timeout_s, limits.heartbeat_s or inf, limits.idle_s or inf)

    def _tick(self) -> None:
        now = self._loop.time()
        while (batch := self._waiting.overdue(now)) is not None:
            self._answer_batch(batch, batch.repeat)
        if not self._reader.is_silence_ours:
            self._report(self.session.tick(self._loop.time()))
        self._set_timer()

    # --- steps -----------------------------------------------------------------------------------------------------------

    def _report(self, events: Sequence[Event]) -> None:
        if not events:
            self.flush()
            return
        self._note(events[0])
        last = events[-1]
        if isinstance(last, Unanswered) and self._is_ignored():
            events = [*events, *self.session.give_up(SessionTrouble("it answers nothing"))]
            last = events[-1]
        self._owner.take_events(self, events)
        self.flush()
        if isinstance(last, Closed):
            self._end(last)
        elif self._forgotten and not self.session.pending:
            self._report(self.session.give_up(self._forgotten, Reason.FORGOTTEN))

    def _note(self, event: Event) -> None:
        if isinstance(event, Answer):
            self._heard_answer_at = self._loop.time()
        elif isinstance(event, LoggedIn):
            self._ready_at = self._loop.time()

    def _is_ignored(self) -> bool:
        """Returns whether nothing was answered for long. One answer that got lost among others is no reason to leave."""
        return self._loop.time() - self._heard_answer_at >= _SILENCE * self.session.limits.answer_timeout_s

    def _end(self, closed: Closed) -> None:
        if self.over.done():
            return
        if self._ready_at is not None:
            self.was_up_s = self._loop.time() - self._ready_at
        self.was_locked_out = closed.reason is Reason.REFUSED and (
            closed.status == _UNFIT or closed.status in self.session.protocol_state.credential_faults
        )
        self.over.set_result(closed)
        self._lost_answers.end(self.session.heard_at, is_orderly=self._is_orderly(closed.reason))
        for timer in (self._timer, self._rest):
            if timer is not None:
                timer.cancel()
        if self._transport is None:
            return
        if closed.reason in _ANSWERED:
            self._transport.close()
            self._loop.call_later(_LINGER_S, self._transport.abort)
        else:
            self._transport.abort()

    def _is_orderly(self, reason: Reason) -> bool:
        """Returns whether the peer has read all: it logged out, or closed without a reset (RFC 2525, 2.17)."""
        return reason in _ORDERLY or (reason is Reason.LOST and not self._is_broken)

    # --- when the peer is read -------------------------------------------------------------------------------------------

    def _pause(self, why: Pause) -> None:
        self._reader.pause(why, self._loop.time())
        self._read_as_wanted()

    def _resume(self, why: Pause) -> float:
        """End a pause that was our doing; returns how many seconds it was. No time-out of the peer counts them."""
        paused_s = self._reader.resume(why, self._loop.time())
        self.session.ignore_silence(paused_s)
        self._set_timer()
        self._read_as_wanted()
        return paused_s

    def _read_as_wanted(self) -> None:
        """Have the next piece handled in the next turn, and the socket read or not."""
        if self._reader.is_ready and self._handling is None:
            self._handling = self._loop.call_soon(self._handle_next)
        is_wanted = not self._reader.is_held
        if self._transport is None or self._transport.is_closing() or self._transport.is_reading() is is_wanted:
            return
        if is_wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()
