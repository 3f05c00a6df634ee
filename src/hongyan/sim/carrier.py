"""A simulated carrier: a message centre on a port, for trials, for `hongyan sim carrier`, and as an adversary in tests.

It takes logins and submits, answers with ids, sends status reports after a delay and texts from handsets on demand. A script
(`sim/script`) makes it misbehave. A submit counts as received even if its connection broke or fell silent, so its report
comes, on any connection that there is by then. A delivery that was not answered is sent again on another connection; one that
was refused, a second later, a few times.

It keeps a bounded amount: `submits` holds the last ones, and if too many reports wait, submits are answered "slow down".
"""

import asyncio
import contextlib
import ssl
import time
from collections import deque
from collections.abc import Callable
from itertools import count

from hongyan.adapters.centre import PART_OCTETS, WHOLE_OCTETS, CallingCentre, Delivery, StatusReport, Submit, handset_texts
from hongyan.sim.connection import Connection
from hongyan.sim.counts import Counts
from hongyan.sim.delayed_calls import DelayedCalls
from hongyan.sim.deliveries import Deliveries
from hongyan.sim.outbound import OutboundConnections
from hongyan.sim.protocols import centre_of
from hongyan.sim.questions import Questions
from hongyan.sim.script import Script, SubmitBehaviour
from hongyan.wire.events import Answer, Asked, Closed, Event, LoggedIn, LoginAsked, Reason, Unanswered, Unexpected
from hongyan.wire.session import Limits
from hongyan.wire.state import Pdu, Role
from hongyan.wire.text import encode_ucs2

_TICK_S = 0.25
_EARLY_S = 0.05  # how long before its answer an early report is sent
_FLOOD = 1_000  # reports that are made before a window takes them


class CarrierSim:
    """A message centre of one protocol on loopback.

    protocol:       cmpp2, cmpp3, sgip, smgp or smpp
    port:           0 takes a free one, which is `port` after `start`
    user, secret:   who may log in; without a user everybody may
    report_delay_s: from a submit to its report
    window:         unanswered deliveries on one connection
    tls:            its certificate, if it is spoken to over TLS
    hear:           called with each submit, before it is answered
    deliver_to:     host and port where the client listens, for a protocol whose carrier delivers on connections of its own
    """

    def __init__(
        self,
        protocol: str,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        user: str = "",
        secret: str = "",
        report_delay_s: float = 0.0,
        script: Script | None = None,
        window: int = 100,
        keep: int = 10_000,
        most_waiting: int = 200_000,
        heartbeat_s: float = 30.0,
        hear: Callable[[Submit], None] | None = None,
        deliver_to: tuple[str, int] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.adapter = centre_of(protocol)
        self.limits = Limits(window=window, heartbeat_s=heartbeat_s)
        self.host = host
        self.port = port
        self.submits: deque[Submit] = deque(maxlen=keep)
        self.counts = Counts()
        self._questions = Questions(self.counts)
        self.connections: dict[int, Connection] = {}
        self._user = user
        self._secret = secret
        self._report_delay_s = report_delay_s
        self._script = script or Script()
        self._most_waiting = most_waiting
        self._hear = hear
        self.delivers_to = deliver_to
        self._names: dict[int, int] = {}  # given by clients → the status of the answer
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._delayed = DelayedCalls(self.settled)
        self._deliveries = Deliveries(self.connections, self.counts, self._delayed, self._call_client)
        waits_for = self._deliveries.has_any_for
        self._outbound = OutboundConnections(*deliver_to, self._call, waits_for) if deliver_to else None
        self._turn = count(1)
        self._pulse: asyncio.TimerHandle | None = None
        self._held = 0

    # --- what its owner asks for -----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen. raises: OSError if the port is taken"""
        self._loop = asyncio.get_running_loop()
        self._server = await self._loop.create_server(
            lambda: Connection(self, next(self._turn)), self.host, self.port, ssl=self._tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._heartbeat()

    async def stop(self) -> None:
        """Break all connections and forget what was to come."""
        if self._pulse is not None:
            self._pulse.cancel()
        if self._server is not None:
            self._server.close()
        if self._outbound is not None:
            self._outbound.stop()
        self._delayed.clear()
        self._deliveries.clear()
        self.disconnect()
        await asyncio.sleep(0)  # the connections notice that they are lost

    def disconnect(self) -> None:
        """Break all connections, as a crash of the carrier would."""
        for connection in list(self.connections.values()):
            connection.transport.abort()

    def say(self, number: str, dest: str, words: str) -> None:
        """Let a handset send a text of any length to an access number."""
        self._deliveries.add(*handset_texts("", number, dest, words, next(self._turn)))

    async def report_unknown(self, reports: int, number: str = "13800138000") -> None:
        """Send so many reports about messages that nobody submitted, as fast as the clients take them."""
        for _ in range(reports):
            if len(self._deliveries) >= _FLOOD:
                await self.until(lambda: len(self._deliveries) < _FLOOD // 2, None)
            [some_id] = self.adapter.next_ids(1)
            wrong = self.adapter.wrong_id(some_id)
            self._deliveries.add(StatusReport("", number, "10690000", wrong, "DELIVRD", time.time()))

    @property
    def waiting(self) -> int:
        """Returns how many reports, texts and held answers no client has answered yet."""
        return len(self._delayed) + len(self._deliveries) + sum(one.session.pending for one in self.connections.values())

    async def wait_for(self, submits: int, within_s: float) -> bool:
        """Returns whether so many submits, since the start, have come before the time is over."""
        return await self.until(lambda: self.counts.submits >= submits, within_s)

    async def until(self, claim: Callable[[], bool], within_s: float | None) -> bool:
        """Returns whether a claim about this carrier becomes true before the time is over; None: no time-out."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not claim():  # noqa: ASYNC110  any claim: there is no event that stands for all
                    await asyncio.sleep(0.002)
        return claim()

    # --- what connections report -----------------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        self.counts.connections += 1
        self.connections[connection.number] = connection

    def closed(self, connection: Connection) -> None:
        self.connections.pop(connection.number, None)

    def took(self, connection: Connection, event: Event) -> None:
        match event:
            case Asked(pdu):
                self._take_request(connection, pdu)
            case Answer(delivery, status):
                assert isinstance(delivery, Delivery)
                self._deliveries.take_answer(delivery, status)
            case LoginAsked(login):
                self._take_login(connection, login)
            case LoggedIn():
                self.counts.calls += connection.session.role is Role.CLIENT
                self.counts.logins += connection.session.role is Role.CENTRE
                connection.is_ready = self.adapter.takes_deliveries(connection.protocol_state)
            case Closed(reason=Reason.REFUSED) if connection.session.role is Role.CLIENT:
                self.counts.calls_refused += 1
            case Unanswered(deliveries) | Closed(unanswered=deliveries):
                self._deliveries.take_back(one for one in deliveries if isinstance(one, Delivery))
            case Unexpected():
                self.counts.odd += 1

    def settled(self) -> None:
        self._deliveries.send()

    # --- steps -----------------------------------------------------------------------------------------------------------

    def _take_login(self, connection: Connection, login: Pdu) -> None:
        connection.user, status = self.adapter.judge(login, self._user, self._secret)
        answer = self._script.login(connection.user)
        if answer is None:
            connection.fall_silent()
            return
        if status or answer:
            self.counts.logins_refused += 1
        connection.admit(status or answer, self._secret)

    def _take_request(self, connection: Connection, pdu: Pdu) -> None:
        submit = self.adapter.read(pdu, connection.user, connection.number)
        if submit is None:
            answer = self._questions.answer(pdu)
            if answer is None:
                connection.session.answer(pdu)
            else:
                connection.session.write(answer)
            return
        if submit.name in self._names:
            self.counts.repeats += 1
            connection.session.answer(pdu, self._names[submit.name])
            return
        part = submit.concat.number if submit.concat else 1
        behaviour = self._script.behaviour(submit.numbers[0] if submit.numbers else "", self._loop.time(), part)
        self._decide(submit, behaviour)
        if self._hear is not None:
            self._hear(submit)
        self._answer(connection, pdu, submit, behaviour)
        if behaviour.fault is not None:
            connection.inject(behaviour.fault)

    def _decide(self, submit: Submit, behaviour: SubmitBehaviour) -> None:
        """Accept or refuse, and plan what follows an acceptance."""
        is_full = self.waiting >= self._most_waiting
        submit.status = self.adapter.throttled if behaviour.is_throttled or is_full else behaviour.status
        if behaviour.stamp and not submit.status:
            _stamp(submit, behaviour)
        self.counts.submits += 1
        self.submits.append(submit)
        if submit.status:
            self.counts.refused += 1
            return
        self.counts.accepted += 1
        ids = [submit.name] * len(submit.numbers) if submit.name else self.adapter.next_ids(len(submit.numbers))
        self._remember(submit)
        submit.message_id = self.adapter.spell(ids[0], behaviour.answer_form) if ids else ""
        if submit.wants_report(is_delivered=behaviour.stat == "DELIVRD"):
            self._plan_reports(submit, behaviour, ids)
        if behaviour.reply:
            reference = behaviour.reply_reference or ids[0]
            for part in handset_texts(submit.user, submit.numbers[0], submit.source, behaviour.reply, reference):
                part.is_marked_twice = behaviour.is_marked_twice
                self._deliveries.add_after(self._report_delay_s, part)

    def _remember(self, submit: Submit) -> None:
        """Remember its name: what a client named and we accepted is taken once."""
        if submit.name:
            self._names[submit.name] = submit.status
            if len(self._names) > (self.submits.maxlen or 0):
                del self._names[next(iter(self._names))]

    def _plan_reports(self, submit: Submit, behaviour: SubmitBehaviour, ids: list[int]) -> None:
        after_s = 0.0 if behaviour.is_early else self._report_delay_s + behaviour.report_after_s
        planned: list[StatusReport] = []
        for number, some_id in zip(submit.numbers, ids, strict=True):
            named = self.adapter.wrong_id(some_id) if behaviour.has_wrong_id else some_id
            for _ in range(behaviour.reports):
                report = StatusReport(
                    user=submit.user,
                    number=number,
                    source=submit.source,
                    id=named,
                    stat=behaviour.stat,
                    submitted_at=submit.at,
                    form=behaviour.report_form,
                    connection=submit.connection,
                    is_elsewhere=behaviour.is_elsewhere,
                )
                planned.append(report)
                self._deliveries.add_after(after_s, report)
        self._questions.note(submit.message_id, planned)

    def _answer(self, connection: Connection, pdu: Pdu, submit: Submit, behaviour: SubmitBehaviour) -> None:
        if not behaviour.is_answered:
            return
        after_s = max(behaviour.answer_after_s, _EARLY_S if behaviour.is_early else 0.0)
        if after_s:
            self._held += 1
            self.counts.held_most = max(self.counts.held_most, self._held)
            self._delayed.after(after_s, self._answer_late, connection, pdu, submit)
        else:
            connection.session.answer(pdu, submit.status, submit.message_id)

    def _answer_late(self, connection: Connection, pdu: Pdu, submit: Submit) -> None:
        self._held -= 1
        connection.session.answer(pdu, submit.status, submit.message_id)
        connection.flush()

    def _call_client(self, user: str) -> None:
        """Connect to a client, if the carrier does so. user: "" for one that is logged in"""
        if self._outbound is not None:
            logged_in = (one.user for one in self.connections.values() if one.user)
            self._outbound.call(user or next(logged_in, self._user))

    def _call(self, user: str) -> Connection:
        assert isinstance(self.adapter, CallingCentre)
        return Connection(self, next(self._turn), self.adapter.call(user), user)

    def _heartbeat(self) -> None:
        for connection in list(self.connections.values()):
            connection.tick()
        self._pulse = self._loop.call_later(_TICK_S, self._heartbeat)


def _stamp(submit: Submit, behaviour: SubmitBehaviour) -> None:
    """Put the carrier's signature behind a text, or behind its last part; refuse a text without room for it."""
    concat = submit.concat
    if concat and concat.number != concat.total:
        return
    signed = submit.content + encode_ucs2(behaviour.stamp)
    if len(signed) > (PART_OCTETS if concat else WHOLE_OCTETS):
        submit.status = behaviour.stamp_code
    else:
        submit.content = signed
