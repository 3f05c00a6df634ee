"""All connections of one channel: the one place where bytes leave for carriers and come back.

    offer ─▶ queue ─▶ a connection with room in its window, as rate and commits allow ─▶ in the air ─▶ answered
               ▲                                                                             │
               └────────────── refused for the moment, or in doubt where the channel resends ───────┘

Rules, in the order in which they stop a segment from leaving: the channel's state; the windows, less while answers get
late; what is in the air and what is answered and not committed yet (never more than two windows together: that is what a
crash leaves in doubt); a rest after the carrier refused the whole channel; a pause after "too fast"; the rate. Every offered
segment comes back once: in `answered`, in `withdraw`, or, when the link closes, to the store, which still has its parcel.

Everything runs on one event loop, and nothing here waits: answers and receipts are handed over a read at a time.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count

import structlog

from hongyan.adapters.answers import Blame, blame_of
from hongyan.adapters.carrier_ids import stand_in
from hongyan.adapters.carrier_time import login_stamp
from hongyan.adapters.client import ClientAdapter
from hongyan.adapters.options import idle_s, senders
from hongyan.carriers.connection import Connection, Record
from hongyan.carriers.counts import LinkCounts
from hongyan.carriers.dialer import Dialer, Timing, rests_after
from hongyan.carriers.inbox import Inbox
from hongyan.carriers.pace import AdaptiveWindow
from hongyan.carriers.recorder import Recorder
from hongyan.carriers.rest import Rest
from hongyan.carriers.retry_tracker import RetryTracker
from hongyan.carriers.send_gate import SendGate
from hongyan.carriers.setback import Setback, Setbacks
from hongyan.model.channel import Channel, ChannelState, OnDoubt
from hongyan.model.message import SegmentResult
from hongyan.model.traffic import Answered, OutSegment
from hongyan.ports import Clock, LinkEvents
from hongyan.wire.frame import BadPdu
from hongyan.wire.session import Answer, Asked, Closed, Event, Limits, LoggedIn, Odd, Reason, Unanswered
from hongyan.wire.state import Pdu

log = structlog.get_logger(__name__)

THROTTLED = "THROTTLED"
"""The code of a segment to which the carrier said "too fast" for ten minutes."""

UNWRITABLE = "UNWRITABLE"
"""The code of a segment that the protocol cannot carry; it was never sent."""

EXPIRED = "EXPIRED"
"""The code of a segment that became too old while it was queued here; it was never sent."""

_DEAF = "no connection is for sending, only for receiving"
_DRAIN_LOOK_S = 0.01
_SENDS = frozenset({ChannelState.RUNNING, ChannelState.DRAINING})
_MESSAGE, _MOMENT = Blame.MESSAGE, Blame.MOMENT
_ACCEPTED, _REFUSED, _UNANSWERED = SegmentResult.ACCEPTED, SegmentResult.REFUSED, SegmentResult.UNANSWERED


class CarrierLink:
    """Implements ports.Link for channels that are reached over a socket."""

    def __init__(
        self, channel: Channel, speak: Callable[[Channel], ClientAdapter], events: LinkEvents, clock: Clock,
        timing: Timing | None = None, chance: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        """speak: makes the channel's speech, anew whenever its settings change; chance: 0 to 1, for jitter"""
        self._tune(channel)
        self.counts = LinkCounts()
        self.recorder = Recorder(clock)
        self._numbers = count(1)  # of connections
        self._speak = speak
        self._adapter = self._spoken(channel)
        self._events = events
        self._inbox = Inbox(events, self.counts)
        self._clock = clock
        self._now = asyncio.get_running_loop().time
        self._timing = timing or Timing()
        self._queue: deque[OutSegment] = deque()
        self._dialer = Dialer(self._connection, self._timing, chance, self.counts, lambda: bool(self._queue))
        self._ready: list[Connection] = []  # logged in
        self._was_up = False
        self._is_resting = False  # without a connection, which comes back as soon as there is something to send
        self._unsettled = 0
        self._send_gate = SendGate(self._pump)
        self._width = AdaptiveWindow()
        self._retries = RetryTracker()
        self._setbacks = Setbacks(self._retries, self._put_back)
        self._rest = Rest(self._timing, chance, self._rested)
        self._is_closing = False
        self._overdue = 0  # the last message that became too old here, before any part of it had left

    # --- ports.Link ------------------------------------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        return self._can_send and not self._is_closing

    @property
    def _can_send(self) -> bool:
        return self._has_sender and not self._rest.is_on

    @property
    def _has_sender(self) -> bool:
        return self._is_resting or any(connection.session.may_send for connection in self._ready)

    @property
    def trouble(self) -> str:
        return self._dialer.trouble or self._rest.trouble or (_DEAF if self._ready and not self._has_sender else "")

    @property
    def room(self) -> int:
        return 0 if self._is_closing else max(0, self._wanted() - len(self._queue))

    @property
    def in_air(self) -> int:
        """Submits without an answer."""
        return sum(connection.session.pending for connection in self._dialer.connections)

    @property
    def _unconfirmed(self) -> int:
        return sum(connection.unconfirmed for connection in self._dialer.connections)

    def offer(self, segments: Sequence[OutSegment]) -> None:
        self._queue.extend(segments)
        if not self._ready:
            self._dialer.wake()
        self._pump()

    def settled(self, count: int) -> None:
        self._unsettled -= count
        self._pump()

    def withdraw(self) -> list[OutSegment]:
        """Segments in doubt stay: their bytes left once, so they are not somebody else's to send."""
        queued = [*self._setbacks.take_all(), *self._queue]
        self._queue = deque(segment for segment in queued if self._retries.may_be_there(segment))
        return [segment for segment in queued if not self._retries.may_be_there(segment)]

    def retune(self, channel: Channel) -> None:
        """Window, rate, times and state take effect at once; a change of where or as whom to log in reconnects.

        Any change may mend what was wrong: no pause that runs is waited for. Settings that do not fit the protocol are logged,
        and the link goes on with those it had.
        """
        before = self.channel
        self._tune(channel)
        self._send_gate.forget()
        self._queue.extendleft(reversed(self._setbacks.take_all()))
        self._rest.end()
        self._dialer.hurry()
        if _place(before) != _place(channel) and (adapter := self._spoken(channel)):
            self._adapter = adapter
            self._dialer.logout()
        for connection in self._dialer.connections:
            connection.session.limits = self._limits()
        self._match()
        self._pump()

    def _tune(self, channel: Channel) -> None:
        """What is asked of a channel for each burst is looked up once."""
        self.channel = channel
        self._windows = channel.window * max(1, senders(channel))  # of all its connections
        self._may_leave = channel.state in _SENDS

    async def open(self) -> None:
        self._match()

    async def close(self, drain_s: float) -> None:
        """Where the channel resends, what has no answer by then is left to the next owner of its parcel."""
        self._is_closing = True
        self._send_gate.close()
        self._setbacks.take_all()
        self._rest.end()
        until = self._now() + drain_s
        while self._now() < until and (self.in_air or self._unconfirmed):  # noqa: ASYNC110 - once in a link's life
            await asyncio.sleep(_DRAIN_LOOK_S)
        await self._dialer.stop(until - self._now())

    # --- connections -----------------------------------------------------------------------------------------------------

    def _spoken(self, channel: Channel) -> ClientAdapter | None:
        """None when the channel's settings do not fit its protocol."""
        try:
            return self._speak(channel)
        except (ValueError, BadPdu) as unfit:
            log.error("channel_settings_unfit", channel=channel.name, what=str(unfit))  # noqa: TRY400 - no bug of ours
            return None

    def _connection(self, place: int) -> Connection:
        assert self._adapter is not None
        protocol_state = self._adapter.protocol_state(place)
        return Connection(self, protocol_state, self._limits(), login_stamp(self._clock()), record=self._record())

    def _record(self) -> Record:
        """For one connection, whoever opened it."""
        return partial(self.recorder.note, next(self._numbers))

    def _limits(self) -> Limits:
        channel, timing = self.channel, self._timing
        return Limits(
            channel.window, channel.answer_timeout_s, channel.heartbeat_s, timing.login_s, timing.leave_s, idle_s(channel)
        )

    def _match(self) -> None:
        """As many connections as the channel wants; none without settings that can be spoken."""
        self._dialer.match(self.channel, self.channel.connections if self._adapter else 0)

    # --- what connections tell -------------------------------------------------------------------------------------------

    def heard(self, connection: Connection, events: Sequence[Event]) -> None:
        """Hand on the answers that one read brought and send what has room by now, then hand on receipts and replies.

        In this order a line does not stand idle while receipts are read.
        """
        adapter, now_ms = self._adapter, self._clock()
        assert adapter is not None
        answers: list[Answered] = []
        given_up: list[Answered] = []
        setbacks: list[Setback] = []
        deliveries: list[Pdu] = []
        last: OutSegment | None = None
        for event in events:
            if isinstance(event, Answer):
                segment, status = event.token, event.status
                last = segment
                if not status:
                    name = adapter.carrier_id(event.message_id) or self._own_name(segment) or stand_in(segment)
                    answers.append(Answered(segment, _ACCEPTED, name, "", now_ms))
                elif (blame := blame_of(self.channel, adapter.blames, status, code := adapter.code(status))) is not _MESSAGE:
                    setbacks.append(Setback(segment, blame, code))
                else:
                    answers.append(Answered(segment, _REFUSED, "", code, now_ms))
            elif isinstance(event, Asked):
                deliveries.append(event.pdu)
            else:
                given_up += self._take_rare(connection, event)
        if last is not None:
            self._time(last, len(answers) + len(setbacks), now_ms)
        if setbacks:
            given_up += self._take_setbacks(connection, setbacks)
        answers += given_up
        if answers:
            self._give(answers)
        if len(deliveries) < len(events):
            self._pump()
        if deliveries:
            self._inbox.take(connection, adapter, deliveries, now_ms)

    def _time(self, last: OutSegment, answers: int, now_ms: int) -> None:
        """Note how long answers took; those of one read by the last of them."""
        delay_s = max(0, now_ms - last.submitted_ms) / 1000
        self.counts.durations.add(delay_s, answers)
        now = self._now()
        self._width.note(delay_s, self.channel.answer_timeout_s, now)
        self._send_gate.delayed(delay_s, now)

    def writable(self) -> None:
        self._pump()

    def _take_rare(self, connection: Connection, event: Event) -> list[Answered]:
        """What does not come with every message; gives the segments whose answer will not come."""
        match event:
            case LoggedIn():
                self.counts.logins += 1
                self._dialer.trouble = ""
                self._ready.append(connection)
                self._show()
            case Unanswered(segments):
                self._width.note(self.channel.answer_timeout_s, self.channel.answer_timeout_s, self._now())
                return self._take_unanswered(segments)
            case Closed(reason, unanswered=segments):
                self._drop(connection, reason)
                self._show()
                return self._take_unanswered(segments)
            case Odd(what):
                self.counts.odd += 1
                log.debug("carrier_odd", channel=self.channel.name, what=what)
            case _:
                raise AssertionError(event)  # a client is asked for no login
        return []

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

    def _take_setbacks(self, connection: Connection, setbacks: Sequence[Setback]) -> list[Answered]:
        """What stands alone waits by itself; for the rest the link slows down, leaves the connection or rests.

        Gives those that were tried long enough.
        """
        now = self._now()
        self.counts.throttled += sum(one.blame is _MOMENT for one in setbacks)
        told = self._setbacks.sort(setbacks, now)
        self._queue.extendleft(one.segment for one in reversed(told.common))
        blamed = {one.blame: one.code for one in told.common}
        if _MOMENT in blamed:
            self._send_gate.slow_down(now)
        if code := blamed.get(Blame.SESSION):
            connection.leave(f"it answered {code}")
        if code := blamed.get(Blame.CHANNEL):
            self._rest.begin(f"the carrier refuses all that this channel sends: {code}")
        self._show()
        return [self._given_up(one.segment, _REFUSED, THROTTLED if one.blame is _MOMENT else one.code) for one in told.over]

    def _put_back(self, segments: Sequence[OutSegment]) -> None:
        """Their pause is over."""
        self._queue.extendleft(reversed(segments))
        self._pump()

    def _rested(self) -> None:
        self._show()
        self._pump()

    def _take_unanswered(self, segments: Sequence[OutSegment]) -> list[Answered]:
        """Their time is up, or the connection was lost under them. Gives those that do not leave again."""
        if self.channel.on_doubt is OnDoubt.HOLD:
            self.counts.unanswered += len(segments)
            return [self._given_up(segment, _UNANSWERED, "") for segment in segments]
        now, given_up, again = self._now(), [], []
        for segment in segments:
            if self._retries.unanswered(segment, now):
                again.append(segment)
            else:
                given_up.append(self._given_up(segment, _UNANSWERED, ""))
        self._queue.extendleft(reversed(again))
        self.counts.doubts += len(again)
        self.counts.unanswered += len(given_up)
        return given_up

    def _given_up(self, segment: OutSegment, result: SegmentResult, code: str) -> Answered:
        """What had no answer keeps its name where the name is ours: a receipt may still come."""
        return Answered(segment, result, self._own_name(segment) if result is _UNANSWERED else "", code, self._clock())

    def _own_name(self, segment: OutSegment) -> str:
        """The name that we gave a segment; "" where carriers do."""
        names = self._adapter.names if self._adapter else None
        return names.name(segment) if names else ""

    def _give(self, answers: Sequence[Answered]) -> None:
        """Hand answers to the worker; until it has committed them they count against what may be in the air."""
        now = self._now()
        self._unsettled += len(answers)
        self._send_gate.answered(len(answers), now)
        self.counts.delays.expect(answers[0].carrier_id, answers[0].segment.submitted_ms)
        accepted = 0
        for answer in answers:
            if answer.result is _ACCEPTED:
                accepted += 1
            elif answer.result is _REFUSED:
                self.counts.refuse(answer.code)
        self.counts.accepted += accepted
        if accepted:
            self._send_gate.went_well(now)
            self._setbacks.passed(accepted, now)
            self._rest.went_well()
        if self._retries:
            for answer in answers:
                self._retries.forget(answer.segment)
        self._events.answered(answers)

    # --- sending ---------------------------------------------------------------------------------------------------------

    def _wanted(self) -> int:
        return self._send_gate.wanted(self._windows, self.channel.rate, self._now())

    def _room(self) -> int:
        """What may be added to what is in the air."""
        windows = self._windows
        room = min(self._width.of(windows), 2 * windows - self._unsettled) - self.in_air
        return min(room, sum([one.free for one in self._ready])) if room > 0 else 0

    def _pump(self) -> None:
        """Send whatever may leave now."""
        if not (self._queue and self._ready and self._may_leave) or self._is_closing or self._rest.is_on:
            return
        free = min(len(self._queue), self._room())
        if not free:
            return
        now = self._now()
        crowded = self._windows if len(self._queue) > self._windows else 0
        count = self._send_gate.let_pass(free, self.channel.rate, now, crowded)
        if not count:
            return
        unsent: list[Answered] = []
        self._ready.append(self._ready.pop(0))  # so that no connection is always the first to be filled
        for connection in self._ready:
            share = min(count, connection.free)
            if share:
                self._write(connection, share, now, unsent)
                count -= share
        if unsent:
            self._give(unsent)
        if not self._queue or len(self._queue) <= self._wanted() // 2:
            self._events.hungry()

    def _write(self, connection: Connection, count: int, now: float, unsent: list[Answered]) -> None:
        assert self._adapter is not None
        session, queue, write, now_ms = connection.session, self._queue, self._adapter.write, self._clock()
        before, names = len(unsent), self._adapter.names
        for _ in range(count):
            segment = queue.popleft()
            if 0 < segment.valid_until_ms < now_ms:
                if self._is_overdue(segment):
                    unsent.append(Answered(segment, _REFUSED, "", EXPIRED, now_ms))
                    continue
                segment.valid_until_ms = 0  # a carrier refuses an end that is over
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
                unsent.append(Answered(segment, _REFUSED, "", UNWRITABLE, now_ms))
                continue
            session.send(octets, segment, now, own_seq)
        self.counts.submits += count - (len(unsent) - before)
        connection.flush()

    def _is_overdue(self, segment: OutSegment) -> bool:
        """Whether one that is too old stays unsent. What has begun to leave is seen through: of a long text all parts or none.

        Parts are queued in their order, so the first one decides.
        """
        if segment.part == 1 and not self._retries.holds(segment):
            self._overdue = segment.message_id
        return segment.message_id == self._overdue


def _place(channel: Channel) -> tuple[object, ...]:
    """What a connection was made with."""
    return channel.protocol, channel.host, channel.port, channel.user, channel.secret, channel.options, channel.id_form
