"""One connection to a carrier or from a client, without a socket and without a clock; for every protocol, in both roles.

    OPEN ──login──▶ LOGGING_IN ──status 0──▶ READY ──logout──▶ LEAVING ──▶ CLOSED
                        └── refused ──▶ CLOSED     └── peer leaves, dies, loses step ──▶ CLOSED

The owner of the socket calls `feed` with what it reads, `tick` at `next_deadline`, and `lost` when the connection is gone.
After each call it writes what `take_out` returns. Everything that happened is returned as a list of events, in order. Times are
seconds of any clock that only moves forward.

Requests have sequences of our own; the window holds those without an answer. The session sends nothing twice. Requests without
an answer are returned in `Unanswered` or in `Closed`, and their owner decides.
"""

from dataclasses import dataclass
from enum import Enum, auto
from math import inf

from hongyan.wire.events import Answer, Asked, Closed, Event, Heartbeat, LoggedIn, LoginAsked, Reason, Unanswered, Unexpected
from hongyan.wire.frame import BadPdu, FrameBroken, Framer
from hongyan.wire.session_trouble import SessionTrouble
from hongyan.wire.silence import Silence
from hongyan.wire.state import Fault, Kind, Pdu, ProtocolState, Role
from hongyan.wire.window import Window

LOGIN_OCTETS = 1024
"""The longest frame that a centre accepts before the login; no login comes near this."""

_ANSWER = Kind.ANSWER  # looking a member up in its class takes longer than the rest of the loop that needs it
_REQUEST = Kind.REQUEST


class State(Enum):
    OPEN = auto()
    LOGGING_IN = auto()
    READY = auto()
    LEAVING = auto()
    CLOSED = auto()


_READY, _CLOSED = State.READY, State.CLOSED  # see _ANSWER


@dataclass(frozen=True, slots=True)
class Limits:
    window: int = 16  # unanswered requests
    answer_timeout_s: float = 60.0
    heartbeat_s: float = 30.0  # of silence before a heartbeat; 0: no heartbeats
    login_timeout_s: float = 10.0
    leave_timeout_s: float = 5.0  # for the answer to our logout
    idle_s: float = 0.0  # of silence without unanswered requests before we log out, instead of heartbeats; 0: never


class Session:
    def __init__(self, protocol_state: ProtocolState, role: Role, limits: Limits, now: float) -> None:
        self.protocol_state = protocol_state
        self.role = role
        self.limits = limits
        self.state = State.OPEN
        self._window = Window(protocol_state.sequences(0))
        self._silence = Silence(now)
        self._framer = Framer(protocol_state.head_octets, LOGIN_OCTETS if role is Role.CENTRE else protocol_state.frame_most)
        self._out: list[bytes] = []
        self._events: list[Event] = []
        self._allowed = frozenset[int]()  # requests and notices
        self.may_send = True
        """Once logged in: whether this connection is for requests of ours."""
        self.answers_first = False
        """Centre: whether a peer that logs out gets the answers to its requests before that to its logout."""
        self._unanswered = 0  # requests of the peer
        self._leaving_seq: int | None = None  # of a logout that waits for those answers
        self._login_seq = 0
        self._asked: Pdu | None = None  # the login that waits for `admit`
        self._deadline = now + limits.login_timeout_s  # of the login, then of the logout

    # --- what the owner asks for -----------------------------------------------------------------------------------------

    @property
    def pending(self) -> int:
        """Returns how many requests have no answer."""
        return len(self._window.waiting)

    @property
    def next_seq(self) -> int:
        """Returns the sequence that the next request has to be written with."""
        return self._window.next_seq

    @property
    def free(self) -> int:
        """Returns how many more requests the window takes; 0 unless logged in, and on a connection for the other direction."""
        return max(0, self.limits.window - len(self._window.waiting)) if self.state is _READY and self.may_send else 0

    @property
    def is_between_frames(self) -> bool:
        """Returns whether the next octet of the peer begins a PDU."""
        return self._framer.is_between

    @property
    def heard_at(self) -> float:
        """Returns when the peer was last heard."""
        return self._silence.since

    def login(self, now: float, stamp: int = 0) -> None:
        """Client: log in. stamp: MMDDHHMMSS of Beijing as a number, for protocols that write it"""
        assert self.role is Role.CLIENT
        assert self.state is State.OPEN
        self.state = State.LOGGING_IN
        self._deadline = now + self.limits.login_timeout_s
        self._window = Window(self.protocol_state.sequences(stamp))
        self._login_seq = self._window.take_seq()
        self._out.append(self.protocol_state.login(self._login_seq, stamp))

    def admit(self, status: int, now: float, secret: str = "") -> list[Event]:
        """Centre: answer the login of `LoginAsked`. Any status but 0 ends the session. If the session has ended, it does
        nothing.
        """
        if self.state is State.CLOSED:
            return []
        assert self._asked is not None
        self._out.append(self.protocol_state.admit(self._asked, status, secret))
        self._asked = None
        if status:
            self._close(Reason.REFUSED, status)
        else:
            self._become_ready(now)
        return self._reported()

    def send(self, octets: bytes, token: object, now: float, own_seq: int = 0) -> None:
        """Write a request that has `next_seq`, or a sequence of its owner, and wait for its answer.

        Only while `free`.
        """
        assert self.state is _READY
        self._window.add(own_seq or self._window.take_seq(), token, now)
        self._out.append(octets)

    def answer(self, request: Pdu, status: int = 0, message_id: str = "") -> None:
        """Answer the request of `Asked`. After the end of the session it does nothing."""
        if self.state is not _CLOSED:
            self._unanswered -= 1
            self._out.append(self.protocol_state.answer(request, status, message_id))

    def write(self, pdu: Pdu) -> None:
        """Write an answer that the owner made: to a query or a cancellation."""
        if self.state is not State.CLOSED:
            self._unanswered -= 1
            self._out.append(self.protocol_state.encode(pdu))

    @property
    def is_left(self) -> bool:
        """Returns whether the peer logged out and waits for answers to its requests first. That has a deadline of its own."""
        return self._leaving_seq is not None and self.state is _READY

    @property
    def may_go(self) -> bool:
        """Returns whether the peer waits for nothing but the answer to its logout; then `let_go` is called."""
        return self.is_left and self._unanswered <= 0

    def let_go(self) -> list[Event]:
        """Answer the peer's logout. It closes the session."""
        assert self._leaving_seq is not None
        self._out.append(self.protocol_state.logout_answer(self._leaving_seq))
        self._close(Reason.PEER_LEFT)
        return self._reported()

    def logout(self, now: float) -> list[Event]:
        """Log out. The session closes with the peer's answer, or when that is late."""
        if self.state is State.READY:
            self._leave(now)
        elif self.state is not State.LEAVING:
            self._close(Reason.LEFT)
        return self._reported()

    def lost(self) -> list[Event]:
        """Note that the transport is gone."""
        self._close(Reason.LOST)
        return self._reported()

    def give_up(self, what: str, reason: Reason = Reason.PEER_DEAD) -> list[Event]:
        """End the connection because the peer does not answer, or does not know our login any more."""
        self._close(reason, what=what)
        return self._reported()

    def take_out(self) -> bytes:
        """Returns everything that has to be written now, in one piece."""
        if not self._out:
            return b""
        octets = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out.clear()
        return octets

    # --- time ------------------------------------------------------------------------------------------------------------

    @property
    def next_deadline(self) -> float:
        """Returns when `tick` has to be called at the latest. It may become earlier whenever something is sent."""
        if self.state is State.CLOSED:
            return inf
        if self.state is not State.READY:
            return self._deadline
        leaves_at = self._deadline if self.is_left else inf
        answer_due = self._window.next_deadline(self.limits.answer_timeout_s)
        return min(self._heartbeat_due, answer_due, self._idle_due, leaves_at)

    def tick(self, now: float) -> list[Event]:
        """Act on all deadlines that have passed: login, answers, heartbeat, logout."""
        if self.is_left and now >= self._deadline:
            return self.let_go()
        if self.state is State.READY:
            self._tick_ready(now)
        elif self.state is not State.CLOSED and now >= self._deadline:
            self._close(Reason.LEFT if self.state is State.LEAVING else Reason.LOGIN_TIMEOUT)
        return self._reported()

    def ignore_silence(self, seconds: float) -> None:
        """The owner did not read for this time, so the silence of the peer meanwhile is not counted."""
        self._silence.ignore(seconds)
        self._window.ignore_silence(seconds)

    @property
    def _heartbeat_due(self) -> float:
        has_heartbeats = self.protocol_state.heartbeat_tries and not self.limits.idle_s
        return self._silence.heartbeat_due(self.limits.heartbeat_s) if has_heartbeats else inf

    @property
    def _idle_due(self) -> float:
        return inf if self._window.waiting else self._silence.lasts_until(self.limits.idle_s)

    def _tick_ready(self, now: float) -> None:
        if expired := self._window.expire(self.limits.answer_timeout_s, now):
            self._events.append(Unanswered(expired))
        if now >= self._heartbeat_due:
            self._heartbeat(now)
        elif now >= self._idle_due:
            self._leave(now)

    def _heartbeat(self, now: float) -> None:
        silence = self._silence
        if silence.heartbeats >= self.protocol_state.heartbeat_tries:
            self._close(Reason.PEER_DEAD, what=SessionTrouble("silent for {seconds} s", seconds=round(now - silence.since)))
            return
        silence.heartbeats += 1
        self._out.append(self.protocol_state.heartbeat(self._window.take_seq()))

    # --- what the peer says ----------------------------------------------------------------------------------------------

    def feed(self, data: bytes, now: float) -> list[Event]:
        """Returns all events of these octets, in order. Never raises for what a peer sends."""
        if self.state is _CLOSED:
            return []
        self._silence.end(now)
        kinds = self.protocol_state.kinds
        try:
            for command, status, seq, body in self._framer.feed(data):
                kind = kinds.get(command)
                if kind is _ANSWER:
                    self._take_answer(status, seq, body)
                elif command in self._allowed:
                    self._take_request(kind, command, status, seq, body)
                elif not self._take(kind, command, status, seq, body, now):
                    break
        except FrameBroken as broken:
            self._out.append(self.protocol_state.refuse(0, 0, Fault.OUT_OF_STEP))
            self._close(Reason.OUT_OF_STEP, what=broken.what)
        return self._reported()

    def _take_answer(self, status: int, seq: int, body: bytes) -> None:
        waiting = self._window.take(seq)
        if waiting is None:
            self._events.append(Unexpected(f"an answer to {seq}, which waits for none"))
            return
        try:
            code, message_id = self.protocol_state.read_answer(status, body)
        except BadPdu as bad:
            self._events += (Unexpected(str(bad)), Unanswered((waiting[0],)))
            return
        self._events.append(Answer(waiting[0], code, message_id))

    def _take(self, kind: Kind | None, command: int, status: int, seq: int, body: bytes, now: float) -> bool:
        """Handle all but answers to texts and expected requests; returns False if it ended the session.

        What a client sends behind its login without waiting for the answer is refused, and its login goes on.
        """
        if self.state is State.OPEN and self._asked is None and kind not in self.protocol_state.before_login:
            self._out.append(self.protocol_state.refuse(command, seq, Fault.WRONG_STATE))
            self._close(Reason.WRONG_STATE, what=SessionTrouble("command {command} before the login", command=f"{command:#x}"))
            return False
        match kind:
            case Kind.REQUEST | Kind.NOTICE:
                self._out.append(self.protocol_state.refuse(command, seq, Fault.WRONG_STATE))
                self._events.append(Unexpected(f"command {command:#x} out of place"))
            case Kind.HEARTBEAT:
                self._out.append(self.protocol_state.heartbeat_answer(seq))
                self._events.append(Heartbeat())
            case Kind.HEARTBEAT_ANSWER:
                self._events.append(Heartbeat())
            case Kind.LOGIN:
                self._take_login(command, status, seq, body)
            case Kind.LOGIN_ANSWER:
                self._take_login_answer(command, status, seq, body, now)
            case Kind.OTHER_ANSWER:
                self._take_other_answer(command, status, seq, body)
            case Kind.LOGOUT if self.answers_first and self._unanswered > 0 and self.state is State.READY:
                self._let_finish(seq, now)
            case Kind.LOGOUT:
                self._out.append(self.protocol_state.logout_answer(seq))
                self._close(Reason.PEER_LEFT)
            case Kind.LOGOUT_ANSWER:
                self._take_logout_answer()
            case Kind.NACK:
                self._take_nack(status, seq)
            case _:
                self._out.append(self.protocol_state.refuse(command, seq, Fault.UNKNOWN_COMMAND))
                self._events.append(Unexpected(f"unknown command {command:#010x}"))
        return self.state is not State.CLOSED

    def _take_request(self, kind: Kind | None, command: int, status: int, seq: int, body: bytes) -> None:
        try:
            self._events.append(Asked(self.protocol_state.decode(command, status, seq, body)))
            self._unanswered += kind is _REQUEST
        except BadPdu as bad:
            if kind is Kind.REQUEST:
                self._out.append(self.protocol_state.refuse(command, seq, Fault.UNREADABLE, body))
            self._events.append(Unexpected(str(bad)))

    def _take_login(self, command: int, status: int, seq: int, body: bytes) -> None:
        if self.role is not Role.CENTRE or self.state is not State.OPEN or self._asked is not None:
            self._out.append(self.protocol_state.refuse(command, seq, Fault.ALREADY_LOGGED_IN))
            self._events.append(Unexpected("a login out of place"))
            return
        try:
            self._asked = self.protocol_state.decode(command, status, seq, body)
        except BadPdu as bad:
            self._out.append(self.protocol_state.refuse(command, seq, Fault.UNREADABLE))
            self._close(Reason.REFUSED, what=str(bad))
            return
        self.protocol_state.negotiate(self._asked)
        self._events.append(LoginAsked(self._asked))

    def _take_login_answer(self, command: int, status: int, seq: int, body: bytes, now: float) -> None:
        if self.state is not State.LOGGING_IN:
            self._events.append(Unexpected("an answer to a login that nobody sent"))
            return
        try:
            code, odd = self.protocol_state.read_login_answer(command, status, seq, body)
        except BadPdu as bad:
            self._close(Reason.REFUSED, what=SessionTrouble("its answer cannot be read ({what})", what=bad))
            return
        if code:
            self._close(Reason.REFUSED, code)
            return
        self._become_ready(now)
        if odd:
            self._events.append(Unexpected(odd))

    def _take_other_answer(self, command: int, status: int, seq: int, body: bytes) -> None:
        waiting = self._window.take(seq)
        if waiting is None:
            self._events.append(Unexpected(f"an answer to {seq}, which waits for none"))
            return
        try:
            self._events.append(Answer(waiting[0], status, "", self.protocol_state.decode(command, status, seq, body)))
        except BadPdu as bad:
            self._events += (Unexpected(str(bad)), Unanswered((waiting[0],)))

    def _take_logout_answer(self) -> None:
        if self.state is State.LEAVING:
            self._close(Reason.LEFT)
        else:
            self._events.append(Unexpected("an answer to a logout that nobody sent"))

    def _take_nack(self, status: int, seq: int) -> None:
        if self.state is State.LOGGING_IN and seq in {0, self._login_seq}:
            self._close(Reason.REFUSED, status)
        elif (waiting := self._window.take(seq)) is not None:
            self._events.append(Answer(waiting[0], status, ""))
        else:
            self._events.append(Unexpected(f"a refusal of {seq}, status {status:#x}"))

    # --- steps between states --------------------------------------------------------------------------------------------

    def _become_ready(self, now: float) -> None:
        self.state = State.READY
        self._framer.most = self.protocol_state.frame_most
        self._silence.since = now
        self._allowed = self.protocol_state.may_come(self.role)
        self.may_send = self.protocol_state.may_send(self.role)
        self._events.append(LoggedIn())

    def _let_finish(self, seq: int, now: float) -> None:
        """The peer wants to leave: it gets the answers that it waits for, and asks and gets nothing else."""
        self._leaving_seq, self._deadline = seq, now + self.limits.leave_timeout_s
        self._allowed, self.may_send = frozenset(), False

    def _leave(self, now: float) -> None:
        self.state = State.LEAVING
        self._deadline = now + self.limits.leave_timeout_s
        self._out.append(self.protocol_state.logout(self._window.take_seq()))

    def _close(self, reason: Reason, status: int = 0, what: str = "") -> None:
        if self.state is State.CLOSED:
            return
        self.state = State.CLOSED
        self._events.append(Closed(reason, status, what, self._window.clear()))

    def _reported(self) -> list[Event]:
        events, self._events = self._events, []
        return events
