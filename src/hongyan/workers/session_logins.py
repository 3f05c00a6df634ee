"""Logins of customers who connect as to a carrier: proved, counted, kept up, and closed."""

import secrets
from collections.abc import Callable

from hongyan.model.account import Account
from hongyan.model.customer_session import CustomerSession, SessionEnding, SessionLogin
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.customer_sessions import LoginAsked, SessionEvents
from hongyan.ports.guard import Guard
from hongyan.ports.lane import Lane
from hongyan.services.guessing import guess_of
from hongyan.services.steps.customer_sessions import ALIVE_MS, ClosedSession, OpenSession
from hongyan.services.steps.session_owed import SessionOutcome, SessionResult
from hongyan.workers.held_sessions import HeldSessions
from hongyan.workers.process_state import ProcessState
from hongyan.workers.steps import Steps

_SECRETS_MOST = 4
"""The most secrets that an account has or had: of sessions and of the API, the last ones and those before."""

IsListed = Callable[[str, tuple[str, ...]], bool]
"""Returns whether an address is in one of some networks."""


class LaneSessionLogins:
    """Implements ports.customer_sessions.SessionLogins."""

    def __init__(
        self,
        process_state: ProcessState,
        lanes: tuple[Lane, Lane],
        steps: Steps,
        held: HeldSessions,
        guard: Guard,
        is_listed: IsListed,
        owner: str,
        *,
        is_alone: bool,
    ) -> None:
        """lanes: that of the doors, and that of sending and reports. owner: this process. is_alone: no other process has the
        store
        """
        self._process_state, self._steps, self._held = process_state, steps, held
        self._lane, self._carry_lane = lanes
        self._guard, self._is_listed, self._owner = guard, is_listed, owner
        self._lost_ms = process_state.clock() if is_alone else 0  # sessions that were seen before are lost
        self._nobody = secrets.token_hex(16)

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
        self._held.add(session, events)
        return session

    def _proved(self, asked: LoginAsked) -> Account:
        """Returns the account whose login was proved. Until then time and answer depend only on the login and the proof."""
        snapshot = self._process_state.snapshot
        if not asked.login:
            raise Refusal(Code.ACCOUNT_EMPTY)
        account = snapshot.accounts_by_login.get(asked.login) or snapshot.accounts.get(asked.login)
        whose = account.id if account else None
        is_trusted = account is not None and bool(account.ip_list) and self._is_listed(asked.address, account.ip_list)
        self._guard.check(whose, asked.address, is_trusted=is_trusted)
        known = [secret.plain for secret in account.session_secrets] if account else []
        former = [secret.plain for secret in account.former_session_secrets] if account else []
        is_right = any([asked.proves(plain) for plain in known])  # noqa: C419  each takes its time
        guess = guess_of(asked.shown, former, asked.proves)
        for _ in range(len(known) + max(1, len(former)), _SECRETS_MOST):
            asked.proves(self._nobody)
        if account is None:
            self._guard.wrong(None, asked.address, f"{asked.login} {asked.shown}", is_trusted=False)
            raise Refusal(Code.ACCOUNT_UNKNOWN)
        if not is_right:
            self._guard.wrong(whose, asked.address, guess, is_trusted=is_trusted)
            raise Refusal(Code.SECRET_WRONG, account=account.name)
        self._guard.right(account.id, asked.address)
        return account

    def _is_welcome(self, account: Account, address: str) -> bool:
        return not account.ip_list or self._is_listed(address, account.ip_list)

    async def log_out(self, session: CustomerSession, why: str) -> None:
        held = self._held.pop(session)
        if held is not None and held.claimed:
            done = SessionResult(sorted(held.claimed), SessionOutcome.UNSENT)
            await self._carry_lane.ask(self._steps.end_session_items, done)
        cause = str(held.ending) if held is not None and held.ending else why
        await self._lane.ask(self._steps.close_sessions, ClosedSession(session, cause))

    def take_over(self, snapshot: ConfigSnapshot) -> None:
        """Apply to the sessions what accounts may do now."""
        for held in self._held:
            session = held.session
            account = snapshot.accounts_by_id.get(session.account.id)
            if account is None or account.is_stopped or session.protocol not in account.protocols:
                held.end(SessionEnding.STOPPED)
            elif not self._is_welcome(account, session.address):
                held.end(SessionEnding.FORBIDDEN)
            elif account != session.account:
                session.account = account
                held.events.changed(account)

    async def see_sessions(self) -> None:
        """Store that the sessions are up, and end those that the operator wants closed."""
        held = {one.session.id: one for one in self._held}
        if held:
            sessions = [one.session for one in held.values()]
            for kicked in await self._lane.ask(self._steps.see_sessions, sessions):
                held[kicked].end(SessionEnding.KICKED)

    async def close_lost(self) -> None:
        """Close the sessions of processes that died."""
        before_ms = max(self._lost_ms, self._process_state.clock() - ALIVE_MS)
        while await self._lane.ask(self._steps.close_lost, before_ms):
            pass
