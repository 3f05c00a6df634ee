"""All connections of one channel: the one place where octets leave for carriers over a socket and come back.

When and what leaves is decided in `carriers/queued_link`. Here segments are shared among the connections, and the events of
a read are sorted: answers and receipts are passed on one read at a time. In addition, nothing leaves without a connection,
nor while the circuit breaker is open because the carrier refused the whole channel.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Any

import structlog

from hongyan.adapters.answers import AnswerFault, fault_of
from hongyan.adapters.carrier_ids import unnamed_id
from hongyan.adapters.carrier_time import login_stamp
from hongyan.adapters.client import ClientAdapter
from hongyan.adapters.options import idle_s
from hongyan.carriers.circuit_breaker import CircuitBreaker
from hongyan.carriers.deferrals import Deferral
from hongyan.carriers.dialer import Dialer, Timing, rests_after
from hongyan.carriers.inbox import Inbox
from hongyan.carriers.queued_link import QueuedLink
from hongyan.carriers.wrong_settings import wrong_settings
from hongyan.model.channel import Channel
from hongyan.model.message import SegmentResult
from hongyan.model.traffic import Answered, OutSegment
from hongyan.model.translatable import Translatable
from hongyan.ports.clock import Clock
from hongyan.ports.link import LinkEvents
from hongyan.sockets.connection import Connection, Record
from hongyan.sockets.recorder import Recorder
from hongyan.wire.events import Answer, Asked, Closed, Event, Heartbeat, LoggedIn, Reason, Unanswered, Unexpected
from hongyan.wire.frame import BadPdu
from hongyan.wire.session import Limits
from hongyan.wire.session_trouble import SessionTrouble
from hongyan.wire.state import Pdu, ProtocolState

log = structlog.get_logger(__name__)

UNWRITABLE = "UNWRITABLE"
"""The code of a segment that the protocol cannot carry; it was never sent."""

_DEAF = Translatable("no connection is for sending, only for receiving")
_DRAIN_LOOK_S = 0.01
_MESSAGE = AnswerFault.MESSAGE
_ACCEPTED, _REFUSED = SegmentResult.ACCEPTED, SegmentResult.REFUSED


class CarrierLink(QueuedLink):
    """Implements ports.Link for channels that are reached over a socket."""

    def __init__(
        self,
        channel: Channel,
        make_adapter: Callable[[Channel], ClientAdapter],
        events: LinkEvents,
        clock: Clock,
        timing: Timing | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """make_adapter: called anew whenever the channel's settings change; chance: 0 to 1, for jitter"""
        super().__init__(channel, events, clock)
        self.recorder = Recorder(clock)
        self._numbers = count(1)  # of connections
        self._make_adapter = make_adapter
        self._adapter = self._fitting_adapter(channel)
        self._inbox = Inbox(events, self.counts)
        self._timing = timing or Timing()
        self._dialer = Dialer(self._connection, self._timing, chance, self.counts, lambda: bool(self._queue))
        self._ready: list[Connection] = []  # logged in
        self._was_up = False
        self._is_resting = False  # no connection, but one is made as soon as there is something to send
        self._breaker = CircuitBreaker(self._timing, chance, self._breaker_closed)

    # --- ports.Link ------------------------------------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        return self._can_send and not self._is_closing

    @property
    def _can_send(self) -> bool:
        return self._has_sender and not self._breaker.is_open

    @property
    def _has_sender(self) -> bool:
        return self._is_resting or any(connection.session.may_send for connection in self._ready)

    @property
    def trouble(self) -> str:
        of_connections = self._dialer.trouble or self._breaker.trouble
        return Translatable.joined(
            self._settings_trouble, of_connections or (_DEAF if self._ready and not self._has_sender else "")
        )

    @property
    def in_air(self) -> int:
        return sum([connection.session.pending for connection in self._dialer.connections])

    def pdus(self, *, clear: bool = False) -> Sequence[Mapping[str, Any]]:
        return self.recorder.pdus(clear=clear)

    def connections(self) -> Sequence[Mapping[str, Any]]:
        return [
            {"peer": one.peer, "state": one.session.state.name.lower(), "in_air": one.session.pending}
            for one in self._dialer.connections
        ]

    def offer(self, segments: Sequence[OutSegment]) -> None:
        super().offer(segments)
        if not self._ready:
            self._dialer.wake()

    def retune(self, channel: Channel) -> None:
        """Apply window, rate, times and state at once. Another address or login makes the connections anew.

        Settings that do not fit the protocol are logged, and the link goes on with its old ones.
        """
        before = self.channel
        self._adopt(channel)
        self._breaker.reset()
        self._dialer.end_pauses()
        if _login_settings(before) != _login_settings(channel) and (adapter := self._fitting_adapter(channel)):
            self._adapter = adapter
            self._dialer.logout()
        for connection in self._dialer.connections:
            connection.limit(self._limits())
        self._dial()
        self._pump()

    async def open(self) -> None:
        self._dial()

    async def close(self, drain_s: float) -> None:
        """If the channel resends, segments without an answer are left to the next owner of their parcel."""
        self._stop_sending()
        self._breaker.reset()
        until = self._now() + drain_s
        while self._now() < until and (self.in_air or self._unconfirmed):  # noqa: ASYNC110 - once in a link's life
            await asyncio.sleep(_DRAIN_LOOK_S)
        await self._dialer.stop(until - self._now())

    @property
    def _unconfirmed(self) -> int:
        return sum(connection.unconfirmed for connection in self._dialer.connections)

    # --- connections -----------------------------------------------------------------------------------------------------

    def _fitting_adapter(self, channel: Channel) -> ClientAdapter | None:
        """Returns None if the channel's settings do not fit its protocol."""
        self._settings_trouble: str = ""
        try:
            return self._make_adapter(channel)
        except (ValueError, BadPdu) as wrong:
            self._settings_trouble = wrong_settings(channel, wrong)
            return None

    def _connection(self, index: int) -> Connection:
        assert self._adapter is not None
        protocol_state = self._adapter.protocol_state(index)
        record = self._record(protocol_state)
        return Connection(self, protocol_state, self._limits(), login_stamp(self._clock()), record=record)

    def _record(self, protocol_state: ProtocolState) -> Record:
        """Returns a recorder of octets for one connection, ours or the carrier's."""
        return partial(self.recorder.note, next(self._numbers), protocol_state)

    def _limits(self) -> Limits:
        channel, timing = self.channel, self._timing
        return Limits(
            channel.window, channel.answer_timeout_s, channel.heartbeat_s, timing.login_s, timing.leave_s, idle_s(channel)
        )

    def _dial(self) -> None:
        """Keep as many connections as the channel wants; none if the settings do not fit the protocol."""
        self._dialer.match(self.channel, self.channel.connections if self._adapter else 0)

    # --- what connections bring ------------------------------------------------------------------------------------------

    def take_events(self, connection: Connection, events: Sequence[Event]) -> None:
        """Pass on the answers of one read and send what has room by now, then pass on receipts and replies.

        In this order the line is not idle while receipts are read.
        """
        adapter, now_ms = self._adapter, self._clock()
        assert adapter is not None
        answers: list[Answered] = []
        deferrals: list[Deferral] = []
        deliveries: list[Pdu] = []
        last: OutSegment | None = None
        for event in events:
            if isinstance(event, Answer):
                segment, status = event.token, event.status
                last = segment
                if not status:
                    name = adapter.carrier_id(event.message_id) or self._own_name(segment) or unnamed_id(segment)
                    answers.append(Answered(segment, _ACCEPTED, name, "", now_ms))
                elif (fault := fault_of(self.channel, adapter.faults, status, code := adapter.code(status))) is not _MESSAGE:
                    deferrals.append(Deferral(segment, fault, code))
                else:
                    answers.append(Answered(segment, _REFUSED, "", code, now_ms))
            elif isinstance(event, Asked):
                deliveries.append(event.pdu)
            else:
                self._take_rare(connection, event)
        if last is not None:
            delay_s = self._note_delay(last, len(answers) + len(deferrals), now_ms)
            self._send_gate.delayed(delay_s, self._now())
        if deferrals:
            self._take_deferrals(connection, deferrals)
        if answers:
            self._answered(answers)
        if len(deliveries) < len(events):
            self._pump()
        if deliveries:
            self._inbox.take(connection, adapter, deliveries, now_ms)

    def writable(self) -> None:
        self._pump()

    def _take_rare(self, connection: Connection, event: Event) -> None:
        """Handle events that do not come with every message."""
        match event:
            case LoggedIn():
                self.counts.logins += 1
                self._dialer.trouble = ""
                self._ready.append(connection)
                self._show()
            case Unanswered(segments):
                self._window.note(self.channel.answer_timeout_s, self.channel.answer_timeout_s, self._now())
                self._take_unanswered(segments)
            case Closed(reason, unanswered=segments):
                self._drop(connection, reason)
                self._show()
                self._take_unanswered(segments)
            case Unexpected(what):
                self.counts.odd += 1
                log.debug("carrier_odd", channel=self.channel.name, what=what)
            case Heartbeat():
                pass
            case _:
                raise AssertionError(event)  # a client is never asked for a login

    def _drop(self, connection: Connection, reason: Reason) -> None:
        self.counts.logins_refused += reason is Reason.REFUSED
        if connection in self._ready:
            self._ready.remove(connection)
            self.counts.disconnects += reason is not Reason.LEFT
        self._is_resting = rests_after(connection, reason)

    def _show(self) -> None:
        self.counts.connections_up = len(self._ready)
        is_up = self._can_send
        if is_up is not self._was_up and not self._is_closing:
            self._was_up = is_up
            self._events.changed()

    def _take_deferrals(self, connection: Connection, deferrals: Sequence[Deferral]) -> None:
        """Handle deferrals. If all segments are refused alike, the link leaves the connection, or stops."""
        common = self._defer(deferrals)
        if code := common.get(AnswerFault.SESSION):
            connection.leave(SessionTrouble("it answered {code}", code=code))
        if code := common.get(AnswerFault.CHANNEL):
            self._breaker.trip(Translatable("the carrier refuses all that this channel sends: {code}", code=code))
        self._show()

    def _breaker_closed(self) -> None:
        self._show()
        self._pump()

    def _note_accepted(self) -> None:
        self._breaker.note_success()

    def _own_name(self, segment: OutSegment) -> str:
        names = self._adapter.names if self._adapter else None
        return names.name(segment) if names else ""

    # --- sending ---------------------------------------------------------------------------------------------------------

    def _free(self) -> int:
        return 0 if self._breaker.is_open else sum([connection.free for connection in self._ready])

    def _write(self, segments: Sequence[OutSegment], now: float) -> None:
        self._ready.append(self._ready.pop(0))  # so that all connections are filled equally
        unwritable: list[Answered] = []
        begin = 0
        for connection in self._ready:
            share = segments[begin : begin + connection.free]
            if share:
                self._write_to(connection, share, now, unwritable)
                begin += len(share)
        if unwritable:
            self._answered(unwritable)

    def _write_to(self, connection: Connection, segments: Sequence[OutSegment], now: float, unwritable: list[Answered]) -> None:
        assert self._adapter is not None
        session, write, now_ms = connection.session, self._adapter.write, self._clock()
        before, names = len(unwritable), self._adapter.names
        for segment in segments:
            segment.submitted_ms = now_ms
            own_seq = names.sequence(segment) if names else 0
            try:
                octets = write(own_seq or session.next_seq, segment, session.protocol_state)
            except (BadPdu, UnicodeEncodeError) as unfit:
                log.error(  # noqa: TRY400
                    "segment_unwritable",
                    channel=self.channel.name,
                    message=segment.message_id,
                    what=str(unfit),
                    limit_by=("channel",),
                )
                segment.submitted_ms = 0
                unwritable.append(Answered(segment, _REFUSED, "", UNWRITABLE, now_ms))
                continue
            session.send(octets, segment, now, own_seq)
        self.counts.submits += len(segments) - (len(unwritable) - before)
        connection.flush()


def _login_settings(channel: Channel) -> tuple[object, ...]:
    """Returns the settings that a connection was made with."""
    return channel.protocol, channel.host, channel.port, channel.user, channel.secret, channel.options, channel.id_form
