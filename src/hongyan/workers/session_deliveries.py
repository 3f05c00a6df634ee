"""What customers are owed, claimed for their sessions and ended as the sessions report."""

import asyncio
from asyncio import Future
from collections.abc import Sequence

from hongyan.model.account import Delivery, SessionProtocol
from hongyan.model.customer_session import CustomerSession, Deliverable, SessionNotice
from hongyan.ports.lane import Lane
from hongyan.services.steps.session_owed import SessionClaim, SessionOutcome, SessionResult
from hongyan.workers.held_sessions import HeldSessions
from hongyan.workers.steps import Steps


class LaneSessionDeliveries:
    """Implements ports.customer_sessions.SessionDeliveries."""

    def __init__(self, lane: Lane, steps: Steps, held: HeldSessions) -> None:
        self._lane, self._steps, self._held = lane, steps, held

    def claim(self, session: CustomerSession, most: int, answer_ms: int) -> "Future[Sequence[Deliverable]]":
        return asyncio.ensure_future(
            self._claim(session, SessionClaim(session.account.id, most, answer_ms, session.protocol is SessionProtocol.SMPP))
        )

    async def _claim(self, session: CustomerSession, asked: SessionClaim) -> Sequence[Deliverable]:
        if session.account.delivery is not Delivery.SESSION:
            return []
        items = await self._lane.ask(self._steps.claim_session, asked)
        held = self._held.get(session)
        if held is None and items:  # it ended meanwhile
            await self._end(session, items, SessionOutcome.UNSENT)
            return []
        if held is not None:
            held.claimed.update(one.owed_id for one in items if not isinstance(one, SessionNotice))
        return items

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
