"""What customers ask over sessions about messages that they submitted, and their cancellations."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from hongyan.model.act import Act, Actor
from hongyan.model.customer_session import CustomerSession
from hongyan.model.message import MessageState
from hongyan.model.phone import normalise
from hongyan.model.receipt_words import DELIVERED, UNDELIVERED, UNKNOWN
from hongyan.model.refusal import Code, Refusal
from hongyan.model.session_question import MessageCounts, MessageStatus
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.submission import Submission
from hongyan.ports.lane import Lane
from hongyan.ports.message_names import MessageNames
from hongyan.services.steps.cancelled import CANCELLED, CancelPage
from hongyan.services.steps.session_cancelling import CancelAsked, CancelByAddressesAsked, WaitingAsked
from hongyan.services.steps.session_queries import CountAsked, MessageAsked, MessageFound
from hongyan.services.steps.session_replace import CodingAsked, ReplaceAsked
from hongyan.services.steps.waiting_texts import PartAsked
from hongyan.workers.process_state import ProcessState
from hongyan.workers.signals import Signals
from hongyan.workers.steps import Steps

_ENROUTE, _ACCEPTED = "ENROUTE", "ACCEPTD"
_WORDS = {
    MessageState.DELIVERED: DELIVERED,
    MessageState.FAILED: UNDELIVERED,
    MessageState.UNKNOWN: UNKNOWN,
    MessageState.CANCELLED: CANCELLED,
}


class LaneSessionQuestions:
    """Implements ports.customer_sessions.SessionQuestions."""

    def __init__(
        self,
        process_state: ProcessState,
        lane: Lane,
        steps: Steps,
        signals: Signals,
        names: Mapping[SessionProtocol, MessageNames],
    ) -> None:
        self._process_state, self._lane, self._steps, self._signals, self._names = process_state, lane, steps, signals, names

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
        if found is None:
            return False
        if found.is_part:
            return await self._cancel_part(session, message_id)
        asked = CancelAsked(self._act(session), session.account.id, found.task_id)
        return await self._lane.ask(self._steps.begin_cancel, asked) and await self._take_back(found.task_id) > 0

    async def _take_back(self, task_id: int) -> int:
        """Cancel what waits of a task that is being cancelled; returns how many messages."""
        page: CancelPage | None = CancelPage(task_id)
        ended = 0
        while page is not None:
            cancelled = await self._lane.ask(self._steps.cancel, page)
            self._signals.owed(cancelled.owed)
            ended, page = ended + cancelled.ended, cancelled.next_page
        return ended

    def _act(self, session: CustomerSession) -> Act:
        return Act(Actor("customer", session.account.name), self._process_state.clock(), self._process_state.ids)

    async def _cancel_part(self, session: CustomerSession, message_id: str) -> bool:
        """Cancel the text that it is a part of, which is not complete yet."""
        number = self._names[session.protocol].task_of(message_id, self._process_state.clock())
        owed = await self._lane.ask(self._steps.cancel_parts, PartAsked(session.account.id, number or 0))
        self._signals.owed(owed)
        return bool(owed)

    async def cancel_by_addresses(self, session: CustomerSession, source: str, number: str, service: str) -> bool:
        phone = normalise(number)
        if phone is None:
            return False
        asked = CancelByAddressesAsked(session.account.id, source, phone, service)
        cancelled = await self._lane.ask(self._steps.cancel_by_addresses, asked)
        self._signals.owed(cancelled.owed)
        waiting = WaitingAsked(self._act(session), session.account.id, source, phone, service)
        return cancelled.ended + await self._take_back_waiting(waiting) > 0

    async def _take_back_waiting(self, asked: WaitingAsked) -> int:
        found = await self._lane.ask(self._steps.begin_cancel_waiting, asked)
        ended = sum([await self._take_back(task_id) for task_id in found.task_ids])
        if found.next_after is None:
            return ended
        return ended + await self._take_back_waiting(replace(asked, after=found.next_after))

    async def replace(self, session: CustomerSession, message_id: str, source: str, read: Callable[[int], Submission]) -> bool:
        task_id = self._names[session.protocol].task_of(message_id, self._process_state.clock())
        coding = None
        if task_id is not None:
            asked = CodingAsked(session.account.id, task_id, source)
            coding = await self._lane.ask(self._steps.replaceable_coding, asked)
        if task_id is None or coding is None:
            return False
        return await self._lane.ask(self._steps.replace_texts, ReplaceAsked(self._act(session), task_id, read(coding)))

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
