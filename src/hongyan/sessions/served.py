"""One connection of a customer from its first octet to its end: login, submits, questions, deliveries."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from hongyan.adapters.centre import Submit
from hongyan.adapters.server import (
    CancelAsked,
    CancelByAddresses,
    CountAsked,
    Finding,
    Login,
    Question,
    ReplaceAsked,
    ServerAdapter,
    StatusAsked,
)
from hongyan.http.penalty import Penalties
from hongyan.model.account import Account
from hongyan.model.customer_session import CustomerSession, SessionEnding
from hongyan.model.listener import Listener
from hongyan.model.refusal import Code, Refusal
from hongyan.model.session_delivery import Deliverable
from hongyan.model.submission import Submission
from hongyan.ports.clock import Clock
from hongyan.ports.customer_sessions import CustomerSessions, LoginAsked
from hongyan.ports.lane import StoreAway
from hongyan.sessions.connection_guard import ConnectionGuard
from hongyan.sessions.customer_connection import CustomerConnection
from hongyan.sessions.deliveries import Deliveries
from hongyan.sessions.rate import SubmitRate
from hongyan.sessions.submits import Submits
from hongyan.sockets.connection import Connection
from hongyan.sockets.recorder import Recorder
from hongyan.wire.describe import Described
from hongyan.wire.events import Answer, Asked, Closed, Event, Heartbeat, Reason, Unanswered, Unexpected
from hongyan.wire.events import LoginAsked as LoginCame
from hongyan.wire.session import Limits
from hongyan.wire.state import Pdu

log = structlog.get_logger(__name__)

RECORD_OCTETS = 16 * 1024
"""PDUs that are kept of a session; there may be thousands of sessions."""

_STRANGE = frozenset({Reason.WRONG_STATE, Reason.OUT_OF_STEP})

STRANGE_FAULTS_MOST = 10
"""Faults of a connection that has not logged in."""

QUESTIONS_MOST = 8
"""The most queries and cancellations of a session that wait for the store; more are refused."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all sessions of a process have in common."""

    api: CustomerSessions
    rates: SubmitRate
    penalties: Penalties
    clock: Clock
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Counts of sessions that have ended, as in `ServedSession.totals`."""


class ServedSession:
    """Implements sockets.connection.Owner for the connection, and ports.customer_sessions.SessionEvents for the platform."""

    def __init__(
        self, shared: Shared, listener: Listener, adapter: ServerAdapter, connection_guard: ConnectionGuard, client: str
    ) -> None:
        """client: its IP address"""
        self._shared, self._listener, self._adapter = shared, listener, adapter
        self._loop = asyncio.get_running_loop()
        limits = Limits(
            answer_timeout_s=listener.answer_within_s,
            heartbeat_s=listener.idle_after_s,
            login_timeout_s=listener.login_within_s,
        )
        self.connection = CustomerConnection(self, adapter.protocol_state(), limits, connection_guard, client)
        self.connection.over.add_done_callback(self._over)
        self.session: CustomerSession | None = None
        """The session, once it is logged in."""
        self._recorder = Recorder(shared.clock, RECORD_OCTETS)
        self._submits: Submits | None = None
        self._deliveries: Deliveries | None = None
        self._questions = 0
        self._strange_faults = 0  # before its login
        self._charged = 0  # the faults, charged to the account
        self._is_cut = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.gone: asyncio.Future[None] = self._loop.create_future()
        """Done when it has ended and the row of the session is closed."""

    # --- what the connection brings --------------------------------------------------------------------------------------

    def take_events(self, connection: Connection, events: Sequence[Event]) -> None:
        deliveries = self._deliveries
        for event in events:
            match event:
                case Asked(pdu):
                    self._take_request(pdu)
                case Answer(token, status):
                    assert deliveries is not None
                    deliveries.answered(token, status)
                case LoginCame(login):
                    self._start(self._log_in(self._adapter.login(login)))
                case Unanswered(tokens) | Closed(unanswered=tokens) if tokens:
                    assert deliveries is not None
                    deliveries.unanswered(tokens)
                case Heartbeat():
                    self._count_fault()
                case Unexpected(what):
                    self._count_fault()
                    connection.rest()
                    log.debug("session_odd", listener=self._listener.name, peer=self.connection.client, what=what)
                case _:
                    pass
        if deliveries is not None and self._submits is not None:
            self._note_heard()
            self._submits.settle()
            deliveries.settle()
        self._keep_bounds(events)

    def _keep_bounds(self, events: Sequence[Event]) -> None:
        """Let an account that makes faults wait, and close the connection if that does not help."""
        session, penalty = self.session, self.connection.penalty
        if session is None or penalty is None:
            if self._strange_faults > STRANGE_FAULTS_MOST:
                self._cut("too much before the login")
            return
        faults, self._charged = session.counts.faults - self._charged, session.counts.faults
        if faults or penalty.is_held:
            pdus = sum(1 for event in events if not isinstance(event, Answer))
            if rest_s := penalty.charge(pdus, faults, session.account.session_rate):
                self.connection.rest(rest_s)
            session.counts.held_until_ms = self._shared.clock() + round(1000 * penalty.held_s)
            if penalty.ends_connection():
                self._cut("too many faults")

    def _cut(self, why: str) -> None:
        if self.connection.over.done():
            return
        account = self.session.account.name if self.session is not None else ""
        log.warning(
            "session_cut",
            listener=self._listener.name,
            peer=self.connection.client,
            account=account,
            why=why,
            limit_by=("listener", "account"),
        )
        self._is_cut = True
        self.connection.give_up(why)

    def _count_fault(self) -> None:
        if self.session is None:
            self._strange_faults += 1
        else:
            self.session.counts.faults += 1

    def writable(self) -> None:
        if self._deliveries is not None:
            self._deliveries.pump()

    def _note_heard(self) -> None:
        assert self.session is not None
        self.session.counts.heard_ms = self._shared.clock()

    def _take_request(self, pdu: Pdu) -> None:
        assert self._submits is not None
        if self._submits.take(pdu):
            return
        question = self._adapter.question(pdu)
        if question is None:
            self._count_fault()
            self.connection.session.answer(pdu, self._adapter.unsupported)
        elif self._questions >= QUESTIONS_MOST:
            self._count_fault()
            self.connection.session.write(self._adapter.refusal_of_question(pdu, Code.BUSY))
        else:
            self._start(self._look_up(pdu, question))

    # --- login -----------------------------------------------------------------------------------------------------------

    async def _log_in(self, login: Login) -> None:
        try:
            session = await self._shared.api.logins.log_in(self._login_asked(login), self)
        except Refusal as refusal:
            self._refuse(login, refusal)
            return
        self.session = session
        if self.connection.over.done():  # it left while the login was checked
            await self._shared.api.logins.log_out(session, "left during its login")
            return
        self._admit(session, login)

    def _login_asked(self, login: Login) -> LoginAsked:
        return LoginAsked(
            protocol=self._adapter.protocol,
            login=login.name,
            address=self.connection.client,
            listener_id=self._listener.id,
            proves=login.proves,
            shown=login.shown,
            submits=login.submits,
            receives=login.receives,
            version=login.version,
        )

    def _refuse(self, login: Login, refusal: Refusal) -> None:
        self._shared.ended[str(self._adapter.protocol), "logins_refused"] += 1
        log.info(
            "session_login_refused",
            listener=self._listener.name,
            peer=self.connection.client,
            login=login.name,
            cause=refusal.code.name,
            limit_by=("listener", "cause"),
        )
        self.connection.admit(self._adapter.login_status(refusal.code))

    def _admit(self, session: CustomerSession, login: Login) -> None:
        connection, shared = self.connection, self._shared
        self._tune(session.account)
        self._submits = Submits(
            api=shared.api.submits,
            session=session,
            adapter=self._adapter,
            connection=connection,
            rates=shared.rates,
            clock=shared.clock,
        )
        self._deliveries = Deliveries(shared.api.deliveries, session, self._adapter, connection, self._listener.answer_within_s)
        connection.record, connection.penalty = self._record, shared.penalties.of(session.account.id, session.account.name)
        connection.admit(0, login.secret)
        log.info(
            "session_up",
            listener=self._listener.name,
            account=session.account.name,
            peer=connection.client,
            session=session.id,
            limit_by=("account",),
        )
        if login.receives:
            self._deliveries.owed()

    def _tune(self, account: Account) -> None:
        self.connection.limit(replace(self.connection.session.limits, window=account.window_out))

    def _record(self, is_out: bool, octets: bytes, is_whole: bool) -> None:
        assert self.session is not None
        self._recorder.note(self.session.id, self.connection.session.protocol_state, is_out, octets, is_whole)

    def pdus(self) -> list[Described]:
        """Returns the last PDUs, phones masked and texts left out. An answer that refuses a submit also has its `cause`, in
        English.
        """
        causes = self._submits.causes if self._submits is not None else {}
        return [_with_cause(pdu, causes) for pdu in self._recorder.pdus()]

    # --- questions -------------------------------------------------------------------------------------------------------

    async def _look_up(self, pdu: Pdu, question: Question) -> None:
        self._questions += 1
        try:
            answer = self._adapter.answer_to_question(pdu, await self._find(question))
        except Refusal as refusal:
            answer = self._adapter.refusal_of_question(pdu, refusal.code)
        except StoreAway:
            answer = self._adapter.refusal_of_question(pdu, Code.BUSY)
        finally:
            self._questions -= 1
        self.connection.session.write(answer)
        self.connection.flush()

    async def _find(self, question: Question) -> Finding:
        questions, session = self._shared.api.questions, self.session
        assert session is not None
        match question:
            case StatusAsked(message_id):
                return await questions.query(session, message_id)
            case CancelAsked(message_id):
                return await questions.cancel(session, message_id)
            case CancelByAddresses(source, number, service):
                return await questions.cancel_by_addresses(session, source, number, service)
            case ReplaceAsked(message_id, submit):
                return await questions.replace(session, message_id, submit.source, lambda coding: self._read(submit, coding))
            case CountAsked(day, service):
                return await questions.count(session, day, service)

    def _read(self, submit: Submit, coding: int) -> Submission:
        assert self._submits is not None
        return self._submits.read(replace(submit, coding=coding))

    # --- what the platform says ------------------------------------------------------------------------------------------

    def owed(self) -> None:
        if self._deliveries is not None:
            self._deliveries.owed()

    @property
    def room(self) -> int:
        return self._deliveries.room if self._deliveries is not None else 0

    @property
    def answer_ms(self) -> int:
        return self._deliveries.answer_ms if self._deliveries is not None else 0

    @property
    def is_cut_off(self) -> bool:
        return self.connection.is_cut_off

    def deliver(self, items: Sequence[Deliverable]) -> None:
        assert self._deliveries is not None
        self._deliveries.take_owed(items)

    def changed(self, account: Account) -> None:
        self._tune(account)

    def end(self, why: SessionEnding) -> None:
        log.info("session_ended", listener=self._listener.name, peer=self.connection.client, why=why.value)
        self.leave()

    def leave(self) -> None:
        """Log out; nothing is delivered any more."""
        self.connection.session.may_send = False
        self.connection.logout()

    # --- its end ---------------------------------------------------------------------------------------------------------

    def _over(self, over: "asyncio.Future[Closed]") -> None:
        closed = over.result()
        if self._submits is None or self.session is None:
            self._note_stranger(closed)
            self._end()
            return
        self._start(self._log_out(self.session, closed))

    def _note_stranger(self, closed: Closed) -> None:
        """Count a connection that said something else instead of logging in."""
        if closed.reason not in _STRANGE:
            return
        self._shared.ended[str(self._adapter.protocol), "strangers_refused"] += 1
        log.info(
            "session_strange",
            listener=self._listener.name,
            peer=self.connection.client,
            why=closed.what,
            limit_by=("listener",),
        )

    async def _log_out(self, session: CustomerSession, closed: Closed) -> None:
        why = "" if closed.reason is Reason.PEER_LEFT else closed.what or closed.reason.name.lower()
        log.info("session_down", account=session.account.name, session=session.id, why=why, limit_by=("account",))
        try:
            await self._shared.api.logins.log_out(session, why)
        except StoreAway:
            log.warning("session_row_left_open", session=session.id)
        finally:
            self._end()

    def totals(self) -> dict[tuple[str, str], int]:
        """Returns its counts, by protocol and what was counted; nothing once they are in `Shared.ended`."""
        if self.session is None or self.gone.done():
            return {}
        protocol, counts = str(self.session.protocol), self.session.counts
        numbers = {
            "submits": counts.submits,
            "refused": counts.refused,
            "deliveries": counts.deliveries,
            "delivered": counts.delivered,
            "faults": counts.faults,
            "cut": int(self._is_cut),
        }
        return {(protocol, what): count for what, count in numbers.items()}

    def _end(self) -> None:
        if not self.gone.done():
            self._shared.ended.update(self.totals())
            self.gone.set_result(None)

    # --- small things ----------------------------------------------------------------------------------------------------

    def _start(self, step: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(step)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _with_cause(pdu: Described, causes: Mapping[int, str]) -> Described:
    seq, is_refusal = pdu.get("seq"), pdu["way"] == "out" and bool(pdu.get("status") or pdu.get("result"))
    return pdu | {"cause": causes[seq]} if is_refusal and isinstance(seq, int) and seq in causes else pdu
