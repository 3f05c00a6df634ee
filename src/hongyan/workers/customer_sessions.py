"""What protocol servers ask of the platform: logins, submits, and what customers are owed, over the lanes of this process."""

import asyncio
import secrets
from asyncio import Future
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from hongyan.model.account import Account, Actor, Delivery, SessionProtocol
from hongyan.model.act import Act
from hongyan.model.customer_session import (
    CustomerSession,
    Deliverable,
    MessageCounts,
    MessageStatus,
    PartPlace,
    SessionEnding,
    SessionLogin,
    SessionReport,
    Submitted,
)
from hongyan.model.listener import Listener
from hongyan.model.message import MessageState
from hongyan.model.receipt_words import DELIVERED, UNDELIVERED, UNKNOWN
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission
from hongyan.policy.extno import extno_of_source
from hongyan.ports.customer_sessions import LoginAsked, SessionEvents
from hongyan.ports.guard import Guard
from hongyan.ports.lane import Lane
from hongyan.ports.message_names import MessageNames
from hongyan.services.admit import admit
from hongyan.services.steps.cancelling import CANCELLED, CancelPage
from hongyan.services.steps.customer_sessions import ALIVE_MS, ClosedSession, OpenSession
from hongyan.services.steps.session_owed import SessionClaim, SessionOutcome, SessionResult
from hongyan.services.steps.session_queries import CancelAsked, CountAsked, MessageAsked, MessageFound
from hongyan.workers.customer_api import LaneCustomerApi
from hongyan.workers.long_texts import LongTexts
from hongyan.workers.process_state import ProcessState, Signals
from hongyan.workers.scheduler import Scheduler
from hongyan.workers.steps import Steps
from hongyan.workers.waiting import wait_or_timeout

OWED_S = 1
"""Between two looks at what is owed of which no signal came."""

SEEN_S = 5
"""Between two words that sessions are up; after `ALIVE_MS` without one they are not."""

LOST_S, PARTS_S = 60, 30
"""Between two sweeps of sessions whose processes died, and of texts that miss parts."""

IsListed = Callable[[str, tuple[str, ...]], bool]
"""Whether an address is in one of some networks."""

_ENROUTE, _ACCEPTED = "ENROUTE", "ACCEPTD"
_WORDS = {
    MessageState.DELIVERED: DELIVERED,
    MessageState.FAILED: UNDELIVERED,
    MessageState.UNKNOWN: UNKNOWN,
    MessageState.CANCELLED: CANCELLED,
}


@dataclass(slots=True, eq=False)
class _Held:
    """A session of this process, and what is claimed on it and not answered."""

    session: CustomerSession
    events: SessionEvents
    claimed: set[int] = field(default_factory=set)
    ending: SessionEnding | None = None  # why the platform wants it ended

    def end(self, why: SessionEnding) -> None:
        self.ending = why
        self.events.end(why)


class LaneCustomerSessions:
    """Implements ports.customer_sessions.CustomerSessions."""

    def __init__(
        self,
        process_state: ProcessState,
        lanes: tuple[Lane, Lane],
        steps: Steps,
        signals: Signals,
        api: LaneCustomerApi,
        guard: Guard,
        is_listed: IsListed,
        names: Mapping[SessionProtocol, MessageNames],
        owner: str,
        *,
        is_alone: bool,
    ) -> None:
        """lanes: of the doors, and of sending and reports. owner: this process. is_alone: no other one has the store"""
        self._process_state, self._steps, self._api, self._guard = process_state, steps, api, guard
        self._lane, self._carry_lane = lanes
        self._is_listed, self._names, self._owner = is_listed, names, owner
        self._texts = LongTexts(process_state, self._lane, steps, signals, api)
        self._lost_ms = process_state.clock() if is_alone else 0  # what was seen before is lost
        self._held: dict[int, _Held] = {}
        self._changed: Callable[[], None] = lambda: None
        self._nobody = secrets.token_hex(16)
        self._seen_snapshot = process_state.snapshot
        self.scheduler = Scheduler()
        signals.on_owed(self._owed)

    # --- the life of a session ---------------------------------------------------------------------------------------

    @property
    def listeners(self) -> Mapping[int, Listener]:
        return self._process_state.snapshot.listeners

    @property
    def sessions(self) -> Sequence[CustomerSession]:
        """Those of this process."""
        return [held.session for held in self._held.values()]

    def on_listeners(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    async def log_in(self, asked: LoginAsked, events: SessionEvents) -> CustomerSession:
        account = self._proved(asked)
        if account.is_stopped:
            raise Refusal(Code.ACCOUNT_STOPPED, account=account.name)
        if not self._is_welcome(account, asked.address):
            raise Refusal(Code.ADDRESS_FORBIDDEN, account=account.name, address=asked.address)
        if asked.protocol not in account.protocols:
            raise Refusal(Code.PROTOCOL_FORBIDDEN, protocol=asked.protocol.upper())
        login = SessionLogin(
            asked.protocol, asked.version, asked.address, asked.listener_id, self._owner, receives=asked.receives
        )
        session_id = await self._lane.ask(self._steps.open_sessions, OpenSession(account, login))
        session = CustomerSession(session_id, account, asked.protocol, asked.address, asked.receives)
        self._held[session_id] = _Held(session, events)
        return session

    def _proved(self, asked: LoginAsked) -> Account:
        """The account whose login was proved; nothing before that depends on more than the login and the proof."""
        snapshot = self._process_state.snapshot
        if not asked.login:
            raise Refusal(Code.ACCOUNT_EMPTY)
        account = snapshot.accounts_by_login.get(asked.login) or snapshot.accounts.get(asked.login)
        whose = account.id if account else None
        is_trusted = account is not None and bool(account.ip_list) and self._is_listed(asked.address, account.ip_list)
        self._guard.check(whose, asked.address, is_trusted=is_trusted)
        known = [secret.plain for secret in account.session_secrets] if account else [self._nobody]
        is_right = any([asked.proves(plain) for plain in known])  # noqa: C419  each takes its time
        if account is None:
            self._guard.wrong(None, asked.address, f"{asked.login} {asked.shown}", is_trusted=False)
            raise Refusal(Code.ACCOUNT_UNKNOWN)
        if not is_right:
            self._guard.wrong(whose, asked.address, asked.shown, is_trusted=is_trusted)
            raise Refusal(Code.SECRET_WRONG, account=account.name)
        self._guard.right(account.id, asked.address)
        return account

    def _is_welcome(self, account: Account, address: str) -> bool:
        return not account.ip_list or self._is_listed(address, account.ip_list)

    async def log_out(self, session: CustomerSession, why: str) -> None:
        held = self._held.pop(session.id, None)
        if held is not None and held.claimed:
            done = SessionResult(sorted(held.claimed), SessionOutcome.UNSENT)
            await self._carry_lane.ask(self._steps.end_session_items, done)
        cause = str(held.ending) if held is not None and held.ending else why
        await self._lane.ask(self._steps.close_sessions, ClosedSession(session, cause))

    # --- submits -----------------------------------------------------------------------------------------------------

    def submit(self, session: CustomerSession, submission: Submission) -> "Future[Submitted]":
        return asyncio.ensure_future(self._submit(session, submission))

    async def _submit(self, session: CustomerSession, submission: Submission) -> Submitted:
        names = self._names[session.protocol]
        self._fill(session, submission)
        admission = admit(self._process_state.snapshot, submission, self._process_state.clock())
        admission.task_id, admission.sms_id = await self._api.next_name()
        message_id = names.name(admission.task_id, self._process_state.clock())
        admission.submission.customer_message_id = message_id
        accepted = await self._api.accept(admission)
        if accepted.is_repeat:
            message_id = await self._lane.ask(self._steps.names_of_tasks, accepted.task_id)
        return Submitted(message_id, accepted.task_id, accepted.count, accepted.is_repeat, accepted.rejected)

    def submit_part(self, session: CustomerSession, submission: Submission, place: PartPlace) -> "Future[Submitted]":
        self._fill(session, submission)
        return asyncio.ensure_future(self._texts.take(submission, place, self._names[session.protocol]))

    def _fill(self, session: CustomerSession, submission: Submission) -> None:
        submission.source, submission.address, submission.session_id = str(session.protocol), session.address, session.id
        submission.extno = extno_of_source(self._process_state.snapshot, session.account, submission.source_number)
        if submission.client_ref:
            reference = submission.client_ref.encode() + submission.client_hash
            submission.client_ref = f" {session.protocol} {blake2b(reference, digest_size=16).hexdigest()}"

    # --- what is owed ------------------------------------------------------------------------------------------------

    def claim(self, session: CustomerSession, most: int, answer_ms: int) -> "Future[Sequence[Deliverable]]":
        return asyncio.ensure_future(self._claim(session, SessionClaim(session.account.id, most, answer_ms)))

    async def _claim(self, session: CustomerSession, asked: SessionClaim) -> Sequence[Deliverable]:
        if session.account.delivery is not Delivery.SESSION:
            return []
        items = await self._carry_lane.ask(self._steps.claim_session, asked)
        held = self._held.get(session.id)
        if held is None and items:  # it ended meanwhile
            await self._end(session, items, SessionOutcome.UNSENT)
            return []
        if held is not None:
            held.claimed.update(map(_owed_id, items))
        return items

    def delivered(self, session: CustomerSession, items: Sequence[Deliverable]) -> "Future[None]":
        return self._end(session, items, SessionOutcome.DELIVERED)

    def undelivered(self, session: CustomerSession, items: Sequence[Deliverable], *, is_final: bool) -> "Future[None]":
        return self._end(session, items, SessionOutcome.REFUSED if is_final else SessionOutcome.DEFERRED)

    def give_back(self, session: CustomerSession, items: Sequence[Deliverable]) -> "Future[None]":
        return self._end(session, items, SessionOutcome.UNSENT)

    def _end(self, session: CustomerSession, items: Sequence[Deliverable], outcome: SessionOutcome) -> "Future[None]":
        owed_ids = [_owed_id(item) for item in items]
        held = self._held.get(session.id)
        if held is not None:
            held.claimed.difference_update(owed_ids)
        return self._carry_lane.ask(self._steps.end_session_items, SessionResult(owed_ids, outcome))

    def _owed(self, account_ids: Iterable[int]) -> None:
        """These accounts may be owed something: one session of each looks."""
        if not self._held:
            return
        wanted = set(account_ids)
        for held in self._held.values():
            if wanted and held.session.receives and held.session.account.id in wanted:
                wanted.discard(held.session.account.id)
                held.events.owed()

    # --- questions ---------------------------------------------------------------------------------------------------

    async def query(self, session: CustomerSession, message_id: str) -> MessageStatus | None:
        found = await self._find(session, message_id)
        if found is None:
            return None
        if found.is_part:
            return MessageStatus(message_id, _ACCEPTED)
        if not found.state.is_final:
            return MessageStatus(message_id, _ENROUTE)
        return MessageStatus(message_id, _WORDS[found.state], found.code, found.changed_ms)

    async def cancel(self, session: CustomerSession, message_id: str) -> bool:
        found = await self._find(session, message_id)
        if found is None or found.is_part:
            return False
        act = Act(Actor("customer", session.account.name), self._process_state.clock(), self._process_state.ids)
        asked = CancelAsked(act, session.account.id, found.task_id)
        if not await self._lane.ask(self._steps.begin_cancel, asked):
            return False
        page: CancelPage | None = CancelPage(found.task_id)
        ended = 0
        while page is not None:
            cancelled = await self._lane.ask(self._steps.cancel, page)
            self._owed(cancelled.owed)
            ended, page = ended + cancelled.ended, cancelled.next_page
        return ended > 0

    async def _find(self, session: CustomerSession, message_id: str) -> MessageFound | None:
        number = self._names[session.protocol].task_of(message_id, self._process_state.clock())
        if number is None:
            return None
        return await self._lane.ask(self._steps.find_messages, MessageAsked(session.account.id, number))

    async def count(self, session: CustomerSession, day: str, service: str | None) -> MessageCounts:
        try:
            asked = datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007  a day of China, whatever its zone
        except ValueError:
            raise Refusal(Code.PARAMETER_BAD, name="Time") from None
        return await self._lane.ask(self._steps.count_messages, CountAsked(session.account.id, asked, service))

    # --- loops -------------------------------------------------------------------------------------------------------

    async def run(self, stopping: asyncio.Event) -> None:
        await asyncio.gather(
            self._follow(stopping),
            self.scheduler.every(OWED_S, self._tell_owed, stopping),
            self.scheduler.every(SEEN_S, self._see_sessions, stopping),
            self.scheduler.every(LOST_S, self._close_lost, stopping),
            self.scheduler.every(PARTS_S, self._sweep_parts, stopping),
        )

    async def _follow(self, stopping: asyncio.Event) -> None:
        """Take over each new ConfigSnapshot."""
        while not stopping.is_set():
            turned = self._process_state.turned
            before, now = self._seen_snapshot, self._process_state.snapshot
            if now is not before:
                self._seen_snapshot = now
                self._take_over(now)
                if now.listeners != before.listeners:
                    self._changed()
            await wait_or_timeout(turned, 1)

    def _take_over(self, snapshot: ConfigSnapshot) -> None:
        for held in list(self._held.values()):
            session = held.session
            account = snapshot.accounts_by_id.get(session.account.id)
            if account is None or account.is_stopped or session.protocol not in account.protocols:
                held.end(SessionEnding.STOPPED)
            elif not self._is_welcome(account, session.address):
                held.end(SessionEnding.FORBIDDEN)
            elif account != session.account:
                session.account = account
                held.events.changed(account)

    async def _tell_owed(self) -> None:
        """Look for what no signal announced: what another process owed, or what was not answered in time."""
        receiving = [held for held in self._held.values() if held.session.receives]
        if not receiving:
            return
        accounts = sorted({held.session.account.id for held in receiving})
        due = await self._carry_lane.ask(self._steps.due_for_sessions, accounts)
        for held in receiving:
            if held.session.account.id in due:
                held.events.owed()

    async def _see_sessions(self) -> None:
        held = dict(self._held)
        if held:
            for kicked in await self._lane.ask(self._steps.see_sessions, self.sessions):
                held[kicked].end(SessionEnding.KICKED)

    async def _close_lost(self) -> None:
        """Close what processes left that died."""
        before_ms = max(self._lost_ms, self._process_state.clock() - ALIVE_MS)
        while await self._lane.ask(self._steps.close_lost, before_ms):
            pass

    async def _sweep_parts(self) -> None:
        await self._texts.sweep()


def _owed_id(item: Deliverable) -> int:
    return item.report.owed_id if isinstance(item, SessionReport) else item.reply.owed_id
