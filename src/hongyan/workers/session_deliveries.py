"""What customers are owed, claimed for their sessions and ended as the sessions report."""

import asyncio
from asyncio import Future
from collections.abc import Sequence
from dataclasses import dataclass

from hongyan.model.account import Delivery
from hongyan.model.customer_session import CustomerSession
from hongyan.model.session_delivery import Deliverable, SessionNotice
from hongyan.model.session_settings import SessionProtocol
from hongyan.ports.lane import Lane
from hongyan.services.steps.session_owed import SessionClaim, SessionOutcome, SessionResult
from hongyan.workers.held_sessions import HeldSession, HeldSessions
from hongyan.workers.steps import Steps


@dataclass(frozen=True, slots=True)
class _Receiver:
    """Implements ports.receivers.Receiver for a session of this process."""

    held: HeldSession
    deliveries: "LaneSessionDeliveries"

    @property
    def room(self) -> int:
        return self.held.events.room

    @property
    def answer_ms(self) -> int:
        return self.held.events.answer_ms

    def take(self, items: Sequence[Deliverable]) -> None:
        if self.deliveries.hold(self.held.session, items):
            self.held.events.deliver(items)


class LaneSessionDeliveries:
    """Implements ports.customer_sessions.SessionDeliveries."""

    def __init__(self, lane: Lane, steps: Steps, held: HeldSessions) -> None:
        self._lane, self._steps, self._held = lane, steps, held

    def claim(self, session: CustomerSession, most: int, answer_ms: int) -> "Future[Sequence[Deliverable]]":
        return asyncio.ensure_future(
            self._claim(session, SessionClaim(session.account.id, most, answer_ms, session.protocol is SessionProtocol.SMPP))
        )

    async def _claim(self, session: CustomerSession, asked: SessionClaim) -> Sequence[Deliverable]:
        if not _is_for_sessions(session):
            return []
        items = await self._lane.ask(self._steps.claim_session, asked)
        return items if self.hold(session, items) else []

    def receivers(self, account_id: int) -> Sequence[_Receiver]:
        """Returns sessions of this process that take reports of the account as soon as they are owed, those with the most room
        first. May be called in any thread.
        """
        found = [one for one in self._held.receiving(account_id) if one.events.room and _is_for_sessions(one.session)]
        return [_Receiver(one, self) for one in sorted(found, key=lambda one: -one.events.room)]

    def hold(self, session: CustomerSession, items: Sequence[Deliverable]) -> bool:
        """Note what is claimed for a session; returns False if it has ended, and these are due again."""
        held = self._held.get(session)
        if held is None:
            if items:
                self._end(session, items, SessionOutcome.UNSENT)
            return False
        held.claimed.update(one.owed_id for one in items if not isinstance(one, SessionNotice))
        return True

    def delivered(self, session: CustomerSession, items: Sequence[Deliverable]) -> "Future[None]":
        return self._end(session, items, SessionOutcome.DELIVERED)

    def undelivered(self, session: CustomerSession, items: Sequence[Deliverable], *, is_final: bool) -> "Future[None]":
        return self._end(session, items, SessionOutcome.REFUSED if is_final else SessionOutcome.DEFERRED)

    def give_back(self, session: CustomerSession, items: Sequence[Deliverable]) -> "Future[None]":
        return self._end(session, items, SessionOutcome.UNSENT)

    def _end(self, session: CustomerSession, items: Sequence[Deliverable], outcome: SessionOutcome) -> "Future[None]":
        owed_ids = [one.owed_id for one in items if not isinstance(one, SessionNotice)]
        notice_ids = [one.owed_id for one in items if isinstance(one, SessionNotice)]
        held = self._held.get(session)
        if held is not None:
            held.claimed.difference_update(owed_ids)
        return self._lane.ask(self._steps.end_session_items, SessionResult(owed_ids, outcome, notice_ids))

    async def notify_owed(self) -> None:
        """Notify sessions of what no signal announced: what was not answered in time, or whose signal was missed."""
        if not self._held.accounts:
            return
        for account_id in await self._lane.ask(self._steps.due_for_sessions, sorted(self._held.accounts)):
            for held in self._held.receiving(account_id):
                held.events.owed()


def _is_for_sessions(session: CustomerSession) -> bool:
    return session.account.delivery is Delivery.SESSION
